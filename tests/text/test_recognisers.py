"""What the patterns find in texts, and what they leave alone."""

import pytest

from workbench.records.known import KnownKind, KnownValue
from workbench.text.cleaner import Cleaner
from workbench.text.recognisers import PATTERNS, Patterns

FOUND = {
    "a date": [
        "12.03.1950", "3/12/50", "1950-03-12", "19500312", "12 March 1950", "March 12, 1950", "12MAR1950",
        "12-Mar-50", "12. März 1950",
        "3 juin 2019", "le 14 juillet 1789", "4 de mayo de 2018", "Mar 12", "12 Mar", "2019-Mar-12", "11/2017",
        "Sept 2020", "Nov '16",
        "twelfth of March", "the first of May", "Tuesday", "Donnerstag", "jueves", "lundi", "January", "2019年3月12日",
        "昭和25年4月1日", "since May",
        "seen 3/9", "1950 03 12", "12 03 1950",
    ],
    "a time of day": ["14:30", "2:15 pm", "0930 hrs", "14.30 Uhr", "8h30", "3 pm", "14:32:05"],
    "an age over 89": ["93 y", "093Y", "aged 95", "F 93", "92-year-old", "101 yo", "92 jährige", "94 ans",
    "93 años", "95歳", "ninety-two year old"],
    "a telephone number or electronic address": [
        "555-1234", "(617) 555-0199", "+49 30 1234567", "01 42 34 56 78", "612 345 678", "089 / 4400-5512",
        "tel 4412", "ext. 123",
        "jane@example.org", "https://x.org/a?b=1", "www.clinic.org", "rad-ct01.hosp.local", "10.22.4.17",
        "00:1B:44:11:3A:B7", "pager 4-1182",
    ],
    "a number that somebody was given": [
        "MRN 0045127", "ID: 77-4", "acc# 7781-22", "case no. 4471", "#4471", "123-45-6789", "S/N 66712",
        "Order ORD-448812", "Plate ABC-1234",
        "RAD-WS-0042", "1.2.840.113619.2.1", "Kennzeichen M AB 123", "dossier 559021", "NHS 943 476 5919", "AB-1234",
    ],
    "an address": [
        "42 Elm Street", "Baker Street", "Lindenstraße 14", "12 rue des Lilas", "Calle Mayor 23", "SW1A 1AA",
        "K1A 0B1", "ZIP 02139", "P.O. Box 12",
        "12 Main St",
    ],
    "an institution or place": ["Room 12", "Ward 7B", "Zimmer 214", "Station 3A", "chambre 212", "cama 14",
    "ICU bed 14a", "東京大学病院"],
    "a name": ["田中先生", "SMITH^JOHN^^Dr"],
}  # fmt: skip

LEFT = [
    "CT CHEST W CONTRAST", "T1 T2 FLAIR", "TR 2000 TE 30 FA 15", "512x512 matrix", "120 kV 200 mAs",
    "b 0, 500, 1000", "3/5 strength", "grade 2/3",
    "L4/5 L5/S1", "C1/C2", "10:1", "1:2", "2.3 x 1.8 cm", "0.75 mm", "5.5.2", "45 y", "88 yo", "T2 95 ms",
    "90 degrees", "90% stenosis", "image 12",
    "2nd toe", "case 3", "no. 2", "3 views", "F18 FDG", "Ga-68", "I-131", "Tc99m", "may represent", "second series",
    "Head 10.0 H31s", "3 o'clock",
    "6 months", "syngo.via", "1.5T", "C5-C6", "L12-5", "24 hour", "100 ml at 4 ml/s", "Omnipaque 350", "SE2 IM14",
    "120-140 kV", "monitoring 10.0",
]  # fmt: skip


@pytest.mark.parametrize(("reason", "text"), [(reason, text) for reason, texts in FOUND.items() for text in texts])
def test_what_identifies_is_found(reason, text):
    for form in (text, f"CT head {text}", f"{text}, chest", f"AX_{text}_FS" if " " not in text else text):
        assert reason in {span.reason for span in Patterns().spans(form)}, form


@pytest.mark.parametrize("text", LEFT)
def test_parameters_and_findings_are_left(text):
    assert not list(Patterns().spans(text))


def test_each_pattern_explains_itself():
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS)
    for pattern in PATTERNS:
        assert pattern.name
        assert pattern.reason in FOUND
        assert 0 < pattern.score <= 1
        assert pattern.expression.match("") is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("MRI LIVER EOVIST at Whispering Pines", "MRI LIVER EOVIST"),
        ("CORONARY ANGIOGRAM AT WHISPERING PINES", "CORONARY ANGIOGRAM"),
        ("CHEST CT from Cedar Hollow", "CHEST CT"),
        ("pain at L5 level", "pain at L5 level"),
        ("AT REST", "AT REST"),
        ("images from Siemens scanner", "images from Siemens scanner"),
    ],
)
def test_a_place_that_is_announced_goes_with_all_its_words(text, left):
    assert Cleaner().clean(text).text == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("DR HEAD FALL RISK", "DR FALL RISK"),
        ("APICAL 4 CHAMBER; tech Foot", "APICAL 4 CHAMBER; tech"),
        ("CTA HEAD AND NECK", "CTA HEAD AND NECK"),
    ],
)
def test_a_known_name_goes_after_a_title_even_where_it_is_a_part_of_the_body(text, left):
    known = [KnownValue(KnownKind.PERSON, "HEAD^JOHN"), KnownValue(KnownKind.PATIENT, "Foot^Anna")]
    assert Cleaner(known).clean(text).text == left
