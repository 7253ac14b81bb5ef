import io
import tracemalloc
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.conftest import rotated
from workbench.records.errors import IntegrityBroken
from workbench.vault.keyfiles import generate
from workbench.vault.keys import KeyRing
from workbench.vault.streams import HEADER_LENGTH, TAG_LENGTH, TRAILER_LENGTH

MATERIAL = generate("test.example/log")
CIPHER = replace(KeyRing(MATERIAL).object_cipher(), chunk_log2=10)  # 1 KiB chunks: boundaries are near
CHUNK = 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]


def encrypted(plaintext: bytes, cipher=CIPHER):
    target = io.BytesIO()
    return cipher.encrypt(io.BytesIO(plaintext), target), target.getvalue()


def opened(data: bytes, name: str) -> bytes:
    return CIPHER.reader(io.BytesIO(data), name).read()


@pytest.mark.parametrize("size", SIZES)
def test_any_size_comes_back_with_its_digest(size: int):
    plaintext = bytes(n % 251 for n in range(size))
    known, data = encrypted(plaintext)
    assert opened(data, known.name) == plaintext
    assert (known.size, known.digest) == (size, sha256(plaintext).hexdigest())


def test_the_name_follows_from_the_content_and_confirms_nothing_without_the_key():
    one, first = encrypted(b"same")
    two, second = encrypted(b"same")
    other = KeyRing(generate("test.example/log")).object_cipher()
    assert one.name == two.name
    assert first != second
    assert encrypted(b"same", other)[0].name != one.name
    assert one.name != one.digest


@given(st.binary(max_size=5000), st.data())
def test_reading_anywhere_gives_what_a_plain_file_gives(plaintext: bytes, data):
    known, stored = encrypted(plaintext)
    reader, plain = CIPHER.reader(io.BytesIO(stored), known.name), io.BytesIO(plaintext)
    for _ in range(5):
        position, length = data.draw(st.integers(0, 6000)), data.draw(st.integers(0, 3000))
        assert reader.seek(position) == plain.seek(position)
        assert reader.read(length) == plain.read(length)
    assert reader.seek(0, io.SEEK_END) == len(plaintext)


@settings(max_examples=200)
@given(st.sampled_from(SIZES), st.data())
def test_a_changed_byte_anywhere_is_noticed(size: int, data):
    known, stored = encrypted(bytes(size))
    changed = bytearray(stored)
    changed[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IntegrityBroken):
        opened(bytes(changed), known.name)


@given(st.sampled_from(SIZES), st.data())
def test_truncated_or_extended_it_is_refused_when_it_is_opened(size: int, data):
    known, stored = encrypted(bytes(size))
    cut = stored[: data.draw(st.integers(0, len(stored) - 1))]
    longer = stored + data.draw(st.binary(min_size=1, max_size=3000))
    for changed in (cut, longer):
        with pytest.raises(IntegrityBroken) as caught:
            CIPHER.reader(io.BytesIO(changed), known.name)
        assert caught.value.code in {"object-damaged", "key-unknown"}


def chunked(stored: bytes) -> tuple[bytes, list[bytes], bytes]:
    body = stored[HEADER_LENGTH:-TRAILER_LENGTH]
    step = CHUNK + TAG_LENGTH
    return stored[:HEADER_LENGTH], [body[n : n + step] for n in range(0, len(body), step)], stored[-TRAILER_LENGTH:]


@pytest.mark.parametrize(
    "rearrange",
    [
        lambda chunks: [chunks[1], chunks[0], *chunks[2:]],
        lambda chunks: [chunks[0], chunks[0], *chunks[2:]],
        lambda chunks: [*chunks[:2], chunks[3]],
        lambda chunks: [*chunks[:3]],
        lambda chunks: [*chunks, chunks[1]],
        lambda chunks: [*chunks[:1], chunks[3]],
    ],
)
def test_swapped_repeated_dropped_or_added_chunks_are_refused(rearrange):
    known, stored = encrypted(bytes(n % 256 for n in range(3 * CHUNK + 7)))
    header, chunks, trailer = chunked(stored)
    assert len(chunks) == 4
    with pytest.raises(IntegrityBroken):
        opened(header + b"".join(rearrange(chunks)) + trailer, known.name)


def test_an_object_in_the_place_of_another_is_refused():
    one, _ = encrypted(b"one" * 100)
    _, second = encrypted(b"two" * 100)
    with pytest.raises(IntegrityBroken) as caught:
        CIPHER.reader(io.BytesIO(second), one.name)
    assert caught.value.code == "object-damaged"


def test_chunks_of_another_object_do_not_fit():
    known, first = encrypted(b"a" * 3000)
    _, second = encrypted(b"a" * 3000)
    header, chunks, trailer = chunked(first)
    chunks[1] = chunked(second)[1][1]
    with pytest.raises(IntegrityBroken):
        opened(header + b"".join(chunks) + trailer, known.name)


def test_objects_of_an_older_key_open_and_those_of_a_lost_key_say_so():
    known, stored = encrypted(b"old")
    newer = KeyRing(rotated(MATERIAL)).object_cipher()
    assert newer.reader(io.BytesIO(stored), known.name).read() == b"old"
    later, fresh = encrypted(b"new", newer)
    with pytest.raises(IntegrityBroken) as caught:
        CIPHER.reader(io.BytesIO(fresh), later.name)
    assert caught.value.code == "key-unknown"


class Endless(io.RawIOBase):
    """A source of zeros that never gives more than asked, nor all of it at once."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int = -1) -> bytes:
        given = min(size, self.left, 10_000)
        self.left -= given
        return bytes(given)


class Counting(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def write(self, data) -> int:
        self.size += len(data)
        return len(data)


def test_memory_does_not_grow_with_the_object():
    cipher = KeyRing(MATERIAL).object_cipher()
    size = 40 << 20
    tracemalloc.start()
    try:
        known = cipher.encrypt(Endless(size), Counting())  # type: ignore[arg-type] # as much of a file as is needed
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert known.size == size
    assert peak < 2 << 20
