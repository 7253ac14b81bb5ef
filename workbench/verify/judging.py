"""Judging the elements of an output next to those of its input, each distinct pair once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.records.finding import Finding
from workbench.records.path import format_path
from workbench.standard.iod import attribute_type, removable
from workbench.standard.uids import is_registered
from workbench.verify.characters import DEFAULT, Charset, charset_of
from workbench.verify.elements import CHARACTER_SET, Element, Items
from workbench.verify.identity import class_uid_tags
from workbench.verify.pair import Circumstances, ElementCheck, Place

REFERENCED_INSTANCE = 0x00081155
_KEPT = 100_000


class Loose(NamedTuple):
    """References of a sequence whose items could not be paired: those of the input, and those of the output."""

    before: tuple[str, ...]
    after: tuple[str, ...]


class Judgement(NamedTuple):
    """What there is to say of an element or a sequence. Findings bear no instance yet."""

    findings: tuple[Finding, ...] = ()
    uids: tuple[tuple[str, str], ...] = ()
    """UIDs of the input and what stands at their place in the output."""
    loose: tuple[Loose, ...] = ()


NOTHING = Judgement()


class _Collected:
    """What a level adds up to."""

    __slots__ = ("findings", "loose", "uids")

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.uids: list[tuple[str, str]] = []
        self.loose: list[Loose] = []

    def add(self, judgement: Judgement) -> None:
        """Add a judgement."""
        self.findings += judgement.findings
        self.uids += judgement.uids
        self.loose += judgement.loose

    def judgement(self) -> Judgement:
        """Return the sum."""
        if self.findings or self.uids or self.loose:
            return Judgement(tuple(self.findings), tuple(self.uids), tuple(self.loose))
        return NOTHING


class Judge:
    """Applies element checks under one set of circumstances, and remembers."""

    def __init__(self, checks: Sequence[ElementCheck], around: Circumstances) -> None:
        self._checks = checks
        self._around = around
        self._known: dict[tuple[object, ...], Judgement] = {}
        self._missing: dict[tuple[int, ...], tuple[str, bool]] = {}

    def dataset(self, before: Sequence[Element], after: Sequence[Element]) -> Judgement:
        """Judge a whole data set at the top level."""
        if len(self._known) > _KEPT:
            self._known.clear()
        collected = _Collected()
        self._level((), before, after, DEFAULT, collected)
        return collected.judgement()

    def _level(
        self,
        path: tuple[int, ...],
        before: Sequence[Element],
        after: Sequence[Element],
        charset: Charset,
        collected: _Collected,
    ) -> None:
        """Judge one item; `path` is that of the item."""
        own = next((element for element in after if element.tag == CHARACTER_SET), None)
        if own is not None:
            charset = charset_of(own.value)
        counterparts = {element.tag: element for element in before}
        prefix = path[::2]
        known = self._known
        for element in after:
            tag, vr, _length, value, _offset, items = element
            other = counterparts.pop(tag, None)
            if (
                tag & 0x00010000
                or (items is not None and items.raw is None)
                or (other is not None and other.items is not None and other.items.raw is None)
            ):
                collected.add(self._element(path, element, other, charset, tuple(after)))
                continue
            beside = None if other is None else (other.vr, other.value if other.items is None else other.items.raw)
            key = (prefix, tag, vr, value if items is None else items.raw, beside, charset)
            judgement = known.get(key)
            if judgement is None or (judgement.findings and path):
                # Findings below the top are judged anew, because they name the item.
                judgement = known[key] = self._element(path, element, other, charset)
            if judgement is not NOTHING:
                collected.add(judgement)
        for tag, other in counterparts.items():
            self._absent(path, tag, other, collected.findings)

    def _element(
        self,
        path: tuple[int, ...],
        element: Element,
        other: Element | None,
        charset: Charset,
        siblings: tuple[Element, ...] = (),
    ) -> Judgement:
        """Judge an element and, if it is a sequence, its items."""
        place = Place((*path, element.tag), element, other, charset, self._around, siblings)
        collected = _Collected()
        for check in self._checks:
            collected.findings += check.judge(place)
        if element.items is not None:
            self._items(place, element.items, other, collected)
        elif element.vr == "UI" and other is not None:
            collected.uids += _uid_pairs(element, other)
        return collected.judgement()

    def _items(self, place: Place, items: Items, other: Element | None, collected: _Collected) -> None:
        others = other.items.items if other is not None and other.items is not None else ()
        aligned = len(items.items) == len(others)
        for number, item in enumerate(items.items):
            beside = others[number] if aligned else ()
            self._level((*place.path, number), beside, item, place.charset, collected)
        if not aligned:
            after = tuple(references(items))
            if after:
                before = tuple(references(other.items)) if other is not None and other.items is not None else ()
                collected.loose.append(Loose(before, after))

    def _absent(self, path: tuple[int, ...], tag: int, before: Element, findings: list[Finding]) -> None:
        """Say whether an element of the input had to be there."""
        place = (*path[::2], tag)
        known = self._missing.get(place)
        if known is None:
            kind = "" if tag & 0x00010000 else attribute_type(self._around.sop_class, place) or ""
            if kind and removable(self._around.sop_class, place):
                kind = ""
            promises = self._around.promises
            retained = promises is not None and any(each[: len(place)] == place for each in promises.retained)
            known = self._missing[place] = (kind, retained)
        kind, retained = known
        if kind == "2" or (kind == "1" and before.length != 0):
            findings.append(
                Finding(
                    "required-attributes",
                    "PS3.3, types 1 and 2",
                    format_path((*path, tag)),
                    "The object requires this attribute (Type 1 or 2); the input had it, the output does not.",
                )
            )
        if retained and self._had(place, before):
            findings.append(
                Finding(
                    "retained",
                    "PS3.15 E.3, promise of the profile",
                    format_path((*path, tag)),
                    "The profile promised to retain this attribute, but it is gone.",
                )
            )

    def _had(self, place: tuple[int, ...], before: Element) -> bool:
        """Whether the input has a value at a retained path that begins with `place`."""
        promises = self._around.promises
        retained = promises.retained if promises is not None else frozenset()
        if place in retained and (before.length > 0 or before.items is not None):
            return True
        if before.items is None:
            return False
        return any(self._had((*place, element.tag), element) for item in before.items.items for element in item)


def _uid_pairs(element: Element, other: Element | None) -> Iterator[tuple[str, str]]:
    if element.tag in class_uid_tags() or other is None or not element.value or not other.value:
        return
    new = [part.strip(" \0") for part in element.value.decode("latin-1").split("\\")]
    old = [part.strip(" \0") for part in other.value.decode("latin-1").split("\\")]
    if len(new) == len(old):
        yield from ((one, two) for one, two in zip(old, new, strict=True) if one and two and not is_registered(one))


def references(items: Items) -> Iterator[str]:
    """Yield the Referenced SOP Instance UIDs of a sequence, at every depth."""
    for item in items.items:
        for element in item:
            if element.items is not None:
                yield from references(element.items)
            elif element.tag == REFERENCED_INSTANCE and element.value:
                yield element.value.decode("latin-1").strip(" \0")
