"""No plan breaks an IOD: what must be there stays, in every SOP class, at every nested place.

And what no reader can do without is kept or checked, never lost to a rule.
"""

import csv

import pytest

from workbench import profiles
from workbench.records.action import Action
from workbench.standard import iod, sop_classes
from workbench.standard.dictionary import keyword_of, tag_of, vr_of
from workbench.standard.table import ROWS

CLASSES = sorted(uid for uid in iod._graph().classes if sop_classes.is_storage(uid))

REPRESENTATIVE = [
    "1.2.840.10008.5.1.4.1.1.1",  # computed radiography
    "1.2.840.10008.5.1.4.1.1.2",  # CT
    "1.2.840.10008.5.1.4.1.1.2.1",  # enhanced CT
    "1.2.840.10008.5.1.4.1.1.3.1",  # ultrasound, multi-frame
    "1.2.840.10008.5.1.4.1.1.4",  # MR
    "1.2.840.10008.5.1.4.1.1.7",  # secondary capture
    "1.2.840.10008.5.1.4.1.1.11.1",  # presentation state
    "1.2.840.10008.5.1.4.1.1.66.4",  # segmentation
    "1.2.840.10008.5.1.4.1.1.77.1.6",  # whole slide
    "1.2.840.10008.5.1.4.1.1.88.33",  # comprehensive SR
    "1.2.840.10008.5.1.4.1.1.9.1.1",  # 12-lead ECG
    "1.2.840.10008.5.1.4.1.1.104.1",  # PDF
    "1.2.840.10008.5.1.4.1.1.128",  # PET
    "1.2.840.10008.5.1.4.1.1.481.5",  # RT plan
]

NEVER_LOST = [
    "SOPClassUID",
    "SpecificCharacterSet",
    "ImageType",
    "Modality",
    "PatientPosition",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleIntercept",
    "RescaleSlope",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "SliceThickness",
    "InstanceNumber",
    "LossyImageCompression",
    "BurnedInAnnotation",
    "RedPaletteColorLookupTableData",
    "PixelData",
    "WaveformData",
    "ContourData",
]
UIDS_OF_INSTANCES = ["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"]


@pytest.fixture(scope="module")
def basic():
    return profiles.compile_plan(profiles.load("basic"))


def _places(sop_class, depth):
    """Yield (tag path, usage) for every attribute of the IOD that any module has, down to a depth of sequences."""
    graph = iod._graph()

    def walk(number, path):
        for tag, (_, child) in graph.node(number).items():
            yield (*path, tag)
            if child >= 0 and len(path) < depth:
                yield from walk(child, (*path, tag))

    for module in graph.modules(sop_class):
        yield from walk(module.node, ())


def _check(basic, sop_class, depth):
    class_plan = basic.for_sop_class(sop_class)
    for path in set(_places(sop_class, depth)):
        kind = iod.attribute_type(sop_class, path)
        vr = vr_of(path[-1]) or "UN"
        for each in vr.split(" or "):
            rule = class_plan.rule(path, each)
            where = "/".join(keyword_of(tag) for tag in path)
            if kind in {"1", "2"} and not iod.removable(sop_class, path):
                assert rule.action is not Action.REMOVE, (where, kind, rule)
                assert rule.fallback is not Action.REMOVE, (where, kind, rule)
            if kind == "1" and not iod.removable(sop_class, path):
                assert rule.action is not Action.EMPTY, (where, kind, rule)
                assert rule.fallback is not Action.EMPTY, (where, kind, rule)
            if kind in {"1C", "2C"} and path[-1] in ROWS and each != "SQ":
                assert rule.action is not Action.REMOVE, (where, kind, rule)


@pytest.mark.parametrize("sop_class", REPRESENTATIVE, ids=sop_classes.name_of)
def test_what_an_iod_requires_is_never_removed_to_three_levels(basic, sop_class):
    _check(basic, sop_class, 3)


@pytest.mark.parametrize("sop_class", CLASSES, ids=sop_classes.name_of)
def test_what_an_iod_requires_at_the_top_is_never_removed(basic, sop_class):
    _check(basic, sop_class, 0)


@pytest.mark.parametrize("name", [name for name in profiles.shipped_names() if name != "basic"])
@pytest.mark.parametrize("sop_class", REPRESENTATIVE, ids=sop_classes.name_of)
def test_no_shipped_profile_removes_what_an_iod_requires(name, sop_class):
    _check(profiles.compile_plan(profiles.load(name)), sop_class, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in profiles.shipped_names() if name != "basic"])
@pytest.mark.parametrize("sop_class", CLASSES, ids=sop_classes.name_of)
def test_no_shipped_profile_removes_what_an_iod_requires_in_any_class(name, sop_class):
    _check(profiles.compile_plan(profiles.load(name)), sop_class, 4)


@pytest.mark.slow
@pytest.mark.parametrize("sop_class", CLASSES, ids=sop_classes.name_of)
def test_what_an_iod_requires_is_never_removed_at_any_place(basic, sop_class):
    _check(basic, sop_class, 9)


@pytest.mark.parametrize("keyword", NEVER_LOST)
def test_what_a_reader_cannot_do_without_is_kept_or_checked_in_every_class(basic, keyword):
    tag = tag_of(keyword)
    assert tag is not None
    for sop_class in [*CLASSES, "1.2.3"]:
        for vr in (vr_of(tag) or "").split(" or "):
            assert basic.for_sop_class(sop_class).rule((tag,), vr).action in {Action.KEEP, Action.CHECK}


@pytest.mark.parametrize("keyword", UIDS_OF_INSTANCES)
def test_uids_of_instances_are_remapped_in_every_class_at_every_depth(basic, keyword):
    tag = tag_of(keyword)
    assert tag is not None
    for sop_class in CLASSES:
        for path in ((tag,), (0x00081115, tag), (0x00081115, 0x0008114A, tag)):
            assert basic.for_sop_class(sop_class).rule(path, "UI").action is Action.REMAP


def test_agrees_with_the_independent_list_of_what_removal_would_break(basic, shared):
    """A list derived from the same IODs by other code: each pair of class and attribute, with the letter it needs."""
    path = shared / "standard" / "ps315_iod_requirements.csv"
    if not path.is_file():
        pytest.skip("the folder with larger test data has no list of requirements")
    stronger = {"Z": {"Z", "D", "U", "K", "#"}, "D": {"D", "U", "K", "#"}}
    seen = 0
    with path.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            tag = tag_of(record["keyword"])
            if tag is None or iod.removable(record["sop_class_uid"], (tag,)):
                continue  # the repeating groups of overlays, which go whole
            rule = basic.for_sop_class(record["sop_class_uid"]).rule((tag,), (vr_of(tag) or "UN").split(" ")[0])
            assert rule.action.value in stronger[record["needed"]], record
            seen += 1
    assert seen > 1000
