"""What a check gets to see: an input and its output, read by pydicom, and what was promised."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from workbench.records.finding import Finding
from workbench.records.path import format_path
from workbench.records.promise import Promises
from workbench.verify.characters import Charset
from workbench.verify.elements import Element
from workbench.verify.needles import Needles
from workbench.verify.reading import Reading
from workbench.verify.waivers import Waivers


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


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides, besides the element itself, how an element is judged. Equal circumstances share judgements."""

    sop_class: str
    options: frozenset[str]
    needles: Needles
    promises: Promises | None
    waivers: Waivers


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


class Check(Protocol):
    """A check of a whole instance. `name` is stable, `rule` the clause that it enforces."""

    name: str
    rule: str

    def examine(self, pair: Pair) -> Iterator[Finding]:
        """Yield what breaks the rule."""
        ...


class ElementCheck(Protocol):
    """A check of one element at its place; judged once for equal elements of many instances."""

    name: str
    rule: str

    def judge(self, place: Place) -> Iterator[Finding]:
        """Yield what breaks the rule."""
        ...


def found(check: Check | ElementCheck, where: str, message: str, instance: int = -1) -> Finding:
    """Return a finding of a check."""
    return Finding(check.name, check.rule, where, message, instance)


def of_instance(finding: Finding, instance: int) -> Finding:
    """Return the finding with its instance."""
    return replace(finding, instance=instance)
