"""Parts to a file: whole, exact, or not at all."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.dicom.parts import MaskedRange, Part, Range, write_parts
from workbench.records.errors import WorkbenchError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(bytes(range(256)) * 8192)
    return path


def write(source: Path, target: Path, parts: list[Part]) -> int:
    with source.open("rb") as stream:
        return write_parts(stream.fileno(), parts, target)


def test_bytes_and_ranges_come_in_order(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    size = write(source, target, [b"head", Range(10, 5), b"", Range(1_500_000, 400_000)])
    data = source.read_bytes()
    assert target.read_bytes() == b"head" + data[10:15] + data[1_500_000:1_900_000]
    assert size == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("width", "bits", "shift"), [(1, 7, 0), (2, 12, 0), (2, 12, 4), (4, 24, 0)])
@pytest.mark.parametrize("signed", [False, True])
def test_bits_outside_bits_stored_are_cleared(tmp_path: Path, width: int, bits: int, shift: int, signed: bool) -> None:
    kind = f"<{'i' if signed else 'u'}{width}"
    samples = np.random.default_rng(3).integers(0, 256, 300_000 * width, dtype=np.uint8).view(kind)
    (tmp_path / "s").write_bytes(samples.tobytes())
    write(tmp_path / "s", tmp_path / "t", [MaskedRange(0, samples.nbytes, width, bits, shift, signed)])
    stored = np.frombuffer((tmp_path / "t").read_bytes(), kind)
    mask = np.array(((1 << bits) - 1) << shift).astype(f"<u{width}").view(kind)
    assert np.array_equal(stored & mask, samples & mask)
    outside = stored & ~mask
    if not signed:
        assert not outside.any()
    elif not shift:
        assert np.array_equal(stored < 0, (samples >> (bits - 1) & 1).astype(bool))


def test_an_existing_file_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    with pytest.raises(WorkbenchError) as caught:
        write(source, tmp_path / "target", [b"x"])
    assert caught.value.code == "output-not-written"
    assert (tmp_path / "target").read_bytes() == b"mine"


def test_a_source_that_became_shorter_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        write(source, tmp_path / "target", [Range(source.stat().st_size - 3, 10)])
    assert caught.value.code == "source-changed"
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("call", ["write", "sendfile"])
@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EIO, "output-not-written")])
def test_a_failing_disk_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, "broken")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(WorkbenchError) as caught:
        write(source, tmp_path / "target", [b"head", Range(0, 100)])
    assert caught.value.code == code
    assert not (tmp_path / "target").exists()
    assert str(tmp_path) not in caught.value.message
