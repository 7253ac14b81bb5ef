import pytest
from pydicom.charset import convert_encodings
from pydicom.valuerep import PersonName

from workbench.synthetic.draw import Draw
from workbench.synthetic.people import (
    ENGLISH,
    GERMAN,
    JAPANESE,
    POLISH,
    SPANISH,
    invent_person,
    invent_site,
    invent_staff,
)

CULTURES = {"english": ENGLISH, "german": GERMAN, "japanese": JAPANESE, "polish": POLISH, "spanish": SPANISH}


@pytest.mark.parametrize("culture", CULTURES.values(), ids=CULTURES)
@pytest.mark.parametrize("seed", range(6))
def test_names_can_be_written_in_the_character_set_of_their_patient(culture, seed):
    person = invent_person(Draw(seed, "x"), culture, issuer="I")
    encodings = tuple(convert_encodings(list(person.charset)))
    written = PersonName(person.name).encode(encodings)
    assert str(PersonName(written, encodings).decode()) == person.name
    assert len(written) <= 64, "64 bytes keep even byte-counting validators content"


@pytest.mark.parametrize("culture", CULTURES.values(), ids=CULTURES)
@pytest.mark.parametrize("seed", range(6))
def test_texts_fit_their_value_representations(culture, seed):
    draw = Draw(seed, "x")
    person = invent_person(draw, culture, issuer="I")
    site = invent_site(draw, culture, department="D", modality="MR")
    assert max(map(len, (person.phone, person.occupation, site.station, site.ae_title, site.phone))) <= 16
    assert len(f"{person.street}, {person.town}") <= 64


def test_a_birth_name_differs_from_the_name():
    for seed in range(20):
        person = invent_person(Draw(seed, "x"), GERMAN, issuer="I")
        assert not person.name.startswith(person.birth_name)


def test_staff_of_one_visit_are_different_people():
    staff = invent_staff(Draw(5, "x"))
    names = {staff.referring, staff.performing, staff.operator, staff.reading, staff.requesting}
    assert len({name.split("^")[0] for name in names}) == 5
