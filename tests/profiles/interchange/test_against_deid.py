"""The same planted object through deid with a recipe, and through the engine with the profile made of it.

Where the two differ the report must say so: nothing that deid takes away may stay unsaid, and what the recipe names and
deid keeps may only go with an answer.
"""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from workbench.deid.engine import Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.flow.step import Prepared, prepare_file
from workbench.profiles import compile_plan
from workbench.profiles.interchange.exporting import export_recipe
from workbench.profiles.interchange.fields import public
from workbench.profiles.interchange.importing import Imported, import_recipe
from workbench.profiles.interchange.report import Status
from workbench.profiles.loading import load, load_text
from workbench.standard.dictionary import VR, keyword_of

DEID = importlib.util.find_spec("deid")
pytestmark = pytest.mark.skipif(DEID is None, reason="the deid package is not installed (extra dev)")

Place = tuple[str, ...]
VALUES: dict[str, Any] = {
    "CS": "ORIGINAL",
    "LO": "Planted words",
    "SH": "Planted",
    "ST": "Planted sentence",
    "LT": "Planted sentence",
    "UT": "Planted sentence",
    "UC": "Planted words",
    "PN": "Planted^Name",
    "DA": "20240229",
    "TM": "101112",
    "DT": "20240229101112",
    "AS": "044Y",
    "IS": "7",
    "DS": "1.5",
    "US": 3,
    "UL": 3,
    "SS": 3,
    "SL": 3,
    "FL": 1.5,
    "FD": 1.5,
    "AE": "PLANTEDAE",
    "UR": "http://planted.example/x",
    "UI": "1.2.3.4.5",
}
NESTED = ("ReferencedStudySequence", "RequestAttributesSequence", "AnatomicRegionSequence", "ProcedureCodeSequence")
INNER = ("PatientName", "StudyDate", "CodeMeaning", "AccessionNumber", "ReferencedSOPInstanceUID", "EchoTime")
OWN = {"SOPClassUID": CTImageStorage, "SOPInstanceUID": "1.2.3.1", "StudyInstanceUID": "1.2.3.2", "Modality": "CT"}

RECIPES = {
    "named": """
        REMOVE StudyDescription
        BLANK Manufacturer
        BLANK ProcedureCodeSequence
        REPLACE SeriesDescription Something else
        REPLACE PatientID var:entity_id
        REPLACE SOPInstanceUID func:new
        KEEP Modality
        KEEP InstitutionName
        REMOVE StationName # not needed
        REMOVE ImageType func:is_thing
        REMOVE (0018,1030)
        REMOVE 00081050
        REMOVE Operators' Name
        ADD PatientIdentityRemoved YES
    """,
    "patterns": """
        REMOVE endswith:Time
        REMOVE contains:Physician
        BLANK startswith:Patient
        REMOVE contains:Referenced|Requested
        REMOVE select:VR:SH
        REMOVE select:GROUP:0040
        KEEP SliceThickness
        REMOVE contains:Thickness
    """,
    "lists": """
        REMOVE fields:instances
        KEEP fields:kept
        REMOVE values:names
        REMOVE RequestAttributesSequence__CodeMeaning
    """,
    "shifts": """
        JITTER StudyDate -3
        JITTER endswith:Date -3
        REMOVE SeriesDate
        REMOVE contains:Birth
        REPLACE ContentDate deid_func:jitter days=4
    """,
    "whitelist": """
        KEEP Modality
        KEEP Rows
        KEEP SliceThickness
        KEEP PatientSex
        REPLACE StudyDescription Study
        REMOVE ALL
    """,
    "spared": """
        REMOVE except:Modality|Slice|Series
    """,
    "order": """
        REMOVE StudyDescription
        REPLACE StudyDescription Study
        REPLACE Manufacturer Maker
        BLANK Manufacturer
        BLANK StationName
        REMOVE StationName
        KEEP SeriesDescription
        REPLACE SeriesDescription Series
        ADD ProtocolName Protocol
        REMOVE ProtocolName
    """,
    "private": """
        REMOVE (0033,"MITRA OBJECT UTF8 ATTRIBUTES 1.0",1E)
        KEEP (0019,"SIEMENS MR HEADER",0C)
    """,
}
LISTS = """
%fields instances
FIELD contains:Instance
%fields kept
FIELD Manufacturer
%values names
SPLIT PatientName by="^";minlength=3
"""


def planted() -> Dataset:
    """An object with an attribute of every kind, at the top and in sequences, and private ones."""
    chosen = [tag for number, tag in enumerate(sorted(public())) if number % 9 == 0]
    dataset = Dataset()
    for tag in [*chosen, *(pydicom.datadict.tag_for_keyword(name) or 0 for name in NAMED)]:
        vr = VR[tag].split(" ")[0]
        if vr in VALUES and tag >> 16 not in (0x0028, 0x7FE0) and not 0x5000 <= tag >> 16 <= 0x60FF:
            dataset.add_new(tag, vr, VALUES[vr])
    for name in NESTED:
        item = Dataset()
        for inner in INNER:
            item.add_new(inner, VR[item_tag(inner)], VALUES[VR[item_tag(inner)]])
        setattr(dataset, name, Sequence([item]))
    for keyword, value in OWN.items():
        setattr(dataset, keyword, value)
    block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "1000")
    block.add_new(0x0D, "LO", "Planted")
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(OWN["SOPClassUID"])
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(OWN["SOPInstanceUID"])
    return dataset


NAMED = (
    *("StudyDescription", "Manufacturer", "SeriesDescription", "PatientID", "PatientName", "InstitutionName"),
    *("StationName", "ImageType", "ProtocolName", "OperatorsName", "SliceThickness", "PatientSex", "PatientBirthDate"),
    *("StudyDate", "SeriesDate", "ContentDate", "StudyTime", "AccessionNumber", "SeriesInstanceUID", "EchoTime"),
)


def item_tag(keyword: str) -> int:
    return pydicom.datadict.tag_for_keyword(keyword) or 0


def places(dataset: Dataset, above: Place = ()) -> dict[Place, str]:
    """Every leaf of a data set with its value as text."""
    found: dict[Place, str] = {}
    for element in dataset:
        here = (*above, element.keyword or str(element.tag))
        if element.VR == "SQ":
            for item in element.value or ():
                found |= places(item, here)
        else:
            found[here] = "" if element.value is None else str(element.value)
    return found


@dataclass(frozen=True)
class Both:
    imported: Imported
    before: dict[Place, str]
    theirs: dict[Place, str]
    ours: dict[Place, str]

    def said(self, *statuses: Status) -> set[str]:
        """Attributes that the report speaks of with one of these statuses."""
        answers = [answer for line in self.imported.lines for answer in line.answers if answer.status in statuses]
        return {name for answer in answers for name in answer.attributes}

    def stays(self, outputs: dict[Place, str]) -> set[Place]:
        return {place for place, value in self.before.items() if value and outputs.get(place) == value}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    folder = tmp_path_factory.mktemp("deid")
    source = folder / "in.dcm"
    planted().save_as(source, enforce_file_format=True)
    recipes = {name: f"FORMAT dicom\n{LISTS}\n%header\n{text}" for name, text in RECIPES.items()}
    assert DEID is not None
    assert DEID.origin is not None
    for path in sorted((Path(DEID.origin).parent / "data").glob("deid.dicom*")):
        recipes[path.name] = path.read_text()
    recipes["exported"] = export_recipe(compile_plan(load("basic"))).recipe
    command = [sys.executable, "-m", "tests.profiles.interchange.run_deid", str(source)]
    for name, text in recipes.items():
        (folder / f"{name}.recipe").write_text(text)
        command += [str(folder / f"{name}.recipe"), str(folder / f"{name}.theirs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    before = places(pydicom.dcmread(source))
    found = {}
    for name, text in recipes.items():
        imported = import_recipe(text, name=name)
        engine = Engine(compile_plan(load_text(imported.yaml)), Pseudonyms(b"k" * 32, scope="test"))
        made = prepare_file(engine, source, folder / f"{name}.ours", 0, sceptic=None)
        assert isinstance(made, Prepared), made
        ours, theirs = (places(pydicom.dcmread(folder / f"{name}.{who}", force=True)) for who in ("ours", "theirs"))
        found[name] = Both(imported, before, theirs, ours)
    return found


NAMES = [*RECIPES, "deid.dicom", "deid.dicom.ultrasound", "deid.dicom.xray.chest", "exported"]


@pytest.mark.parametrize("name", NAMES)
def test_what_deid_takes_away_stays_only_with_an_answer(name: str, both: dict[str, Both]) -> None:
    case = both[name]
    left = case.stays(case.ours) - case.stays(case.theirs)
    unsaid = {place for place in left if not set(place) & case.said(Status.DIFFERS, Status.NOT_MAPPED)}
    assert {place for place in unsaid if not _by_value(case, place)} == set()


def _by_value(case: Both, place: Place) -> bool:
    """Whether deid found it, or the sequence around it, by a value: the report says that a profile does not do that."""
    values = [line for line in case.imported.lines if line.text.startswith("REMOVE values:")]
    assert all(line.status is Status.NOT_MAPPED for line in values)
    around = " ".join(value for other, value in case.before.items() if other[0] == place[0])
    return bool(values) and any(word in around for word in case.before["PatientName",].split("^"))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_recipe_keeps_by_name_goes_only_with_an_answer(name: str, both: dict[str, Both]) -> None:
    case = both[name]
    kept = {line.text.split()[1] for line in case.imported.lines if line.text.startswith("KEEP")}
    gone = {place[0] for place in case.stays(case.theirs) - case.stays(case.ours) if len(place) == 1}
    assert (gone & kept) <= case.said(Status.STRICTER)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_the_basic_profile_takes_comes_back(name: str, both: dict[str, Both], tmp_path: Path) -> None:
    planted().save_as(tmp_path / "in.dcm", enforce_file_format=True)
    engine = Engine(compile_plan(load("basic")), Pseudonyms(b"k" * 32, scope="test"))
    prepare_file(engine, tmp_path / "in.dcm", tmp_path / "out.dcm", 0, sceptic=None)
    basic = both[name].stays(places(pydicom.dcmread(tmp_path / "out.dcm")))
    back = both[name].stays(both[name].ours) - basic
    # Whole days leave the time of day as it is; that is what the option says.
    assert {place for place in back if name != "shifts" or VR[item_tag(place[-1])] != "TM"} == set()


def test_texts_that_a_recipe_writes_are_written(both: dict[str, Both]) -> None:
    for name, place, text in (
        ("named", "SeriesDescription", "Something else"),
        ("whitelist", "StudyDescription", "Study"),
        ("order", "StudyDescription", "Study"),
    ):
        assert both[name].theirs[place,] == both[name].ours[place,] == text


def test_days_are_shifted_where_the_recipe_shifts_them(both: dict[str, Both]) -> None:
    case = both["shifts"]
    for keyword in ("StudyDate", "ContentDate"):
        assert case.theirs[keyword,] not in ("", "20240229")
        assert case.ours[keyword,] not in ("", "20240229")
        assert case.ours[keyword,] < "20240229"
    assert "SeriesDate" not in {place[0] for place in case.stays(case.ours)}
    assert case.ours.get(("PatientBirthDate",), "") == ""


def test_a_comment_behind_remove_is_no_condition_here(both: dict[str, Both]) -> None:
    """deid takes it for one that never holds and leaves the attribute as it is."""
    case = both["named"]
    assert case.theirs["StationName",] == "Planted"
    assert case.ours.get(("StationName",), "") != "Planted"
    assert "StationName" in case.said(Status.SAME)
    line = next(line for line in case.imported.lines if line.text.startswith("REMOVE StationName"))
    assert line.status is Status.STRICTER


def test_an_exported_recipe_takes_away_all_that_the_profile_takes_but_what_it_says(both: dict[str, Both]) -> None:
    """Only codes and numbers that the profile checks, and words that it knows, may stay more under deid."""
    case = both["exported"]
    more = case.stays(case.theirs) - case.stays(case.ours)
    said = {name for names in export_recipe(compile_plan(load("basic"))).left_out.values() for name in names}
    assert {place for place in more if place[-1] not in said} == set()
    assert not any("(" in place[-1] for place in case.theirs)


def test_keywords_are_those_of_the_dictionary() -> None:
    assert all(keyword_of(tag) for tag in public())
