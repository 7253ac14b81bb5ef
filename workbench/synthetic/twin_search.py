"""Looking for planted values in outputs: in all bytes, and in every decoded value wherever it stands.

Nothing here knows the engine, a profile or the verifier.
"""

import io
import re
import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick

from workbench.synthetic.twin import Planted
from workbench.synthetic.twin_values import Identity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "iso2022_jp", "shift_jis", "euc_jp", "gb18030")
LONGEST: Final = 4096
"""Characters of a value that is read as one number."""
_ESCAPE: Final = b"\x1b$B"
_ASCII_AGAIN: Final = b"\x1b(B"
_NUMBER: Final = re.compile(r"\d+")
_ZLIB: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


@dataclass(frozen=True, slots=True)
class Found:
    """A planted value that stands in an output: `path` where, empty when only the bytes show it."""

    planted: Planted
    path: tuple[int, ...]


class Search:
    """Looks for the values of one twin."""

    def __init__(self, planted: Iterable[Planted]) -> None:
        self._by_word: dict[str, list[Planted]] = defaultdict(list)
        self._by_number: dict[str, list[Planted]] = defaultdict(list)
        self._by_day: dict[int, dict[str, list[Planted]]] = defaultdict(lambda: defaultdict(list))
        for entry in planted:
            for needle in entry.needles:
                if entry.identity in {Identity.DATE, Identity.AGE}:
                    self._by_day[entry.instance][needle.lower()].append(entry)
                elif needle.isdigit():
                    self._by_number[needle].append(entry)
                else:
                    self._by_word[needle.lower()].append(entry)
        self._words = list(self._by_word)
        self._text = AhoCorasick(self._words) if self._words else None
        spelled = [(spelling, word) for word in self._words for spelling in _spellings(word)]
        self._spelled = [word for _spelling, word in spelled]
        self._bytes = BytesAhoCorasick([spelling for spelling, _word in spelled]) if spelled else None

    def look(self, data: bytes, instance: int) -> list[Found]:
        """Return every planted value that stands in the output of an instance.

        Dates and ages are looked for only in the output of the instance that they were planted in: a shifted date may
        be another one's.
        """
        values = list(_values(data))
        found: dict[tuple[Planted, tuple[int, ...]], None] = {}
        for path, vr, text in values:
            for entry in self._in_value(text.lower(), vr, instance):
                found[_nearest(entry, instance, path), path] = None
        seen = {entry for entry, _path in found}
        for entries in self._in_bytes(data):
            if not seen.intersection(entries):
                found[_nearest(entries, instance, ()), ()] = None
        return [Found(entry, path) for entry, path in found]

    def _in_value(self, text: str, vr: str, instance: int) -> Iterator[list[Planted]]:
        if self._text is not None:
            for index, _start, _end in self._text.find_matches_as_indexes(text, overlapping=True):
                yield self._by_word[self._words[index]]
        if vr == "UI":
            return
        runs = _NUMBER.findall(text)
        whole = "".join(runs) if len(text) <= LONGEST and vr not in {"DS", "IS", "OB"} else ""
        for start in range(len(whole) - 8):
            if entries := self._by_number.get(whole[start : start + 9]):
                yield entries
        for run in runs:
            if entries := self._by_number.get(run):
                yield entries
        for needle, entries in self._by_day[instance].items():
            if needle in text:
                yield entries

    def _in_bytes(self, data: bytes) -> Iterator[list[Planted]]:
        for layer in (data, *_inflated(data)):
            lowered = layer.lower()
            if self._bytes is not None:
                for index, _start, _end in self._bytes.find_matches_as_indexes(lowered, overlapping=True):
                    yield self._by_word[self._spelled[index]]
            for run in re.findall(rb"(?<![\d.])\d{9}(?![\d.])", layer):
                if entries := self._by_number.get(run.decode()):
                    yield entries


def _nearest(entries: list[Planted], instance: int, path: tuple[int, ...]) -> Planted:
    """Return the one of several places of a value that it was found at, else one of the same instance."""
    return min(entries, key=lambda entry: (entry.instance != instance, entry.path != path))


def _spellings(word: str) -> set[bytes]:
    """Return the bytes of a word in lower case, in the character sets that can write it."""
    found = set()
    for encoding in ENCODINGS if not word.isascii() else ENCODINGS[:3]:
        try:
            spelled = word.encode(encoding)
        except UnicodeEncodeError:
            continue
        found.add(spelled.removeprefix(_ESCAPE).removesuffix(_ASCII_AGAIN).lower())
    return found


def _inflated(data: bytes) -> Iterator[bytes]:
    """Yield what is compressed in a file, as in the streams of a document."""
    for match in _ZLIB.finditer(data):
        try:
            yield zlib.decompressobj().decompress(data[match.start() :], 1 << 20)
        except zlib.error:
            continue


def opened(data: bytes) -> "Dataset":
    """Return the data set that pydicom reads."""
    import pydicom  # noqa: PLC0415 (pydicom is loaded only when a twin is looked at)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(data), force=True)


def _values(data: bytes) -> Iterator[tuple[tuple[int, ...], str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from walk_values(opened(data), ())


def walk_values(dataset: "Dataset", above: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str, str]]:
    """Yield path, VR and text of each value; binary values as text of two encodings."""
    for tag in dataset.keys():  # noqa: SIM118 (a data set iterates over elements)
        try:
            element = dataset[tag]
            vr, value = element.VR, element.value
        except Exception:  # noqa: BLE001, S112 (a value that pydicom rejects is looked at as bytes)
            continue
        path = (*above, int(tag))
        if vr == "SQ":
            for number, item in enumerate(value):
                yield from walk_values(item, (*path, number))
        elif isinstance(value, bytes):
            if int(tag) != 0x7FE00010:
                yield path, "OB", value.decode("latin-1")
                yield path, "OB", value[: len(value) // 2 * 2].decode("utf-16-le", "replace")
        elif value is not None:
            several = not isinstance(value, str) and hasattr(value, "__iter__") and vr != "PN"
            yield path, vr, "\\".join(map(str, value)) if several else str(value)
