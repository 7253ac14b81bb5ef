"""Judging the elements of an output next to those of its input, each distinct pair once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.records.finding import Finding
from workbench.records.path import format_path
from workbench.standard.iod import attribute_type
from workbench.verify.characters import DEFAULT, Charset, charset_of
from workbench.verify.identity import class_uid_tags
from workbench.verify.pair import Circumstances, ElementCheck, Place
from workbench.verify.reading import CHARACTER_SET, Element, Items

REFERENCED_INSTANCE = 0x00081155
WELL_KNOWN = "1.2.840.10008."
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


class Judge:
    """Applies element checks under one set of circumstances, and remembers."""

    def __init__(self, checks: Sequence[ElementCheck], around: Circumstances) -> None:
        self._checks = checks
        self._around = around
        self._known: dict[tuple[object, ...], Judgement] = {}
        self._missing: dict[tuple[int, ...], tuple[bool, bool]] = {}

    def dataset(self, before: Sequence[Element], after: Sequence[Element]) -> Judgement:
        """Judge a whole data set at the top level."""
        if len(self._known) > _KEPT:
            self._known.clear()
        findings: list[Finding] = []
        uids: list[tuple[str, str]] = []
        loose: list[Loose] = []
        self._level((), before, after, DEFAULT, findings, uids, loose)
        return Judgement(tuple(findings), tuple(uids), tuple(loose))

    def _level(
        self,
        path: tuple[int, ...],
        before: Sequence[Element],
        after: Sequence[Element],
        charset: Charset,
        findings: list[Finding],
        uids: list[tuple[str, str]],
        loose: list[Loose],
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
            if (items is not None and items.raw is None) or (
                other is not None and other.items is not None and other.items.raw is None
            ):
                judge = self._sequence if items is not None else self._element
                judgement = judge(path, element, other, charset)
            else:
                held = value if items is None else items.raw
                beside = None if other is None else (other.value if other.items is None else other.items.raw)
                key = (prefix, tag, vr, held, None if other is None else other.vr, beside, charset)
                found = known.get(key)
                if found is None or (found.findings and path):
                    judge = self._sequence if items is not None else self._element
                    found = known[key] = judge(path, element, other, charset)
                judgement = found
            if judgement is not NOTHING:
                findings += judgement.findings
                uids += judgement.uids
                loose += judgement.loose
        for tag, other in counterparts.items():
            self._absent(path, tag, other, findings)

    def _element(self, path: tuple[int, ...], element: Element, other: Element | None, charset: Charset) -> Judgement:
        place = Place((*path, element.tag), element, other, charset, self._around)
        findings = tuple(finding for check in self._checks for finding in check.judge(place))
        uids = tuple(_uid_pairs(element, other)) if element.vr == "UI" and other is not None else ()
        return Judgement(findings, uids) if findings or uids else NOTHING

    def _sequence(self, path: tuple[int, ...], element: Element, other: Element | None, charset: Charset) -> Judgement:
        place = Place((*path, element.tag), element, other, charset, self._around)
        findings = [finding for check in self._checks for finding in check.judge(place)]
        uids: list[tuple[str, str]] = []
        loose: list[Loose] = []
        items = element.items.items if element.items is not None else ()
        others = other.items.items if other is not None and other.items is not None else ()
        aligned = len(items) == len(others)
        for number, item in enumerate(items):
            self._level(
                (*path, element.tag, number), others[number] if aligned else (), item, charset, findings, uids, loose
            )
        if not aligned and element.items is not None:
            after_references = tuple(references(element.items))
            if after_references:
                before_references = (
                    tuple(references(other.items)) if other is not None and other.items is not None else ()
                )
                loose.append(Loose(before_references, after_references))
        return Judgement(tuple(findings), tuple(uids), tuple(loose)) if findings or uids or loose else NOTHING

    def _absent(self, path: tuple[int, ...], tag: int, before: Element, findings: list[Finding]) -> None:
        """Say whether an element of the input had to be there."""
        place = (*path[::2], tag)
        known = self._missing.get(place)
        if known is None:
            required = attribute_type(self._around.sop_class, place) in ("1", "2") and not tag & 0x00010000
            promises = self._around.promises
            retained = promises is not None and any(each[: len(place)] == place for each in promises.retained)
            known = self._missing[place] = (required, retained)
        required, retained = known
        if required and (before.length != 0 or attribute_type(self._around.sop_class, place) == "2"):
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
        yield from (
            (one, two) for one, two in zip(old, new, strict=True) if one and two and not one.startswith(WELL_KNOWN)
        )


def references(items: Items) -> Iterator[str]:
    """Yield the Referenced SOP Instance UIDs of a sequence, at every depth."""
    for item in items.items:
        for element in item:
            if element.items is not None:
                yield from references(element.items)
            elif element.tag == REFERENCED_INSTANCE and element.value:
                yield element.value.decode("latin-1").strip(" \0")
