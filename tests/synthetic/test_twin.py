"""A planted twin: every place holds something, each value is known again, and nothing of the original is taken over."""

from pathlib import Path

import pydicom
import pytest

from workbench.standard.dictionary import VR
from workbench.synthetic.twin import Place, Twin, write_twin
from workbench.synthetic.twin_search import Search, opened
from workbench.synthetic.twin_shape import CARRIERS, STRUCTURAL, shape_of, shapes_of, standard_shapes
from workbench.synthetic.twin_values import Identity

SEED = 7


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return write_twin(standard_shapes(), tmp_path_factory.mktemp("twin"), seed=SEED)


def test_every_place_and_every_class_is_planted(twin: Twin) -> None:
    assert {entry.place for entry in twin.planted} == set(Place)
    assert {entry.identity for entry in twin.planted} == set(Identity)


def test_every_attribute_that_can_carry_identity_is_planted_at_the_top_and_in_an_item(twin: Twin) -> None:
    top = {entry.path[0] for entry in twin.planted if len(entry.path) == 1}
    nested = {entry.path[-1] for entry in twin.planted if len(entry.path) > 1}
    carriers = {
        tag
        for tag, vr in VR.items()
        if vr in CARRIERS - {"UI"} and tag not in STRUCTURAL and 0x0008 <= tag >> 16 < 0x7FE0 and tag >> 16 != 0x0004
    }
    assert carriers - top - {0x00100020} == set()
    assert carriers - nested == set()


def test_each_planted_value_is_found_where_it_was_planted(twin: Twin) -> None:
    """The search is complete: applied to the twin itself, it finds everything."""
    search = Search(twin.planted)
    found = set()
    for number, path in enumerate(twin.files):
        found |= {(hit.planted.instance, hit.planted.needles) for hit in search.look(path.read_bytes(), number)}
    planted = {(entry.instance, entry.needles) for entry in twin.planted}
    assert planted - found == set()


def test_pydicom_opens_every_object(twin: Twin) -> None:
    for path, sop_class in zip(twin.files, twin.sop_classes, strict=True):
        assert opened(path.read_bytes()).SOPClassUID == sop_class


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_words(tmp_path: Path) -> None:
    shapes = standard_shapes(("1.2.840.10008.5.1.4.1.1.2",))
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        write_twin(shapes, tmp_path / name, seed=seed)
    one, two, other = ((tmp_path / name / "0000.dcm").read_bytes() for name in "abc")
    assert one == two
    assert one != other


def test_a_shape_has_the_structure_of_a_file_and_none_of_its_values(demo_studies, tmp_path: Path) -> None:
    for study in demo_studies:
        shapes = shapes_of(study.folder)
        assert shapes
        (tmp_path / study.kind).mkdir()
        twin = write_twin(shapes, tmp_path / study.kind, seed=SEED)
        written = b"".join(path.read_bytes() for path in twin.files)
        for place, text in study.planted.items():
            if len(text) >= 6 and not place.startswith("burned"):
                assert text.encode() not in written, place


def test_a_twin_keeps_private_blocks_and_depth_of_its_original(tmp_path: Path) -> None:
    original = pydicom.Dataset()
    original.file_meta = pydicom.dataset.FileMetaDataset()
    original.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    original.SOPClassUID, original.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", "1.2.3.4"
    block = original.private_block(0x0029, "MAKER 7", create=True)
    block.add_new(0x08, "LO", "Original Value")
    inner = pydicom.Dataset()
    inner.OperatorsName = "Original^Operator"
    outer = pydicom.Dataset()
    outer.add_new(0x00081115, "SQ", [inner])
    original.add_new(0x00081140, "SQ", [outer])
    original.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    shape = shape_of(tmp_path / "one.dcm")
    assert shape is not None
    (tmp_path / "out").mkdir()
    twin = write_twin((shape,), tmp_path / "out", seed=SEED)
    made = opened(twin.files[0].read_bytes())
    assert made.private_block(0x0029, "MAKER 7")[0x08].value != "Original Value"
    assert made[0x00081140].value[0][0x00081115].value[0].OperatorsName != "Original^Operator"
    assert b"Original" not in twin.files[0].read_bytes()


def test_what_is_no_object_has_no_shape(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no object")
    assert shapes_of(tmp_path) == ()
