import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pixels.known_lines import KnownLines
from workbench.records.known import KnownKind, KnownValue

HEADER = KnownLines(
    [
        KnownValue(KnownKind.PATIENT, "M\u00fcller-L\u00fcdenscheidt^Anna"),
        KnownValue(KnownKind.PERSON, "WU^IAN"),
        KnownValue(KnownKind.IDENTIFIER, "47110815"),
        KnownValue(KnownKind.DATE, "19560312"),
        KnownValue(KnownKind.SITE, "ST ELSEWHERE GENERAL"),
        KnownValue(KnownKind.CONTACT, "(555) 555-0123"),
    ]
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("MUELLER-LUEDENSCHEIDT,A", KnownKind.PATIENT),
        ("Muller Ludenscheidt", KnownKind.PATIENT),
        ("MUELLER-LUEDENSCHEDT", KnownKind.PATIENT),  # a letter lost
        ("Pt: Anna", KnownKind.PATIENT),
        ("DR WU", KnownKind.PERSON),
        ("WUIAN", KnownKind.PERSON),  # a space lost
        ("MRN: 47110815", KnownKind.IDENTIFIER),
        ("471IO8l5", KnownKind.IDENTIFIER),  # letters for digits
        ("ID 4711815", KnownKind.IDENTIFIER),  # a digit lost
        ("12.03.1956", KnownKind.DATE),
        ("03/12/56", KnownKind.DATE),
        ("12-Mar-56", KnownKind.DATE),
        ("DOB: MARCH 12, 1956", KnownKind.DATE),
        ("1956-O3-12", KnownKind.DATE),
        ("ST ELSEWHERE GENERA", KnownKind.SITE),
        ("Tel (555) 555- 0123", KnownKind.CONTACT),
    ],
)
def test_what_agrees_with_the_header_is_told_by_its_kind(text, kind):
    match = HEADER.match(text)
    assert match is not None
    assert match.kind is kind


@pytest.mark.parametrize(
    "text",
    ["", "L", "SUPINE", "W:400 L:40", "TE 90 TR 4000", "15.07.2004", "SMITH JOHN", "WUNDER", "GAIN 47", "8888123"],
)
def test_what_does_not_agree_is_not_matched(text):
    assert HEADER.match(text) is None


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_and_any_header_end_well(text, values):
    match = KnownLines(KnownValue(kind, value) for value in values for kind in KnownKind).match(text)
    assert match is None or 85 <= match.score <= 100
