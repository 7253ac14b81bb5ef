"""The changes of one series as one compact block, before it is sealed.

Distinct (path, action, rule, before, after) are written once, each with the set of instances that it happened in: a
series of a thousand slices shares nearly all of them. The block bears identity; only its sealed form is ever stored.

Layout: `WBC1`, then zlib over: number of instances; the rules; the changes, each as path, action, rule number, before,
after, set of instances. Numbers are LEB128, a text or value is its length and its bytes. An absent value has length 0,
a present one its length + 1. A set is 0 (all), 1 and the gaps between its members, or 2 and a bitmap.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.errors import IntegrityBroken

MAGIC = b"WBC1"
LONGEST_VALUE = 1 << 16
"""Longer values are kept up to here; what a removed 50 MB blob held is in the original, which is kept too."""
_LARGEST_BLOCK = 1 << 30

_ALL, _GAPS, _BITMAP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Recorded:
    """One distinct change and the positions (from 0) of the instances of the series that it happened in."""

    change: Change
    instances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeriesChanges:
    """What a block holds."""

    instances: int
    rows: tuple[Recorded, ...]

    @property
    def total(self) -> int:
        """How many element values differ, over all instances."""
        return sum(len(row.instances) for row in self.rows)


class ChangeCollector:
    """Gathers the changes of one series, instance by instance."""

    def __init__(self) -> None:
        self._members: dict[Change, list[int]] = {}
        self._instances = 0

    @property
    def instances(self) -> int:
        """How many instances were added."""
        return self._instances

    def add(self, changes: Iterable[Change]) -> None:
        """Add the next instance of the series."""
        position = self._instances
        self._instances += 1
        for change in changes:
            kept = change._replace(before=_cut(change.before), after=_cut(change.after))
            members = self._members.setdefault(kept, [])
            if not members or members[-1] != position:
                members.append(position)

    def encode(self) -> bytes:
        """Return the block; the same changes in the same order give the same bytes."""
        rules = sorted({change.rule for change in self._members})
        numbers = {rule: number for number, rule in enumerate(rules)}
        out = bytearray()
        _number(out, self._instances)
        _number(out, len(rules))
        for rule in rules:
            _bytes(out, rule.encode())
        _number(out, len(self._members))
        for change, members in self._members.items():
            _number(out, len(change.path))
            for step in change.path:
                _number(out, step)
            out += change.action.value.encode()
            _number(out, numbers[change.rule])
            _value(out, change.before)
            _value(out, change.after)
            _set(out, members, self._instances)
        return MAGIC + zlib.compress(bytes(out), 6)


def decode(block: bytes) -> SeriesChanges:
    """Read a block.

    Raises
    ------
    IntegrityBroken
        `changes-damaged`, whatever is wrong with it.
    """
    try:
        if block[:4] != MAGIC:
            raise ValueError("not a block of changes")  # noqa: TRY301 - one way out for all damage
        unpacked = zlib.decompressobj()
        data = unpacked.decompress(block[4:], _LARGEST_BLOCK)
        if not unpacked.eof or unpacked.unused_data:
            raise ValueError("a block ends where its data ends")  # noqa: TRY301 - one way out for all damage
        return _decode(_Reader(data))
    except (ValueError, IndexError, KeyError, zlib.error, UnicodeDecodeError, OverflowError):
        raise IntegrityBroken(
            "changes-damaged",
            "The recorded changes of a prepared version cannot be read.",
            "Restore the database from its backup, or prepare the study again.",
        ) from None


def _decode(reader: "_Reader") -> SeriesChanges:
    instances = reader.number()
    rules = [reader.octets().decode() for _ in range(reader.count())]
    rows = []
    for _ in range(reader.count()):
        path = tuple(reader.number() for _ in range(reader.count()))
        action = Action(reader.take(1).decode())
        rule = rules[reader.number()]
        before, after = reader.value(), reader.value()
        rows.append(Recorded(Change(path, action, rule, before, after), tuple(reader.members(instances))))
    reader.end()
    return SeriesChanges(instances, tuple(rows))


def _cut(value: bytes | None) -> bytes | None:
    return value if value is None or len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE]


def _number(out: bytearray, number: int) -> None:
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def _bytes(out: bytearray, value: bytes) -> None:
    _number(out, len(value))
    out += value


def _value(out: bytearray, value: bytes | None) -> None:
    _number(out, 0 if value is None else len(value) + 1)
    out += value or b""


def _set(out: bytearray, members: list[int], of: int) -> None:
    if len(members) == of:
        out.append(_ALL)
        return
    gaps = bytearray()
    _number(gaps, len(members))
    last = -1
    for member in members:
        _number(gaps, member - last - 1)
        last = member
    bitmap_size = (of + 7) // 8
    if len(gaps) <= bitmap_size:
        out.append(_GAPS)
        out += gaps
        return
    out.append(_BITMAP)
    bits = 0
    for member in members:
        bits |= 1 << member
    out += bits.to_bytes(bitmap_size, "little")


class _Reader:
    """Reads a block and trusts no length in it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        end = self._at + length
        if end > len(self._data):
            raise ValueError("a block ends early")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def number(self) -> int:
        """Return the next number."""
        value = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number of a block is too long")

    def count(self) -> int:
        """Return a number of things that follow; each needs at least one byte."""
        value = self.number()
        if value > len(self._data) - self._at:
            raise ValueError("a block counts more than it holds")
        return value

    def octets(self) -> bytes:
        """Return a text or value."""
        return self.take(self.number())

    def value(self) -> bytes | None:
        """Return a value that may be absent."""
        length = self.number()
        return None if length == 0 else self.take(length - 1)

    def members(self, of: int) -> Iterator[int]:
        """Yield the members of a set."""
        kind = self.take(1)[0]
        if kind == _ALL:
            yield from range(of)
        elif kind == _GAPS:
            yield from self._gaps(of)
        elif kind == _BITMAP:
            bits = int.from_bytes(self.take((of + 7) // 8), "little")
            if bits >> of:
                raise ValueError("a set has members that are no instances")
            yield from (position for position in range(of) if bits >> position & 1)
        else:
            raise ValueError("a set of an unknown kind")

    def _gaps(self, of: int) -> Iterator[int]:
        last = -1
        for _ in range(self.count()):
            last += self.number() + 1
            if last >= of:
                raise ValueError("a set has members that are no instances")
            yield last

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._at != len(self._data):
            raise ValueError("a block goes on after its end")
