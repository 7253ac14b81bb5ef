"""What the identifying attributes of an instance hold: at every depth, decoded, and nothing that says nothing."""

from tests.dicom import raw
from workbench.deid.known_values import known_values, shared
from workbench.dicom.instance import walk_instance
from workbench.records.known import KnownKind, KnownValue


def found(*elements: bytes, name: bytes = b"Mustermann^Erika", patient: bytes = b"MRN-4711") -> frozenset[KnownValue]:
    data = raw.file(raw.instance(*elements, name=name, patient=patient))
    return known_values(walk_instance(lambda at, count: data[at : at + count], len(data)))


def test_people_places_and_numbers_of_the_top_level() -> None:
    values = found(
        raw.element(0x00080050, b"SH", b"ACC-88123"),
        raw.element(0x00080080, b"LO", b"St. Elsewhere"),
        raw.element(0x00080090, b"PN", b"House^Gregory"),
        raw.element(0x00080020, b"DA", b"20240229"),
        raw.element(0x00081010, b"SH", b"CTSCAN3"),
        raw.element(0x00102154, b"SH", b"+49 30 123456"),
        raw.element(0x00101001, b"PN", b"Schmidt^Erika\\Schmitt^Erika"),
    )
    assert values >= {
        KnownValue(KnownKind.PATIENT, "Mustermann^Erika"),
        KnownValue(KnownKind.PATIENT, "Schmidt^Erika"),
        KnownValue(KnownKind.PATIENT, "Schmitt^Erika"),
        KnownValue(KnownKind.PERSON, "House^Gregory"),
        KnownValue(KnownKind.IDENTIFIER, "ACC-88123"),
        KnownValue(KnownKind.SITE, "St. Elsewhere"),
        KnownValue(KnownKind.SITE, "CTSCAN3"),
        KnownValue(KnownKind.CONTACT, "+49 30 123456"),
        KnownValue(KnownKind.DATE, "20240229"),
    }


def test_what_lies_deep_or_came_as_bytes_of_unknown_type_is_found() -> None:
    name = raw.element(0x00100010, b"PN", b"Deep^Anna")
    deep = raw.sequence(0x04000561, raw.item(raw.sequence(0x04000550, raw.item(name))))
    implicit = b"\x10\0\x10\0\x0a\0\0\0Under^Otto"
    unknown = raw.element(0x00091010, b"UN", raw.item(implicit))
    odd = raw.element(0x00091011, b"PN", b"Private^Paul")
    creator = raw.element(0x00090010, b"LO", b"ACME")
    names = {value.text for value in found(deep, creator, unknown, odd)}
    assert names >= {"Deep^Anna", "Under^Otto", "Private^Paul"}


def test_a_code_that_names_a_person_or_a_site_is_one() -> None:
    code = raw.element(0x00080100, b"SH", b"D-4471") + raw.element(0x00080104, b"LO", b"Dr. Gregory House")
    person = raw.sequence(0x00080096, raw.item(raw.sequence(0x00401101, raw.item(code))))
    view = raw.sequence(0x00540220, raw.item(raw.element(0x00080104, b"LO", b"cranio-caudal")))
    values = found(person, view)
    assert KnownValue(KnownKind.PERSON, "Dr. Gregory House") in values
    assert KnownValue(KnownKind.IDENTIFIER, "D-4471") in values
    assert "cranio-caudal" not in {value.text for value in values}


def test_values_are_decoded_where_they_stand() -> None:
    inner = raw.element(0x00080005, b"CS", b"ISO_IR 144") + raw.element(0x00080090, b"PN", "Люк".encode("iso8859_5"))
    values = found(
        raw.element(0x00080005, b"CS", b"ISO_IR 192"),
        raw.sequence(0x00089215, raw.item(inner)),
        name="Müller^Jürgen".encode(),
    )
    assert {"Müller^Jürgen", "Люк"} <= {value.text for value in values}


def test_what_says_nothing_is_no_needle() -> None:
    texts = {value.text for value in found(raw.element(0x00200010, b"SH", b"1"), patient=b"UNKNOWN")}
    assert not texts & {"1", "UNKNOWN"}


def test_patients_are_not_shared_and_staff_is() -> None:
    values = found(raw.element(0x00080090, b"PN", b"House^Gregory"))
    assert {value.text for value in shared(values)} == {"House^Gregory"}
