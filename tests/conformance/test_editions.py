"""The table against an independent list, and what changed between editions.

The lists of dicom-anonymizer were taken from the standard by other people with other code
(`data/editions.csv`, written by `workbench.standard.build.editions`).
"""

import csv
from pathlib import Path

import pytest

from workbench import profiles, standard
from workbench.standard import editions
from workbench.standard.dictionary import vr_of
from workbench.standard.table import EDITION, ROWS

DATA = Path(standard.__file__).parent / "data" / "editions.csv"

YOUNGER = {0x3004007F}
"""Dose Calculation Model Name, which 2026d added to 2026c."""

PSEUDONYMS = {0x00100010, 0x00100020}
STRUCTURE = {0x0000, 0x0002, 0x0004, 0xFFFA, 0xFFFC}
"""Messages, file meta, directories, signatures and padding behind the data: the writer makes its own or none."""

OVER_TYPE = {0x00700001, 0x0040B020}
"""Graphic and Waveform Annotation: the basic profile leaves the module out instead of making an annotation up."""


def _peer(edition: str) -> dict[int, str]:
    lines = DATA.read_text(encoding="utf-8").splitlines()
    records = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {int(record["tag"], 16): record[edition] for record in records if record[edition]}


def test_the_peer_has_the_same_rows_and_codes_but_for_one_that_is_younger():
    peer = _peer("2026c")
    assert set(ROWS) - set(peer) == YOUNGER
    assert set(peer) <= set(ROWS)
    assert {tag: row.basic for tag, row in ROWS.items() if tag not in YOUNGER} == peer


def test_basic_does_what_the_peer_says_but_for_the_known_differences():
    """Where no type is known the first letter holds; a compound code of the peer allows any of its letters."""
    plan = profiles.compile_plan(profiles.load("basic")).for_sop_class("")
    different = set()
    for tag, code in _peer("2026c").items():
        action = plan.rule((tag,), (vr_of(tag) or "UN").split(" ")[0]).action.value
        allowed = {"K"} if code == "X/Z/U*" else set(code.split("/"))
        if action not in allowed:
            different.add((tag, action))
    structure = {(tag, action) for tag, action in different if tag >> 16 in STRUCTURE}
    assert {action for _, action in structure} <= {"X"}
    assert different - structure == {(tag, "#") for tag in PSEUDONYMS} | {
        (tag, "X") for tag in OVER_TYPE if ROWS[tag].basic == "D"
    }


@pytest.mark.parametrize(
    ("edition", "rows", "changed"),
    [("2023e", 606, {"PatientID"}), ("2024b", 617, set()), ("2026c", 652, set()), (EDITION, 653, set())],
)
def test_editions_differ_where_the_standard_changed(edition, rows, changed):
    found = editions.rows(edition)
    assert len(found) == rows
    assert {ROWS[tag].keyword for tag, row in found.items() if row.basic != ROWS[tag].basic} == changed


def test_an_option_that_a_row_got_later_is_not_in_older_editions():
    requesting_service = 0x00321033
    assert "clean_descriptors" in ROWS[requesting_service].options
    assert "clean_descriptors" not in editions.rows("2024b")[requesting_service].options


def test_an_edition_that_is_not_known_is_refused():
    with pytest.raises(KeyError):
        editions.rows("1999a")
