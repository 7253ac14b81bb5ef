"""What a case is: files that go in, texts that may not come out, and what is expected besides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydicom.dataset import Dataset

from workbench.profiles import Plan

WRITTEN = frozenset({"written"})
REFUSED = frozenset({"refused"})
ANY = WRITTEN | REFUSED
"""Outcomes; an input that is understood is written, one that is not is refused by a code and with a next step."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A planted text that some profiles retain on purpose, by what it is: `date`, `age`, `device`, `institution`."""

    text: str
    kind: str

    def may_stay(self, plan: Plan) -> bool:
        """Tell whether the profile promises to retain this."""
        promises = plan.promises()
        if self.kind == "age":
            return plan.age_cap == 0 and "retain_patient_characteristics" in plan.options
        return {
            "date": promises.retain_dates,
            "device": promises.retain_device,
            "institution": promises.retain_institution,
            "birth": False,
            "uid": promises.retain_uids,
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Case:
    """One pitfall.

    `planted` may stay under no profile. `outcomes` are the states that are right, for single files those of `others`;
    the output of the first file is handed to `expect`.
    """

    number: int
    title: str
    files: Mapping[str, bytes]
    planted: tuple[str | bytes, ...]
    stays: tuple[Stays, ...] = ()
    outcomes: frozenset[str] = WRITTEN
    expect: Callable[[Dataset, Plan], None] | None = None
    others: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the name under which the case is known."""
        return f"p{self.number:02d}"

    def gone(self, plan: Plan) -> set[str | bytes]:
        """Return what may not be in the output of a profile."""
        return {*self.planted, *(entry.text for entry in self.stays if not entry.may_stay(plan))}


class Maker(Protocol):
    """A function that makes one case."""

    def __call__(self) -> Case:
        """Return the case."""
        ...
