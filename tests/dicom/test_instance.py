"""The walker: what it reads, and that it reads nothing that does not add up."""

import struct
import warnings
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom import raw
from workbench.dicom.instance import Instance, Payload, walk_instance
from workbench.dicom.limits import Limits
from workbench.records.errors import InstanceRefused
from workbench.records.inventory import ITEM


def walk(data: bytes, limits: Limits | None = None) -> Instance:
    return walk_instance(lambda at, count: data[at : at + count], len(data), limits=limits or Limits())


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(InstanceRefused) as caught:
        walk(data, limits)
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("explicit", [True, False])
def test_values_of_both_syntaxes_are_found(explicit: bool) -> None:
    syntax = raw.EXPLICIT if explicit else raw.IMPLICIT
    found = walk(raw.file(raw.instance(explicit=explicit), syntax=syntax))
    assert found.values(frozenset({0x00100020})) == {0x00100020: b"MRN-4711"}


@pytest.mark.parametrize("defined", [True, False])
def test_items_are_walked_whatever_their_length_form(defined: bool) -> None:
    inner = raw.element(0x00081155, b"UI", b"1.9")
    found = walk(
        raw.file(
            raw.instance(raw.sequence(0x00081140, raw.item(inner, defined=defined), raw.item(b""), defined=defined))
        )
    )
    flat = found.inventory()
    at = flat.index(0x00081140)
    assert flat[at - 1 : at + 11] == (0, 0x00081140, -1, 1, ITEM, -1, 1, 0x00081155, 4, 1, ITEM, -1)


def test_elements_behind_pixel_data_are_walked() -> None:
    tail = raw.element(0x7FE10010, b"LO", b"PRIVATE")
    found = walk(raw.file(raw.instance(raw.element(0x7FE00010, b"OW", bytes(300_000)), tail)))
    assert [element[0] for element in found.elements][-2:] == [0x7FE00010, 0x7FE10010]
    assert found.trailing == 0


def test_pixel_data_stay_in_the_file() -> None:
    pixels = b"\1\2" * 150_000
    data = raw.file(raw.instance(raw.element(0x7FE00010, b"OW", pixels)))
    found = walk(data)
    offset, length = found.payloads[0x7FE00010]
    assert data[offset : offset + length] == pixels
    assert len(found.buffer) < 2000


def test_fragments_are_stepped_over_and_known_by_place() -> None:
    data = raw.file(raw.instance(raw.fragments(b"\xff\xd8AA", b"BBBBBB")), syntax=raw.JPEG)
    found = walk(data)
    assert [data[at : at + size] for at, size in found.fragments] == [b"", b"\xff\xd8AA", b"BBBBBB"]
    assert found.payloads[0x7FE00010] == Payload(data.index(raw.fragments(b"")[12:20]), 8 * 4 + 4 + 6)


def test_a_value_larger_than_the_limit_is_a_payload() -> None:
    data = raw.file(raw.instance(raw.element(0x00091010, b"OB", bytes(5000)), raw.element(0x00280010, b"US", b"\4\0")))
    found = walk(data, Limits(value=4096))
    assert found.payloads[0x00091010].length == 5000
    assert found.values(frozenset({0x00280010})) == {0x00280010: b"\4\0"}


def test_a_header_larger_than_the_first_read_is_read_on() -> None:
    items = [raw.item(raw.element(0x00081155, b"UI", b"1.2.%d" % number)) for number in range(30_000)]
    found = walk(raw.file(raw.instance(raw.sequence(0x00081140, *items))))
    assert len(found.inventory()) > 3 * 2 * 30_000


def test_trailing_bytes_that_are_no_element_are_counted() -> None:
    data = raw.file(raw.instance(raw.element(0x7FE00010, b"OW", bytes(8)))) + b"SOME GARBAGE"
    assert walk(data).trailing == 12


def test_a_file_without_file_format_is_read() -> None:
    assert walk(raw.instance()).syntax == raw.EXPLICIT
    assert walk(raw.instance(explicit=False)).syntax == raw.IMPLICIT


NESTED = raw.element(0x00081150, b"UI", b"1.2")
for _ in range(40):
    NESTED = raw.sequence(0x00081140, raw.item(NESTED))


def references(*items: bytes) -> bytes:
    return raw.file(raw.instance(raw.sequence(0x00081140, *items)))


REFERENCE = raw.element(0x00081155, b"UI", b"1.2.840")

DAMAGED = [
    ("not-dicom", b"This is a text file and nothing else, long enough to be looked at." * 4),
    ("not-dicom", b""),
    ("dicom-truncated", raw.file(raw.instance(raw.element(0x7FE00010, b"OW", bytes(800))))[:-4]),
    ("dicom-truncated", raw.file(raw.instance())[:-3]),
    ("dicom-truncated", raw.file(raw.instance() + raw.head(0x00400001, b"LT", 60_000) + b"abc")),
    ("dicom-truncated", raw.file(raw.instance(raw.fragments(b"\xff\xd8"))[:-8], syntax=raw.JPEG)),
    ("transfer-syntax-frames-deflated", raw.file(raw.instance(), syntax="1.2.840.10008.1.2.8.1")),
    ("transfer-syntax-referenced", raw.file(raw.instance(), syntax="1.2.840.10008.1.2.4.95")),
    ("transfer-syntax-unknown", raw.file(raw.instance(), syntax="1.2.3")),
    ("transfer-syntax-unknown", raw.file(raw.instance(), syntax="")),
    ("transfer-syntax-wrong", raw.file(raw.instance(), syntax=raw.IMPLICIT)),
    ("transfer-syntax-wrong", raw.file(raw.instance(explicit=False), syntax=raw.EXPLICIT)),
    ("vr-unknown", raw.file(raw.instance() + b"\x21\0\0\1ZZ\2\0ab")),
    ("duplicate-element", raw.file(raw.instance() + raw.element(0x0020000E, b"UI", b"1.5"))),
    ("duplicate-element", references(raw.item(REFERENCE + REFERENCE))),
    ("item-length-wrong", references(struct.pack("<HHI", 0xFFFE, 0xE000, 400))),
    ("item-length-wrong", references(raw.item(raw.head(0x00081155, b"UI", 90)))),
    ("sequence-damaged", references(b"\x08\0\x08\0ABCD")),
    ("undefined-length", raw.file(raw.instance() + raw.head(0x00400001, b"OB", raw.UNDEFINED))),
    (
        "fragments-damaged",
        raw.file(raw.instance() + raw.head(0x7FE00010, b"OB", raw.UNDEFINED) + bytes(64), syntax=raw.JPEG),
    ),
    ("nesting-too-deep", raw.file(raw.instance(NESTED))),
    ("group-misplaced", raw.file(raw.instance() + raw.element(0xFFFEE00D, b"", b"")[:8])),
    ("no-data-set", raw.file(b"")),
]


@pytest.mark.parametrize(("code", "data"), DAMAGED, ids=[f"{n}-{code}" for n, (code, _) in enumerate(DAMAGED)])
def test_what_does_not_add_up_is_refused_by_name(code: str, data: bytes) -> None:
    assert refusal(data) == code


def test_depth_is_bounded_before_memory_is() -> None:
    """The file that makes a recursive reader use gigabytes: hundreds of levels in a few kilobytes."""
    content = b""
    for _ in range(250):
        content = raw.sequence(0x00081140, raw.item(content, defined=False), defined=False)
    assert refusal(raw.file(raw.instance(content))) == "nesting-too-deep"


def test_count_and_memory_are_bounded() -> None:
    items = [raw.item(raw.element(0x00081155, b"UI", b"1.2")) for _ in range(500)]
    data = raw.file(raw.instance(raw.sequence(0x00081140, *items)))
    assert refusal(data, Limits(elements=400)) == "too-many-elements"
    long = raw.file(raw.instance(raw.sequence(0x00081140, *(items * 40))))
    assert refusal(long, Limits(header=200_000)) == "header-too-large"


@given(st.data())
def test_no_damage_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    """Property: whatever bytes are changed, cut or doubled, the walker reads or refuses."""
    good = raw.file(
        raw.instance(
            raw.sequence(0x00081140, raw.item(raw.element(0x00081155, b"UI", b"1.9")), defined=False),
            raw.element(0x00291010, b"UN", b"abcd"),
            raw.element(0x7FE00010, b"OW", bytes(64)),
        )
    )
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(128, len(changed) - 1))
        kind = data.draw(st.sampled_from(("flip", "cut", "double", "ff")))
        if kind == "flip":
            changed[at] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del changed[at : at + data.draw(st.integers(1, 9))]
        elif kind == "double":
            changed[at:at] = changed[at : at + 16]
        else:
            changed[at : at + 4] = b"\xff\xff\xff\xff"
    try:
        found = walk(bytes(changed))
    except InstanceRefused:
        return
    assert all(place[0] >= 0 and place[0] + place[1] <= len(changed) for place in found.payloads.values())


def test_pydicom_sees_the_same_top_level(tmp_path: Path) -> None:
    """Two independent readers agree on every file of pydicom's own collection that the walker accepts."""
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    agreed = 0
    for path in sorted(folder.rglob("*.dcm")):
        try:
            found = walk_instance(_reader(path), path.stat().st_size)
        except InstanceRefused:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags = list(map(int, pydicom.dcmread(path, force=True).keys()))
        assert [element[0] for element in found.elements] == [tag for tag in tags if tag], path.name
        agreed += 1
    assert agreed > 60


def _reader(path: Path):
    data = path.read_bytes()
    return lambda at, count: data[at : at + count]
