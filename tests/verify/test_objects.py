"""Objects with rules of their own: uptake timing of PET, content trees, documents, other byte orders."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from tests.verify import making
from tests.verify.test_options import BASIC, FULL, SHIFT, Twin, both, claim, promises, remove, text
from workbench.verify import Sceptic, harvest, merge, merge_uids

PT = "1.2.840.10008.5.1.4.1.1.128"
Change = Callable[[Dataset], None]


def pet() -> Dataset:
    dataset = making.image(AcquisitionDate="20230817", AcquisitionTime="113000", SeriesTime="112900", Units="BQML")
    dataset.SOPClassUID = PT
    dataset.DecayCorrection, dataset.FrameReferenceTime = "START", "1000"
    dataset.RadiopharmaceuticalInformationSequence = [
        making.item(
            RadiopharmaceuticalStartTime="103000",
            RadiopharmaceuticalStartDateTime="20230817103000",
            RadionuclideTotalDose="350000000",
            RadionuclideHalfLife="6586.2",
        )
    ]
    return dataset


def dose(start: str, **values: str) -> Change:
    """Put back what an option on dates keeps of the injection."""

    def change(dataset: Dataset) -> None:
        item = dataset.RadiopharmaceuticalInformationSequence[0]
        item.RadiopharmaceuticalStartDateTime, item.RadiopharmaceuticalStartTime = start, "103000"
        for keyword, value in values.items():
            setattr(item, keyword, value)

    return change


def test_the_interval_from_injection_to_scan_stays(tmp_path: Path) -> None:
    moved = Twin(tmp_path, SHIFT, pet(), "shift")
    assert "fitness-suv" not in moved.checks(dose("20230509103000"))
    assert "fitness-suv" in moved.checks(dose("20230509104500"))
    assert "times-kept" in moved.checks(dose("20230509104500"))
    assert "fitness-suv" in moved.checks(remove("RadiopharmaceuticalInformationSequence"))
    kept = Twin(tmp_path, FULL, pet(), "full")
    assert "fitness-suv" not in kept.checks(dose("20230817103000"))
    assert "fitness-suv" in kept.checks(dose("20230817103000", RadionuclideHalfLife="6586.9"))


def test_a_profile_that_tells_no_times_gives_up_uptake_and_says_so(tmp_path: Path) -> None:
    examination = Twin(tmp_path, BASIC, pet()).examine()
    assert "fitness-suv" not in {finding.check for finding in examination.findings}
    assert ("fitness-suv", "(0054,0016)") in {(note.check, note.where) for note in examination.notes}


def content(kind: str, value: str, scheme: str, meaning: str, **values: object) -> Dataset:
    item = making.item(RelationshipType="CONTAINS", ValueType=kind, **values)
    item.ConceptNameCodeSequence = [making.code(value, scheme, meaning)]
    return item


def report() -> Dataset:
    """An invented structured report: an observer, a measurement and a finding."""
    number = making.item(NumericValue="12")
    number.MeasurementUnitsCodeSequence = [making.code("mm", "UCUM", "mm")]
    dataset = making.image()
    dataset.SOPClassUID = making.SR
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    dataset.ContentSequence = [
        content("PNAME", "121008", "DCM", "Person Observer Name", PersonName="Hargreaves^Bartholomew"),
        content("TEXT", "121009", "DCM", "Person Observer's Organization Name", TextValue="Aldhelm Radiology"),
        content("NUM", "103339001", "SCT", "Long Axis", MeasuredValueSequence=[number]),
        content("TEXT", "121071", "DCM", "Finding", TextValue="no nodule"),
    ]
    return dataset


def tree(*numbers: int) -> Change:
    """Keep these items of the tree."""

    def change(dataset: Dataset) -> None:
        items = report().ContentSequence
        dataset.ContentSequence = [items[number] for number in numbers]
        claim("clean_structured_content")(dataset)

    return change


CLEANED = promises("clean_structured_content", "clean_descriptors")


def test_a_cleaned_tree_keeps_its_measurements_and_loses_its_observers(tmp_path: Path) -> None:
    twin = Twin(tmp_path, CLEANED, report())
    assert "structured-content" not in twin.checks(tree(2, 3))
    assert "structured-content" in twin.checks(tree(0, 2, 3)), "the observer stands"
    assert "structured-content" in twin.checks(tree(1, 2, 3)), "the organisation stands"
    assert "structured-content" in twin.checks(tree(3)), "the measurement is gone"
    without = Twin(tmp_path, promises("clean_structured_content"), report())
    assert "structured-content" in without.checks(tree(2, 3)), "text stands that only clean descriptors may leave"


def test_a_document_that_cannot_be_searched_is_named(tmp_path: Path) -> None:
    pdf = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"
    twin = Twin(tmp_path, BASIC)

    def document(content: bytes, kind: str) -> Change:
        return both(text("EncapsulatedDocument", content), text("MIMETypeOfEncapsulatedDocument", kind))

    def unknowns(change: Change) -> set[tuple[str, str]]:
        return {(each.kind, each.name) for each in twin.examine(change).unknowns if each.kind == "document-not-read"}

    assert unknowns(document(pdf, "application/pdf")) == set()
    assert unknowns(document(b"<x/>", "text/xml")) == {("document-not-read", "text/xml")}
    assert unknowns(document(pdf + b"/Encrypt", "application/pdf")) == {("document-not-read", "application/pdf")}
    odd = document(b"?", "Zanzibarova")
    assert unknowns(odd) == {("document-not-read", "a document of another media type")}


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_an_input_in_another_order_or_deflated_is_compared_by_value(syntax: str, tmp_path: Path) -> None:
    original = making.image(PatientBirthDate="")
    original.FrameIncrementPointer, original.PixelPaddingValue = 0x00181063, 3
    original.RegionLocationMinX0 = 70000
    if syntax == ExplicitVRBigEndian:  # pydicom writes the words of Pixel Data as they are given
        original.PixelData = np.frombuffer(original.PixelData, "<u2").byteswap().tobytes()
    source = making.save(original, tmp_path / "in.dcm", syntax)
    honest = making.deidentify(making.image(PatientBirthDate=""))
    honest.FrameIncrementPointer, honest.PixelPaddingValue, honest.RegionLocationMinX0 = 0x00181063, 3, 70000
    found = harvest(source, 0)
    sceptic = Sceptic(merge([found]), merge_uids([found]), BASIC)
    examination = sceptic.examine(source, making.save(honest, tmp_path / "out.dcm"), 0)
    assert examination.findings == ()
    assert examination.pixels_equal is True
    honest.PixelPaddingValue = 768
    findings = sceptic.examine(source, making.save(honest, tmp_path / "out.dcm"), 0).findings
    assert [finding.check for finding in findings] == ["fitness-rescale"]
    honest.PixelPaddingValue = 3
    honest.PixelData = bytes([honest.PixelData[0] ^ 1]) + honest.PixelData[1:]
    findings = sceptic.examine(source, making.save(honest, tmp_path / "out.dcm"), 0).findings
    assert [finding.check for finding in findings] == ["pixels-equal"]
