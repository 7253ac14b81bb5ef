"""One planted fault each: the check that is made for it finds it, and the clean twin passes with nothing found."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from tests.verify import making
from workbench.records.code import Code
from workbench.records.finding import Finding
from workbench.records.promise import Promises
from workbench.verify import Sceptic, harvest, merge, merge_uids

PROMISES = Promises("basic", "0" * 64, codes=(Code(*making.BASIC),))


class Case:
    """An input, and what the sceptic says of an output."""

    def __init__(self, folder: Path, source: Dataset | None = None, promises: Promises | None = PROMISES) -> None:
        self.folder = folder
        self.source = making.save(source or making.image(), folder / "in.dcm")
        self.promises = promises

    def output(self, change: Callable[[Dataset], None] | None = None, **kw: str) -> Path:
        dataset = making.deidentify(dcmread(self.source))
        if change is not None:
            change(dataset)
        return making.save(dataset, self.folder / "out.dcm", **kw)

    def findings(self, output: Path) -> tuple[Finding, ...]:
        found = harvest(self.source, 0)
        return Sceptic(merge([found]), merge_uids([found]), self.promises).examine(self.source, output, 0).findings


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def text(keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda dataset: setattr(dataset, keyword, value)


def remove(keyword: str) -> Callable[[Dataset], None]:
    return lambda dataset: delattr(dataset, keyword)


def private(dataset: Dataset) -> None:
    dataset.private_block(0x0029, "ACME 1", create=True).add_new(0x10, "LO", "x")


def nested_private(dataset: Dataset) -> None:
    private(dataset.ReferencedImageSequence[0])


def unknown(dataset: Dataset) -> None:
    dataset.add_new(0x00189999, "LO", "x")


def claim(value: str, scheme: str = "DCM", meaning: str = "x") -> Callable[[Dataset], None]:
    return lambda dataset: dataset.DeidentificationMethodCodeSequence.append(making.code(value, scheme, meaning))


def other_pixels(dataset: Dataset) -> None:
    array = np.frombuffer(dataset.PixelData, "<u2").copy()
    array[7] ^= 1
    dataset.PixelData = array.tobytes()


FAULTS = [
    ("private-elements", private),
    ("private-elements", nested_private),
    ("unknown-elements", unknown),
    ("identity-in-text", text("Manufacturer", "Zanzibarova")),
    ("identity-in-text", text("Manufacturer", "scan of ZANZIBAROVA, O")),
    ("identity-in-text", text("SoftwareVersions", "quill 2")),
    ("identity-in-text", text("Manufacturer", "mrn77310001")),
    ("identity-in-text", text("Manufacturer", "943 77 1182")),
    ("identity-in-text", text("Manufacturer", "943771182")),
    ("identity-in-text", text("Manufacturer", "born 23 Jun 1951")),
    ("identity-in-text", text("Manufacturer", "June 23, 1951")),
    ("identity-in-text", text("Manufacturer", "1951-06-23")),
    ("identity-in-text", text("Manufacturer", "23.6.1951")),
    ("identity-in-text", text("Manufacturer", "saint aldhelm infirmary")),
    ("identity-in-text", text("Manufacturer", "Hargreaves")),
    ("identity-in-text", text("Manufacturer", "phone 15550177312")),
    ("identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", b"desc Zanzibarova\0\0")),
    ("identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", "ZANZIBAROVA".encode("utf-16-le"))),
    ("identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", "zanzibarova".encode("utf-16-be"))),
    ("identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", b"19510623")),
    ("identity-in-bytes", lambda ds: ds.add_new(0x00282000, "OB", (making.ROOT + "4.1.1\0").encode())),
    ("dates-left", text("ContentDate", "19510623")),
    ("dates-left", lambda ds: ds.add_new(0x0018A002, "DT", "20230817101010")),
    ("uids-left", lambda ds: setattr(ds.ReferencedImageSequence[0], "ReferencedSOPInstanceUID", making.ROOT + "4.1.2")),
    ("rows-unchanged", text("StudyDescription", "CT THORAX ABDOMEN W CONTRAST")),
    ("rows-unchanged", text("PatientSex", "F")),
    ("ages-over-89", text("PatientAge", "093Y")),
    ("flags", text("PatientIdentityRemoved", "NO")),
    ("flags", remove("PatientIdentityRemoved")),
    ("flags", text("LongitudinalTemporalInformationModified", "UNMODIFIED")),
    ("flags", remove("LongitudinalTemporalInformationModified")),
    ("pixel-flags", text("BurnedInAnnotation", "NO")),
    ("pixel-flags", text("RecognizableVisualFeatures", "NO")),
    ("method-codes", claim("113101")),
    ("method-codes", claim("113108")),
    ("method-codes", claim("1", "99X")),
    ("method-codes", remove("DeidentificationMethodCodeSequence")),
    ("required-attributes", remove("Rows")),
    ("required-attributes", remove("PatientID")),
    ("required-attributes", remove("ReferringPhysicianName")),
    ("required-attributes", text("Modality", "")),
    ("required-attributes", lambda ds: delattr(ds.ReferencedImageSequence[0], "ReferencedSOPClassUID")),
    ("pixels-equal", other_pixels),
    ("pixels-equal", remove("PixelData")),
    ("pixels-equal", text("BitsStored", 13)),
    ("structure", lambda ds: ds.add_new(0xFFFAFFFA, "SQ", [])),
]


@pytest.mark.parametrize(("check", "fault"), FAULTS)
def test_a_planted_fault_is_found(check: str, fault: Callable[[Dataset], None], case: Case) -> None:
    assert check in {finding.check for finding in case.findings(case.output(fault))}


def test_the_clean_twin_passes(case: Case) -> None:
    assert case.findings(case.output()) == ()


def test_the_clean_twin_passes_without_promises(tmp_path: Path) -> None:
    case = Case(tmp_path, promises=None)
    assert case.findings(case.output()) == ()


def test_findings_carry_no_value_of_the_input(case: Case) -> None:
    every = [finding for _check, fault in FAULTS for finding in case.findings(case.output(fault))]
    said = " ".join(f"{finding.where} {finding.message} {finding.rule}" for finding in every).lower()
    for value in ("zanzibarova", "ottoline", "7731", "1951", "aldhelm", "hargreaves", making.ROOT, "2023"):
        assert value not in said


FILE_FAULTS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("file-format", lambda raw: b"II*\0" + raw[4:]),
    ("file-format", lambda raw: _with_meta(raw, b"\x02\x00\x16\x00AE\x04\x00PACS")),
    ("file-format", lambda raw: raw.replace(b"2.25.", b"2.26.", 1)),
    ("unknown-elements", lambda raw: raw.replace(b"\x18\x00\x60\x00DS\x04\0", b"\x18\x00\x60\x00UN\0\0\4\0\0\0", 1)),
    ("unknown-elements", lambda raw: _before_data(raw, b"\x00\x00\x00\x00UL\4\0\0\0\0\0")),
    ("unknown-elements", lambda raw: _before_data(raw, b"\x08\x00\x00\x00UL\4\0\0\0\0\0")),
    ("structure", lambda raw: raw + b"\0\0\0"),
    ("structure", lambda raw: raw + b"\xfc\xff\xfc\xffOB\0\0\x02\0\0\0xx"),
    ("private-elements", lambda raw: raw + b"\xe1\x7f\x10\x00LO\x02\0xx"),
    ("values-fit", lambda raw: raw.replace(b"-1024 ", b"Smith,", 1)),
    ("readable", lambda raw: raw[:-100]),
    ("readable", lambda raw: raw[:400] + b"\xfe\xff\x0d\xe0\0\0\0\0" + raw[400:]),
]


def _with_meta(raw: bytes, element: bytes) -> bytes:
    length = int.from_bytes(raw[140:144], "little")
    end = 144 + length
    return raw[:140] + (length + len(element)).to_bytes(4, "little") + raw[144:end] + element + raw[end:]


def _before_data(raw: bytes, element: bytes) -> bytes:
    end = 144 + int.from_bytes(raw[140:144], "little")
    return raw[:end] + element + raw[end:]


@pytest.mark.parametrize(("check", "fault"), FILE_FAULTS)
def test_a_fault_in_the_bytes_is_found(check: str, fault: Callable[[bytes], bytes], case: Case) -> None:
    output = case.output()
    output.write_bytes(fault(output.read_bytes()))
    assert check in {finding.check for finding in case.findings(output)}


def test_a_tag_that_stands_twice_is_found(case: Case) -> None:
    output = case.output()
    raw = output.read_bytes()
    at = raw.index(b"\x08\x00\x60\x00CS")
    output.write_bytes(raw[:at] + raw[at : at + 10] + raw[at:])
    assert "structure" in {finding.check for finding in case.findings(output)}


def test_identity_beyond_the_last_pixel_is_found(case: Case) -> None:
    def hide(dataset: Dataset) -> None:
        dataset.PixelData = dataset.PixelData + b"Zanzibarova^Ottoline"

    assert "identity-in-bytes" in {finding.check for finding in case.findings(case.output(hide))}


def test_native_pixels_are_not_searched(tmp_path: Path) -> None:
    source = making.image()
    source.BitsStored, source.HighBit = 16, 15
    source.PixelData = (b"19510623" * 64)[:512]
    case = Case(tmp_path, source)
    assert case.findings(case.output()) == ()


def test_short_identifiers_count_on_token_boundaries_only(tmp_path: Path) -> None:
    case = Case(tmp_path, making.image(PatientName="Doe^Jane", PatientID="4711"))
    assert not case.findings(case.output(text("Manufacturer", "Doerner 147112")))
    assert case.findings(case.output(text("Manufacturer", "of DOE")))
    assert case.findings(case.output(text("Manufacturer", "no 4711")))


def test_numbers_in_number_attributes_and_uids_are_no_identifiers(tmp_path: Path) -> None:
    case = Case(tmp_path, making.image(PatientID="123456", AccessionNumber="20230817"))

    def numbers(dataset: Dataset) -> None:
        dataset.FilterThicknessMaximum = "123456"
        dataset.ReconstructionDiameter = "20230817"
        dataset.Exposure = "123456"
        dataset.FrameOfReferenceUID = "2.25.123456"
        dataset.PositionReferenceIndicator = ""

    assert case.findings(case.output(numbers)) == ()
    assert case.findings(case.output(text("Manufacturer", "x123456x")))


def test_generic_words_are_no_identity(tmp_path: Path) -> None:
    source = making.image(
        PatientName="PHANTOM^CHEST",
        PatientID="CHEST",
        StationName="CT",
        InstitutionName="SIEMENS",
        AccessionNumber="CT",
    )
    source.IssuerOfPatientID = "SIEMENS"
    source.Manufacturer = "SIEMENS"
    case = Case(tmp_path, source)
    assert case.findings(case.output()) == ()


def test_dummy_dates_are_no_identity(tmp_path: Path) -> None:
    case = Case(tmp_path, making.image(PatientBirthDate="19000101", StudyDate="19000101"))
    assert case.findings(case.output(lambda ds: ds.add_new(0x00181200, "DA", "19000101"))) == ()


def test_retained_values_must_be_equal_and_there(tmp_path: Path) -> None:
    promises = replace(PROMISES, retained=frozenset({(0x00181000,), (0x00400275, 0x00400009)}))
    case = Case(tmp_path, promises=promises)

    def keep(dataset: Dataset) -> None:
        dataset.DeviceSerialNumber = "SN-88213-KQ"
        dataset.RequestAttributesSequence = [making.item(ScheduledProcedureStepID="SPS5521907-1")]

    assert case.findings(case.output(keep)) == ()

    def change(dataset: Dataset) -> None:
        keep(dataset)
        dataset.DeviceSerialNumber = "OTHER"

    assert {f.check for f in case.findings(case.output(change))} == {"retained"}

    def lose(dataset: Dataset) -> None:
        keep(dataset)
        del dataset.RequestAttributesSequence

    assert {f.check for f in case.findings(case.output(lose))} == {"retained"}


def test_retained_private_elements_pass_with_their_creator(tmp_path: Path) -> None:
    promises = replace(PROMISES, retained_private=frozenset({(0x0029, "ACME 1", 0x10)}))
    case = Case(tmp_path, promises=promises)
    assert case.findings(case.output(private)) == ()
    assert case.findings(
        case.output(lambda ds: ds.private_block(0x0029, "ACME 1", create=True).add_new(0x11, "LO", "x"))
    )
    assert case.findings(
        case.output(lambda ds: ds.private_block(0x0029, "OTHER", create=True).add_new(0x10, "LO", "x"))
    )


def test_options_given_up_on_purpose_are_not_searched(tmp_path: Path) -> None:
    device = Code("113109", "DCM", "Retain Device Identity Option")
    dates = Code("113106", "DCM", "Retain Longitudinal Temporal Information Full Dates Option")
    promises = replace(
        PROMISES,
        codes=(*PROMISES.codes, device, dates),
        retain_device=True,
        retain_dates=True,
        longitudinal="UNMODIFIED",
    )
    case = Case(tmp_path, promises=promises)
    source = dcmread(case.source)

    def keep(dataset: Dataset) -> None:
        for keyword in ("DeviceSerialNumber", "StationName"):
            setattr(dataset, keyword, source[keyword].value)
        for element in source:
            if element.VR in ("DA", "TM", "DT") and "Birth" not in element.keyword:
                setattr(dataset, element.keyword, element.value)
        claim("113109")(dataset)
        claim("113106")(dataset)
        dataset.LongitudinalTemporalInformationModified = "UNMODIFIED"

    assert case.findings(case.output(keep)) == ()

    def break_promise(dataset: Dataset) -> None:
        keep(dataset)
        del dataset.DeviceSerialNumber

    assert {f.check for f in case.findings(case.output(break_promise))} == {"claims"}


def test_modified_dates_claimed_but_not_modified_are_a_contradiction(tmp_path: Path) -> None:
    shift = Code("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option")
    promises = replace(PROMISES, codes=(*PROMISES.codes, shift), shift_dates=True, longitudinal="MODIFIED")
    case = Case(tmp_path, promises=promises)

    source = dcmread(case.source)

    def shifted(dataset: Dataset) -> None:
        # By one day, so that another date of the input stands where its day before stood.
        dataset.StudyDate = dataset.ContentDate = "20230818"
        dataset.SeriesDate = "20230819"
        dataset.AcquisitionDateTime = "20230818114200.000000"
        dataset.StudyTime, dataset.ContentTime = source.StudyTime, source.ContentTime
        claim("113107")(dataset)
        dataset.LongitudinalTemporalInformationModified = "MODIFIED"

    assert case.findings(case.output(shifted)) == ()

    def kept(dataset: Dataset) -> None:
        shifted(dataset)
        dataset.StudyDate = "20230817"

    assert {f.check for f in case.findings(case.output(kept))} == {"dates-left", "date-offsets"}

    def none(dataset: Dataset) -> None:
        shifted(dataset)
        for keyword in ("StudyDate", "ContentDate", "SeriesDate", "AcquisitionDateTime"):
            setattr(dataset, keyword, source[keyword].value)

    assert {f.check for f in case.findings(case.output(none))} == {"dates-left", "date-offsets", "claims"}


def test_codes_of_a_former_deidentifier_may_stay(tmp_path: Path) -> None:
    source = making.image()
    source.DeidentificationMethodCodeSequence = [
        making.code("99", "99OTHER", "former"),
        making.code("113104", "DCM", "x"),
    ]
    case = Case(tmp_path, source)

    def appended(dataset: Dataset) -> None:
        dataset.DeidentificationMethodCodeSequence = [
            making.code("99", "99OTHER", "former"),
            making.code("113104", "DCM", "x"),
            making.code(*making.BASIC),
        ]

    assert case.findings(case.output(appended)) == ()


def test_a_former_claim_that_only_evidence_can_support_does_not_pass_on(tmp_path: Path) -> None:
    source = making.image()
    source.DeidentificationMethodCodeSequence = [making.code("113101", "DCM", "x")]
    case = Case(tmp_path, source)

    def appended(dataset: Dataset) -> None:
        dataset.DeidentificationMethodCodeSequence = [
            making.code("113101", "DCM", "x"),
            making.code(*making.BASIC),
        ]

    assert {"evidence", "method-codes"} <= {finding.check for finding in case.findings(case.output(appended))}


def test_implicit_syntax_is_examined_alike(tmp_path: Path) -> None:
    source = making.save(making.image(), tmp_path / "in.dcm", ImplicitVRLittleEndian)
    dataset = making.deidentify(dcmread(source))
    output = making.save(dataset, tmp_path / "out.dcm", ImplicitVRLittleEndian)
    found = harvest(source, 0)
    sceptic = Sceptic(merge([found]), merge_uids([found]), PROMISES)
    assert sceptic.examine(source, output, 0).findings == ()
    dataset.Manufacturer = "Zanzibarova"
    making.save(dataset, output, ImplicitVRLittleEndian)
    checks = {finding.check for finding in sceptic.examine(source, output, 0).findings}
    assert {"identity-in-text", "identity-in-bytes"} <= checks


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_deflated_and_big_endian_objects_are_examined_too(syntax: str, tmp_path: Path) -> None:
    image = making.image()
    image.PixelData = bytes(len(image.PixelData))  # the same in either order of bytes
    source = making.save(image, tmp_path / "in.dcm", syntax)
    dataset = making.deidentify(dcmread(source))
    found = harvest(source, 0)
    assert "MRN77310001" in {value.text for value in found.identity.values}
    output = making.save(dataset, tmp_path / "out.dcm", syntax)
    sceptic = Sceptic(merge([found]), merge_uids([found]), PROMISES)
    assert sceptic.examine(source, output, 0).findings == ()
    dataset.add_new(0x00282000, "OB", b"Zanzibarova\0")
    making.save(dataset, output, syntax)
    assert {"identity-in-bytes"} == {finding.check for finding in sceptic.examine(source, output, 0).findings}


def test_what_a_file_says_of_its_character_set_reaches_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    raw = making.save(making.image(), tmp_path / "a.dcm").read_bytes()
    (tmp_path / "b.dcm").write_bytes(raw.replace(b"ISO_IR 100", b"Smithers W"))
    found = harvest(tmp_path / "b.dcm", 0)
    Sceptic(merge([found]), merge_uids([found])).examine(tmp_path / "b.dcm", tmp_path / "b.dcm", 0)
    assert not caplog.records
    assert not recwarn.list


def test_the_place_of_a_find_in_the_bytes_is_named(case: Case) -> None:
    def hide(dataset: Dataset) -> None:
        dataset.ReferencedImageSequence[0].add_new(0x00282000, "OB", b"Zanzibarova\0")

    places = {f.where for f in case.findings(case.output(hide)) if f.check == "identity-in-bytes"}
    assert places == {"(0008,1140)[1]/(0028,2000)"}


def test_compressed_streams_of_a_document_are_searched(case: Case) -> None:
    def document(text: bytes) -> Callable[[Dataset], None]:
        pdf = b"%PDF-1.4\n1 0 obj\nstream\r\n" + zlib.compress(text) + b"\nendstream\nstream\nno flate endstream"
        return lambda dataset: dataset.add_new(0x00420011, "OB", pdf + b"\0" * (len(pdf) % 2))

    assert case.findings(case.output(document(b"(Nobody) Tj"))) == ()
    found = case.findings(case.output(document(b"(Zanzibarova) Tj")))
    assert [(f.check, f.where) for f in found] == [("identity-in-documents", "(0042,0011)")]


def test_a_sceptic_crosses_process_boundaries(case: Case) -> None:
    import pickle  # noqa: PLC0415, TID251 - what the pool of workers does

    found = pickle.loads(pickle.dumps(harvest(case.source, 0)))  # noqa: S301 - as above
    sceptic = pickle.loads(pickle.dumps(Sceptic(merge([found]), merge_uids([found]), PROMISES)))  # noqa: S301 - as above
    assert sceptic.examine(case.source, case.output(), 0).findings == ()
    assert sceptic.examine(case.source, case.output(private), 0).findings
