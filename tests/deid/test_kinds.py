"""How values are cleaned by their kind, under the profiles that ask for it. The cleaner of words is a stand-in here."""

import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tests.deid.house import KEY, dataset, deidentify
from tests.dicom import raw
from workbench.deid.claims import METHOD
from workbench.deid.engine import Engine
from workbench.deid.evidence import digest
from workbench.deid.pseudonyms import Pseudonyms, RandomPseudonyms, draw, patient_key, repeatable
from workbench.dicom.instance import Instance, Read, walk_instance
from workbench.profiles import compile_plan, load
from workbench.records.action import Action
from workbench.records.errors import InstanceRefused
from workbench.records.known import Known, KnownKind, KnownValue
from workbench.standard.dictionary import VR

PATIENT = patient_key(issuer=b"", patient_id=b"MRN-4711", study_uid=b"1.2.3.1")


@dataclass(frozen=True)
class Gone:
    text: str
    why: str
    kept: bool = False
    by: str = "known values"


@dataclass(frozen=True)
class Stood:
    text: str
    changed: bool
    words: tuple[Gone, ...] = ()

    def reasons(self) -> str:
        return "dropped the patient" if self.changed else "kept vocabulary"


class StandIn:
    """Drops each word that stands in a known value, whatever its case."""

    def __init__(self, known: Iterable[KnownValue] = (), *, slips: bool = True) -> None:
        self.words = {word: value.kind for value in known for word in value.text.upper().replace("^", " ").split()}

    def clean(self, text: str) -> Stood:
        left = " ".join(word for word in text.split() if word.upper() not in self.words)
        gone = [(word, kind) for word in text.split() if (kind := self.words.get(word.upper()))]
        return Stood(left, left != text, tuple(Gone(word, str(kind)) for word, kind in gone))


@pytest.fixture(autouse=True)
def cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("workbench.text.cleaner")
    module.Cleaner = StandIn  # type: ignore[attr-defined]  # a module made here
    module.fingerprint = lambda: "f" * 64  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "workbench.text.cleaner", module)


def engine(profile: str = "research") -> Engine:
    plan = compile_plan(load(profile))
    if plan.pseudonyms == "random":
        return Engine(plan, RandomPseudonyms({PATIENT: draw(repeatable(KEY, [b"1.2.3.4"]))}, scope="test"))
    return Engine(plan, Pseudonyms(KEY, scope="test"))


def out(folder: Path, *elements: bytes, profile: str = "research", sop: bytes = b"1.2.3.4") -> Dataset:
    return dataset(deidentify(raw.file(raw.instance(*elements, sop=sop)), folder, engine(profile))[0])


OFFSET = Pseudonyms(KEY, scope="test").offset_days(PATIENT)


def test_dates_of_a_patient_move_by_one_offset_and_times_stay(tmp_path: Path) -> None:
    found = out(
        tmp_path,
        raw.element(0x00080020, b"DA", b"20240229"),
        raw.element(0x0008002A, b"DT", b"20240301003000.5+0100"),
        raw.element(0x00080030, b"TM", b"233000"),
        raw.element(0x00100030, b"DA", b"19500101"),
    )
    study, acquisition = (date.fromisoformat(moved[:8]) for moved in (found.StudyDate, found.AcquisitionDateTime))
    assert study == date(2024, 2, 29) - timedelta(days=OFFSET)
    assert acquisition - study == timedelta(days=1)
    assert found.AcquisitionDateTime[8:] == "003000.5+0100"
    assert found.StudyTime == "233000"
    assert not found.PatientBirthDate
    assert found.LongitudinalTemporalInformationModified == "MODIFIED"
    assert 1 <= OFFSET <= 3650


def test_a_value_that_is_no_date_does_not_stay(tmp_path: Path) -> None:
    name = raw.element(0x00080020, b"DA", b"Erika")
    assert not out(tmp_path, name).get("StudyDate")
    assert out(tmp_path, raw.element(0x00080022, b"DA", b"Erika")).get("AcquisitionDate") is None


def test_of_dates_only_the_year_stays_under_safe_harbor(tmp_path: Path) -> None:
    found = out(
        tmp_path,
        raw.element(0x00080020, b"DA", b"20240229"),
        raw.element(0x00080030, b"TM", b"233000"),
        raw.element(0x00080022, b"DA", b"20240301"),
        profile="safe-harbor",
    )
    assert (found.StudyDate, found.StudyTime, found.AcquisitionDate) == ("20240101", "", "20240101")


def test_dates_that_are_kept_are_dates(tmp_path: Path) -> None:
    kept = out(tmp_path, raw.element(0x00080022, b"DA", b"20240301"), profile="limited-data-set")
    gone = out(tmp_path, raw.element(0x00080022, b"DA", b"Erika 50"), profile="limited-data-set")
    assert kept.AcquisitionDate == "20240301"
    assert gone.get("AcquisitionDate") is None


@pytest.mark.parametrize("profile", ["research", "teleradiology", "limited-data-set"])
def test_kept_ages_are_capped(tmp_path: Path, profile: str) -> None:
    assert out(tmp_path, raw.element(0x00101010, b"AS", b"093Y"), profile=profile).PatientAge == "090Y"
    assert out(tmp_path, raw.element(0x00101010, b"AS", b"045Y"), profile=profile).PatientAge == "045Y"
    assert out(tmp_path, raw.element(0x00101010, b"AS", b"old "), profile=profile).get("PatientAge") is None


def test_a_device_has_one_code_in_all_instances(tmp_path: Path) -> None:
    title = raw.element(0x00080055, b"AE", b"CT_SCANNER_3")
    one, other = out(tmp_path, title), out(tmp_path, title, sop=b"1.2.3.5")
    assert one.StationAETitle == other.StationAETitle != "CT_SCANNER_3"
    assert len(one.StationAETitle) <= 16


def test_text_loses_what_is_known_and_says_why(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x0008103E, b"LO", b"T2 AX MUSTERMANN\\Erika\\COR")))
    result, made = deidentify(data, tmp_path, engine())
    found = dataset(result)
    assert list(found.SeriesDescription) == ["T2 AX", "", "COR"]
    change = next(change for change in made.changes if change.path == (0x0008103E,))
    assert change.action is Action.CLEAN
    assert change.rule.endswith("; dropped the patient; kept vocabulary")
    assert (change.before, change.after) == (b"T2 AX MUSTERMANN\\Erika\\COR", b"T2 AX\\\\COR")


def test_values_of_the_whole_patient_are_known(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x0008103E, b"LO", b"T2 AX Schmidt")))
    made = engine().deidentify(*walked(data), known=Known(frozenset({KnownValue(KnownKind.PATIENT, "Schmidt^Erika")})))
    assert b"Schmidt" not in b"".join(part for part in made.parts if isinstance(part, bytes))


def walked(data: bytes) -> tuple[Instance, Read]:
    def read(at: int, count: int) -> bytes:
        return data[at : at + count]

    return walk_instance(read, len(data)), read


def test_text_stays_in_its_character_set(tmp_path: Path) -> None:
    japanese = b"\x1b$B;3ED\x1b(B"
    data = raw.file(
        raw.instance(
            raw.element(0x00080005, b"CS", b"\\ISO 2022 IR 87"),
            raw.element(0x0008103E, b"LO", b"Erika " + japanese + b" T2"),
        )
    )
    result, _made = deidentify(data, tmp_path, engine())
    assert dataset(result).SeriesDescription == "山田 T2"


@pytest.mark.parametrize(
    ("declared", "value"),
    [(b"", b"T2 \xe9"), (b"ISO_IR 192", b"T2 \xe9"), (b"", b"T2 \x1b$B;3ED\x1b(B"), (b"GB18030", b"T2 \x81\xff")],
)
def test_text_that_is_none_in_its_set_does_not_stay(tmp_path: Path, declared: bytes, value: bytes) -> None:
    found = out(tmp_path, raw.element(0x00080005, b"CS", declared), raw.element(0x0008103E, b"LO", value))
    assert found.get("SeriesDescription") is None


def test_of_text_that_is_only_a_name_the_type_decides_what_is_left(tmp_path: Path) -> None:
    found = out(tmp_path, raw.element(0x0008103E, b"LO", b"Erika Mustermann"))
    assert found.get("SeriesDescription") is None


def test_meanings_of_codes_stay_when_a_dictionary_has_them(tmp_path: Path) -> None:
    def code(value: bytes, scheme: bytes, meaning: bytes) -> bytes:
        parts = [(0x00080100, b"SH", value), (0x00080102, b"SH", scheme), (0x00080104, b"LO", meaning)]
        return raw.item(b"".join(raw.element(*part) for part in parts))

    regions = raw.sequence(
        0x00082218, code(b"69536005", b"SCT", b"Head"), code(b"99X1", b"99LOCAL", b"Head Mustermann")
    )
    items = out(tmp_path, regions).AnatomicRegionSequence
    assert items[0].CodeMeaning == "Head"
    assert items[1].CodeMeaning == "Head"


# Private attributes.

ELSCINT = raw.element(0x00E10010, b"LO", b"ELSCINT1")
DLP = raw.element(0x00E11021, b"DS", b"512.5")


def test_listed_private_numbers_stay_with_their_creator_and_nothing_else_does(tmp_path: Path) -> None:
    text = raw.element(0x00E11022, b"LO", b"Erika")
    foreign = raw.element(0x00E11199, b"LO", b"Erika")
    other = raw.element(0x00E10011, b"LO", b"ACME")
    found = out(tmp_path, ELSCINT, DLP, text, foreign, other)
    assert found[0x00E11021].value == 512.5
    assert found[0x00E10010].value == "ELSCINT1"
    assert {int(tag) for tag in found.keys() if tag.is_private} == {0x00E10010, 0x00E11021}  # noqa: SIM118 (a Dataset)


def test_a_block_is_found_where_it_moved(tmp_path: Path) -> None:
    moved = raw.element(0x00E10023, b"LO", b"ELSCINT1 ")
    found = out(tmp_path, moved, raw.element(0x00E12321, b"DS", b"512.5"))
    assert found[0x00E12321].value == 512.5
    wrong = raw.element(0x00E10023, b"LO", b"ACME")
    assert 0x00E12321 not in out(tmp_path, wrong, raw.element(0x00E12321, b"DS", b"512.5"))


def test_numbers_that_are_none_and_blobs_go(tmp_path: Path) -> None:
    found = out(tmp_path, ELSCINT, raw.element(0x00E11021, b"DS", b"Erika"))
    assert not any(tag.is_private for tag in found.keys())  # noqa: SIM118 (a Dataset)
    csa = raw.element(0x00290010, b"LO", b"SIEMENS CSA HEADER")
    found = out(tmp_path, csa, raw.element(0x00291010, b"OB", b"SV10" + b"Erika" * 3 + b"\0"))
    assert not any(tag.is_private for tag in found.keys())  # noqa: SIM118 (a Dataset)


def test_private_numbers_that_came_as_unknown_get_their_type(tmp_path: Path) -> None:
    found = out(tmp_path, ELSCINT, raw.element(0x00E11021, b"UN", b"512.5 "))
    assert (found[0x00E11021].VR, found[0x00E11021].value) == ("DS", 512.5)


def test_private_attributes_inside_items_are_judged_there(tmp_path: Path) -> None:
    inside = raw.item(ELSCINT + DLP + raw.element(0x00E11099, b"LO", b"Erika"))
    bare = raw.item(DLP)
    found = out(tmp_path, raw.sequence(0x00089215, inside, bare))
    first, second = found.DerivationCodeSequence
    assert first[0x00E11021].value == 512.5
    assert 0x00E11099 not in first
    assert 0x00E11021 not in second


def test_what_the_sender_says_of_its_private_attributes_is_not_obeyed(tmp_path: Path) -> None:
    safe = raw.item(
        raw.element(0x00080301, b"US", struct.pack("<H", 0x0029))
        + raw.element(0x00080302, b"LO", b"ACME")
        + raw.element(0x00080303, b"CS", b"SAFE")
    )
    found = out(
        tmp_path,
        raw.sequence(0x00080300, safe),
        raw.element(0x00290010, b"LO", b"ACME"),
        raw.element(0x00291001, b"LO", b"Erika"),
    )
    assert 0x00080300 not in found
    assert not any(tag.is_private for tag in found.keys())  # noqa: SIM118 (a Dataset)


# Pseudonyms and evidence.


def test_random_pseudonyms_come_from_the_draw_and_from_nothing_else(tmp_path: Path) -> None:
    found = out(tmp_path, profile="safe-harbor")
    drawn = draw(repeatable(KEY, [b"1.2.3.4"]))
    assert found.PatientID == f"S-{drawn.code}"
    by = Engine(compile_plan(load("safe-harbor")), RandomPseudonyms({}, scope="test"))
    with pytest.raises(InstanceRefused) as caught:
        deidentify(raw.file(raw.instance()), tmp_path, by)
    assert caught.value.code == "pseudonym-not-assigned"


def test_the_output_names_the_evidence_of_its_cleaned_text(tmp_path: Path) -> None:
    data = raw.file(raw.instance(raw.element(0x0008103E, b"LO", b"T2 Erika")))
    result, made = deidentify(data, tmp_path, engine())
    assert f"113105 sha256 {digest(made.evidence)}" in dataset(result)[METHOD].value
    assert '"after":"T2","place":"(0008,103E)","reasons":"dropped the patient"' in made.evidence
    assert "Erika" not in made.evidence
    assert deidentify(data, tmp_path, engine()) == (result, made)


@pytest.mark.parametrize("value", [b"MUSTERMANN", b"Erika 3", b"MRN-4711"])
def test_what_an_option_retains_goes_when_it_names_the_patient(tmp_path: Path, value: bytes) -> None:
    assert out(tmp_path, raw.element(0x00081010, b"SH", value)).get("StationName") is None
    assert out(tmp_path, raw.element(0x00081010, b"SH", b"CT 3")).StationName == "CT 3"


# Private sequences: Philips Imaging DD 001, Stack Sequence (2001,xx5F) and in it Stack Radial Angle and numbers.

PHILIPS = raw.element(0x20010010, b"LO", b"Philips Imaging DD 001")


def stack(*, explicit: bool = True) -> bytes:
    inside = [
        raw.element(0x00080080, b"LO", b"Erika Hospital", explicit=explicit),
        raw.element(0x00280010, b"US", struct.pack("<H", 4), explicit=explicit),
        raw.element(0x20010010, b"LO", b"Philips Imaging DD 001", explicit=explicit),
        raw.element(0x20011003, b"FL", struct.pack("<f", 1000.0), explicit=explicit),
        raw.element(0x200110F0, b"LO", b"Erika", explicit=explicit),
    ]
    return raw.item(b"".join(inside))


@pytest.mark.parametrize("encoding", ["explicit", "unknown"])
def test_private_sequences_are_walked_by_the_ordinary_rules(tmp_path: Path, encoding: str) -> None:
    sequence = (
        raw.sequence(0x2001105F, stack())
        if encoding == "explicit"
        else raw.element(0x2001105F, b"UN", stack(explicit=False))
    )
    data, made = deidentify(raw.file(raw.instance(PHILIPS, sequence)), tmp_path, engine())
    found = dataset(data)[0x2001105F]
    assert found.VR == "SQ"
    item = found.value[0]
    assert item[0x20011003].value == 1000.0
    assert item[0x00280010].value == 4
    assert "InstitutionName" not in item
    assert b"Erika" not in data
    assert (0x2001105F, 0, 0x200110F0) in {change.path for change in made.changes}


# What is said about changes, and what no input may provoke.

RICH = [
    raw.element(0x00080005, b"CS", b"ISO_IR 100"),
    raw.element(0x00080008, b"CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
    raw.element(0x00080020, b"DA", b"20240229"),
    raw.element(0x0008002A, b"DT", b"20240229101112"),
    raw.element(0x00080055, b"AE", b"SCANNER"),
    raw.element(0x00080070, b"LO", b"SIEMENS"),
    raw.element(0x0008103E, b"LO", b"T2 Erika\\COR"),
    raw.element(0x00100030, b"DA", b"19400101"),
    raw.element(0x00101010, b"AS", b"093Y"),
    raw.element(0x00180050, b"DS", b"1.25"),
    raw.element(0x00204000, b"LT", b"Erika T2"),
    ELSCINT,
    DLP,
    raw.element(0x00E11099, b"LO", b"secret"),
]


@pytest.mark.parametrize("profile", ["research", "teleradiology", "safe-harbor", "limited-data-set"])
def test_every_difference_is_recorded_with_both_values(tmp_path: Path, profile: str) -> None:
    data = raw.file(raw.instance(*RICH))
    result, made = deidentify(data, tmp_path, engine(profile))
    before, after = (
        {tag: value.rstrip(b" \0") for tag, value in instance.values(frozenset(instance.by_tag)).items()}
        for instance in (walked(data)[0], walked(result)[0])
    )
    told = {change.path[0]: change for change in made.changes if len(change.path) == 1}
    differing = {tag for tag in before | after if before.get(tag) != after.get(tag)}
    assert differing <= set(told)
    for tag in differing:
        change = told[tag]
        assert (change.before or b"").rstrip(b" \0") == before.get(tag, b"")
        assert (change.after or b"").rstrip(b" \0") == after.get(tag, b"")
    assert {change.path[0] for change in told.values() if change.action is Action.CLEAN} <= differing


TAGS = sorted(
    tag
    for tag, vr in VR.items()
    if vr in {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
    and 0x0008 <= tag >> 16 < 0x7FE0
    and tag not in {0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00080005}
)
SETS = [b"", b"ISO_IR 100", b"ISO_IR 192", b"GB18030", b"\\ISO 2022 IR 87", b"\\ISO 2022 IR 149", b"NONE SUCH"]
VRS = b"AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UN UR UT".split()


@given(
    st.sampled_from(["research", "teleradiology", "safe-harbor", "limited-data-set"]),
    st.sampled_from(SETS),
    st.dictionaries(st.sampled_from(TAGS), st.tuples(st.sampled_from(VRS), st.binary(max_size=40)), max_size=8),
)
def test_any_bytes_in_any_attribute_end_in_a_valid_output(
    profile: str, declared: bytes, values: dict[int, tuple[bytes, bytes]]
) -> None:
    elements = [raw.element(0x00080005, b"CS", declared)]
    elements += [
        raw.element(tag, vr, value) for tag, (vr, value) in values.items() if tag not in {0x00100020, 0x00100021}
    ]
    data = raw.file(raw.instance(*elements))
    made = engine(profile).deidentify(*walked(data))
    again = engine(profile).deidentify(*walked(data))
    assert made == again
    out = walked(b"".join(part for part in made.parts if isinstance(part, bytes)))[0]
    assert out.by_tag[0x00100020]


GANTRY, REFERRING, STATION, DEVICE = 0x00181008, 0x00080090, 0x00081010, 0x00500020


def test_a_retained_text_stays_whole_with_the_device_that_it_names(tmp_path: Path) -> None:
    station = raw.element(STATION, b"SH", b"XR77")
    assert out(tmp_path, station, raw.element(GANTRY, b"LO", b"Gantry of XR77, 4711 x")).GantryID == (
        "Gantry of XR77, 4711 x"
    )


def test_a_retained_text_loses_the_staff_that_it_names(tmp_path: Path) -> None:
    referring = raw.element(REFERRING, b"PN", b"Szczepanski^Zofia")
    assert out(tmp_path, referring, raw.element(DEVICE, b"LO", b"Coil of Szczepanski")).DeviceDescription == "Coil of"
    assert out(tmp_path, referring, raw.element(GANTRY, b"LO", b"Szczepanski")).get("GantryID") is None


def test_a_retained_text_stays_when_it_names_only_the_staff_of_another_patient(tmp_path: Path) -> None:
    others = frozenset({KnownValue(KnownKind.PERSON, "Philips^Ann")})
    data = raw.file(
        raw.instance(
            raw.element(0x00081010, b"SH", b"PHILIPS-D6A9C8A "),
            raw.element(0x0008103E, b"LO", b"T2 AX Philips "),
        )
    )
    made = engine().deidentify(*walked(data), known=Known(frozenset(), others))
    written = b"".join(part for part in made.parts if isinstance(part, bytes))
    assert b"PHILIPS-D6A9C8A" in written
    assert b"T2 AX" in written
    assert b"Philips" not in written


def test_a_retained_text_that_nobody_can_read_goes(tmp_path: Path) -> None:
    declared = raw.element(0x00080005, b"CS", b"ISO_IR 192")
    assert out(tmp_path, declared, raw.element(GANTRY, b"LO", b"G\xe4rt")).get("GantryID") is None


@pytest.mark.parametrize(
    ("value", "stays"),
    [(b"2135-2", True), (b"H", True), (b"Kowalczyk", False), (b"Dr. X", False), (b"a@b.example", False)],
)
def test_of_a_retained_code_words_do_not_stay(tmp_path: Path, value: bytes, *, stays: bool) -> None:
    code = raw.element(0x00080100, b"SH", value)
    scheme = raw.element(0x00080102, b"SH", b"99LOC") + raw.element(0x00080103, b"SH", value)
    found = out(tmp_path, raw.sequence(0x00102161, raw.item(code + scheme))).EthnicGroupCodeSequence[0]
    assert found.CodingSchemeDesignator == "99LOC"
    assert (found.CodeValue == value.decode()) == stays
    assert (found.get("CodingSchemeVersion") == value.decode()) == stays


def test_text_of_any_script_that_poses_as_bytes_does_not_stay(tmp_path: Path) -> None:
    table = raw.element(0x00281203, b"OW", "Müller Jörg ".encode())
    assert out(tmp_path, table).BluePaletteColorLookupTableData == bytes(2)
