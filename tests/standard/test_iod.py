"""Types are those of highdicom's maps, which are read here by another, slower and plainer way."""

import json
import time
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.standard import iod
from workbench.standard.dictionary import tag_of

ORDER = ["3", "2C", "2", "1C", "1"]
CT, ENHANCED_CT, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.4.1"
COMPREHENSIVE_SR, GSPS = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.11.1"
RTPLAN = "1.2.840.10008.5.1.4.1.1.481.5"


def _at(*keywords: str) -> tuple[int, ...]:
    """Tag path of keywords; an unknown keyword is a tag that no IOD has."""
    return tuple(tag_of(keyword) or 0x00189999 for keyword in keywords)


def _map(name):
    return json.loads((files("highdicom") / "_standard" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _maps():
    return _map("sop_class_iod_map"), _map("iod_module_map"), _map("module_attribute_map")


@cache
def _expected(sop_class):
    """(keyword path) → strongest type, straight from the maps."""
    classes, iods, modules = _maps()
    types: dict[tuple[str, ...], str] = {}
    for module in iods[classes[sop_class]]:
        for row in modules.get(module["key"], ()):
            path = (*row["path"], row["keyword"])
            kind = row["type"] if row["type"] in ORDER else "3"
            types[path] = max(kind, types.get(path, "3"), key=ORDER.index)
    return types


def _check(sop_class, path):
    if all(tag_of(keyword) for keyword in path):
        assert iod.attribute_type(sop_class, _at(*path)) == _expected(sop_class)[path], path


@pytest.mark.parametrize("sop_class", [CT, ENHANCED_MR, RTPLAN])
def test_every_place_of_an_iod_has_the_type_of_the_source(sop_class):
    for path in _expected(sop_class):
        _check(sop_class, path)


@pytest.mark.slow
def test_every_place_of_every_iod_has_the_type_of_the_source():
    for sop_class in _maps()[0]:
        for path in _expected(sop_class):
            _check(sop_class, path)
        _expected.cache_clear()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_place_of_any_iod_has_the_type_of_the_source(data):
    sop_class = data.draw(st.sampled_from(sorted(_maps()[0])))
    _check(sop_class, data.draw(st.sampled_from(sorted(_expected(sop_class)))))


@pytest.mark.parametrize(
    ("sop_class", "path", "kind"),
    [
        (CT, ("PatientName",), "2"),
        (CT, ("ContentDate",), "2C"),
        (ENHANCED_CT, ("ContentDate",), "1"),
        (ENHANCED_CT, ("DeviceSerialNumber",), "1"),
        (CT, ("DeviceSerialNumber",), "3"),
        (CT, ("RequestAttributesSequence", "RequestedProcedureID"), "1C"),
        (ENHANCED_MR, ("PerFrameFunctionalGroupsSequence", "FrameContentSequence", "FrameAcquisitionDateTime"), "1C"),
        (RTPLAN, ("BeamSequence", "ControlPointSequence", "ControlPointIndex"), "1"),
        (CT, ("PatientName", "PatientName"), None),
        (CT, ("AcquisitionContextSequence", "NoSuch"), None),
        ("1.2.3", ("PatientName",), None),
    ],
)
def test_known_places(sop_class, path, kind):
    assert iod.attribute_type(sop_class, _at(*path)) == kind


def test_content_items_nest_without_end():
    for depth in range(1, 40):
        path = _at(*["ContentSequence"] * depth, "TextValue")
        assert iod.attribute_type(COMPREHENSIVE_SR, path) == "1C"


def test_the_only_requirement_of_an_optional_module_may_go():
    assert iod.removable(GSPS, _at("GraphicAnnotationSequence"))
    assert iod.removable("1.2.840.10008.5.1.4.1.1.9.1.1", _at("WaveformAnnotationSequence"))
    assert not iod.removable(GSPS, _at("PresentationCreationDate"))
    assert not iod.removable(CT, _at("PixelData"))
    assert not iod.removable("1.2.840.10008.5.1.4.1.1.11.2", _at("ICCProfile"))
    assert not iod.removable(GSPS, _at("GraphicAnnotationSequence", "GraphicLayer"))
    assert not iod.removable("1.2.3", _at("GraphicAnnotationSequence"))


def test_retired_classes_follow_their_successors():
    assert iod.iod_of("1.2.840.10008.5.1.4.1.1.6") == "ultrasound-image"
    assert iod.known_sop_class("1.2.840.10008.5.1.4.1.1.3")
    assert not iod.known_sop_class("1.2.3")


def test_the_first_look_up_of_a_class_is_quick():
    best = 1.0
    for _ in range(5):
        iod._graph.cache_clear()
        iod._modules.cache_clear()
        start = time.process_time()
        iod.attribute_type(ENHANCED_CT, _at("SharedFunctionalGroupsSequence", "PixelMeasuresSequence"))
        best = min(best, time.process_time() - start)
    assert best < 0.01
