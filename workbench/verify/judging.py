"""Judging the elements of an output next to those of its input, each distinct pair once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.records.finding import Finding, Note, Unknown
from workbench.standard.uids import is_registered
from workbench.verify.characters import DEFAULT, Charset, charset_of
from workbench.verify.days import Move, days_beside
from workbench.verify.elements import CHARACTER_SET, Element, Items
from workbench.verify.identity import class_uid_tags
from workbench.verify.pair import AbsentCheck, Circumstances, ElementCheck, Lack, Place, Said

REFERENCED_INSTANCE = 0x00081155
_KEPT = 100_000


class Loose(NamedTuple):
    """References of a sequence whose items could not be paired: those of the input, and those of the output."""

    before: tuple[str, ...]
    after: tuple[str, ...]


class Judgement(NamedTuple):
    """What there is to say of an element or a sequence. What is said bears no instance yet."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    uids: tuple[tuple[str, str], ...] = ()
    """UIDs of the input and what stands at their place in the output."""
    loose: tuple[Loose, ...] = ()
    moves: frozenset[Move] = frozenset()
    """Days of the input and what stands at their place in the output."""


NOTHING = Judgement()


@dataclass(slots=True)
class _Collected:
    """What a level adds up to."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    uids: list[tuple[str, str]] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    moves: set[Move] = field(default_factory=set)

    def hear(self, said: Iterator[Said]) -> None:
        """Sort what a check says."""
        for each in said:
            if isinstance(each, Finding):
                self.findings.append(each)
            elif isinstance(each, Note):
                self.notes.append(each)
            else:
                self.unknowns.append(each)

    def add(self, judgement: Judgement) -> None:
        """Add a judgement."""
        self.findings += judgement.findings
        self.notes += judgement.notes
        self.unknowns += judgement.unknowns
        self.uids += judgement.uids
        self.loose += judgement.loose
        self.moves |= judgement.moves

    def judgement(self) -> Judgement:
        """Return the sum."""
        made = Judgement(
            tuple(self.findings),
            tuple(self.notes),
            tuple(self.unknowns),
            tuple(self.uids),
            tuple(self.loose),
            frozenset(self.moves),
        )
        return NOTHING if made == NOTHING else made


class Judge:
    """Applies element checks under one set of circumstances, and remembers."""

    def __init__(self, checks: Sequence[ElementCheck], absent: Sequence[AbsentCheck], around: Circumstances) -> None:
        self._checks = checks
        self._by_vr: dict[str, tuple[ElementCheck, ...]] = {}
        self._absent_checks = absent
        self._around = around
        self._known: dict[tuple[object, ...], Judgement] = {}
        self._missing: dict[tuple[int, ...], tuple[AbsentCheck, ...]] = {}

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
            if judgement is None or (path and (judgement.findings or judgement.notes or judgement.unknowns)):
                # What is said below the top is judged anew, because it names the item.
                judgement = known[key] = self._element(path, element, other, charset)
            if judgement is not NOTHING:
                collected.add(judgement)
        for tag, other in counterparts.items():
            self._absent(path, tag, other, before, collected)

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
        for check in self._checks_of(element.vr):
            collected.hear(check.judge(place))
        if element.items is not None:
            self._items(place, element.items, other, collected)
        elif element.vr == "UI" and other is not None:
            collected.uids += _uid_pairs(element, other)
        elif element.vr in ("DA", "DT") and other is not None and other.vr == element.vr:
            promises = self._around.promises
            if promises is None or place.path[::2] not in promises.retained or self._around.dates == "full":
                pairs = days_beside(element.vr, other.value, element.value)
                collected.moves |= {Move(one.ordinal, two.ordinal) for one, two in pairs}
        return collected.judgement()

    def _checks_of(self, vr: str) -> tuple[ElementCheck, ...]:
        found = self._by_vr.get(vr)
        if found is None:
            found = self._by_vr[vr] = tuple(check for check in self._checks if not check.vrs or vr in check.vrs)
        return found

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

    def _absent(
        self, path: tuple[int, ...], tag: int, element: Element, siblings: Sequence[Element], collected: _Collected
    ) -> None:
        """Have said whether an element of the input had to be there."""
        place = (*path[::2], tag)
        checks = self._missing.get(place)
        if checks is None:
            checks = self._missing[place] = tuple(c for c in self._absent_checks if c.applies(place, self._around))
        if checks:
            lack = Lack((*path, tag), element, self._around, tuple(siblings) if tag & 0x00010000 else ())
            for check in checks:
                collected.hear(check.judge(lack))


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
