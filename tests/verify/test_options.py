"""Outputs under options: the honest twin passes, and each way of breaking what an option promises is found."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.verify import making
from workbench.records.code import Code
from workbench.records.promise import Promises
from workbench.standard.cid7050 import CODES
from workbench.standard.table import ROWS
from workbench.verify import Examination, Sceptic, harvest, merge, merge_uids
from workbench.verify.reading import Reader
from workbench.verify.sceptic import claims_of
from workbench.verify.source import FileBytes

BASIC = Promises("research 1", "0" * 64, codes=(Code(*making.BASIC),))
Change = Callable[[Dataset], None]


def promises(*options: str, **more: object) -> Promises:
    return replace(BASIC, codes=(*BASIC.codes, *(CODES[option] for option in options)), **more)  # type: ignore[arg-type]


SHIFT = promises("retain_longitudinal_modified_dates", dates="shift", shift_dates=True, longitudinal="MODIFIED")
YEARS = promises("retain_longitudinal_modified_dates", dates="year_only", shift_dates=True, longitudinal="MODIFIED")
FULL = promises("retain_longitudinal_full_dates", dates="full", retain_dates=True, longitudinal="UNMODIFIED")
MODES = {"shift": SHIFT, "year_only": YEARS, "full": FULL}


def source() -> Dataset:
    dataset = making.image(AcquisitionDate="20230817", AcquisitionTime="114159.5", WindowCenter="40", WindowWidth="400")
    dataset.Laterality = ""
    return dataset


class Twin:
    """An input, its honest output under some promises, and what the sceptic says of a changed one."""

    def __init__(self, folder: Path, given: Promises | None, original: Dataset | None = None, mode: str = "") -> None:
        self.folder, self.promises, self.mode = folder, given, mode
        self.source = making.save(original or source(), folder / "in.dcm")

    def examine(self, change: Change | None = None, **evidence: bytes) -> Examination:
        dataset = making.deidentify(dcmread(self.source))
        if self.mode:
            making.with_dates(dataset, dcmread(self.source), self.mode)
        if change is not None:
            change(dataset)
        output = making.save(dataset, self.folder / "out.dcm")
        found = harvest(self.source, 0)
        claims = frozenset[str]()
        if self.promises is None:
            with FileBytes(output) as file:
                claims = claims_of(Reader().read(file))
        sceptic = Sceptic(merge([found]), merge_uids([found]), self.promises, claims=claims)
        given = {name[1:]: document for name, document in evidence.items()}
        return sceptic.examine(self.source, output, 0, evidence=given)

    def checks(self, change: Change | None = None, **evidence: bytes) -> set[str]:
        return {finding.check for finding in self.examine(change, **evidence).findings}


def text(keyword: str, value: object) -> Change:
    return lambda dataset: setattr(dataset, keyword, value)


def remove(*keywords: str) -> Change:
    def change(dataset: Dataset) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return change


def claim(option: str) -> Change:
    return lambda dataset: dataset.DeidentificationMethodCodeSequence.append(
        making.code(CODES[option].value, "DCM", "x")
    )


def both(*changes: Change) -> Change:
    def change(dataset: Dataset) -> None:
        for each in changes:
            each(dataset)

    return change


@pytest.mark.parametrize("promised", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_the_honest_twin_passes_in_each_mode_of_dates(mode: str, promised: bool, tmp_path: Path) -> None:
    examination = Twin(tmp_path, MODES[mode] if promised else None, mode=mode).examine()
    assert examination.findings == ()
    assert {move.days for move in examination.moves} == {"shift": {-100}, "full": {0}}.get(mode, {-228, -229})


DATE_FAULTS = [
    ("shift", "dates-left", text("ContentDate", "20230817")),
    ("shift", "date-offsets", text("ContentDate", "20230817")),
    ("shift", "date-offsets", text("ContentDate", "20230510")),
    ("shift", "times-kept", text("ContentTime", "114234.120")),
    ("shift", "times-kept", text("AcquisitionDateTime", "20230509114300.000000")),
    ("shift", "dates-retained", text("StudyDate", "")),
    ("shift", "dates-retained", text("StudyDate", "19000101")),
    ("shift", "dates-retained", lambda ds: delattr(ds, "SeriesDate")),
    ("shift", "flags", text("LongitudinalTemporalInformationModified", "UNMODIFIED")),
    ("shift", "identity-in-text", text("Manufacturer", "done 17.08.2023")),
    ("shift", "identity-in-text", text("Manufacturer", "done Aug 2023")),
    ("shift", "identity-in-text", text("SoftwareVersions", "2023-08-17")),
    ("shift", "identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", b"20230817114200")),
    ("shift", "days-in-uids", text("FrameOfReferenceUID", "2.25.20230817113000123")),
    ("shift", "dates-left", lambda ds: ds.add_new(0x0018A002, "DT", "20230817101010")),
    ("year_only", "year-only", text("ContentDate", "20230201")),
    ("year_only", "year-only", text("ContentDate", "20220101")),
    ("year_only", "dates-left", text("ContentDate", "20230817")),
    ("full", "date-offsets", text("ContentDate", "20230816")),
    ("full", "claims", text("ContentDate", "20230816")),
    ("full", "times-kept", text("ContentTime", "114234.120")),
    ("full", "dates-retained", text("StudyDate", "")),
    ("full", "identity-in-text", text("Manufacturer", "born 23.06.1951")),
    ("full", "rows-unchanged", text("PatientBirthDate", "19510623")),
    ("full", "ages-agree", text("PatientBirthDate", "19300623")),
    ("full", "ages-agree", both(text("PatientBirthDate", "19510101"), text("PatientAge", "050Y"))),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "check", "fault"), DATE_FAULTS)
def test_a_fault_in_dates_is_found(mode: str, check: str, fault: Change, tmp_path: Path) -> None:
    assert check in Twin(tmp_path, MODES[mode], mode=mode).checks(fault)


def test_dates_moved_while_the_flag_says_removed_are_found(tmp_path: Path) -> None:
    twin = Twin(tmp_path, BASIC)
    moved = both(text("StudyDate", "20230509"), text("SeriesDate", "20230510"), text("ContentDate", "20230509"))
    assert "date-offsets" in twin.checks(moved)
    assert twin.checks(text("ContentDate", "20010203")) == set(), "one placeholder is a dummy"


def test_an_age_beyond_the_cap_is_found_wherever_it_is_told(tmp_path: Path) -> None:
    twin = Twin(tmp_path, replace(BASIC, retained=frozenset({(0x00101010,)})), source())
    assert twin.checks(text("PatientAge", "072Y")) == set()
    assert twin.checks(text("PatientAge", "071Y")) == {"retained"}
    assert "ages-over-89" in twin.checks(text("PatientAge", "093Y"))
    assert "ages-over-89" in twin.checks(text("Manufacturer", "a 93 year old"))
    assert "ages-over-89" in twin.checks(text("Manufacturer", "pt 101Y"))
    assert "ages-over-89" not in twin.checks(text("Manufacturer", "slice 93 yes"))
    evidence = "113105 sha256 " + "x92Y-" * 8 + "abc"
    assert "ages-over-89" not in twin.checks(text("DeidentificationMethod", evidence))


def test_an_old_patient_is_told_as_ninety(tmp_path: Path) -> None:
    old = source()
    old.PatientAge = "093Y"
    kept = promises("retain_patient_characteristics", retained=frozenset({(0x00101010,), (0x00100040,)}))
    honest = both(text("PatientSex", "F"), claim("retain_patient_characteristics"))
    assert Twin(tmp_path, kept, old).checks(both(honest, text("PatientAge", "090Y"))) == set()
    assert "ages-over-89" in Twin(tmp_path, kept, old).checks(both(honest, text("PatientAge", "093Y")))
    uncapped = replace(kept, age_cap=0)
    assert Twin(tmp_path, uncapped, old).checks(both(honest, text("PatientAge", "093Y"))) == set()
    assert "retained" in Twin(tmp_path, uncapped, old).checks(both(honest, text("PatientAge", "090Y")))


RETAIN = {
    "retain_patient_characteristics": ("PatientSex", "F"),
    "retain_device_identity": ("DeviceSerialNumber", "SN-88213-KQ"),
    "retain_institution_identity": ("InstitutionAddress", "4 Cathedral Close, Wrothbury"),
}


@pytest.mark.parametrize("option", RETAIN)
def test_a_retaining_option_obliges_to_retain(option: str, tmp_path: Path) -> None:
    twin = Twin(tmp_path, None)
    assert "claims" in twin.checks(claim(option))
    columns = [e.keyword for e in source() if option in _options(int(e.tag))]

    def keep(dataset: Dataset) -> None:
        original = source()
        for keyword in columns:
            setattr(dataset, keyword, original[keyword].value)
        claim(option)(dataset)

    assert "claims" not in twin.checks(keep)
    assert "rows-unchanged" not in twin.checks(keep)
    keyword, value = RETAIN[option]
    assert "rows-unchanged" in twin.checks(text(keyword, value)), "kept and not claimed"


def _options(tag: int) -> dict[str, str]:
    row = ROWS.get(tag)
    return row.options if row is not None else {}


def test_a_claim_that_only_evidence_can_support_names_it(tmp_path: Path) -> None:
    document = b'{"cleaned":[],"code":"113105"}'
    digest = urlsafe_b64encode(hashlib.sha256(document).digest()).decode().rstrip("=")
    cleaned = promises("clean_descriptors", evidence=frozenset({"113105"}))
    twin = Twin(tmp_path, cleaned)
    described = both(claim("clean_descriptors"), text("StudyDescription", "CT THORAX ABDOMEN"))
    named = both(described, text("DeidentificationMethod", ["TESTS", f"113105 sha256 {digest}"]))
    assert twin.checks(described) == {"evidence"}
    assert twin.checks(named) == set()
    assert twin.checks(named, _113105=document) == set()
    assert twin.checks(named, _113105=document + b" ") == {"evidence"}
    assert Twin(tmp_path, None).checks(named) == set()
    foreign = text("DeidentificationMethod", ["TESTS", f"113105 sha256 {digest}"])
    assert twin.checks(both(named, lambda ds: ds.DeidentificationMethodCodeSequence.pop())) == {
        "evidence", "method-codes",
    }  # fmt: skip
    assert Twin(tmp_path, BASIC).checks(foreign) == {"evidence"}


@pytest.mark.parametrize("option", ["clean_pixel_data", "clean_recognizable_visual_features"])
def test_clean_pixels_are_no_claim_without_evidence(option: str, tmp_path: Path) -> None:
    assert "evidence" in Twin(tmp_path, None).checks(claim(option))
    said = both(claim(option), text("BurnedInAnnotation", "YES"), text("RecognizableVisualFeatures", "YES"))
    assert "claims" in Twin(tmp_path, None).checks(said)


def test_descriptors_that_were_all_removed_were_not_cleaned(tmp_path: Path) -> None:
    original = source()
    original.StudyDescription, original.SeriesDescription = "CT THORAX ABDOMEN", "HEAD AXIAL"
    assert "claims" in Twin(tmp_path, None, original).checks(claim("clean_descriptors"))


def test_an_option_that_has_nothing_to_speak_of_is_noted(tmp_path: Path) -> None:
    examination = Twin(tmp_path, None).examine(claim("clean_graphics"))
    assert [(note.check, "113103" in note.message) for note in examination.notes] == [("claims", True)]
    assert examination.findings == ()


def test_an_option_without_the_profile_and_both_modes_of_dates_are_found(tmp_path: Path) -> None:
    alone = lambda ds: ds.DeidentificationMethodCodeSequence.pop(0)  # noqa: E731 - one of the faults, given at once
    assert "method-codes" in Twin(tmp_path, None, mode="full").checks(alone)
    assert "method-codes" in Twin(tmp_path, None, mode="full").checks(claim("retain_longitudinal_modified_dates"))


FITNESS = [
    ("fitness-geometry", text("ImagePositionPatient", ["-180", "-180", "2.25"])),
    ("fitness-geometry", text("PixelSpacing", ["0.7", "0.71"])),
    ("fitness-geometry", text("SliceThickness", "1.26")),
    ("fitness-geometry", lambda ds: delattr(ds, "ImageOrientationPatient")),
    ("fitness-windows", text("WindowCenter", "50")),
    ("fitness-windows", remove("WindowWidth", "WindowCenter")),
    ("fitness-rescale", text("RescaleSlope", "2")),
    ("fitness-rescale", lambda ds: delattr(ds, "RescaleIntercept")),
    ("fitness-series-order", text("SeriesNumber", "4")),
    ("fitness-series-order", text("InstanceNumber", "")),
    ("fitness-frame-order", text("NumberOfFrames", "")),
    ("fitness-laterality", text("ImageLaterality", "R")),
]  # fmt: skip


@pytest.mark.parametrize(("check", "fault"), FITNESS)
def test_what_a_reader_relies_on_must_be_that_of_the_input(check: str, fault: Change, tmp_path: Path) -> None:
    original = source()
    original.NumberOfFrames, original.ImageLaterality = "1", "L"
    twin = Twin(tmp_path, BASIC, original)
    assert twin.checks() == set()
    assert check in twin.checks(fault)


def test_the_spelling_of_a_number_and_malformed_numbers_do_not_count(tmp_path: Path) -> None:
    twin = Twin(tmp_path, BASIC)
    assert twin.checks(text("SliceThickness", "1.250")) == set()
    raw = twin.source.read_bytes()
    twin.source.write_bytes(raw.replace(b"1.25", b"Jane", 1))
    assert "fitness-geometry" not in twin.checks(text("SliceThickness", ""))


def test_what_a_profile_gives_up_on_purpose_is_not_missed(tmp_path: Path) -> None:
    given_up = replace(BASIC, given_up=frozenset({(0x00281050,), (0x00281051,)}))
    assert Twin(tmp_path, given_up).checks(remove("WindowCenter", "WindowWidth")) == set()


def test_conditional_attributes_that_were_there_stay(tmp_path: Path) -> None:
    original = source()
    original.PixelPaddingRangeLimit, original.PixelPaddingValue = 1, 0
    assert "required-attributes" in Twin(tmp_path, BASIC, original).checks(lambda ds: delattr(ds, "PixelPaddingValue"))


@pytest.mark.parametrize(("vr", "value", "may_go"), [("IS", "20417733", True), ("IS", "1000", False)])
def test_a_listed_private_number_may_go_when_it_has_the_digits_of_an_identifier(
    tmp_path: Path, vr: str, value: str, *, may_go: bool
) -> None:
    original = source()
    original.AccessionNumber = "QX-0020417733"
    original.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, vr, value)
    kept = promises(
        "retain_safe_private", private="numeric", retained_private=frozenset({(0x0019, "SIEMENS MR HEADER", 0x0C)})
    )
    assert ("retained-private" not in Twin(tmp_path, kept, original).checks(claim("retain_safe_private"))) == may_go


def test_listed_private_numbers_must_stay_with_their_values(tmp_path: Path) -> None:
    original = source()
    original.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
    kept = promises(
        "retain_safe_private", private="numeric", retained_private=frozenset({(0x0019, "SIEMENS MR HEADER", 0x0C)})
    )
    twin = Twin(tmp_path, kept, original)

    def keep(dataset: Dataset) -> None:
        dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
        claim("retain_safe_private")(dataset)

    examination = twin.examine(keep)
    assert examination.findings == ()
    assert [each.name for each in examination.unknowns if each.kind == "private-kept"] == [
        "SIEMENS MR HEADER (0019,xx0C)"
    ]
    assert "retained-private" in twin.checks(claim("retain_safe_private"))
    unlisted = both(keep, lambda ds: ds.private_block(0x0019, "SIEMENS MR HEADER").add_new(0x99, "IS", "1"))
    assert "private-elements" in twin.checks(unlisted)
    assert "claims" in Twin(tmp_path, None, original).checks(unlisted), (
        "without promises the table of the standard counts"
    )


def test_what_was_not_looked_at_is_named(tmp_path: Path) -> None:
    original = source()
    original.SOPClassUID = "1.2.276.0.99.1"
    kinds = {each.kind for each in Twin(tmp_path, BASIC, original).examine().unknowns}
    assert kinds == {"sop-class-unknown", "pixels-not-examined"}
    assert {each.kind for each in Twin(tmp_path, BASIC).examine().unknowns} == {"pixels-not-examined"}


def test_text_in_no_character_set_is_named(tmp_path: Path) -> None:
    twin = Twin(tmp_path, BASIC)

    def damaged(dataset: Dataset) -> None:
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.add_new(0x00080070, "LO", b"B\xe4ndsma")

    assert ("characters-not-decoded", "(0008,0070)") in {(e.kind, e.where) for e in twin.examine(damaged).unknowns}
    assert "character-set-unknown" in {e.kind for e in twin.examine(text("SpecificCharacterSet", "KOI8")).unknowns}


@pytest.mark.parametrize(("value", "may_go"), [("中村 4711", True), ("Gantry 4711", False)])
def test_a_retained_text_may_go_when_it_names_somebody_in_any_script(
    tmp_path: Path, value: str, *, may_go: bool
) -> None:
    original = source()
    original.SpecificCharacterSet = "ISO_IR 192"
    original.PatientName = "Nakamura^Haruto=中村^陽翔"
    original.GantryID = value
    kept = promises("retain_device_identity", retained=frozenset({(0x00181008,)}))
    found = Twin(tmp_path, kept, original).checks(claim("retain_device_identity"))
    assert ("retained" not in found) == may_go
