"""What contradicts each method code: functions of a pair that return the rest of a sentence, or nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

from workbench.standard.safe_private import NAMES as TABLES
from workbench.standard.safe_private import find as find_safe
from workbench.standard.table import ROWS
from workbench.verify.checks.dates import is_a_day
from workbench.verify.checks.elements import names_somebody
from workbench.verify.days import day_of, parts
from workbench.verify.elements import BULK, Element, same_value
from workbench.verify.generic import is_generic
from workbench.verify.pair import Pair
from workbench.verify.reading import Reading

_TIME = re.compile(r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?")

BURNED_IN = 0x00280301
FEATURES = 0x00280302


def nothing_to_speak_of(pair: Pair, option: str) -> bool:
    """Whether no attribute with a value in the column of an option is in the input, at any depth."""
    if option == "basic":
        return False
    before = pair.before
    if option in ("clean_pixel_data", "clean_recognizable_visual_features"):
        return not any(tag in before.by_tag for tag in BULK)
    if option == "retain_safe_private":
        return not any(element.tag & 0x00010000 for element in _all_elements(before.elements))
    tags = _column(option)
    if not tags.isdisjoint(before.by_tag):
        return False
    if option == "clean_graphics" and any(tag >> 24 in (0x50, 0x60) for tag in before.by_tag):
        return False
    return all(element.tag not in tags for element in _all_elements(before.elements))


def _all_elements(elements: tuple[Element, ...]) -> Iterator[Element]:
    for element in elements:
        yield element
        if element.items is not None:
            for item in element.items.items:
                yield from _all_elements(item)


@cache
def _column(option: str, letter: str = "") -> frozenset[int]:
    """Return the tags with a letter in the column of an option."""
    return frozenset(
        tag for tag, row in ROWS.items() if row.options.get(option, "") and _is(row.options[option], letter)
    )


def _is(has: str, letter: str) -> bool:
    return not letter or has == letter


def _pixels_not_clean(pair: Pair) -> str:
    if pair.after.text(BURNED_IN) == "YES":
        return "clean pixels, and Burned In Annotation says YES."
    if pair.promises is not None and pair.promises.pixels != "clean":
        return "clean pixels, which the profile did not promise."
    return ""


def _features_not_clean(pair: Pair) -> str:
    if pair.after.text(FEATURES) == "YES":
        return "that features were cleaned, and Recognizable Visual Features says YES."
    return ""


def _retained(option: str) -> Callable[[Pair], str]:
    def contradiction(pair: Pair) -> str:
        gone = [tag for tag in _column(option, "K") & pair.before.by_tag.keys() if _had(pair.before, tag)]
        gone = [tag for tag in gone if not _kept(pair, tag) and not _is_no_time(pair.before.by_tag[tag])]
        if gone and not _overruled(gone, option, pair.options):
            return "that attributes were retained, but one was removed or changed."
        return ""

    return contradiction


def _is_no_time(element: Element) -> bool:
    """Whether an attribute of dates or times holds something else, which nobody promises to retain."""
    values = [part for part in parts(element.value) if part]
    if element.vr == "TM":
        return not all(_TIME.fullmatch(part) for part in values)
    return element.vr in ("DA", "DT") and not all(day_of(element.vr, part) for part in values)


def _days_unmodified(pair: Pair) -> str:
    """Times stand as they stood when days are moved; the first of January is its own year."""
    if not pair.moves or any(move.days for move in pair.moves):
        return ""
    if pair.dates in ("year_only", "moved") and all(_first_of_year(move.before) for move in pair.moves):
        return ""
    return "modified dates, but they stand unmodified."


def _first_of_year(ordinal: int) -> bool:
    return date.fromordinal(ordinal).timetuple().tm_yday == 1


def _days_gone(option: str) -> Callable[[Pair], str]:
    """The other direction: claimed to be told, and none is."""

    def contradiction(pair: Pair) -> str:
        tags = _column(option) & pair.before.by_tag.keys()
        if not pair.moves and any(is_a_day(pair.before.by_tag[tag]) for tag in tags):
            return "that dates are told, but none of the input is."
        return ""

    return contradiction


def _names_in(option: str) -> Callable[[Pair], str]:
    def contradiction(pair: Pair) -> str:
        rows = [tag for tag in _column(option, "C") & pair.after.by_tag.keys() if _stands(pair, tag)]
        if any(_names(pair.after.by_tag[tag]) & _names(pair.before.by_tag[tag]) for tag in rows):
            return "cleaning, but content with a person's name stands unchanged."
        return ""

    return contradiction


def _descriptors_gone(pair: Pair) -> str:
    """Texts that only say what everybody says need no cleaning; when all of them are gone, nothing was cleaned."""
    plain = [
        tag
        for tag in _column("clean_descriptors", "C") & pair.before.by_tag.keys()
        if _is_plain(pair.before.by_tag[tag])
    ]
    if len(plain) > 1 and not any(_had(pair.after, tag) for tag in _column("clean_descriptors", "C")):
        return "that descriptors were cleaned, but all of them were removed."
    return ""


def _is_plain(element: Element) -> bool:
    text = element.text()
    words = re.findall(r"[^\W\d_]{3,}", text)
    return element.vr in ("LO", "SH", "ST", "LT", "UT") and text.isascii() and bool(words) and is_generic(text)


def _graphics_gone(pair: Pair) -> str:
    """Drawings without a word identify nobody; when they are all gone, nothing was cleaned."""
    if _drawings(pair.before) and not _drawings(pair.after):
        return "that graphics were cleaned, but all of them were removed."
    return ""


def _drawings(reading: Reading) -> int:
    """Count the graphic objects (PS3.3 C.10.5)."""
    element = reading.by_tag.get(0x00700001)
    if element is None or element.items is None:
        return 0
    return sum(
        len(each.items.items)
        for item in element.items.items
        for each in item
        if each.tag == 0x00700009 and each.items is not None
    )


def _unsafe_private(pair: Pair) -> str:
    """Without promises, only published tables can say what is safe."""
    if pair.promises is not None:
        return ""
    after = _private(pair.after.elements)
    if any(all(find_safe(*entry, table) is None for table in TABLES) for entry in after):
        return "that only safe private attributes stay, but one is in no table of such."
    listed = {entry for entry in _private(pair.before.elements) if find_safe(*entry) is not None}
    if listed and not after:
        return "that safe private attributes were retained, but all of them are gone."
    return ""


def _private(elements: tuple[Element, ...]) -> set[tuple[int, str, int]]:
    """Return group, creator and element byte of the private elements with a value, at the top."""
    creators = {e.tag: e.text() for e in elements if e.tag & 0x00010000 and 0x10 <= e.tag & 0xFFFF <= 0xFF}
    return {
        (e.tag >> 16, creators.get(e.tag >> 16 << 16 | (e.tag & 0xFFFF) >> 8, ""), e.tag & 0xFF)
        for e in elements
        if e.tag & 0x00010000 and e.tag & 0xFFFF >= 0x1000 and e.length != 0
    }


CONTRADICTIONS: dict[str, tuple[Callable[[Pair], str], ...]] = {
    "clean_pixel_data": (_pixels_not_clean,),
    "clean_recognizable_visual_features": (_features_not_clean,),
    "clean_graphics": (_names_in("clean_graphics"), _graphics_gone),
    "clean_structured_content": (_names_in("clean_structured_content"),),
    "clean_descriptors": (_descriptors_gone,),
    "retain_longitudinal_full_dates": (
        _retained("retain_longitudinal_full_dates"),
        _days_gone("retain_longitudinal_full_dates"),
    ),
    "retain_longitudinal_modified_dates": (_days_unmodified, _days_gone("retain_longitudinal_modified_dates")),
    "retain_patient_characteristics": (_retained("retain_patient_characteristics"),),
    "retain_device_identity": (_retained("retain_device_identity"),),
    "retain_uids": (_retained("retain_uids"),),
    "retain_safe_private": (_unsafe_private,),
    "retain_institution_identity": (_retained("retain_institution_identity"),),
}
"""Besides these: `rows-unchanged` and the searches contradict 113100, `structured-content` 113104, `evidence` 113101,
113102 and 113105, `date-offsets` 113106 and 113107, `private-elements` and `retained` 113111."""


def _overruled(tags: list[int], name: str, options: frozenset[str]) -> bool:
    """Whether other options in force clean all of these rows, so that not retaining them is right."""
    return all(
        any(row != name and letter == "C" and row in options for row, letter in ROWS[tag].options.items())
        for tag in tags
    )


def _had(reading: Reading, tag: int) -> bool:
    element = reading.by_tag.get(tag)
    return element is not None and (
        bool(element.value and element.value.strip(b" \0")) or bool(element.items and element.items.items)
    )


def _kept(pair: Pair, tag: int) -> bool:
    """Whether a retained attribute is there as it has to be: equal, or an age told up to the cap."""
    if _stands(pair, tag) or (tag,) in (pair.promises.given_up if pair.promises is not None else ()):
        return True
    if names_somebody(pair.before.by_tag[tag], pair.needles):
        return True
    one, two = pair.before.text(tag), pair.after.text(tag)
    cap = pair.promises.age_cap if pair.promises is not None else 89
    if pair.before.by_tag[tag].vr == "AS":
        return not re.fullmatch(r"\d{3}[DWMY]", one) or (
            two == "090Y" and bool(cap) and one[3:] == "Y" and one > f"{cap:03d}Y"
        )
    # What is no number hides something, and may not stay.
    return pair.before.by_tag[tag].vr in ("DS", "IS") and not _numeric(one)


def _numeric(text: str) -> bool:
    return all(re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", part) for part in text.split("\\"))


def _stands(pair: Pair, tag: int) -> bool:
    one, two = pair.before.by_tag.get(tag), pair.after.by_tag.get(tag)
    if one is None or two is None or not _had(pair.before, tag):
        return False
    if one.items is not None or two.items is not None:
        # A retained sequence is descended into; that its items are there is what can be said of it.
        return one.items is not None and two.items is not None and len(one.items.items) == len(two.items.items)
    return same_value(one, two)


def _names(element: Element) -> frozenset[bytes]:
    """Return the names of persons below a sequence. A dummy is none of those that the input has there."""
    found: set[bytes] = set()
    for item in element.items.items if element.items is not None else ():
        for each in item:
            if each.vr == "PN" and each.value:
                found.add(each.value.strip(b" \0"))
            found |= _names(each)
    return frozenset(found)
