"""What is harvested of an input, at every depth and in every character set."""

from pathlib import Path
from struct import pack

import pytest
from pydicom import config
from pydicom.dataset import Dataset

from tests.verify import making
from workbench.verify import Harvest, harvest, merge
from workbench.verify.identity import Kind


def values(found: Harvest, kind: Kind) -> set[str]:
    return {value.text for value in found.identity.values if value.kind is kind}


@pytest.fixture
def found(tmp_path: Path) -> Harvest:
    return harvest(making.save(making.image(), tmp_path / "a.dcm"), 7)


def test_the_patient_the_study_the_staff_and_the_site_are_harvested(found: Harvest) -> None:
    assert found.instance == 7
    assert {"Zanzibarova^Ottoline^Quill", "Hargreaves^Bartholomew^DR"} <= values(found, Kind.NAME)
    assert {"MRN77310001", "ACC99120001", "ALTID558812", "943-77-1182"} <= values(found, Kind.IDENTIFIER)
    assert {"SPS5521907-1", "RP5521907"} <= values(found, Kind.IDENTIFIER)
    assert {"19510623", "20230817", "20230818", "20230817114200"} == values(found, Kind.DATE)
    assert "Saint Aldhelm Infirmary" in values(found, Kind.SITE)
    assert {"SAICT04X", "SN-88213-KQ"} == values(found, Kind.DEVICE)
    assert "+1-555-0177-312" in values(found, Kind.CONTACT)
    assert found.patient_key == ("Saint Aldhelm Infirmary", "MRN77310001")


def test_uids_are_harvested_but_not_classes(found: Harvest) -> None:
    assert {making.ROOT + "1.1", making.ROOT + "4.1.1", making.ROOT + "4.1.2"} <= found.uids
    assert not any(uid.startswith("1.2.840.10008.") for uid in found.uids)
    assert "2.25.77" not in found.uids


def private_sequence(dataset: Dataset) -> None:
    block = dataset.private_block(0x0019, "ACME 1", create=True)
    block.add_new(0x01, "SQ", [making.item(PatientName="Vandersloot^Marigold", StudyInstanceUID="1.2.999.8.77.1")])


def private_text(dataset: Dataset) -> None:
    dataset.private_block(0x0019, "ACME 1", create=True).add_new(0x02, "LO", "Vandersloot^Marigold")


def private_name(dataset: Dataset) -> None:
    dataset.private_block(0x0019, "ACME 1", create=True).add_new(0x02, "PN", "Vandersloot^Marigold")


def unknown_text(dataset: Dataset) -> None:
    dataset.private_block(0x0019, "ACME 1", create=True).add_new(0x02, "UN", b"Vandersloot^Marigold")


def unknown_sequence(dataset: Dataset) -> None:
    name = b"\x10\0\x10\0" + pack("<I", 20) + b"Vandersloot^Marigold"
    block = dataset.private_block(0x0019, "ACME 1", create=True)
    block.add_new(0x02, "UN", pack("<HHI", 0xFFFE, 0xE000, len(name)) + name)


def deep(dataset: Dataset) -> None:
    code = making.code("1", "99X", "m")
    code.add_new(0x00081070, "PN", "Vandersloot^Marigold")
    dataset.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence = [code]


@pytest.mark.parametrize("plant", [private_sequence, private_text, private_name, unknown_text, unknown_sequence, deep])
def test_names_are_found_wherever_they_hide(plant: object, tmp_path: Path) -> None:
    dataset = making.image()
    plant(dataset)  # type: ignore[operator]  # one of the functions above
    for _again in range(2):  # what is remembered of the first must not be lost on the second
        found = harvest(making.save(dataset, tmp_path / "a.dcm"), 0)
        assert "Vandersloot^Marigold" in values(found, Kind.NAME)


def test_a_standard_attribute_written_as_un_is_read_by_its_dictionary_vr(tmp_path: Path) -> None:
    raw = making.save(making.image(PatientName="Vandersloot^Marigold"), tmp_path / "a.dcm").read_bytes()
    known = b"\x10\0\x10\0PN\x14\0"
    assert known in raw
    (tmp_path / "b.dcm").write_bytes(raw.replace(known, b"\x10\0\x10\0UN\0\0\x14\0\0\0"))
    assert "Vandersloot^Marigold" in values(harvest(tmp_path / "b.dcm", 0), Kind.NAME)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller^Jörg"),
        ("ISO_IR 192", "Łukaszewicz^Żaneta"),
        ("ISO_IR 144", "Люксембург^Иван"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    ],
)
def test_names_are_decoded(charset: str | list[str], name: str, tmp_path: Path) -> None:
    dataset = making.image(SpecificCharacterSet=charset)
    dataset.PatientName = name
    found = harvest(making.save(dataset, tmp_path / "a.dcm"), 0)
    assert name in values(found, Kind.NAME)


def test_a_wrong_character_set_does_not_hide_a_name(tmp_path: Path) -> None:
    raw = making.save(making.image(PatientName="Müller^Jörg"), tmp_path / "a.dcm").read_bytes()
    (tmp_path / "b.dcm").write_bytes(raw.replace(b"ISO_IR 100", b"ISO_IR 6  "))
    assert "Müller^Jörg" in values(harvest(tmp_path / "b.dcm", 0), Kind.NAME)


def test_placeholders_and_generic_words_are_no_identity(tmp_path: Path) -> None:
    dataset = making.image(PatientID="ANONYMOUS", StationName="CT1", PatientBirthDate="19000101")
    found = harvest(making.save(dataset, tmp_path / "a.dcm"), 0)
    assert not {"ANONYMOUS"} & values(found, Kind.IDENTIFIER)
    assert "19000101" not in values(found, Kind.DATE)


def test_merging_unites(tmp_path: Path) -> None:
    with config.disable_value_validation():
        one = harvest(making.save(making.image(patient=1), tmp_path / "a.dcm"), 0)
        two = harvest(making.save(making.image(patient=2), tmp_path / "b.dcm"), 1)
    assert merge([one, two]).values == one.identity.values | two.identity.values


@pytest.mark.parametrize(
    "rest", [" - nodule in lung", "; nodule", " nodule in the lung", " / lung nodule", ", lung nodule"]
)
def test_a_name_at_the_start_of_a_text_ends_where_the_text_goes_on(tmp_path, rest):
    """What stands behind it is no name: an honest output that says it must not be held back."""
    path = making.save(making.image(SeriesDescription=f"Vandersloot^Marigold{rest}"), tmp_path / "a.dcm")
    assert {"Vandersloot^Marigold"} == values(harvest(path, 0), Kind.NAME) & {
        "Vandersloot^Marigold",
        f"Vandersloot^Marigold{rest}",
    }
