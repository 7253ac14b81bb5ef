"""Deflated and big endian inputs: what the walker sees is what pydicom reads in the file itself; damage has a name."""

import os
import stat
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom import raw
from workbench.dicom import source
from workbench.dicom.limits import Limits
from workbench.dicom.source import open_source, read_instance
from workbench.records.errors import InstanceRefused, WorkbenchError
from workbench.verify import harvest

DEFLATED = "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"


def deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


def big(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    length = len(value) if length is None else length
    if vr in raw.LONG:
        return struct.pack(">HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, length) + value
    return struct.pack(">HH2sH", tag >> 16, tag & 0xFFFF, vr, length) + value


def big_item(content: bytes, *, defined: bool = True) -> bytes:
    if defined:
        return struct.pack(">HHI", 0xFFFE, 0xE000, len(content)) + content
    return struct.pack(">HHI", 0xFFFE, 0xE000, raw.UNDEFINED) + content + struct.pack(">HHI", 0xFFFE, 0xE00D, 0)


def big_sequence(tag: int, *items: bytes, defined: bool = True) -> bytes:
    content = b"".join(items)
    if defined:
        return big(tag, b"SQ", content)
    return big(tag, b"SQ", content, raw.UNDEFINED) + struct.pack(">HHI", 0xFFFE, 0xE0DD, 0)


HEAD = big(0x00080016, b"UI", raw.CT + b"\0") + big(0x00080018, b"UI", b"1.2.3.4\0")


def write(folder: Path, data: bytes, syntax: str = BIG) -> Path:
    path = folder / "in.dcm"
    path.write_bytes(raw.file(data, syntax=syntax))
    return path


def little(path: Path, limits: Limits | None = None) -> bytes:
    """The converted data set."""
    with open_source(path, limits=limits or Limits()) as opened:
        return opened.read(0, opened.size)


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(InstanceRefused) as caught:
        read_instance(path, limits=limits or Limits())
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize(
    ("vr", "before", "after"),
    [
        (b"US", "0102 0304", "0201 0403"),
        (b"SS", "fffe", "feff"),
        (b"AT", "0010 0020", "1000 2000"),
        (b"OW", "0102 0304", "0201 0403"),
        (b"UL", "01020304", "04030201"),
        (b"SL", "01020304", "04030201"),
        (b"FL", "3f800000", "0000803f"),
        (b"OF", "3f800000", "0000803f"),
        (b"OL", "01020304", "04030201"),
        (b"FD", "3ff0000000000000", "000000000000f03f"),
        (b"OD", "3ff0000000000000", "000000000000f03f"),
        (b"SV", "0102030405060708", "0807060504030201"),
        (b"UV", "0102030405060708", "0807060504030201"),
        (b"OV", "0102030405060708", "0807060504030201"),
        (b"OB", "01020304", "01020304"),
        (b"UN", "01020304", "01020304"),
        (b"LO", "61626364", "61626364"),
        (b"UL", "01020304 0506", "04030201 0506"),
        (b"US", "010203", "020103"),
    ],
)
def test_numbers_are_turned_by_their_vr_and_keep_their_length(
    tmp_path: Path, vr: bytes, before: str, after: str
) -> None:
    path = write(tmp_path, HEAD + big(0x00091010, vr, bytes.fromhex(before)))
    assert little(path).endswith(raw.head(0x00091010, vr, len(bytes.fromhex(before))) + bytes.fromhex(after))


@pytest.mark.parametrize("bits", [1, 8, 16, 32, 64])
def test_words_of_pixel_data_are_turned_by_bits_allocated_of_their_own_item(tmp_path: Path, bits: int) -> None:
    """An icon of other samples stands before the picture and must not decide for it."""
    icon = big(0x00280100, b"US", b"\0\x40") + big(0x7FE00010, b"OW", bytes(range(16)))
    data = (
        HEAD
        + big(0x00280100, b"US", bits.to_bytes(2, "big"))
        + big_sequence(0x00880200, big_item(icon))
        + big(0x7FE00010, b"OW", bytes(range(16)))
    )
    unit = {32: 4, 64: 8}.get(bits, 2)
    turned = b"".join(bytes(range(at, at + unit))[::-1] for at in range(0, 16, unit))
    found = little(write(tmp_path, data))
    assert found.endswith(turned)
    assert bytes(range(8))[::-1] + bytes(range(8, 16))[::-1] in found


def test_waveform_samples_are_turned_by_waveform_bits_allocated(tmp_path: Path) -> None:
    group = big(0x54001004, b"US", b"\0\x20") + big(0x54001010, b"OW", bytes(range(8)))
    found = little(write(tmp_path, HEAD + big_sequence(0x54000100, big_item(group))))
    assert found.endswith(bytes([3, 2, 1, 0, 7, 6, 5, 4]))


@pytest.mark.parametrize("defined", [True, False])
def test_sequences_at_every_depth_are_turned(tmp_path: Path, defined: bool) -> None:
    content = big(0x00280010, b"US", b"\0\7")
    for _ in range(10):
        content = big_sequence(0x00081140, big_item(content, defined=defined), big_item(b""), defined=defined)
    path = write(tmp_path, HEAD + content)
    assert raw.element(0x00280010, b"US", b"\7\0") in little(path)
    assert read_instance(path).inventory() == harvest(path, 0).inventory


def test_unknown_content_is_little_endian_already(tmp_path: Path) -> None:
    """PS3.5 6.2.2: what stands under UN is implicit VR little endian in whatever transfer syntax."""
    inner = raw.item(raw.element(0x00100010, b"PN", b"Mustermann", explicit=False), defined=False)
    nested = raw.item(raw.sequence(0x00081140, inner, defined=False, explicit=False))
    content = nested + raw.item(b"")
    data = (
        HEAD
        + big(0x00091010, b"UN", content)
        + big(0x00091011, b"UN", content, raw.UNDEFINED)
        + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        + big(0x00100020, b"LO", b"AB")
    )
    path = write(tmp_path, data)
    found = little(path)
    assert found.count(content) == 2
    assert found.endswith(raw.element(0x00100020, b"LO", b"AB"))
    assert read_instance(path).inventory() == harvest(path, 0).inventory


BIG_DAMAGE = [
    ("dicom-truncated", HEAD + big(0x00091010, b"OB", b"ab", 40)),
    ("dicom-truncated", HEAD + big(0x00091010, b"SQ", b"", raw.UNDEFINED)),
    ("dicom-truncated", HEAD + big(0x00091010, b"UN", b"", raw.UNDEFINED) + struct.pack("<HHI", 0xFFFE, 0xE000, 0)),
    ("dicom-truncated", HEAD + b"\0\x10\0"),
    ("vr-unknown", HEAD + big(0x00091010, b"ZZ", b"ab")),
    ("undefined-length", HEAD + big(0x00091010, b"OB", b"", raw.UNDEFINED)),
    ("undefined-length", HEAD + big(0x7FE00010, b"OW", b"", raw.UNDEFINED)),
    ("sequence-damaged", HEAD + big_sequence(0x00081140, big(0x00091010, b"LO", b""))),
    ("item-length-wrong", HEAD + big_sequence(0x00081140, big_item(big(0x00091010, b"OB", b"", 8))) + bytes(99)),
    ("item-length-wrong", HEAD + big_sequence(0x00081140, struct.pack(">HHI", 0xFFFE, 0xE000, 40)) + bytes(99)),
    ("transfer-syntax-wrong", raw.instance()),
    ("no-data-set", b""),
]


@pytest.mark.parametrize(("code", "data"), BIG_DAMAGE, ids=[f"{n}-{code}" for n, (code, _) in enumerate(BIG_DAMAGE)])
def test_a_big_endian_data_set_that_does_not_add_up_is_refused_by_name(tmp_path: Path, code: str, data: bytes) -> None:
    assert refusal(write(tmp_path, data)) == code


def test_depth_and_number_of_elements_are_bounded(tmp_path: Path) -> None:
    content = b""
    for _ in range(250):
        content = big_sequence(0x00081140, big_item(content, defined=False), defined=False)
    assert refusal(write(tmp_path, HEAD + content)) == "nesting-too-deep"
    many = HEAD + b"".join(big(0x00091010 + n, b"LO", b"") for n in range(100))
    assert refusal(write(tmp_path, many), Limits(elements=50)) == "too-many-elements"
    unknown = HEAD + big(0x00091010, b"UN", struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 100, raw.UNDEFINED)
    assert refusal(write(tmp_path, unknown), Limits(elements=50)) == "too-many-elements"


def test_bytes_behind_the_pixel_data_of_a_big_endian_file_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + big(0x7FE00010, b"OB", b"ab") + b"garbage of no element")
    assert read_instance(path).trailing == 21


def test_a_deflated_data_set_is_what_it_inflates_to(tmp_path: Path) -> None:
    data = raw.instance(raw.element(0x7FE00010, b"OW", os.urandom(3 << 20)))
    with open_source(write(tmp_path, deflate(data), DEFLATED), scratch=tmp_path) as opened:
        assert opened.read(0, opened.size) == data
        found = opened.walk()
    assert (found.syntax, found.converted_from, found.trailing) == (raw.EXPLICIT, DEFLATED, 0)


@pytest.mark.parametrize(("more", "behind"), [(b"", 0), (b"\0", 0), (b"\1", 1), (b"garbage behind", 14)])
def test_what_follows_the_stream_is_counted_and_left_out(tmp_path: Path, more: bytes, behind: int) -> None:
    path = write(tmp_path, deflate(raw.instance()) + more, DEFLATED)
    assert read_instance(path).trailing == behind


def test_garbage_within_the_stream_is_counted_too(tmp_path: Path) -> None:
    data = raw.instance(raw.element(0x7FE00010, b"OW", b"ab")) + b"garbage of no element"
    assert read_instance(write(tmp_path, deflate(data), DEFLATED)).trailing == 21


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 2 << 20, (1 << 20) - 1])
def test_output_that_fills_the_pieces_exactly_is_whole(tmp_path: Path, size: int) -> None:
    data = raw.instance() + raw.head(0x7FE00010, b"OW", 0)
    data += raw.head(0x7FE10010, b"UT", size - len(data) - 12) + b" " * (size - len(data) - 12)
    path = write(tmp_path, deflate(data), DEFLATED)
    assert little(path) == data
    assert read_instance(path).inventory() == harvest(path, 0).inventory


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 40, raw.instance(), deflate(raw.instance())[:-4], zlib.compress(raw.instance())],
    ids=["empty", "no-deflate", "not-deflated", "cut", "zlib-wrapped"],
)
def test_a_damaged_stream_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    assert refusal(write(tmp_path, content, DEFLATED)) == "inflate-damaged"


def test_a_bomb_is_stopped_by_what_comes_out_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, deflate(raw.instance() + raw.element(0x7FE00010, b"OB", bytes(64 << 20))), DEFLATED)
    assert path.stat().st_size < 100_000
    assert refusal(path, Limits(inflated=8 << 20)) == "inflate-too-large"
    assert read_instance(path).payloads[0x7FE00010].length == 64 << 20


def test_a_converted_file_has_no_name_and_no_other_reader(tmp_path: Path) -> None:
    path = write(tmp_path, deflate(raw.instance()), DEFLATED)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_source(path, scratch=scratch) as opened:
        state = os.fstat(opened.descriptor)
        assert not list(scratch.iterdir())
    assert state.st_nlink == 0
    assert stat.S_IMODE(state.st_mode) == 0o600
    assert state.st_dev == scratch.stat().st_dev
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened.descriptor)


def test_a_file_system_without_nameless_files_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse_nameless(path: str | Path, flags: int, mode: int = 0o777, **given: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "not supported")
        return real(path, flags, mode, **given)

    path = write(tmp_path, deflate(raw.instance()), DEFLATED)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(os, "open", refuse_nameless)
    with open_source(path, scratch=scratch) as opened:
        assert opened.read(0, opened.size) == raw.instance()
        assert stat.S_IMODE(os.fstat(opened.descriptor).st_mode) == 0o600
        assert not list(scratch.iterdir())


def test_a_full_disk_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "full")

    path = write(tmp_path, deflate(raw.instance()), DEFLATED)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(WorkbenchError) as caught:
        read_instance(path)
    assert caught.value.code == "disk-full"


def test_an_ordinary_file_is_not_copied(tmp_path: Path) -> None:
    path = write(tmp_path, raw.instance(), raw.EXPLICIT)
    with open_source(path) as opened:
        assert os.fstat(opened.descriptor).st_ino == path.stat().st_ino
        assert opened.walk().converted_from == ""


def converted_samples() -> list[Path]:
    packages = Path(pydicom.__file__).parents[1]
    chosen = []
    for path in sorted([*packages.glob("pydicom/data/test_files/*.dcm"), *packages.glob("data_store/data/*.dcm")]):
        data = path.read_bytes()[:1024]
        syntax = data[data.find(b"\2\0\x10\0UI") + 8 :][:22].split(b"\0")[0].decode("latin-1").strip()
        if syntax in (DEFLATED, BIG):
            chosen.append(path)
    return chosen


@pytest.mark.parametrize("path", converted_samples(), ids=lambda path: path.name)
def test_real_files_are_what_pydicom_reads_in_them(path: Path) -> None:
    """Two readers, one of the conversion and one of the file: the same elements, values and numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pydicom.dcmread(path)
        with open_source(path) as opened:
            found = opened.walk()
            own = pydicom.dcmread(BytesIO(raw.file(opened.read(0, opened.size))))
        assert found.inventory() == harvest(path, 0).inventory
        assert [element.tag for element in own] == [element.tag for element in theirs]
        for element in theirs:
            value = element.value
            if element.VR == "OW" and theirs.original_encoding == (False, False):  # left to the caller
                value = np.frombuffer(value, ">u2").astype("<u2").tobytes()
            if element.tag not in (0x7FE00010, 0x00080005):
                assert own[element.tag].value == value, element.tag
        if "PixelData" in theirs:
            assert (own.pixel_array == theirs.pixel_array).all()


PIECES = st.sampled_from(
    [
        big(0x00280010, b"US", b"\0\7"),
        big(0x00091010, b"UN", b"abcd"),
        big(0x00091012, b"FD", bytes(8)),
        big(0x00100010, b"PN", b"Muster^E"),
        big_item(b"", defined=False),
        struct.pack(">HHI", 0xFFFE, 0xE0DD, 0),
        struct.pack("<HHI", 0xFFFE, 0xE0DD, 0),
        big(0x00081140, b"SQ", b"", raw.UNDEFINED),
        big(0x00091011, b"UN", b"", raw.UNDEFINED),
        struct.pack(">HHI", 0xFFFE, 0xE000, 24),
        b"\0\x10",
    ]
)


@given(st.lists(PIECES, max_size=12), st.sampled_from([BIG, DEFLATED]))
def test_whatever_stands_there_is_read_alike_by_both_readers_or_refused(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], syntax: str
) -> None:
    data = HEAD + b"".join(pieces) if syntax == BIG else deflate(raw.instance()) + b"".join(pieces)
    path = write(tmp_path_factory.mktemp("any"), data, syntax)
    try:
        own = read_instance(path).inventory()
        theirs = harvest(path, 0).inventory
    except InstanceRefused:
        return
    assert own == theirs


def test_the_module_reads_nothing_that_it_need_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "swap", None)
    monkeypatch.setattr(source, "inflate", None)
    assert read_instance(write(tmp_path, raw.instance(), raw.EXPLICIT)).by_tag
