"""Cases about values in the data set: names, texts, dates, UIDs, character sets."""

import struct

from pydicom.dataset import Dataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from tests.cases.build import ROOT, code, image, item, mark, sequence, uid, written
from tests.cases.case import Case, Maker, Stays
from workbench.profiles import Plan

BIRTH = "19510203"


def p01() -> Case:
    ds = image(1)
    ds.PatientName = f"{mark(1)}^{mark(1, 'b')}"
    return Case(1, "name in Patient's Name", {"a": written(ds)}, (mark(1), mark(1, "b")), expect=_has_a_patient)


def _has_a_patient(out: Dataset, _plan: Plan) -> None:
    assert str(out.PatientName)
    assert out.PatientID


def p02() -> Case:
    ds = image(2)
    ds.RequestAttributesSequence = [item(ScheduledProcedureStepDescription=mark(2), RequestedProcedureID=mark(2, "b"))]
    return Case(2, "description in Request Attributes", {"a": written(ds)}, (mark(2), mark(2, "b")))


def p03() -> Case:
    ds = image(3)
    region = code("T-D3000", "SRT", "Chest")
    region[0].PatientName = mark(3)
    ds.AnatomicRegionSequence = region
    return Case(3, "listed attribute in an unlisted sequence", {"a": written(ds)}, (mark(3),))


def p04() -> Case:
    ds = image(4)
    region = code("T-D3000", "SRT", "Chest")
    region[0].DerivationCodeSequence = [item(CodeValue="2", OperatorsName=mark(4))]
    ds.AnatomicRegionSequence = region
    return Case(4, "person name two levels deep", {"a": written(ds)}, (mark(4),))


def p05() -> Case:
    ds = image(5)
    block = ds.private_block(0x0029, "PHANTOM 1", create=True)
    block.add_new(0x10, "SQ", sequence(item(PatientName=mark(5))))
    return Case(5, "person name in a private sequence", {"a": written(ds)}, (mark(5),))


def p06() -> Case:
    ds = image(6)
    block = ds.private_block(0x0029, "PHANTOM 1", create=True)
    block.add_new(0x10, "UN", implicit_item(mark(6)))
    return Case(6, "implicit sequence in a private UN", {"a": written(ds)}, (mark(6),))


def implicit_item(text: str) -> bytes:
    """Return one item with a Patient's Name, in implicit VR."""
    value = text.encode() + b" " * (len(text) % 2)
    inner = struct.pack("<HHI", 0x0010, 0x0010, len(value)) + value
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner


def p07() -> Case:
    ds = image(7)
    ds.add_new(0x00100010, "UN", mark(7).encode() + b" " * (len(mark(7)) % 2))
    ds.add_new(0x00401010, "UN", implicit_item(mark(7, "b")))
    return Case(7, "standard attributes written as UN", {"a": written(ds)}, (mark(7), mark(7, "b")))


def p08() -> Case:
    ds = image(8)
    ds.add_new(0x00189999, "UN", mark(8).encode() + b" " * (len(mark(8)) % 2))
    ds.add_new(0x001A0010, "LO", mark(8, "b"))
    return Case(8, "even attributes that no dictionary knows", {"a": written(ds)}, (mark(8), mark(8, "b")))


def p09() -> Case:
    ds = image(9)
    before = item(PatientName=mark(9), PatientID=mark(9, "b"), StudyInstanceUID=uid(9, 7))
    ds.OriginalAttributesSequence = [
        item(
            AttributeModificationDateTime="20240118",
            ModifiedAttributesSequence=[before],
            SourceOfPreviousValues=mark(9, "c"),
            ModifyingSystem=mark(9, "d"),
            ReasonForTheAttributeModification="COERCE",
        )
    ]
    planted = tuple(mark(9, letter) for letter in "abcd")
    return Case(9, "former values in Original Attributes", {"a": written(ds)}, planted, (Stays(uid(9, 7), "uid"),))


def p22() -> Case:
    ds = image(22)
    ds.PatientAge = "093Y"
    return Case(22, "age over 89", {"a": written(ds)}, (), (Stays("093Y", "age"),), expect=_age_is_capped)


def _age_is_capped(out: Dataset, plan: Plan) -> None:
    assert out.get("PatientAge") in {None, "", "090Y", *(["093Y"] if plan.age_cap == 0 else [])}


def p23() -> Case:
    ds = image(23)
    telling = f"{ROOT}.20240117101112.{BIRTH}.31337"
    ds.StudyInstanceUID = telling
    ds.ReferencedStudySequence = [
        item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=telling)
    ]
    return Case(23, "UID made of dates", {"a": written(ds)}, (), (Stays(telling, "uid"),), expect=_same_study)


def _same_study(out: Dataset, _plan: Plan) -> None:
    if "ReferencedStudySequence" in out and out.ReferencedStudySequence:
        assert out.ReferencedStudySequence[0].ReferencedSOPInstanceUID == out.StudyInstanceUID


def p24() -> Case:
    ds = image(24)
    ds.OtherPatientNames = ["A^B", f"{mark(24)}^C"]
    ds.OtherPatientIDs = ["1", mark(24, "b")]
    return Case(24, "second value of a multi-valued name", {"a": written(ds)}, (mark(24), mark(24, "b")))


def p25() -> Case:
    ds = image(25)
    ds.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    ds.PatientName = "Kurosaki^Natsuo=黒崎^夏生=くろさき^なつお"
    ds.StudyDescription = "CT CHEST 黒崎"
    ds.SeriesDescription = "夏生 AXIAL"
    return Case(25, "kanji of the name in descriptions", {"a": written(ds)}, ("黒崎", "夏生", "Kurosaki", "くろさき"))


def p26() -> Case:
    ds = image(26)
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.StudyDescription = f"CT CHEST Mühlenträger {mark(26)}"
    ds.PatientComments = "Mühlenträger"
    data = written(ds).replace(b"ISO_IR 100", b"ISO_IR 6  ")
    return Case(26, "text in another character set than declared", {"a": data}, (mark(26), "Mühlenträger", "hlentr"))


def p27() -> Case:
    ds = image(27)
    ds.add_new(0x00080020, "DA", mark(27))
    ds.add_new(0x00080031, "TM", mark(27, "b"))
    ds.add_new(0x0008002A, "DT", mark(27, "c"))
    return Case(27, "names in dates and times", {"a": written(ds)}, tuple(mark(27, letter) for letter in "abc"))


def p28() -> Case:
    ds = image(28)
    ds.add_new(0x00180050, "DS", "12345678901")
    ds.add_new(0x00200012, "IS", "98765432109")
    data = written(ds).replace(b"12345678901", mark(28).encode()).replace(b"98765432109", mark(28, "b").encode())
    return Case(28, "text in decimal and integer strings", {"a": data}, (mark(28), mark(28, "b")))


def p29() -> Case:
    ds = image(29)
    block = ds.private_block(0x0009, "GEMS_IDEN_01", create=True)
    block.add_new(0xE1, "DA", "19510204")
    block.add_new(0xE2, "LO", "BORN 19510204")
    ds.PatientBirthDate = "19510204"
    return Case(29, "private date and text with a birth date", {"a": written(ds)}, ("19510204",))


def p30() -> Case:
    ds = image(30)
    ds.Manufacturer, ds.ManufacturerModelName = f"Phantom {mark(30)}", mark(30, "b")
    stays = (Stays(mark(30), "device"), Stays(mark(30, "b"), "device"))
    return Case(30, "text in Manufacturer and model", {"a": written(ds)}, (), stays)


def p38() -> Case:
    ds = image(38)
    ds.PatientComments, ds.ImageComments = f"chest {mark(38, 'a')}", f"chest {mark(38, 'b')}"
    ds.ContentCreatorName, ds.ContrastBolusAgent = mark(38, "c"), f"contrast {mark(38, 'd')}"
    ds.ProtocolName, ds.StudyDescription = f"CHEST {mark(38, 'e')}", f"CT CHEST {mark(38, 'f')}"
    ds.SeriesDescription = f"AXIAL {mark(38, 'g')}"
    ds.PerformedProcedureStepDescription, ds.RequestedProcedureDescription = (
        f"CT CHEST {mark(38, 'h')}",
        f"CT CHEST {mark(38, 'i')}",
    )
    planted = tuple(mark(38, letter) for letter in "abcdefghi")
    return Case(38, "nine free-text attributes", {"a": written(ds)}, planted, expect=_clinical_words_stay)


def _clinical_words_stay(out: Dataset, plan: Plan) -> None:
    found = str(out.get("StudyDescription", ""))
    if "clean_descriptors" in plan.options:
        assert {"CT", "CHEST"} <= set(found.upper().split())
    else:
        assert "CHEST" not in found


def p41() -> Case:
    ds = image(41)
    ds.PerformedProtocolCodeSequence = code("1", "99LOCAL", f"Chest {mark(41)}")
    ds.ProcedureCodeSequence = code("2", "99LOCAL", mark(41, "b"))
    ds.AnatomicRegionSequence = code("3", "99LOCAL", mark(41, "c"))
    return Case(41, "name in the meaning of a local code", {"a": written(ds)}, tuple(mark(41, x) for x in "abc"))


def p43() -> Case:
    ds = image(43)
    planted = tuple(uid(43, kind) for kind in (11, 12, 13, 14))
    ds.ReferencedImageSequence = [item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=planted[0])]
    ds.SourceImageSequence = [item(ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=planted[1])]
    ds.add_new(0x00200242, "UI", planted[2])
    ds.add_new(0x00081167, "UI", planted[3])
    return Case(43, "references, two of them unlisted", {"a": written(ds)}, (), tuple(Stays(x, "uid") for x in planted))


def p44() -> Case:
    ds = image(44)
    ds.AdmittingDiagnosesDescription, ds.AdditionalPatientHistory, ds.Occupation = (
        f"cough {mark(44)}",
        f"cough {mark(44, 'b')}",
        mark(44, "c"),
    )
    ds.MedicalAlerts, ds.Allergies = f"asthma {mark(44, 'd')}", f"contrast {mark(44, 'e')}"
    return Case(44, "history, diagnosis, occupation, alerts", {"a": written(ds)}, tuple(mark(44, x) for x in "abcde"))


def p45() -> Case:
    ds = image(45)
    for letter, tag in zip("abcd", (0x00184000, 0x00204000, 0x00324000, 0x40080115), strict=True):
        ds.add_new(tag, "LT", mark(45, letter))
    return Case(45, "retired comments", {"a": written(ds)}, tuple(mark(45, letter) for letter in "abcd"))


def p46() -> Case:
    ds = image(46)
    blob = mark(46).encode() + b"\0" * (len(mark(46)) % 2)
    ds.EncryptedAttributesSequence = [
        item(EncryptedContentTransferSyntaxUID="1.2.840.10008.1.2", EncryptedContent=blob)
    ]
    return Case(46, "encrypted attributes of somebody else", {"a": written(ds)}, (mark(46),))


def p47() -> Case:
    ds = image(47)
    ds.add_new(0x00142006, "PN", mark(47))
    return Case(47, "person name without a row", {"a": written(ds)}, (mark(47),))


def p48() -> Case:
    ds = image(48)
    ds.add_new(0x00141020, "DA", "19770707")
    ds.add_new(0x0008041F, "DT", "19770708101010")
    return Case(
        48, "dates without a row", {"a": written(ds)}, (), (Stays("19770707", "date"), Stays("19770708", "date"))
    )


def p49() -> Case:
    ds = image(49)
    reference = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.4", ReferencedSOPInstanceUID=uid(49, 8))
    ds.ReferencedPatientPhotoSequence = [item(ReferencedSOPSequence=[reference])]
    return Case(49, "reference to a photo of the patient", {"a": written(ds)}, (uid(49, 8),))


def p50() -> Case:
    ds = image(50)
    ds.add_new(0x00081190, "UR", f"https://pacs.example/{mark(50)}")
    ds.add_new(0x0040E010, "UR", f"https://wado.example/{mark(50, 'b')}")
    return Case(50, "addresses for retrieval", {"a": written(ds)}, (mark(50), mark(50, "b"), "pacs.example"))


def p51() -> Case:
    ds = image(51)
    for letter, tag, vr in zip(
        "abcd", (0x0040A160, 0x00420010, 0x00620006, 0x00281351), ("UT", "ST", "ST", "ST"), strict=True
    ):
        ds.add_new(tag, vr, mark(51, letter))
    return Case(51, "text attributes without a row", {"a": written(ds)}, tuple(mark(51, letter) for letter in "abcd"))


def p59() -> Case:
    ds = image(59)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = "Hwangbo^Seulgi=皇甫^슬기=황보^슬기"
    ds.StudyDescription, ds.SeriesDescription, ds.ImageComments = "CHEST 皇甫", "CHEST 황보", "슬기 CHEST hwangbo"
    return Case(
        59, "groups of a name spread over texts", {"a": written(ds)}, ("Hwangbo", "Seulgi", "皇甫", "황보", "슬기")
    )


def p64() -> Case:
    ds = image(64)
    ds.SeriesDescription = "CHEST 18.01.2024 FOLLOW UP"
    ds.StudyDescription = "CT CHEST 2024-01-18"
    ds.ImageComments = "compared with 18 January 2024"
    telling = f"{ROOT}.2024.0118.31337"
    ds.SeriesInstanceUID = telling
    return Case(
        64,
        "dates in free text and in UIDs",
        {"a": written(ds)},
        ("18.01.2024", "2024-01-18", "18 January 2024"),
        (Stays(telling, "uid"),),
    )


def p65() -> Case:
    ds = image(65)
    ds.StudyDescription, ds.AdditionalPatientHistory = "CT CHEST 92Y F", "a 92 year old with cough; 92yo"
    ds.SeriesDescription, ds.PatientComments = "92 YRS CHEST", "aged 92 years"
    return Case(
        65,
        "ages in free text",
        {"a": written(ds)},
        ("92Y", "92 year", "92yo", "92 YRS", "aged 92"),
        expect=_no_number_92,
    )


def _no_number_92(out: Dataset, _plan: Plan) -> None:
    for keyword in ("StudyDescription", "SeriesDescription", "AdditionalPatientHistory", "PatientComments"):
        assert "92" not in str(out.get(keyword, ""))


def p66() -> Case:
    ds = image(66)
    ds.PatientBirthDate, ds.StudyDate = "19290304", "20240117"
    return Case(
        66,
        "birth and study date that imply an age over 89",
        {"a": written(ds)},
        (),
        (Stays("19290304", "birth"),),
        expect=_no_birth_year,
    )


def _no_birth_year(out: Dataset, plan: Plan) -> None:
    if not plan.promises().retain_dates:
        assert "1929" not in str(out.get("PatientBirthDate", ""))
        assert "PatientAge" not in out or str(out.PatientAge) in {"", "090Y"}


def p74() -> Case:
    ds = image(74)
    ds.FilterType = f"WEDGE {mark(74)}"
    ds.DeviceSerialNumber, ds.DetectorID, ds.GantryID = mark(74, "b"), mark(74, "c"), mark(74, "d")
    stays = tuple(Stays(mark(74, letter), "device") for letter in "bcd")
    return Case(74, "serial numbers, one in the filter", {"a": written(ds)}, (mark(74),), stays)


def p75() -> Case:
    ds = image(75)
    ds.add_new(0x00203100, "CS", [mark(75).upper(), "B"])
    ds.add_new(0x00203401, "CS", mark(75, "b").upper())
    ds.add_new(0x00203402, "CS", mark(75, "c").upper())
    stays = (Stays(mark(75, "b"), "device"), Stays(mark(75, "c"), "device"))
    return Case(75, "retired Source Image IDs", {"a": written(ds)}, (mark(75),), stays)


def p81() -> Case:
    ds = image(81)
    ds.PatientIdentityRemoved, ds.DeidentificationMethod = "YES", f"Former tool of {mark(81)}"
    ds.DeidentificationMethodCodeSequence = [
        *code("113100", "DCM", "Basic Application Confidentiality Profile"),
        *code("113106", "DCM", "Retain Longitudinal Temporal Information Full Dates Option"),
        *code("1", "99LOCAL", mark(81, "b")),
    ]
    return Case(
        81,
        "input that was de-identified before",
        {"a": written(ds)},
        (mark(81), mark(81, "b")),
        expect=_method_names_this_run,
    )


def _method_names_this_run(out: Dataset, plan: Plan) -> None:
    assert out.PatientIdentityRemoved == "YES"
    found = [entry.CodeValue for entry in out.DeidentificationMethodCodeSequence]
    assert {entry.value for entry in plan.codes} <= set(found)
    assert plan.profile in str(out.DeidentificationMethod)


def p33() -> Case:
    ds = image(33, syntax=UID(ImplicitVRLittleEndian))
    block = ds.private_block(0x0029, "PHANTOM 1", create=True)
    block.add_new(0x10, "SQ", sequence(item(PatientName=mark(33))))
    return Case(33, "private sequence in implicit VR", {"a": written(ds)}, (mark(33),))


MAKERS: tuple[Maker, ...] = (
    p01, p02, p03, p04, p05, p06, p07, p08, p09, p22, p23, p24, p25, p26, p27, p28, p29, p30, p33, p38, p41, p43, p44,
    p45, p46, p47, p48, p49, p50, p51, p59, p64, p65, p66, p74, p75, p81,
)  # fmt: skip
