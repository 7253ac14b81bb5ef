"""What is discarded takes nothing with it that somebody else needs, whatever happens at the same time."""

from tests.flow import fakes
from workbench.flow import arrival, importing, preparing, recording, reviewing, upkeep
from workbench.records.states import StudyState

STUDY = "WB-000001"


def tiny(folder, *, instance="1.2.3.1.1"):
    fakes.write_tiny(folder / f"{instance}.dcm", study="1.2.3", series="1.2.3.1", instance=instance)
    return folder


def missing(house):
    with house.workbench.database.reading() as reading:
        return [
            name
            for name in (row.object for row in reading.studies.instances(STUDY))
            if not house.workbench.objects.exists(name)
        ]


def items(house):
    with house.workbench.database.reading() as reading:
        return [entry for entry in reading.quarantine.page(limit=100) if entry.object]


def test_a_discarded_copy_does_not_take_the_original_along(house, tmp_path, monkeypatch):
    """An instance came while its study was in quarantine, and again afterwards: two rows, one object."""
    fakes.install(monkeypatch)
    workbench, anna, olga = house.workbench, house["anna"], house["olga"]
    importing.import_paths(workbench, anna, paths=[tiny(tmp_path / "a")])
    reviewing.quarantine(workbench, olga, study=STUDY, reason="wait")
    late = tiny(tmp_path / "b", instance="1.2.3.1.2")
    importing.import_paths(workbench, anna, paths=[late])
    reviewing.accept(workbench, olga, study=STUDY, reason="all is well")
    importing.import_paths(workbench, anna, paths=[late])
    (item,) = items(house)
    reviewing.discard_item(workbench, olga, item=item.id, reason="it is here by now")
    assert missing(house) == []
    assert preparing.prepare(workbench, anna, study=STUDY, scope="trial-7", pixels="off").instances == 2


def test_of_two_quarantined_copies_one_may_go(house, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    workbench, anna, olga = house.workbench, house["anna"], house["olga"]
    importing.import_paths(workbench, anna, paths=[tiny(tmp_path / "a")])
    reviewing.quarantine(workbench, olga, study=STUDY, reason="wait")
    late = tiny(tmp_path / "b", instance="1.2.3.1.2")
    for _ in range(2):
        importing.import_paths(workbench, anna, paths=[late])
    one, other = items(house)
    reviewing.discard_item(workbench, olga, item=one.id, reason="twice")
    assert workbench.objects.exists(other.object)
    reviewing.discard_item(workbench, olga, item=other.id, reason="not wanted")
    assert not workbench.objects.exists(other.object)


def test_an_import_outlives_a_discard_of_the_same_content_in_between(house, tmp_path, monkeypatch):
    """Stored and not yet recorded, the object looks like nobody's; who discards it then must not win."""
    fakes.install(monkeypatch)
    workbench, anna, olga = house.workbench, house["anna"], house["olga"]
    folder = tiny(tmp_path / "a")
    importing.import_paths(workbench, anna, paths=[folder])
    reviewing.quarantine(workbench, olga, study=STUDY, reason="wrong patient")
    honest, pending = recording.changing, [True]

    def late(given):
        if pending:
            pending.clear()
            reviewing.discard(workbench, olga, study=STUDY, reason="wrong patient")
        return honest(given)

    monkeypatch.setattr(arrival, "changing", late)
    (row,) = importing.import_paths(workbench, anna, paths=[folder]).studies
    assert (row.study, row.state) == ("WB-000002", StudyState.RECEIVED)
    with workbench.database.reading() as reading:
        assert all(workbench.objects.exists(found.object) for found in reading.studies.instances("WB-000002"))
    house.clock.skip(days=3)
    upkeep.tidy(workbench)
    assert preparing.prepare(workbench, anna, study="WB-000002", scope="trial-7", pixels="off").instances == 1
