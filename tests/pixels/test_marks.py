import pytest

from workbench.pixels.marks import is_harmless

HARMLESS = [
    *("L", "R", "A", "P", "RT", "LAT", "SUPINE", "PORTABLE", "Semi-Upright", "5 cm", "10cm", "TIS 0.4", "MI: 0.8"),
    *("W:400 L:40", "kV 120", "120 kV", "mA 220", "HR 72", "65 bpm", "18Hz", "C5-1", "SAG T2 FSE", "THK 5.0", "2D 64%"),
    *("TE 90 TR 4000", "FOV 240", "3.5 MHz", "CHEST PA", "LAO 30 CRA 20", "SCOUT", "LYMPH NODE", "Im: 23", "EF 58%"),
    *("15", "0.5", "Dist 1.06 cm", "Zoom 1.4", "+", "+ +", "\u5341"),
]
NOT = [
    *("DOE", "SMITH JOHN", "LEE", "KIM", "WHITE", "YOUNG,P", "DR SILVA", "MARY", "JOHN 45Y", "M", "MAX"),
    *("47110815", "4711", "1956", "92", "120", "12 10 56", "12.03.1956", "03/12/56", "12-Mar-56", "10:15:00", "1 2 3"),
    *("GENERAL HOSPITAL", "MERCY MEDICAL CENTER", "RADIOLOGY", "ROOM 3", "SM1TH", "L1234567", "A# 123456", "#4711"),
    *("", " ", "\u5341\u4e00", "Dr. House", "DOE^JANE", "L" * 70, "Acc 12345", "ID 12", "kV 12345"),
    *("Im 23.04.85", "TE 3.4.1985", "12-11-85 mm", "Dist 1.23041985 mm", "Dist 4711.0815 mm"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_marks_of_the_examination_are_harmless(text):
    assert is_harmless(text)


@pytest.mark.parametrize("text", NOT)
def test_what_may_identify_is_not(text):
    assert not is_harmless(text)
