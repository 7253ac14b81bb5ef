"""Names that are words of medicine: what must be found of generated people, and what must not be held back."""

from itertools import product

import pytest

from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.needles import Needles
from workbench.verify.ordinary import derive_words, ordinary_words


def listed(text: str, mark: str | None = None) -> list[str]:
    return [each.strip() for each in " ".join(text.split()).split(mark)]


FAMILIES = listed(
    """Smith Johnson Brown Garcia Miller Davis Martinez Wilson Anderson Taylor Moore Jackson Martin White Harris
    Clark Lewis Robinson Walker Young King Wright Scott Hill Green Adams Baker Hall Carter Turner Parker Edwards Morris
    Murphy Cook Rogers Morgan Cooper Bailey Reed Ward Wood Bennett Gray Price Long Ross Foster Corona Hand Foot Head
    Bone Stone Cross Black Rose Bush Rice Hart Strong Bright Field Marsh Page Low Day Glass Ball Bell Major Muller
    Schneider Weber Bauer Klein Wolf Rossi Russo Romano Costa Rizzo Moreau Roux Chester Palmer Graves Hodgkin Down
    Waters Towne Caldwell Law Ray Wall Yamamoto Nguyen Kowalski Papadopoulos Okonkwo Haugen O'Brien Smith-Jones"""
)
GIVEN = listed("Zephyrine Tobias Marguerite Oswald Leopoldine Philippa Thaddeus Ambrose Jane Peter Ann Lou Eve")
CLINICAL = listed(
    """CT HEAD W/O CONTRAST|AX T2 FLAIR|COR STIR|SAG T1 FS|T2 TSE CORONAL|CT CORONARY ANGIOGRAM|
    LEFT CORONARY ARTERY|CHEST PA AND LATERAL|XR HAND LT 3 VIEWS|XR FOOT RT AP|WHITE MATTER DISEASE|
    LEFT VENTRICULAR WALL MOTION|PROJECTION X-RAY|CT ABDOMEN AND PELVIS|US DOPPLER UPPER EXTREMITY VESSELS|
    GROUND GLASS OPACITY|RENAL STONE|LONG AXIS VIEW|SHORT AXIS CINE|BONE WINDOW|LOW DOSE LUNG|AXIAL|MIP RANGE|
    CARDIAC GATED|POSTERIOR FOSSA|SKIN OF CHIN|LUMBAR SPINE|CERVICAL SPINE|MR KNEE LT|WATERS PROJECTION|
    TOWNE PROJECTION|CALDWELL PROJECTION|MILLER PROJECTION|MUSCULUS PECTORALIS MAJOR|FEMORAL HEAD BALL COMPONENT|
    STRONGLY POSITIVE|BREAST TOMOSYNTHESIS|DYNAMIC LIVER|DELAYED PHASE|SCOUT|LOCALIZER|DWI B1000|ADC MAP|PERFUSION|
    NON-HODGKIN LYMPHOMA""",
    "|",
)

WRITTEN = (
    "{f}^{g}", "{g} {f}", "{f}, {g}", "{f} {g}", "{f}_{g}", "{f}{g}", "pt {g} {f} seen", "Dr. {f}, {g}", "{F} {G}",
    "CT {F} {G} CHEST", "{g}.{f}", "for {f}={g}", "{f}-{g} T2", "{g}{f}",
)  # fmt: skip


def needles(name: str) -> Needles:
    return Needles(Identity(frozenset({Value(Kind.NAME, name, b"", 0x00100010)}), frozenset()), ())


def test_a_full_name_is_found_in_any_text_whatever_the_person_is_called() -> None:
    missed = []
    for family, given in [*product(FAMILIES, GIVEN)][::5]:
        found = needles(f"{family}^{given}")
        values = {"f": family, "g": given, "F": family.upper(), "G": given.upper()}
        for form in WRITTEN:
            written = form.format(**values)
            if found.in_text(written) != {Kind.NAME}:
                missed.append((family, given, form))
            if len(family) + len(given) >= 6 and not list(found.in_bytes(b"\0\1" + written.encode() + b"\0")):
                missed.append((family, given, f"bytes {form}"))
    assert missed == []


def test_clinical_words_hold_nobody_back_whatever_the_person_is_called() -> None:
    """A patient may be called Corona, Stone or Wall; what is left when the cleaner kept these words names nobody."""
    searched = {family: needles(f"{family}^Zephyrine") for family in FAMILIES}
    alarms = [(family, text) for family, found in searched.items() for text in CLINICAL if holds(found, text)]
    # Held all the same: the standard names these views otherwise, so nobody knows that the neighbour is a term.
    assert sorted(alarms) == [("Towne", "TOWNE PROJECTION"), ("Waters", "WATERS PROJECTION")]


def holds(found: Needles, text: str) -> bool:
    return bool(found.in_text(text)) or any(True for _hit in found.in_bytes(b"\0" + text.encode() + b"\0"))


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("Stone", "MRI STONE SHOULDER"), ("Brown", "AX T2 BROWN"), ("White", "CT WHITE CHEST"), ("Corona", "CORONA T2"),
        ("Wall", "WALL 45Y"), ("Miller", "MILLER T1"), ("Chester", "CHESTER CHEST"), ("Green", "GREEN"),
        ("Ball", "BALL KNEE LT"), ("Major", "MAJOR CHEST"), ("Bennett", "BENNETT T2"), ("Corona", "Coronas CT"),
    ],
)  # fmt: skip
def test_a_name_next_to_other_neighbours_is_the_person(family: str, text: str) -> None:
    assert needles(f"{family}^Zephyrine").in_text(text) == {Kind.NAME}


def test_given_names_count_alone_as_well() -> None:
    assert needles("Hand^Zephyrine").in_text("XR HAND ZEPHYRINE") == {Kind.NAME}
    assert needles("Hand^Peter").in_text("CT PETER") == {Kind.NAME}


def test_the_list_of_ordinary_words_is_what_the_codes_of_the_standard_say() -> None:
    assert ordinary_words() == derive_words(), "run python -m workbench.verify.ordinary"
