"""What is not understood, noted or left out of a version is kept with it and shown to who decides."""

import json

import pytest

from tests.flow.conftest import write_ct
from workbench.cli.output import Output
from workbench.cli.studies import _show_preparation
from workbench.flow import importing, preparing, queries
from workbench.flow.remarks import note_rows, references_left_out, remarks, unknown_rows, unknowns_by_kind
from workbench.flow.step import Prepared, Refusal
from workbench.records.finding import Note, Unknown
from workbench.verify import Examination


def outcome(number, *, unknowns=(), notes=(), references=()):
    examination = Examination(number, (), f"2.{number}", f"1.{number}", "2", (), (), None, notes, unknowns)
    return Prepared(
        index=number,
        size=1,
        sop_class="1.2.3",
        sop_instance=f"2.{number}",
        study="2",
        series="2.1",
        patient_code="P",
        holds=(),
        findings=(),
        counts={},
        changes=(),
        examination=examination,
        digest="",
        references=frozenset(references),
    )


def test_equal_remarks_are_one_with_the_number_of_instances():
    pixels, waveform = (
        Unknown("pixels-not-examined", "the pixels", "(7FE0,0010)"),
        Unknown("waveform-not-examined", "the waveforms", "(5400,0100)"),
    )
    note = Note("some-check", "PS3.15 E.1", "(0008,1030)", "A note.")
    outcomes = {
        0: outcome(0, unknowns=(pixels,), notes=(note,)),
        1: outcome(1, unknowns=(pixels, waveform, waveform)),
        2: Refusal("code", "message", "hint"),
        3: outcome(3, unknowns=(waveform,)),
    }
    facts = json.loads(json.dumps(remarks(outcomes, {0, 1})))
    assert [(row.name, row.instances) for row in unknown_rows(facts)] == [("the pixels", 2), ("the waveforms", 1)]
    assert all(row.meaning.endswith(".") for row in unknown_rows(facts))
    assert [(row.message, row.instances) for row in note_rows(facts)] == [("A note.", 1)]
    assert unknowns_by_kind(facts) == {"pixels-not-examined": 2, "waveform-not-examined": 1}


def test_references_count_when_they_lead_out_of_the_version():
    outcomes = {
        0: outcome(0),
        1: outcome(1, references=("2.0", "2.3", "2.9")),
        2: outcome(2, references=("2.0",)),
        3: outcome(3),
    }
    assert references_left_out(remarks(outcomes, {0, 1, 2, 3})) == (1, 1)
    assert references_left_out(remarks(outcomes, {0, 1, 2})) == (2, 1)
    assert references_left_out({}) == (0, 0)


@pytest.fixture
def made(house, tmp_path):
    importing.import_paths(house.workbench, house["anna"], paths=[write_ct(tmp_path / "in", instances=2)])
    preparing.prepare(house.workbench, house["anna"], study="WB-000001", scope="trial-7", pixels="off")
    return house


def test_a_version_keeps_them_and_the_log_counts_them(made, capsys):
    view = queries.study_view(made.workbench, made["olga"], study="WB-000001").preparation
    assert view is not None
    assert {row.kind: row.instances for row in view.unknowns} == {"pixels-not-examined": 2}
    assert view.not_understood == ()
    _show_preparation(Output(), view)
    assert "Not understood" in capsys.readouterr().out
    with made.workbench.database.reading() as reading:
        entry = [entry for entry in reading.ledger.entries() if entry.kind == "study.prepared"][-1]
    assert entry.data["unknowns"] == {"pixels-not-examined": 2}
    assert entry.data["references_left_out"] == 0
