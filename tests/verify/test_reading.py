"""The verifier's reading of a file: complete, exact by `records.inventory`, bounded, a refusal instead of a crash."""

import os
import subprocess
import sys
import tempfile
import tracemalloc
from contextlib import suppress
from functools import cache
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import ImplicitVRLittleEndian

from tests.verify import making
from workbench.records.errors import InstanceRefused
from workbench.records.inventory import ITEM
from workbench.verify import Harvester, Sceptic, harvest, merge, merge_uids
from workbench.verify.reading import Reader
from workbench.verify.source import HeldBytes

EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"

Tree = list[tuple[int, str, object]]
"""(tag, VR, bytes or list of items); items and sequences carry whether their length is written."""

_LEAVES = {"LO": 0x00081030, "UI": 0x00081155, "UN": 0x00189999, "OB": 0x00282000, "US": 0x00280010}


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> Tree:
    tree: Tree = []
    for vr in draw(st.lists(st.sampled_from(sorted(_LEAVES)), unique=True)):
        value = draw(st.binary(max_size=6).map(lambda b: b + b"\0" * (len(b) % 2)))
        tree.append((_LEAVES[vr], vr, value))
    if depth < 4 and draw(st.booleans()):
        items = draw(st.lists(st.tuples(st.booleans(), trees(depth + 1)), max_size=3))
        tree.append((0x00081140, "SQ", (draw(st.booleans()), items)))
    return sorted(tree, key=lambda each: each[0])


def encode(tree: Tree, *, explicit: bool, depth: int, flat: list[int]) -> bytes:
    """Write a tree, and enter what an inventory must say of it."""
    out = b""
    for tag, vr, value in tree:
        out += pack("<HH", tag >> 16, tag & 0xFFFF)
        if isinstance(value, bytes):
            flat += (depth, tag, len(value))
            if not explicit:
                out += pack("<I", len(value))
            elif vr in ("OB", "UN"):
                out += vr.encode() + b"\0\0" + pack("<I", len(value))
            else:
                out += vr.encode() + pack("<H", len(value))
            out += value
            continue
        flat += (depth, tag, -1)
        assert isinstance(value, tuple)
        defined, items = value
        inner = b""
        for item_defined, item in items:
            flat += (depth + 1, ITEM, -1)
            content = encode(item, explicit=explicit, depth=depth + 1, flat=flat)
            length = len(content) if item_defined else 0xFFFFFFFF
            inner += pack("<HHI", 0xFFFE, 0xE000, length) + content
            inner += b"" if item_defined else pack("<HHI", 0xFFFE, 0xE00D, 0)
        inner += b"" if defined else pack("<HHI", 0xFFFE, 0xE0DD, 0)
        out += (b"SQ\0\0" if explicit else b"") + pack("<I", len(inner) if defined else 0xFFFFFFFF) + inner
    return out


def file_of(content: bytes, syntax: str = EXPLICIT) -> bytes:
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = b"\x02\0\x10\0UI" + pack("<H", len(uid)) + uid
    return bytes(128) + b"DICM\x02\0\0\0UL\x04\0" + pack("<I", len(meta)) + meta + content


@given(tree=trees(), explicit=st.booleans(), large=st.booleans())
def test_the_inventory_says_what_was_written(tree: Tree, explicit: bool, large: bool) -> None:
    flat: list[int] = [0, 0x00080016, 2]
    content = (b"\x08\0\x16\0" + (b"UI\2\0" if explicit else b"\2\0\0\0")) + b"1\0"
    content += encode(tree, explicit=explicit, depth=0, flat=flat)
    if large:  # beyond the first window
        value = bytes(70_000)
        content += b"\x42\0\x11\0" + (b"OB\0\0" if explicit else b"") + pack("<I", len(value)) + value
        flat += [0, 0x00420011, len(value)]
    raw = file_of(content, EXPLICIT if explicit else IMPLICIT)
    reading = Reader().read(HeldBytes(raw))
    assert list(reading.inventory()) == flat
    assert reading.end == len(raw)


@given(st.binary(max_size=400))
def test_garbage_is_refused_and_never_crashes(garbage: bytes) -> None:
    for raw in (garbage, file_of(garbage), file_of(garbage, IMPLICIT)):
        with suppress(InstanceRefused):
            Reader().read(HeldBytes(raw))


@given(at=st.integers(0, 3000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_is_read_or_refused(at: int, byte: int, cut: bool) -> None:
    raw = bytearray(sample())
    at %= len(raw)
    raw[at] = byte
    with suppress(InstanceRefused):
        Reader().read(HeldBytes(bytes(raw[:at] if cut else raw)))


@cache
def sample() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return making.save(making.image(), Path(folder) / "a.dcm").read_bytes()


def nested(levels: int, *, defined: bool) -> bytes:
    content = b"\x08\0\x16\0UI\2\x001\0"
    inner = b""
    for _level in range(levels):
        if defined:
            item = pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
            inner = b"\x08\0\x40\x11SQ\0\0" + pack("<I", len(item)) + item
        else:
            item = pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + pack("<HHI", 0xFFFE, 0xE00D, 0)
            inner = b"\x08\0\x40\x11SQ\0\0" + pack("<I", 0xFFFFFFFF) + item + pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return file_of(content + inner)


@pytest.mark.parametrize("defined", [True, False])
@pytest.mark.parametrize("levels", [250, 3000])
def test_deep_nesting_is_refused_with_bounded_memory(levels: int, defined: bool, tmp_path: Path) -> None:
    path = tmp_path / "deep.dcm"
    path.write_bytes(nested(levels, defined=defined))
    tracemalloc.start()
    with pytest.raises(InstanceRefused, match="nested too deep"):
        harvest(path, 0)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 << 20


@pytest.mark.parametrize("defined", [True, False])
def test_moderate_nesting_is_read(defined: bool) -> None:
    assert max(Reader().read(HeldBytes(nested(40, defined=defined))).inventory()[::3]) == 40


def test_a_stray_delimiter_does_not_hide_what_follows() -> None:
    content = b"\x08\0\x16\0UI\2\x001\0" + pack("<HHI", 0xFFFE, 0xE00D, 0) + b"\x10\0\x10\0PN\x06\0Smith "
    with pytest.raises(InstanceRefused):
        Reader().read(HeldBytes(file_of(content)))


def test_elements_after_pixel_data_are_seen() -> None:
    content = b"\x08\0\x16\0UI\2\x001\0" + b"\xe0\x7f\x10\0OW\0\0\4\0\0\0abcd" + b"\xe1\x7f\x10\x10LO\2\0xy"
    reading = Reader().read(HeldBytes(file_of(content)))
    assert [element.tag for element in reading.elements] == [0x00080016, 0x7FE00010, 0x7FE11010]


def test_encapsulated_pixel_data_is_stepped_over() -> None:
    fragments = b"".join(pack("<HHI", 0xFFFE, 0xE000, len(each)) + each for each in (b"", b"ab", b"cdef"))
    content = (
        b"\x08\0\x16\0UI\2\x001\0\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" + fragments + pack("<HHI", 0xFFFE, 0xE0DD, 0)
    )
    reading = Reader().read(HeldBytes(file_of(content, "1.2.840.10008.1.2.4.50")))
    assert reading.inventory() == (0, 0x00080016, 2, 0, 0x7FE00010, -1)
    assert list(reading.fragments[1::2]) == [0, 2, 4]
    assert reading.trailing == 0


def test_un_of_undefined_length_holds_items_in_implicit_syntax() -> None:
    item = pack("<HHI", 0xFFFE, 0xE000, 14) + b"\x10\0\x10\0" + pack("<I", 6) + b"Smith "
    content = b"\x08\0\x16\0UI\2\x001\0\x29\0\x10\x10UN\0\0\xff\xff\xff\xff" + item + pack("<HHI", 0xFFFE, 0xE0DD, 0)
    expected = (0, 0x00080016, 2, 0, 0x00291010, -1, 1, ITEM, -1, 1, 0x00100010, 6)
    assert Reader().read(HeldBytes(file_of(content))).inventory() == expected


def test_a_file_without_preamble_and_meta_is_read(tmp_path: Path) -> None:
    raw = making.save(making.image(), tmp_path / "a.dcm").read_bytes()
    bare = tmp_path / "bare.dcm"
    bare.write_bytes(raw[raw.index(b"\x08\0\x05\0CS") :])
    assert harvest(bare, 0).inventory == harvest(tmp_path / "a.dcm", 0).inventory


def test_reading_shared_by_harvester_and_sceptic_changes_no_result(tmp_path: Path) -> None:
    source = making.save(making.image(), tmp_path / "a.dcm", ImplicitVRLittleEndian)
    reader = Reader()
    one = Harvester(reader).harvest(source, 0)
    shared = Sceptic(merge([one]), merge_uids([one]), reader=reader).examine(source, source, 0)
    assert shared == Sceptic(merge([one]), merge_uids([one]), reader=Reader()).examine(source, source, 0)


def test_a_source_that_changed_since_is_read_anew(tmp_path: Path) -> None:
    source = making.save(making.image(), tmp_path / "a.dcm")
    reader = Reader()
    one = Harvester(reader).harvest(source, 0)
    making.save(making.image(PatientComments="other and longer words than before, by far"), source)
    output = making.save(making.image(PatientComments="other and longer words than before, by far"), tmp_path / "b.dcm")
    found = Sceptic(merge([one]), merge_uids([one]), reader=reader).examine(source, output, 0).findings
    assert any(finding.check == "rows-unchanged" and finding.where == "(0010,4000)" for finding in found)


def test_an_absent_file_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(InstanceRefused):
        harvest(tmp_path / "none", 0)


@pytest.mark.slow
def test_a_gigabyte_of_frames_takes_little_memory(tmp_path: Path) -> None:
    dataset = making.image()
    making.encapsulated(dataset, b"\0\0")
    small = making.save(dataset, tmp_path / "small.dcm", "1.2.840.10008.1.2.4.50").read_bytes()
    start = small.index(b"\xe0\x7f\x10\0OB") + 12
    for name in ("in.dcm", "out.dcm"):
        with (tmp_path / name).open("wb") as file:
            file.write(small[:start] + pack("<HHI", 0xFFFE, 0xE000, 0))
            for _fragment in range(256):
                file.write(pack("<HHI", 0xFFFE, 0xE000, 4 << 20))
                file.seek(4 << 20, os.SEEK_CUR)
            file.write(pack("<HHI", 0xFFFE, 0xE0DD, 0))
    script = (
        "import sys; from pathlib import Path; import pydicom, numpy; from workbench.verify import *;"
        "from tests.peak import peak_kib; a, b = map(Path, sys.argv[1:]); base = peak_kib();"
        "h = harvest(a, 0); e = Sceptic(merge([h]), merge_uids([h])).examine(a, b, 0); assert e.pixels_equal;"
        "print(peak_kib() - base)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "in.dcm", tmp_path / "out.dcm"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 60 << 10
