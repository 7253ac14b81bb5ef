"""Nothing leaves that is not approved: every way round is tried here, against rows, objects, log and package."""

import sqlite3
from pathlib import Path

import pydicom
import pyrage
import pytest

from tests.flow import fakes
from workbench.flow import importing, packages, preparing, receiving, recipients, releasing, reviewing
from workbench.flow.home import open_home
from workbench.flow.opening import open_received
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WorkbenchError, WrongState
from workbench.records.states import ReleaseState, StudyState
from workbench.release import capsule

STUDY = "WB-000001"
ROBBED = "recipient-differs"


@pytest.fixture
def reader(tmp_path):
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "reader.txt"
    file.write_text(f"{identity}\n")
    return str(identity.to_public()), file


@pytest.fixture
def ready(house, tmp_path, monkeypatch, reader):
    """One approved study with one accepted-or-not ultrasound series, and a recipient."""
    fakes.install(monkeypatch)
    for series, number, ultrasound in ((1, 1, False), (1, 2, False), (2, 1, True)):
        fakes.write_tiny(
            tmp_path / "in" / f"{series}-{number}.dcm",
            study="1.2.3",
            series=f"1.2.3.{series}",
            instance=f"1.2.3.{series}.{number}",
            ultrasound=ultrasound,
        )
    importing.import_paths(house.workbench, house["anna"], paths=[tmp_path / "in"])
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=reader[0])
    preparing.prepare(house.workbench, house["anna"], study=STUDY, scope="trial-8", pixels="off")
    approve(house)
    return house


def approve(house, study=STUDY, scope="trial-7", accept=()):
    preparing.prepare(house.workbench, house["anna"], study=study, scope=scope, pixels="off")
    reviewing.submit(house.workbench, house["anna"], study=study)
    reviewing.approve(house.workbench, house["olga"], study=study, accept=accept)


def release(house, *studies, who="anna", **given):
    return releasing.create_release(
        house.workbench,
        house[who],
        **{
            "recipient": "Trial 7",
            "purpose": "research",
            "basis": "de-identified",
            "expires_days": 30,
            "studies": studies or (STUDY,),
            **given,
        },
    )


def opened(house, made, tmp_path, identity):
    return open_received(
        Path(made.package), tmp_path / "out", identity=identity, trust=house.workbench.keys.vkey, clock=house.clock
    )


def refuse(house, code, *studies, error=WorkbenchError, **given):
    """A release must be refused, leave no package, no row and no entry, and leave nothing in clear."""
    with pytest.raises(error) as refused:
        release(house, *studies, **given)
    assert refused.value.code == code, refused.value
    assert house.events("release.created") == []
    assert [path.name for path in house.workbench.packages.iterdir() if path.name != "gate"] == []
    assert [path.name for path in house.workbench.staging.iterdir() if path.is_dir()] == []


def sql(house, *statements):
    with sqlite3.connect(house.made.home / "workbench.sqlite") as database:
        for statement in statements:
            database.execute(statement)


def test_held_instances_stay_behind_unless_they_were_accepted_by_name(ready, tmp_path, reader):
    made = release(ready)
    assert made.instances == 2
    document = opened(ready, made, tmp_path, reader[1]).document
    assert document["instances"] == 2
    files = [pydicom.dcmread(path) for path in (tmp_path / "out" / "DICOM").rglob("I*")]
    assert {dataset.Modality for dataset in files} == {"CT"}
    reviewing.withdraw(ready.workbench, ready["olga"], study=STUDY, reason="look again")
    approve(ready, accept=["series-2.ultrasound"])
    assert release(ready).instances == 3


@pytest.mark.parametrize(
    "state", ["received", "prepared", "submitted", "returned", "withdrawn", "quarantined", "new version"]
)
def test_only_an_approved_study_is_released(ready, tmp_path, state):
    workbench, anna, olga = ready.workbench, ready["anna"], ready["olga"]
    if state == "new version":
        preparing.prepare(workbench, anna, study=STUDY, scope="trial-7", pixels="off")
    elif state == "withdrawn":
        reviewing.withdraw(workbench, olga, study=STUDY, reason="because")
    elif state == "quarantined":
        reviewing.quarantine(workbench, olga, study=STUDY, reason="because")
    else:
        fakes.write_tiny(tmp_path / "b" / "x.dcm", study="1.2.4", series="1.2.4.1", instance="1.2.4.1.1")
        importing.import_paths(workbench, anna, paths=[tmp_path / "b"])
        if state != "received":
            preparing.prepare(workbench, anna, study="WB-000002", scope="trial-7", pixels="off")
        if state in ("submitted", "returned"):
            reviewing.submit(workbench, anna, study="WB-000002")
        if state == "returned":
            reviewing.send_back(workbench, olga, study="WB-000002", reason="because")
        refuse(ready, "not-approved", STUDY, "WB-000002")
        return
    refuse(ready, "not-approved")


def test_an_old_approval_is_not_released(ready):
    ready.clock.skip(days=91)
    refuse(ready, "approval-expired")
    ready.clock.skip(days=-2)
    assert release(ready).state is ReleaseState.CREATED


def test_an_old_approval_stays_old_whatever_the_rows_say(ready):
    ready.clock.skip(days=91)
    sql(ready, "UPDATE preparation SET approved_at = '2099-01-01T00:00:00.000000Z'")
    refuse(ready, "approval-expired")


def test_one_release_holds_one_scope(ready, tmp_path):
    fakes.write_tiny(tmp_path / "b" / "x.dcm", study="1.2.4", series="1.2.4.1", instance="1.2.4.1.1")
    importing.import_paths(ready.workbench, ready["anna"], paths=[tmp_path / "b"])
    approve(ready, study="WB-000002", scope="trial-8")
    refuse(ready, "scopes-differ", STUDY, "WB-000002")


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        # somebody writes an approval into the database without the log
        (["UPDATE preparation SET approved_by = (SELECT id FROM account WHERE name = 'paul')"], "approval-missing"),
        (
            [
                "UPDATE prepared_instance SET output_digest = replace('ef', substr(output_digest, 1, 1), '')",
            ],
            "root-differs",
        ),
        (["DELETE FROM prepared_instance WHERE position = 0"], "root-differs"),
        (["UPDATE preparation SET root = '" + "0" * 64 + "'"], "version-differs"),
        (["UPDATE preparation SET profile = 'lenient'"], "version-differs"),
        (["UPDATE preparation SET scope = (SELECT id FROM scope WHERE name = 'trial-8')"], "version-differs"),
        # the package would go to somebody else
        (["UPDATE recipient SET age_key = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'"], ROBBED),
        (["UPDATE prepared_instance SET leaf = NULL WHERE position = 0"], "root-differs"),
        # a held instance is made to look free; the file is the approved one, but nobody accepted it
        (["UPDATE prepared_instance SET state = 'ready', holds = '[]' WHERE position = 2"], "holds-differ"),
        # outputs are exchanged
        (
            [
                "CREATE TEMP TABLE t AS SELECT position AS p, object AS o FROM prepared_instance",
                "UPDATE prepared_instance SET object = (SELECT o FROM t WHERE p = 1) WHERE position = 0",
            ],
            "instance-not-as-approved",
        ),
    ],
)
def test_an_altered_database_releases_nothing(ready, statements, code):
    sql(ready, *statements)
    refuse(ready, code, error=IntegrityBroken)


def test_an_approval_that_only_the_rows_know_releases_nothing(ready, tmp_path):
    fakes.write_tiny(tmp_path / "b" / "x.dcm", study="1.2.4", series="1.2.4.1", instance="1.2.4.1.1")
    importing.import_paths(ready.workbench, ready["anna"], paths=[tmp_path / "b"])
    preparing.prepare(ready.workbench, ready["anna"], study="WB-000002", scope="trial-7", pixels="off")
    reviewing.submit(ready.workbench, ready["anna"], study="WB-000002")
    sql(
        ready,
        "UPDATE preparation SET state = 'approved', approved_at = submitted_at,"
        " approved_by = (SELECT id FROM account WHERE name = 'paul') WHERE study = 'WB-000002'",
        "UPDATE study SET state = 'approved' WHERE id = 'WB-000002'",
    )
    refuse(ready, "approval-missing", "WB-000002", error=IntegrityBroken)


def test_a_stored_output_that_was_altered_is_not_packed(ready):
    with ready.workbench.database.reading() as reading:
        made = reading.preparations.current(STUDY)
        name = reading.preparations.instances(made.id)[0].object
    path = ready.workbench.objects.path_of(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    refuse(ready, "object-damaged", error=IntegrityBroken)


def test_a_decision_taken_while_it_is_packed_counts(ready, monkeypatch):
    honest = capsule.build_package

    def slow(*args, **given):
        done = honest(*args, **given)
        reviewing.withdraw(ready.workbench, ready["paul"], study=STUDY, reason="stop")
        return done

    monkeypatch.setattr(releasing, "build_package", slow)
    refuse(ready, "not-approved")


@pytest.mark.parametrize("who", ["vera", "rita", "root"])
def test_who_may_not_release_does_not(ready, who):
    refuse(ready, "role-not-permitted", error=NotPermitted, who=who)
    assert ready.events("permission.denied") == ["permission.denied"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"recipient": "Nobody"}, "recipient-unknown"),
        ({"studies": ("WB-999999",)}, "study-unknown"),
        ({"purpose": "two\nlines"}, "release-text-malformed"),
        ({"expires_days": 0}, "release-expired"),
    ],
)
def test_wrong_facts_are_named(ready, given, code):
    refuse(ready, code, error=UsageError, **given)


def test_free_words_for_purpose_are_sealed_and_only_committed_in_the_log(ready):
    release(ready, purpose="second opinion for Doe")
    with ready.workbench.database.reading() as reading:
        entry = next(entry for entry in reading.ledger.entries(newest_first=True) if entry.kind == "release.created")
    assert "purpose" not in entry.data
    assert len(entry.data["purpose_commitment"]) == 64
    assert entry.data["basis"] == "de-identified"
    assert b"opinion" not in entry.body


def test_a_receipt_acknowledges_once_and_a_forged_one_is_on_record(ready, tmp_path, reader):
    made = release(ready)
    receipt = Path(opened(ready, made, tmp_path, reader[1]).document["receipt"]).read_text()
    forged = receipt.replace('"instances":2', '"instances":3')
    with pytest.raises(IntegrityBroken):
        receiving.record_receipt(ready.workbench, ready["anna"], receipt=forged)
    assert ready.events("receipt.refused") == ["receipt.refused"]
    assert receiving.record_receipt(ready.workbench, ready["anna"], receipt=receipt).state is ReleaseState.ACKNOWLEDGED
    with pytest.raises(WrongState):
        receiving.record_receipt(ready.workbench, ready["anna"], receipt=receipt)
    with pytest.raises(IntegrityBroken):
        receiving.record_receipt(ready.workbench, ready["anna"], receipt="not a receipt")


def test_releases_expire_with_an_entry_and_their_package_goes(ready):
    made = release(ready, expires_days=3)
    ready.clock.skip(days=4)
    rows = releasing.list_releases(ready.workbench, ready["vera"])
    assert [(row.release, row.state, row.package) for row in rows] == [(made.release, ReleaseState.EXPIRED, "")]
    releasing.list_releases(ready.workbench, ready["vera"])
    assert ready.events("release.expired") == ["release.expired"]
    assert not Path(made.package).exists()


def test_a_remote_reader_sees_their_own_releases_only(ready):
    release(ready)
    assert releasing.list_releases(ready.workbench, ready["rita"]) == ()


def test_a_crash_between_record_and_name_is_settled_when_the_home_is_opened(ready, monkeypatch):
    monkeypatch.setattr(packages, "_publish", lambda *_paths: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        release(ready)
    monkeypatch.undo()
    parts = [path.name for path in ready.workbench.packages.glob("*.part")]
    assert parts == ["RL-000001.part"]
    (ready.workbench.packages / "RL-000077.part").write_bytes(b"of nobody")
    ready.workbench.close()
    with open_home(ready.made.home, clock=ready.clock):
        names = sorted(path.name for path in ready.workbench.packages.iterdir() if path.name != "gate")
        assert names == ["RL-000001.tar.age"]


def test_a_package_that_is_being_written_is_left_alone(ready):
    with packages.packing(ready.workbench.packages, "RL-000001", ready.workbench.database) as part:
        part.write_bytes(b"half")
        packages.settle(ready.workbench.packages, ready.workbench.database)
        assert part.exists()
        part.with_name("RL-000001.part").rename(part)


def test_withdrawing_keeps_what_was_released_on_record(ready):
    made = release(ready)
    state = reviewing.withdraw(ready.workbench, ready["olga"], study=STUDY, reason="because")
    assert state is StudyState.RETURNED
    assert releasing.list_releases(ready.workbench, ready["vera"])[0].release == made.release


def test_a_version_over_an_approved_one_names_the_lost_approval_and_the_open_packages(ready):
    package = release(ready)
    made = preparing.prepare(ready.workbench, ready["anna"], study=STUDY, pixels="off")
    assert (made.approval_lost, made.packages_touched) == (2, (package.release,))
    again = preparing.prepare(ready.workbench, ready["anna"], study=STUDY, pixels="off")
    assert (again.approval_lost, again.packages_touched) == (0, ())
