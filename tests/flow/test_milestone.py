"""One real CT series crosses the whole chain, and planted faults of five kinds are caught."""

import sqlite3

import pydicom
import pyrage
import pytest

from workbench.flow import importing, preparing, receiving, recipients, releasing, reviewing, step, trail
from workbench.flow.opening import open_received
from workbench.records.errors import IntegrityBroken, NotPermitted
from workbench.records.states import ReleaseState, StudyState


@pytest.fixture
def reader(tmp_path):
    """Return a recipient's public key and identity file."""
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "reader.txt"
    file.write_text(f"{identity}\n")
    return str(identity.to_public()), file


def in_clear(folder, *needles):
    """Return which needle lies in which file of the home."""
    contents = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [(name, needle) for name, content in contents.items() for needle in needles if needle in content]


def to_release(house, ct, key):
    workbench = house.workbench
    report = importing.import_paths(workbench, house["anna"], paths=[ct])
    assert (report.instances, report.quarantined) == (3, ())
    study = report.studies[0].study
    made = preparing.prepare(workbench, house["anna"], study=study, scope="trial-7", pixels="off")
    assert (made.instances, made.issues, made.refused, made.pixels) == (3, (), (), "not checked")
    reviewing.submit(workbench, house["anna"], study=study)
    with pytest.raises(NotPermitted):
        reviewing.approve(workbench, house["anna"], study=study)
    waits = [hold.name for hold in made.holds]
    assert waits == []
    assert reviewing.approve(workbench, house["olga"], study=study, accept=waits) is StudyState.APPROVED
    recipients.add_recipient(workbench, house["olga"], name="Trial 7", key=key)
    release = releasing.create_release(
        workbench,
        house["anna"],
        recipient="Trial 7",
        purpose="research",
        basis="de-identified",
        expires_days=30,
        studies=[study],
    )
    assert (release.state, release.instances) == (ReleaseState.CREATED, 3)
    return study, release


def test_a_ct_series_crosses_the_whole_chain(house, ct, tmp_path, reader):
    key, identity = reader
    study, release = to_release(house, ct, key)
    opened = open_received(
        house.made.home / "packages" / f"{release.release}.tar.age",
        tmp_path / "opened",
        identity=identity,
        trust=house.workbench.keys.vkey,
        clock=house.clock,
    )
    assert opened.document["instances"] == 3
    files = sorted((tmp_path / "opened" / "DICOM").rglob("I*"))
    assert len(files) == 3
    for file in files:
        content = file.read_bytes()
        dataset = pydicom.dcmread(file)
        assert dataset.PatientIdentityRemoved == "YES"
        assert not [needle for needle in (b"4711-08-15", b"Doe", b"Nowhere", b"Grau", b"A1234567") if needle in content]
    receipt = (tmp_path / "opened" / "receipt.json").read_text()
    acknowledged = receiving.record_receipt(house.workbench, house["anna"], receipt=receipt)
    assert acknowledged.state is ReleaseState.ACKNOWLEDGED
    verdict = trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness)
    assert verdict.ok, verdict.problems
    assert in_clear(house.made.home, b"4711-08-15", b"Doe", b"Jane", b"Nowhere", b"Grau", b"A1234567") == []
    assert house.events("study.approved", "release.created", "receipt.recorded") == [
        "study.approved",
        "release.created",
        "receipt.recorded",
    ]
    assert study


def test_an_altered_ledger_row_is_named(house, ct, reader):
    to_release(house, ct, reader[0])
    house.workbench.close()
    with sqlite3.connect(house.made.home / "workbench.sqlite") as database:
        database.execute("DROP TRIGGER audit_event_no_update")
        (seq, body) = database.execute("SELECT seq, body FROM audit_event WHERE etype='study.approved'").fetchone()
        database.execute(
            "UPDATE audit_event SET body=? WHERE seq=?", (body.replace(b'"instances":3', b'"instances":9'), seq)
        )
    verdict = trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness)
    assert not verdict.ok
    assert verdict.first_bad == seq


def test_an_altered_package_byte_is_refused_and_leaves_nothing(house, ct, tmp_path, reader):
    key, identity = reader
    _study, release = to_release(house, ct, key)
    package = house.made.home / "packages" / f"{release.release}.tar.age"
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    package.write_bytes(content)
    with pytest.raises(IntegrityBroken):
        open_received(
            package, tmp_path / "opened", identity=identity, trust=house.workbench.keys.vkey, clock=house.clock
        )
    assert not (tmp_path / "opened").exists()
    assert not [path for path in tmp_path.iterdir() if "opened" in path.name]


def leave(keyword, value):
    """Plant an element in every output, as an engine that forgot it would."""

    def plant(dataset):
        setattr(dataset, keyword, value)

    return plant


def claim_cleaned_pixels(dataset):
    item = pydicom.Dataset()
    item.CodeValue, item.CodingSchemeDesignator = "113101", "DCM"
    item.CodeMeaning = "Clean Pixel Data Option"
    dataset.DeidentificationMethodCodeSequence.append(item)


def dangle(dataset):
    item = pydicom.Dataset()
    item.ReferencedSOPClassUID = dataset.SOPClassUID
    item.ReferencedSOPInstanceUID = "2.25.99887766554433221100"
    dataset.ReferencedImageSequence = [item]


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(leave("InstitutionName", "Saint Nowhere General"), id="an element left in"),
        pytest.param(leave("ImageComments", "seen by Dr Grau Otto"), id="an identifier in free text"),
        pytest.param(claim_cleaned_pixels, id="a false code"),
        pytest.param(dangle, id="a dangling reference"),
    ],
)
def test_a_planted_fault_is_a_privacy_issue_and_holds_the_instance_back(house, ct, tmp_path, monkeypatch, plant):
    honest = step.write_parts  # type: ignore[attr-defined]  # the place where the engine writes

    def faulty(source, parts, target):
        honest(source, parts, target)
        dataset = pydicom.dcmread(target)
        plant(dataset)
        dataset.save_as(target)
        return target.stat().st_size

    for file in ct.iterdir():
        dataset = pydicom.dcmread(file)
        first = pydicom.dcmread(ct / "0-0.dcm")
        item = pydicom.Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = first.SOPClassUID, first.SOPInstanceUID
        dataset.ReferencedImageSequence = [item]
        dataset.save_as(file)
    monkeypatch.setattr(step, "write_parts", faulty)
    report = importing.import_paths(house.workbench, house["anna"], paths=[ct])
    study = report.studies[0].study
    made = preparing.prepare(house.workbench, house["anna"], study=study, scope="trial-7", pixels="off")
    assert made.issues
    assert all(issue.rule and issue.message for issue in made.issues)
    assert made.instances == 0
