"""The archive is plain ustar to everybody else, and only our own form of it to our reader."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.release.forgery import archive_of
from workbench.records.errors import IntegrityBroken
from workbench.release.archive import BLOCK, END, ArchiveReader, declared_size, header, name_of

NAMES = st.text("ABCDEFGHIJ0123456789_./", min_size=1, max_size=99).filter(lambda name: not name.endswith("/"))


class Kept:
    """Takes any member."""

    def __init__(self) -> None:
        self.parts: list[tuple[str | None, bytes]] = []
        self.closed = False

    def accept(self, block: bytes) -> int:
        self.parts.append((name_of(block), b""))
        return declared_size(block) or 0

    def take(self, data: bytes) -> None:
        name, before = self.parts[-1]
        self.parts[-1] = (name, before + data)

    def close_member(self) -> None:
        assert not self.closed

    def close(self) -> None:
        self.closed = True


@given(name=NAMES, size=st.integers(0, 2**62))
def test_every_header_is_what_tar_programs_read(name: str, size: int) -> None:
    info = tarfile.TarInfo.frombuf(header(name, size), "ascii", "strict")
    assert (info.name, info.size, info.type, info.uid, info.gid) == (name, size, tarfile.REGTYPE, 0, 0)
    assert info.mode == 0o600
    assert (name_of(header(name, size)), declared_size(header(name, size))) == (name, size)


@given(parts=st.lists(st.tuples(NAMES, st.binary(max_size=2000)), max_size=4), data=st.data())
def test_it_does_not_matter_in_which_pieces_the_archive_arrives(
    parts: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    whole = archive_of(parts)
    kept = Kept()
    reader = ArchiveReader(kept)
    rest = whole
    while rest:
        piece = data.draw(st.integers(1, 1500))
        reader.feed(rest[:piece])
        rest = rest[piece:]
    reader.finish()
    assert kept.closed
    assert kept.parts == parts


@given(parts=st.lists(st.tuples(NAMES, st.binary(max_size=600)), max_size=3))
def test_others_read_the_same_members(parts: list[tuple[str, bytes]]) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive_of(parts))) as tar:
        read = [(each.name, (tar.extractfile(each) or io.BytesIO()).read()) for each in tar]
    assert read == parts


def test_hidden_data_between_members_is_refused() -> None:
    whole = bytearray(archive_of([("A", b"x")]))
    whole[BLOCK + 5] = 1
    with pytest.raises(IntegrityBroken) as error:
        ArchiveReader(Kept()).feed(bytes(whole))
    assert error.value.code == "package-padding"


def test_one_zero_block_is_no_end() -> None:
    reader = ArchiveReader(Kept())
    reader.feed(END[:BLOCK])
    with pytest.raises(IntegrityBroken) as error:
        reader.finish()
    assert error.value.code == "package-truncated"


@given(st.binary(min_size=12, max_size=12))
def test_any_size_field_is_read_or_not_but_never_raises(field: bytes) -> None:
    size = declared_size(bytes(124) + field + bytes(376))
    assert size is None or size >= 0
