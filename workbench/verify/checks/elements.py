"""Checks of single elements: what stands in an output and should not, or stands unchanged where it should not."""

import re
from collections.abc import Iterator
from functools import lru_cache

from workbench.records.path import tag_path
from workbench.standard.dictionary import vr_of
from workbench.standard.iod import attribute_type
from workbench.standard.safe_private import NAMES as TABLES
from workbench.standard.safe_private import find as find_safe
from workbench.standard.table import PATTERNS, ROWS
from workbench.verify.characters import decode
from workbench.verify.elements import Element, same_value
from workbench.verify.generic import is_dummy_date, is_generic
from workbench.verify.identity import Kind, class_uid_tags
from workbench.verify.needles import Needles
from workbench.verify.pair import ANY, WITH_THE_DEVICE, Place, Said, found, is_retained, noted

TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "PN", "CS", "AE", "UR"})


class PrivateElements:
    """No private element, unless the profile promised to retain it with its creator."""

    name = "private-elements"
    rule = "PS3.15 E.1-1, private attributes"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for an element of an odd group."""
        tag = place.element.tag
        if not tag & 0x00010000:
            return
        promises = place.around.promises
        if promises is not None:
            kept = bool(promises.retained_private) and self._retained(place, promises.retained_private)
        else:
            kept = "retain_safe_private" in place.around.options and self._listed(place)
        if not kept:
            yield found(self, place.where, "A private element is left in the output.")

    def _retained(self, place: Place, retained: frozenset[tuple[int, str, int]]) -> bool:
        group, number = place.element.tag >> 16, place.element.tag & 0xFFFF
        if number < 0x100:
            return (group, place.element.text()) in _creators(retained)
        return (group, creator_of(place.element.tag, place.siblings), number & 0xFF) in retained

    def _listed(self, place: Place) -> bool:
        """Whether a table lists the element: what another tool may go by when it claims the option."""
        group, number = place.element.tag >> 16, place.element.tag & 0xFFFF
        if number < 0x100:
            return any(element.tag >> 16 == group and element.tag & 0xFFFF > 0xFF for element in place.siblings)
        creator = creator_of(place.element.tag, place.siblings)
        return any(find_safe(group, creator, number & 0xFF, table) is not None for table in TABLES)


def creator_of(tag: int, siblings: tuple[Element, ...]) -> str:
    """Return the private creator of the block that a private element stands in (PS3.5 7.8.1)."""
    reserved = tag >> 16 << 16 | (tag & 0xFFFF) >> 8
    return next((each.text() for each in siblings if each.tag == reserved), "")


@lru_cache(maxsize=4)
def _creators(retained: frozenset[tuple[int, str, int]]) -> frozenset[tuple[int, str]]:
    return frozenset(entry[:2] for entry in retained)


class UnknownElements:
    """No element that the dictionary does not know, none of unknown content, none of a group that has no place here."""

    name = "unknown-elements"
    rule = "PS3.15 E.3.10, PS3.6"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for what nobody can say is clean."""
        tag, group = place.element.tag, place.element.tag >> 16
        if tag & 0x00010000:
            return
        if group <= 0x0007 or tag & 0xFFFF == 0 or group == 0xFFFC:
            yield found(self, place.where, "An element stands in the output that belongs to no data set.")
        elif vr_of(tag) is None:
            yield found(self, place.where, "An element stands in the output that the standard does not know.")
        elif place.element.vr == "UN":
            yield found(self, place.where, "An element of unknown content (UN) stands in the output.")


class IdentityInText:
    """No identifying value of the inputs in decoded text, whatever its spelling."""

    name = "identity-in-text"
    rule = "PS3.15 E.2, 45 CFR 164.514(b)(2)(i)"
    vrs = TEXT_VRS

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for each kind of identifying value in a text value."""
        element = place.element
        if element.vr not in TEXT_VRS or not element.value:
            return
        for kind in sorted(place.around.needles.in_text(decode(element.value, place.charset))):
            if kind in WITH_THE_DEVICE and is_retained(tag_path(place.path), place.around):
                yield noted(self, place.where, f"A retained attribute tells {kind}, which is not retained itself.")
                continue
            yield found(self, place.where, f"{kind[0].upper()}{kind[1:]} of the input stands in the output.")


class PatternsInText:
    """No e-mail or web address, telephone number, social security number or day in text that an option cleans."""

    name = "patterns-in-text"
    rule = "PS3.15 E.3.5, 45 CFR 164.514(b)(2)(i)(C) to (O)"
    vrs = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
    _patterns = re.compile(
        r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://|\bwww\.\w"
        r"|(?<![\d.-])\d{3}-\d{2}-\d{4}(?![\d-])"
        r"|(?<![\d.-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"
        r"|(?<![\d.-])(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![\d.])"
        r"|(?<![\d.-])(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d(?![\d.])"
    )

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a pattern in a text that went through the cleaning of descriptors."""
        value, around = place.element.value, place.around
        if not value or "clean_descriptors" not in around.options or place.counterpart is None:
            return
        row = ROWS.get(place.element.tag)
        path, promises = tag_path(place.path), around.promises
        cleaned = promises is not None and path in promises.cleaned
        if not cleaned and (row is None or "clean_descriptors" not in row.options):
            return
        if self._patterns.search(decode(value, place.charset)):
            yield found(self, place.where, "A cleaned text holds an address, a number of a person, or a date.")


class UidsLeft:
    """No UID of the inputs in a UI value."""

    name = "uids-left"
    rule = "PS3.15 E.3.9"
    vrs = frozenset({"UI"})

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a UID that an input has, classes and those of the standard excepted."""
        element = place.element
        if element.vr != "UI" or not element.value or element.tag in class_uid_tags():
            return
        if is_retained((element.tag,), place.around):
            return  # the UID of a device, which an option retains wherever it stands
        for part in element.value.decode("latin-1").split("\\"):
            uid = part.strip(" \0")
            if uid in place.around.needles.uids:
                yield found(self, place.where, "A UID of the input stands in the output.")
                return


_FORMS = {
    "DS": rb"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*",
    "IS": rb"\s*[+-]?\d+\s*",
    "DA": rb"(\d{8}|\d{4}\.\d\d\.\d\d)\s*",
    "TM": rb"\d{2}(:?\d{2}(:?\d{2}(\.\d{1,6})?)?)?\s*",
    "DT": rb"\d{4}(\d{2}){0,5}(\.\d{1,6})?([+-]\d{4})?\s*",
    "AS": rb"\d{3}[DWMY]",
    "UI": rb"[0-9.]+",
}
_WELL_FORMED = {vr: re.compile(form) for vr, form in _FORMS.items()}


def fits(element: Element) -> bool:
    """Tell whether every value is of the form that its VR demands; VRs of free text always fit."""
    form = _WELL_FORMED.get(element.vr)
    value = (element.value or b"").strip(b" \0")
    if form is None or not value:
        return True
    return all(not part.strip(b" \0") or form.fullmatch(part.strip(b" \0")) for part in value.split(b"\\"))


def names_somebody(element: Element, needles: Needles) -> bool:
    """Tell whether a text repeats a person or an identifier of the input: then it may go, whatever was promised.

    In the bytes as well, since names stand in any character set.
    """
    if element.vr not in TEXT_VRS or not element.value:
        return False
    found = needles.in_text(element.value.decode("latin-1")) | {
        hit.needle.kind for hit in needles.in_bytes(element.value)
    }
    return not found.isdisjoint({Kind.NAME, Kind.IDENTIFIER, Kind.CONTACT})


class ValuesFit:
    """A number, date, time, age or UID is one: anything may hide in a value that is not what its VR says."""

    name = "values-fit"
    rule = "PS3.5 table 6.2-1"
    vrs = frozenset(_FORMS)

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a malformed value."""
        if not fits(place.element):
            yield found(self, place.where, f"A value of type {place.element.vr} is malformed and may hide something.")


class RowsUnchanged:
    """No attribute of Table E.1-1 stands as it stood, unless an option or the profile retains or cleans it."""

    name = "rows-unchanged"
    rule = "PS3.15 E.1-1"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a listed attribute with the value of the input."""
        tag = place.element.tag
        row = ROWS.get(tag) or next((each for each in PATTERNS if not tag & 0x00010000 and each.matches(tag)), None)
        if row is None or place.element.vr == "UI" or "U" in row.basic or not place.unchanged:
            return
        if any(option in place.around.options for option in row.options):
            return
        promises = place.around.promises
        if promises is not None and tag_path(place.path) in promises.retained:
            return
        if place.element.items is None and _may_be_dummy(place):
            return
        yield found(
            self,
            place.where,
            f"The basic profile asks for {row.basic} here, but the value of the input stands unchanged.",
        )


def _may_be_dummy(place: Place) -> bool:
    """Whether the value is a placeholder that an output may carry by chance where the standard demands a value."""
    value = place.element.value or b""
    text = decode(value, place.charset)
    if place.element.vr in ("DA", "DT"):
        return is_dummy_date(re.sub(r"\D", "", text)[:8])
    if not value.strip(b" \x000.:\\") or value == b"000D":
        return True
    return is_generic(text) and attribute_type(place.around.sop_class, tag_path(place.path)) in ("1", "1C")


class Retained:
    """What the profile promised to retain stands as it stood."""

    name = "retained"
    rule = "PS3.15 E.3, promise of the profile"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a retained attribute whose value changed."""
        promises, before = place.around.promises, place.counterpart
        if promises is None or before is None or tag_path(place.path) not in promises.retained:
            return
        if place.element.items is not None or before.items is not None or not before.value:
            return
        after, had = (place.element.value or b"").strip(b" \0"), before.value.strip(b" \0")
        if same_value(before, place.element) or _is_capped(place, had, after) or not fits(before):
            return
        if not names_somebody(before, place.around.needles):
            yield found(self, place.where, "The profile promised to retain this attribute, but its value differs.")


def _is_capped(place: Place, before: bytes, after: bytes) -> bool:
    """Whether an age beyond the cap is told as 90 years."""
    cap = place.around.promises.age_cap if place.around.promises is not None else 0
    return bool(cap) and after == b"090Y" and before[3:] == b"Y" and before[:3].isdigit() and int(before[:3]) > cap


class RequiredEmptied:
    """What the IOD requires is there, with a value if it must; what is conditional and was there counts as required."""

    name = "required-attributes"
    rule = "PS3.3, types 1, 1C, 2 and 2C"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for an empty Type 1 attribute that had a value."""
        before = place.counterpart
        if before is None or _has_value(place.element) or not _has_value(before):
            return
        kind = attribute_type(place.around.sop_class, tag_path(place.path))
        if kind in ("1", "1C"):
            yield found(
                self,
                place.where,
                f"The object requires a value here (Type {kind}); the input had one, the output has none.",
            )


def _has_value(element: Element) -> bool:
    return bool(element.items.items) if element.items is not None else element.length != 0


ELEMENT_CHECKS = (
    PrivateElements(),
    UnknownElements(),
    IdentityInText(),
    PatternsInText(),
    UidsLeft(),
    ValuesFit(),
    RowsUnchanged(),
    Retained(),
    RequiredEmptied(),
)
"""All checks of single elements, in the order of their findings."""
