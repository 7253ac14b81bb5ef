"""Whole objects through the engine: what people wrote goes, structure and references stay, validators agree."""

import io
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.uid import ImplicitVRLittleEndian

from tests.deid import objects
from tests.deid.house import KEY, dataset, deidentify
from tests.dicom import raw
from workbench.deid.engine import Deidentified, Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.deid.references import referenced_instances
from workbench.dicom.instance import walk_instance
from workbench.profiles import compile_plan, load
from workbench.records.errors import InstanceRefused
from workbench.verify import Sceptic, harvest, merge, merge_uids

PROFILES = ("basic", "teleradiology")
DCIODVFY = Path(sys.executable).with_name("dciodvfy")


@cache
def engine(profile: str) -> Engine:
    return Engine(compile_plan(load(profile)), Pseudonyms(KEY, scope="test"))


@cache
def made(name: str) -> bytes:
    return objects.written(objects.MAKERS[name]())


def errors(path: Path) -> Counter[str]:
    """What a validator says, without the UIDs that it names."""
    run = subprocess.run([DCIODVFY, path], capture_output=True, text=True, check=False)
    lines = [line for line in run.stderr.splitlines() if line.startswith("Error")]
    return Counter(" ".join(word for word in line.split() if word.count(".") < 2) for line in lines)


def through(name: str, profile: str, folder: Path) -> tuple[Dataset, Deidentified, bytes]:
    out, outcome = deidentify(made(name), folder, engine(profile))
    return dataset(out), outcome, out


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", objects.MAKERS)
def test_what_people_wrote_goes_and_the_object_stays_valid(name: str, profile: str, tmp_path: Path) -> None:
    _found, outcome, out = through(name, profile, tmp_path)
    assert objects.SECRET.encode() not in out
    assert b"4711-SECRETID" not in out
    assert not errors(tmp_path / "target") - errors(tmp_path / "source")
    again, _outcome = deidentify(made(name), tmp_path, engine(profile))
    assert again == out
    assert all(objects.SECRET not in change.rule for change in outcome.changes)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", objects.MAKERS)
def test_the_sceptic_has_nothing_to_say(name: str, profile: str, tmp_path: Path) -> None:
    through(name, profile, tmp_path)
    harvested = harvest(tmp_path / "source", 0)
    plan = compile_plan(load(profile))
    sceptic = Sceptic(merge([harvested]), merge_uids([harvested]), plan.promises())
    examined = sceptic.examine(tmp_path / "source", tmp_path / "target", 0)
    assert [(finding.check, finding.where, finding.message) for finding in examined.findings] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_references_lead_to_the_image_where_it_comes_along(profile: str, tmp_path: Path) -> None:
    _out, image = deidentify(objects.written(objects.source()), tmp_path, engine(profile))
    for name in ("key object", "presentation", "segmentation", "report"):
        _found, outcome, _out2 = through(name, profile, tmp_path)
        assert image.sop_instance in referenced_instances(outcome.parts)


def test_a_report_keeps_its_measurements(tmp_path: Path) -> None:
    found, _outcome, _out = through("report", "teleradiology", tmp_path)
    [group] = found.ContentSequence[-1].ContentSequence
    items = {str(item.ValueType): item for item in group.ContentSequence}
    assert items["NUM"].MeasuredValueSequence[0].NumericValue == 12.5
    assert items["SCOORD"].GraphicData == [1.0, 2.0, 3.0, 4.0]
    assert items["SCOORD"].ContentSequence[0].RelationshipType == "SELECTED FROM"
    assert items["CODE"].ConceptCodeSequence[0].CodeMeaning == "Round"
    assert {str(item.RelationshipType) for item in found.ContentSequence} == {
        "HAS CONCEPT MOD",
        "HAS OBS CONTEXT",
        "CONTAINS",
    }
    persons = [item for item in found.ContentSequence if item.ValueType == "PNAME"]
    assert [str(item.PersonName) for item in persons] == ["REMOVED"]


def test_without_the_option_a_report_states_nothing(tmp_path: Path) -> None:
    found, _outcome, _out = through("report", "basic", tmp_path)
    assert {str(item.ValueType) for item in found.ContentSequence} == {"CONTAINER"}


def test_a_presentation_keeps_what_is_drawn(tmp_path: Path) -> None:
    found, _outcome, _out = through("presentation", "teleradiology", tmp_path)
    [annotation] = found.GraphicAnnotationSequence
    assert [item.UnformattedTextValue for item in annotation.TextObjectSequence] == ["nodule"]
    assert annotation.GraphicObjectSequence[0].GraphicData == [1.0, 2.0, 3.0, 4.0]
    assert annotation.GraphicLayer == found.GraphicLayerSequence[0].GraphicLayer
    assert "GraphicAnnotationSequence" not in through("presentation", "basic", tmp_path)[0]


@pytest.mark.parametrize("profile", PROFILES)
def test_segments_and_maps_keep_their_numbers(profile: str, tmp_path: Path) -> None:
    found, _outcome, _out = through("segmentation", profile, tmp_path)
    assert found.SegmentSequence[0].SegmentNumber == 1
    assert found.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue == "10200004"
    np.testing.assert_array_equal(found.pixel_array, dataset(made("segmentation")).pixel_array)
    found, _outcome, _out = through("parametric map", profile, tmp_path)
    assert found.FloatPixelData == dataset(made("parametric map")).FloatPixelData


@pytest.mark.parametrize("profile", PROFILES)
def test_a_document_becomes_a_blank_page_and_waits_where_text_was_to_be_cleaned(profile: str, tmp_path: Path) -> None:
    page = b"%PDF-1.4\n1 0 obj <<>> stream\nBT (SECRETQZX) Tj ET\nendstream\n" + bytes(2_000_000 * (profile != "basic"))
    source = raw.instance(
        raw.element(0x00420010, b"ST", b"SECRETQZX"),
        raw.element(0x00420011, b"OB", page),
        raw.element(0x00420012, b"LO", b"application/pdf"),
        raw.element(0x00420015, b"UL", len(page).to_bytes(4, "little")),
        sop_class=b"1.2.840.10008.5.1.4.1.1.104.1",
    )
    out, outcome = deidentify(raw.file(source), tmp_path, engine(profile))
    assert b"SECRETQZX" not in out
    found = dataset(out)
    assert found.EncapsulatedDocument.startswith(b"%PDF-")
    assert len(found.EncapsulatedDocument) < 1000
    assert "EncapsulatedDocumentLength" not in found
    [change] = [change for change in outcome.changes if change.path == (0x00420011,)]
    assert ("document-replaced" in outcome.holds) is (profile != "basic")
    assert change.rule.endswith("a blank page for text") is (profile != "basic")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["report", "presentation", "key object"]), st.data())
def test_damage_ends_in_a_result_or_in_a_named_refusal(name: str, data: st.DataObject) -> None:
    damaged = bytearray(made(name))
    for _count in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(400, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read = bytes(damaged)
    try:
        instance = walk_instance(lambda at, count: read[at : at + count], len(read))
        outcome = engine("teleradiology").deidentify(instance, lambda at, count: read[at : at + count])
        said = "".join(change.rule for change in outcome.changes)
    except InstanceRefused as refusal:
        said = str(refusal)
    assert objects.SECRET not in said


@pytest.mark.parametrize("profile", PROFILES)
def test_an_overlay_goes_whole_and_the_change_says_why(profile: str, tmp_path: Path) -> None:
    source = raw.instance(
        raw.element(0x60000010, b"US", b"\x08\0"),
        raw.element(0x60000022, b"LO", b"SECRETQZX"),
        raw.element(0x60003000, b"OW", bytes(range(8))),
        raw.element(0x50002500, b"LO", b"SECRETQZX"),
    )
    out, outcome = deidentify(raw.file(source), tmp_path, engine(profile))
    assert b"SECRETQZX" not in out
    assert not [element for element in dataset(out) if element.tag.group in (0x6000, 0x5000)]
    rules = {change.rule for change in outcome.changes if change.path and change.path[0] >> 24 in (0x50, 0x60)}
    assert all(("not examined" in rule) is (profile != "basic") for rule in rules)


@pytest.mark.parametrize("form", ["implicit", "unknown"])
def test_a_report_is_cleaned_however_its_items_are_encoded(form: str, tmp_path: Path) -> None:
    """In implicit VR, and as a sequence of VR UN, whose items are in implicit VR (PS3.5 6.2.2)."""
    out = io.BytesIO()
    source = dataset(made("report"))
    if form == "implicit":
        source.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        pydicom.dcmwrite(out, source, implicit_vr=True, little_endian=True, enforce_file_format=True)
    else:
        items = DicomBytesIO()
        items.is_little_endian, items.is_implicit_VR = True, True
        write_sequence(items, source["ContentSequence"], ["utf-8"])
        source.add_new(0x00081030, "LO", objects.SECRET)
        del source.ContentSequence
        content = items.getvalue()
        source.save_as(out)
        out = io.BytesIO(out.getvalue() + raw.element(0x0040A730, b"UN", content))
    cleaned, _outcome = deidentify(out.getvalue(), tmp_path, engine("teleradiology"))
    assert objects.SECRET.encode() not in cleaned
    plain, _outcome = deidentify(made("report"), tmp_path, engine("teleradiology"))
    assert dataset(cleaned).ContentSequence == dataset(plain).ContentSequence
