"""What a check gets to see: an input and its output, read by pydicom, and what was promised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol, TypeVar

from workbench.records.finding import Finding, Note, Unknown
from workbench.records.path import format_path
from workbench.records.promise import Promises
from workbench.standard.table import ROWS
from workbench.verify.characters import Charset
from workbench.verify.days import Move
from workbench.verify.elements import Element
from workbench.verify.identity import Kind
from workbench.verify.needles import Needles
from workbench.verify.reading import Reading
from workbench.verify.waivers import Waivers

Said = Finding | Note | Unknown
"""What a check may yield."""

_Said = TypeVar("_Said", Finding, Note, Unknown)


@dataclass(frozen=True, slots=True)
class Pair:
    """One input and its output."""

    instance: int
    before: Reading
    after: Reading
    needles: Needles
    promises: Promises | None
    options: frozenset[str]
    """The options promised, or else those that the output claims (names of `standard.cid7050`)."""
    method_codes: tuple[tuple[str, str], ...]
    """Code value and scheme of each item of (0012,0064)."""
    dates: str = "removed"
    """What becomes of days: `removed`, `full`, `shift`, `year_only`, or `moved` (claimed to be modified somehow)."""
    moves: frozenset[Move] = frozenset()
    """Days of the input with what stands at their places in the output."""
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    """Documents that support method codes, by code value, where they were given."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides, besides the element itself, how an element is judged. Equal circumstances share judgements."""

    sop_class: str
    options: frozenset[str]
    needles: Needles
    promises: Promises | None
    waivers: Waivers
    dates: str = "removed"


class Place(NamedTuple):
    """One element of an output, and the element of the input at the same place."""

    path: tuple[int, ...]
    element: Element
    counterpart: Element | None
    charset: Charset
    around: Circumstances
    siblings: tuple[Element, ...] = ()
    """The elements of the same item of the output; given for private elements, whose meaning hangs on their creator."""

    @property
    def where(self) -> str:
        """Text of the path."""
        return format_path(self.path)

    @property
    def unchanged(self) -> bool:
        """Whether the input has the same bytes at the same place, and they are not empty."""
        if self.counterpart is None:
            return False
        if self.element.items is not None and self.counterpart.items is not None:
            raw = self.element.items.raw
            return bool(raw) and raw == self.counterpart.items.raw
        return bool(self.element.value) and self.element.value == self.counterpart.value


class Lack(NamedTuple):
    """One element of an input that the output does not have."""

    path: tuple[int, ...]
    element: Element
    around: Circumstances
    siblings: tuple[Element, ...] = ()
    """The elements of the same item of the input; given for private elements."""

    @property
    def where(self) -> str:
        """Text of the path."""
        return format_path(self.path)


class Check(Protocol):
    """A check of a whole instance. `name` is stable, `rule` the clause that it enforces."""

    name: str
    rule: str

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what breaks the rule."""
        ...


ANY: frozenset[str] = frozenset()
"""Stands for every VR."""


class ElementCheck(Protocol):
    """A check of one element at its place; judged once for equal elements of many instances.

    `vrs` are the VRs of which it has anything to say.
    """

    name: str
    rule: str
    vrs: frozenset[str]

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield what breaks the rule."""
        ...


class AbsentCheck(Protocol):
    """A check of one element that is gone. `applies` is asked once for a place, `judge` for each value."""

    name: str
    rule: str

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether anything can be wrong when an element is gone from this tag path."""
        ...

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield what breaks the rule."""
        ...


Named = Check | ElementCheck | AbsentCheck


def found(check: Named, where: str, message: str, instance: int = -1) -> Finding:
    """Return a finding of a check."""
    return Finding(check.name, check.rule, where, message, instance)


def noted(check: Named, where: str, message: str, instance: int = -1) -> Note:
    """Return a note of a check."""
    return Note(check.name, check.rule, where, message, instance)


def of_instance(said: _Said, instance: int) -> _Said:
    """Return what was said with its instance."""
    return replace(said, instance=instance)


WITH_THE_DEVICE = frozenset({Kind.SITE, Kind.DEVICE, Kind.ADDRESS})
"""Kinds of identity that the name or number of a retained device or site may carry."""


def is_retained(place: tuple[int, ...], around: "Pair | Circumstances") -> bool:
    """Tell whether an attribute stays as it is: by promise, or without promises by an option that is claimed."""
    if around.promises is not None:
        return place in around.promises.retained
    row = ROWS.get(place[-1]) if place else None
    return row is not None and any(row.options.get(option) == "K" for option in around.options)


def date_mode(promises: Promises | None, options: frozenset[str]) -> str:
    """Return what becomes of days: what was promised, or else what the output claims of itself."""
    if promises is not None and promises.dates != "removed":
        return promises.dates
    if promises is not None:
        return "full" if promises.retain_dates else "shift" if promises.shift_dates else "removed"
    if "retain_longitudinal_full_dates" in options:
        return "full"
    return "moved" if "retain_longitudinal_modified_dates" in options else "removed"
