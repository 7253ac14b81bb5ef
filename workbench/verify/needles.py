"""Searching an output for the identifying values of the inputs.

Two nets. In bytes: every spelling of six characters or more, in every character set that can write it, anywhere outside
native pixels. In decoded text: all spellings, folded, the short ones on token boundaries.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation

from workbench.standard.table import ROWS
from workbench.verify.characters import encodings_of
from workbench.verify.generic import fold, is_generic, is_placeholder
from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.ordinary import is_ordinary, is_plain
from workbench.verify.spelling import LONG, Spelling, cases, is_wordless, spell
from workbench.verify.waivers import Waivers

SHORT_DIGITS = frozenset({0x00100020, 0x00101000, 0x00080050})
"""Patient IDs and accession numbers are searched even when they are short numbers; others of that length are common."""

UID_LENGTH = 10
"""From this length on an original UID is searched in bytes; shorter ones only in UI values."""

LONGEST = 512
"""Characters of a value that is searched whole."""

END = 64
"""Characters of each end of a longer one."""

DFA_LIMIT = 1 << 16
"""Bytes of patterns up to which the faster automaton is built (some 20 MiB)."""

DFA_FROM = 8 << 20
"""Bytes to search from which on building it pays."""

_WORD_BYTES = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | frozenset(
    range(0x80, 0x100)
)
_DIGITS = frozenset(b"0123456789")
_DAY_AND_TIME = re.compile(r" (\d{8})((?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?) ")
"""A day and a time of it written together."""

_TIME = re.compile(rb"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\d)")
_UID_BYTES = frozenset(b"0123456789.")


class Needle(NamedTuple):
    """What a pattern of the byte search stands for."""

    kind: Kind | None
    """None for an original UID."""
    digits: bool
    bounded: bool
    width: int
    """Bytes of one character next to the pattern."""


class Hit(NamedTuple):
    """A pattern found: where (relative to the bytes searched), and which."""

    start: int
    end: int
    needle: Needle


class Needles:
    """What to search for. Built once for a set of inputs.

    Parameters
    ----------
    identity
        Values of all inputs whose outputs may not carry them.
    uids
        Original UIDs.
    waivers
        What is retained on purpose is not searched.
    """

    def __init__(self, identity: Identity, uids: Iterable[str], waivers: Waivers | None = None) -> None:
        waivers = waivers or Waivers()
        searched = (value for value in identity.values if _searched(value, identity, waivers))
        self._values = [part for value in searched for part in _ends(value)]
        self.uids = frozenset() if waivers.uids else frozenset(uids)
        self._seen = 0
        self.dates = frozenset(value.text[:8] for value in self._values if value.kind is Kind.DATE)

    @cached_property
    def spellings(self) -> dict[Spelling, Kind]:
        """All spellings with the kind of the value that they write."""
        found: dict[Spelling, Kind] = {}
        for value in self._values:
            for spelling in spell(value):
                if len(spelling.text) < LONG and spelling.text.isdigit() and value.tag not in SHORT_DIGITS:
                    continue
                found.setdefault(spelling, value.kind)
        return found

    @cached_property
    def numbers(self) -> frozenset[str]:
        """What a number keeps of the identifiers and days: their digits, without zeros in front."""
        return frozenset(digits for value in self._values if len(digits := digits_of(value.text)) >= LONG)

    @cached_property
    def _byte_uids(self) -> frozenset[bytes]:
        return frozenset(uid.encode("latin-1") for uid in self.uids if len(uid) >= UID_LENGTH and uid.isascii())

    @cached_property
    def _patterns(self) -> dict[bytes, Needle]:
        patterns: dict[bytes, Needle] = {}
        for (text, bounded), kind in self.spellings.items():
            if len(text) >= (2 if is_wordless(text) else LONG):
                digits, bounded_here = text.isdigit(), bounded and not is_wordless(text)
                for encoded, width in _encoded(text):
                    patterns.setdefault(encoded, Needle(kind, digits, bounded_here, width))
        for value in self._values:
            if value.kind is Kind.NAME and is_placeholder(value.text):
                continue
            for part in (value.raw, *re.split(rb"[\^=\\]", value.raw)):
                if len(part) >= LONG and not _is_plain_generic(part):
                    patterns.setdefault(part, Needle(value.kind, digits=False, bounded=False, width=1))
        # Of UIDs only the distinct beginnings are patterns; what begins like one is looked up whole.
        for uid in self._byte_uids:
            patterns[uid[:UID_LENGTH]] = Needle(None, digits=False, bounded=True, width=1)
        return patterns or {b"\0nothing is searched\0": Needle(None, digits=False, bounded=True, width=1)}

    @cached_property
    def _needles(self) -> list[Needle]:
        return list(self._patterns.values())

    @cached_property
    def _slow(self) -> BytesAhoCorasick:
        return BytesAhoCorasick(list(self._patterns), implementation=Implementation.ContiguousNFA)

    @cached_property
    def _fast(self) -> BytesAhoCorasick:
        return BytesAhoCorasick(list(self._patterns), implementation=Implementation.DFA)

    @cached_property
    def longest(self) -> int:
        """Length of the longest pattern of the byte search."""
        return max(64, *map(len, self._patterns))

    def in_bytes(self, data: bytes | memoryview) -> Iterator[Hit]:
        """Yield what stands in `data`."""
        self._seen += len(data)
        # A DFA searches twice as fast, but takes time to build, and memory for each byte of each pattern.
        automaton = self._fast if self._seen > DFA_FROM and self._size <= DFA_LIMIT else self._slow
        found = automaton.find_matches_as_indexes(data, overlapping=True)
        if not found:
            return
        needles = self._needles
        around = bytes(data)
        for index, start, end in found:
            needle = needles[index]
            if needle.kind is None:
                whole = _uid_at(around, start)
                if whole and whole in self._byte_uids:
                    yield Hit(start, start + len(whole), needle)
            elif _stands(around, start, end, needle) and not _is_ordinary(around, start, end, needle):
                yield Hit(start, end, needle)

    @cached_property
    def _size(self) -> int:
        return sum(map(len, self._patterns))

    @cached_property
    def _text(self) -> tuple[AhoCorasick, list[Kind]]:
        patterns: dict[str, Kind] = {}
        for (text, bounded), kind in self.spellings.items():
            plain = normalise(text)
            if len(plain) < (2 if is_wordless(plain) else 3):
                continue
            free = is_wordless(plain) or (not bounded and len(plain) >= LONG)
            patterns.setdefault(plain if free else f" {plain} ", kind)
        return AhoCorasick(patterns or ["\0"]), list(patterns.values())

    def in_text(self, text: str) -> frozenset[Kind]:
        """Return the kinds of identifying values that a decoded text carries."""
        automaton, kinds = self._text
        plain = f" {normalise(text)} "
        if any(character.isdigit() for character in plain):
            plain = _DAY_AND_TIME.sub(r" \1 \2 ", plain)
        found = automaton.find_matches_as_indexes(plain, overlapping=True)
        return frozenset(
            kinds[index]
            for index, start, end in found
            if index < len(kinds) and not (kinds[index] is Kind.NAME and _is_ordinary_in(plain, start, end))
        )


def _encoded(text: str) -> Iterator[tuple[bytes, int]]:
    """Yield a spelling in all cases and character sets where it is long enough, and the bytes of one character."""
    for written in cases(text):
        for encoded in encodings_of(written):
            if len(encoded) >= LONG:
                yield encoded, 2 if len(encoded) == 2 * len(written) and 0 in encoded else 1


def normalise(text: str) -> str:
    """Fold, and make one space of all that is neither letter nor digit."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def digits_of(text: str) -> str:
    """Return the digits of a text, without zeros in front."""
    return re.sub(r"[^0-9]", "", text).lstrip("0")


def _searched(value: Value, identity: Identity, waivers: Waivers) -> bool:
    if value.kind in (Kind.DEVICE, Kind.SITE) and _is_model(value.text, identity.models):
        return False
    if value.tag in waivers.cleaned and (value.kind is Kind.COMMENT or is_plain(value.text)):
        return False
    return not (
        value.tag in waivers.attributes
        or (waivers.dates and value.kind is Kind.DATE and not _is_never_kept(value.tag))
        or (waivers.device and value.kind is Kind.DEVICE)
        or (waivers.institution and value.kind in (Kind.SITE, Kind.ADDRESS))
    )


def _is_never_kept(tag: int) -> bool:
    """Whether a date is one that no option on dates retains: birth and death."""
    row = ROWS.get(tag)
    return row is not None and not any("longitudinal" in option for option in row.options)


def _ends(value: Value) -> Iterator[Value]:
    """Yield a value, or the two ends of one that no person, place or number has the length of.

    Hostile and broken files carry names of tens of thousands of characters; a copy of such a value is found by its
    beginning or its end, and an automaton for all of it would take minutes to build.
    """
    if max(len(value.text), len(value.raw)) <= LONGEST:
        yield value
        return
    yield value._replace(text=value.text[:END], raw=value.raw[:END])
    yield value._replace(text=value.text[-END:], raw=value.raw[-END:])


def _is_model(text: str, models: frozenset[str]) -> bool:
    """Whether a place or a station is named like a maker or a model, which may stay."""
    plain = f" {normalise(text)} "
    return any(plain in f" {normalise(model)} " for model in models if model)


def _is_plain_generic(part: bytes) -> bool:
    return part.isascii() and is_generic(part.decode("ascii"))


def _stands(data: bytes, start: int, end: int, needle: Needle) -> bool:
    """Whether the pattern is not part of something longer that means something else."""
    before = data[start - needle.width] if start >= needle.width else 0
    after = data[end] if end < len(data) else 0
    if needle.width == 2 and end + 1 < len(data) and before == 0 == after:
        # UTF-16: the other byte of the neighbour may be the one that says something.
        before, after = data[start - 1] if start else 0, data[end + 1]
    if needle.digits:
        timed = needle.kind is Kind.DATE and end - start == 8 and _TIME.match(data, end)
        return before not in _DIGITS and (after not in _DIGITS or bool(timed)) and not _in_uid(data, start, end)
    return not needle.bounded or (before not in _WORD_BYTES and after not in _WORD_BYTES)


def _is_ordinary_in(plain: str, start: int, end: int) -> bool:
    """Whether a name found in normalised text is an ordinary word there. A bounded pattern begins and ends in space."""
    name = plain[start:end].strip()
    start = plain.index(name, start)
    return is_ordinary(plain[:start], name, plain[start + len(name) :])


def _is_ordinary(data: bytes, start: int, end: int, needle: Needle) -> bool:
    """Whether a name found in plain bytes is an ordinary word there."""
    if needle.kind is not Kind.NAME or needle.width != 1 or not data[start:end].isascii():
        return False
    around = (data[max(0, start - 64) : start], data[start:end], data[end : end + 64])
    return is_ordinary(*(part.decode("latin-1") for part in around))


def _uid_at(data: bytes, start: int) -> bytes:
    """Return the whole UID that begins at `start`; empty when it began earlier."""
    if start and data[start - 1] in _UID_BYTES:
        return b""
    end = start
    while end < len(data) and end - start < 65 and data[end] in _UID_BYTES:
        end += 1
    return bytes(data[start:end]).rstrip(b".")


def _in_uid(data: bytes, start: int, end: int) -> bool:
    """Whether a number is a component of a UID."""
    while start and data[start - 1] in _UID_BYTES:
        start -= 1
    while end < len(data) and data[end] in _UID_BYTES:
        end += 1
    return data[start:end].count(b".") >= 2
