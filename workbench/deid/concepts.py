"""What Table E.3.4-1 says of a content item, by the code of its concept, whatever scheme and form it is written in.

SNOMED CT concepts came as SRT, SNM3 or 99SDM until those were retired (PS3.16 8.2), codes come long or as a URN
(PS3.3 8.8), and the age, sex and birth date of a subject have codes outside DCM that mean the same.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from workbench.deid.checks import may_stay
from workbench.deid.cleaning import Place
from workbench.deid.dummies import BY_VR
from workbench.dicom.elements import Element
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.records.action import Action
from workbench.standard.content_items import ContentItem, content_items

CODE_VALUE: Final = 0x00080100
SCHEME: Final = 0x00080102
SCHEME_VERSION: Final = 0x00080103
MEANING: Final = 0x00080104
LONG_CODE: Final = 0x00080119
URN_CODE: Final = 0x00080120

CONCEPT_NAME: Final = 0x0040A043
CONCEPT_CODE: Final = 0x0040A168

SUBJECT_AGE: Final = "121033"

_RETIRED_SNOMED: Final = {
    "PA-30029": "440252007",
    "R-42B89": "371524004",
    "DD-60002": "116224001",
    "DF-0070B": "398164008",
    "DF-0068E": "398325003",
    "F-00033": "271921002",
    "G-C0E3": "363698007",
    "F-02455": "160476009",
    "G-D321": "398201009",
    "G-D320": "397898000",
}
"""SNOMED RT identifiers (PS3.16 annex O) of the SNOMED CT concepts of the table."""

_SAME: Final = {
    ("424144002", "SCT"): SUBJECT_AGE,
    ("397669002", "SCT"): SUBJECT_AGE,
    ("30525-0", "LN"): SUBJECT_AGE,
    ("263495000", "SCT"): "121032",
    ("46098-0", "LN"): "121032",
    ("184099003", "SCT"): "121031",
    ("21112-8", "LN"): "121031",
}
"""Age, sex and birth date under other codes → the DCM code of the row that means the same."""

_SCHEMES: Final = {
    "SRT": "SCT",
    "SNM3": "SCT",
    "99SDM": "SCT",
    "LOINC": "LN",
    "NCIT": "NCIt",
    "NCDR": "NCDR [2.0b]",
    "NCDR [2.0B]": "NCDR [2.0b]",
}
_URN_SCHEMES: Final = {
    "snomed.info/sct": "SCT",
    "snomed.info/id": "SCT",
    "2.16.840.1.113883.6.96": "SCT",
    "loinc.org": "LN",
    "2.16.840.1.113883.6.1": "LN",
    "dicom.nema.org": "DCM",
    "1.2.840.10008.2.16.4": "DCM",
}


class Concept(NamedTuple):
    """A concept as the table writes it: `SCT` for every form of SNOMED. Empty when an item names none."""

    value: str
    scheme: str


NO_CONCEPT: Final = Concept("", "")


def concept_of(buffer: bytes, item: Iterable[Element]) -> Concept:
    """Return the concept that an item of a code sequence names."""
    values = {
        tag: buffer[value : value + length].decode("latin-1").strip(" \0")
        for tag, _vr, _start, value, length, items in item
        if items is None and tag in (CODE_VALUE, SCHEME, LONG_CODE, URN_CODE)
    }
    if urn := values.get(URN_CODE):
        return _of_urn(urn)
    value = values.get(CODE_VALUE) or values.get(LONG_CODE, "")
    scheme = values.get(SCHEME, "").upper()
    scheme = _SCHEMES.get(scheme, scheme)
    if scheme == "SCT":
        value = _RETIRED_SNOMED.get(value.upper(), value)
    return Concept(value, scheme)


def rows_of(concept: Concept) -> dict[str, ContentItem]:
    """Return the rows of a concept by value type; none when the table does not list it."""
    same = _SAME.get(concept)
    return _rows().get(Concept(same, "DCM") if same else concept, {})


def row_of(concept: Concept, value_type: str) -> ContentItem | None:
    """Return the row that governs a content item.

    The table lists a concept under the value type of its template. A value that states the same under another type
    (a name as TEXT) follows the row all the same; references and codes need a row of their own.
    """
    rows = rows_of(concept)
    row = rows.get(value_type)
    if row is None and value_type in _STATING:
        stating = [row for kind, row in sorted(rows.items()) if kind in _STATING or kind in {"NUM", "CODE"}]
        return min(stating, key=lambda row: _STRICTNESS.get(row.basic, 0), default=None)
    return row


def letter(row: ContentItem, options: frozenset[str]) -> str:
    """Return the letter of a row under these options; C goes before K, the stricter of the two (PS3.15 E.3)."""
    return min((row.options[option] for option in options if option in row.options), default=row.basic)


def clean_codes(place: Place, index: int, elements: list[Element]) -> dict[int, bytes]:
    """Return the code sequences of a content item with cleaned code meanings, as whole elements by tag.

    With Clean Descriptors the ordinary rules of the plan clean them.
    """
    if place.text is None or "clean_descriptors" in place.options:
        return {}
    found = {}
    for tag, _vr, _start, _at, _length, items in elements:
        if tag in (CONCEPT_NAME, CONCEPT_CODE) and items:
            below = place.within(index, tag)
            codes = [below.item(code, number, given=_meaning(below, number, code)) for number, code in enumerate(items)]
            found[tag] = sequence(tag, codes, explicit=place.explicit)
    return found


def _meaning(place: Place, index: int, code: list[Element]) -> dict[int, bytes]:
    """Return the cleaned meaning of one code; one of which nothing remains becomes a dummy (it is of type 1)."""
    for tag, _vr, _start, at, length, items in code:
        if tag == MEANING and items is None and place.text is not None:
            path = (*place.path, index, MEANING)
            before = place.buffer[at : at + length]
            if may_stay(MEANING, b"LO", before):
                return {}
            after = place.text.clean(before, b"LO", path, place.origin)
            if not after:
                after = BY_VR[b"LO"]
                place.record(path, Action.DUMMY, before, after)
            return {MEANING: encode(MEANING, b"LO", after, explicit=place.explicit)}
    return {}


_STATING: Final = frozenset({"TEXT", "PNAME", "DATE", "TIME", "DATETIME", "UIDREF"})
_STRICTNESS: Final = {"X": 0, "X/D": 1, "D": 2}


@cache
def _rows() -> dict[Concept, dict[str, ContentItem]]:
    rows: dict[Concept, dict[str, ContentItem]] = {}
    for row in content_items():
        rows.setdefault(Concept(row.value, row.scheme), {})[row.value_type] = row
    return rows


def _of_urn(urn: str) -> Concept:
    """Read `http://snomed.info/id/440252007` and `urn:oid:2.16.840.1.113883.6.96.440252007`."""
    for root, scheme in _URN_SCHEMES.items():
        head, found, rest = urn.partition(root)
        code = rest.lstrip("/.:#").rpartition("/")[2]
        if found and code and ("." not in code or not head.endswith("oid:")):
            return Concept(code, scheme)
    return Concept(urn, "")
