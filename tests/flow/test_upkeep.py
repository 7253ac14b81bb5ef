"""Upkeep removes what nothing refers to, ends what is over, and touches nothing that is needed."""

import io
import os

import pytest

from workbench.flow import doctor, reviewing, upkeep


def stored(house):
    return set(house.workbench.objects.names())


def test_a_crashed_import_leaves_an_orphan_that_goes_after_a_day(prepared):
    needed = stored(prepared)
    orphan = prepared.workbench.objects.put(io.BytesIO(b"of a step that was killed"))
    assert upkeep.tidy(prepared.workbench).objects == 0
    path = prepared.workbench.objects.path_of(orphan.name)
    os.utime(path, (0, 0))
    assert upkeep.tidy(prepared.workbench).objects == 1
    assert stored(prepared) == needed
    assert [check for check in doctor.examine(prepared.made.home) if not check.ok] == []


def test_superseded_and_released_versions_keep_their_outputs(prepared):
    before = stored(prepared)
    prepared.clock.skip(days=40)
    upkeep.tidy(prepared.workbench)
    assert stored(prepared) == before


def test_a_discard_that_the_disk_refused_is_made_good(prepared, monkeypatch):
    workbench, olga = prepared.workbench, prepared["olga"]
    reviewing.quarantine(workbench, olga, study="WB-000001", reason="wrong")
    monkeypatch.setattr(type(workbench.objects), "delete", lambda _self, _name: None)
    reviewing.discard(workbench, olga, study="WB-000001", reason="wrong")
    monkeypatch.undo()
    assert "discarded studies" in {check.name for check in doctor.examine(prepared.made.home) if not check.ok}
    assert upkeep.tidy(workbench).objects > 0
    assert stored(prepared) == set()


def test_sessions_that_are_over_end_with_an_entry_each(prepared):
    prepared.clock.skip(days=1)
    tidied = upkeep.tidy(prepared.workbench)
    assert tidied.sessions == len(prepared.actors)
    assert len(prepared.events("session.closed")) == tidied.sessions


def test_a_start_is_on_record_with_the_digest_of_the_settings(prepared):
    upkeep.record_start(prepared.workbench)
    with prepared.workbench.database.reading() as reading:
        entry = next(reading.ledger.entries(newest_first=True, limit=1))
    assert entry.data["settings"] == prepared.workbench.settings.digest


@pytest.mark.parametrize("value", ["P-0", "P-1"])
def test_a_patient_code_stands_for_one_patient_in_a_scope(prepared, value):
    with prepared.workbench.database.reading() as reading:
        scope = reading.scopes.named("trial-7")
        made = reading.preparations.current("WB-000001")
        patient = reading.studies.identity("WB-000001")["patient"]
        assert reading.scopes.source_of(scope.id, kind="patient", value=made.patient_code[-12:]) == patient
        assert reading.scopes.source_of(scope.id, kind="patient", value=value) is None
