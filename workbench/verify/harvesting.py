"""Reading an input: its inventory, its identifying values at every depth, its UIDs."""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.records.errors import InstanceRefused
from workbench.records.inventory import Inventory
from workbench.standard.uids import is_registered
from workbench.verify.characters import DEFAULT, Charset, charset_of, decode
from workbench.verify.elements import CHARACTER_SET, Element, Items
from workbench.verify.generic import fold, identifies, is_dummy_date
from workbench.verify.identity import Identity, Kind, Value, class_uid_tags, kinds
from workbench.verify.ordinary import is_plain
from workbench.verify.reading import Reader, Reading, own_reader
from workbench.verify.source import FileBytes

_CARET = re.compile(r"[^\W\d_][^\W\d_' -]+\^[^\W\d_][^^\d]*(\^[^\d]*)?")
"""What a person's name looks like in DICOM and hardly anything else does."""

_UID = re.compile(rb"[0-2](\.(0|[1-9][0-9]*)){3,}")
_TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "CS", "UN"})
_MODELS = (0x00080070, 0x00081090)
_KEPT = 200_000
"""Bound of what a harvester remembers; beyond it starts afresh."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one input says. Bears identity: it stays in memory, or is sealed."""

    instance: int
    inventory: Inventory
    identity: Identity
    uids: frozenset[str]
    sop_instance: str
    sop_class: str
    study: str
    series: str
    syntax: str
    patient_key: tuple[str, str]
    """Issuer of Patient ID and Patient ID, as they stand."""


class _Found:
    """What a walk collects."""

    __slots__ = ("classes", "uids", "values")

    def __init__(self) -> None:
        self.values: set[Value] = set()
        self.uids: set[str] = set()
        self.classes: set[str] = set()


class Harvester:
    """Harvests inputs one after the other and remembers what it made of equal elements. One per worker.

    Parameters
    ----------
    reader
        Shared with the `Sceptic` of the same worker, it saves reading each input twice.
    """

    def __init__(self, reader: Reader | None = None) -> None:
        self._reader = reader or own_reader()
        self._known: dict[tuple[int, str, bytes, Charset], tuple[Value, ...]] = {}
        self._sequences: dict[tuple[int, bytes, Charset], tuple[frozenset[Value], frozenset[str], frozenset[str]]] = {}

    def harvest(self, path: Path, instance: int) -> Harvest:
        """Read the input at `path`.

        Raises
        ------
        InstanceRefused
            `verifier-cannot-read`, when pydicom's reading of it does not add up.
        """
        with FileBytes(path) as source:
            reading = self._reader.read_first(source)
            found = _Found()
            if len(self._known) > _KEPT:
                self._known.clear()
            if len(self._sequences) > _KEPT // 50:
                self._sequences.clear()
            self._dataset(reading.meta, DEFAULT, found)
            self._dataset(reading.elements, DEFAULT, found)
            return _harvest(instance, reading, found)

    def _dataset(self, elements: tuple[Element, ...], charset: Charset, found: _Found) -> None:
        own = next((element for element in elements if element.tag == CHARACTER_SET), None)
        if own is not None:
            charset = charset_of(own.value)
        for tag, vr, _length, value, _offset, items in elements:
            if items is not None:
                self._sequence(tag, items, charset, found)
            elif not value or vr in _SILENT:
                continue
            elif vr == "UI":
                _uids(tag, value, found)
            elif vr == "UN" and value.startswith(_ITEM):
                self._unknown_sequence(tag, value, charset, found)
            else:
                found.values.update(self._values_of((tag, vr, value, charset)))

    def _values_of(self, key: tuple[int, str, bytes, Charset]) -> tuple[Value, ...]:
        values = self._known.get(key)
        if values is None:
            values = tuple(self._values(*key))
            if len(key[2]) <= 1024:
                self._known[key] = values
        return values

    def _sequence(self, tag: int, items: Items, charset: Charset, found: _Found) -> None:
        raw = items.raw
        if raw is None or len(raw) > 1 << 15:
            for item in items.items:
                self._dataset(item, charset, found)
            return
        key = (tag, raw, charset)
        known = self._sequences.get(key)
        if known is None:
            inner = _Found()
            for item in items.items:
                self._dataset(item, charset, inner)
            known = frozenset(inner.values), frozenset(inner.uids), frozenset(inner.classes)
            self._sequences[key] = known
        found.values |= known[0]
        found.uids |= known[1]
        found.classes |= known[2]

    def _values(self, tag: int, vr: str, value: bytes, charset: Charset) -> Iterator[Value]:
        if vr == "UN" and tag & 0x00010000 == 0:
            vr = self._reader.vr_of(tag)
        kind = _kind(tag, vr)
        if kind is None and vr not in _TEXT_VRS:
            return
        text = decode(value[: 1 << 16], charset)
        if kind is Kind.DATE:
            yield from _dates(text, tag)
            return
        if kind is None:
            # Private and unknown text, and text of attributes that should only describe: what is plainly a name.
            for part in text.split("\\"):
                # Makers write region and program alike (`ABDOMEN^LIVER`), in words that name nobody.
                if len(part) <= 128 and _CARET.fullmatch(part.strip()) and not is_plain(part):
                    yield Value(Kind.NAME, _name_in(part.strip()), _raw(value), tag)
            return
        for part in text.split("\\") if vr not in ("ST", "LT", "UT") else (text,):
            written = part.strip(" \0")
            if written and (kind is Kind.NAME or identifies(written)):
                yield Value(kind, written, _raw(value), tag)

    def _unknown_sequence(self, tag: int, value: bytes, charset: Charset, found: _Found) -> None:
        """Look into UN content that looks like a sequence (PS3.5 6.2.2: implicit); it is no error when it is none."""
        try:
            items = self._reader.read_items(value)
        except InstanceRefused:
            return
        self._sequence(tag, items, charset, found)


def _name_in(text: str) -> str:
    """Return the name at the start of a text that begins like one: what a dash or a sentence adds is no name."""
    components = _REST.split(text)[0].strip().split("^")
    return "^".join(part if part.count(" ") < _WORDS_OF_A_COMPONENT else part.split(" ")[0] for part in components)


_REST = re.compile(r" - |[;,/]")
_WORDS_OF_A_COMPONENT = 2

_ITEM = b"\xfe\xff\x00\xe0"
_SILENT = frozenset(
    {"US", "UL", "SS", "SL", "FL", "FD", "SV", "UV", "AT", "DS", "IS", "TM", "OF", "OD", "OL", "OV", "OW", "AS", "OB"}
)


@cache
def _kind(tag: int, vr: str) -> Kind | None:
    if vr == "PN":
        return Kind.NAME
    if vr in ("DA", "DT"):
        return Kind.DATE
    if vr == "AE":
        return Kind.DEVICE
    if vr == "UR":
        return Kind.ADDRESS
    return kinds().get(tag)


def _raw(value: bytes) -> bytes:
    return b"" if value.isascii() and b"\x1b" not in value else value.strip(b" \0")


def _dates(text: str, tag: int) -> Iterator[Value]:
    for part in text.split("\\"):
        digits = re.sub(r"\D", "", part)[:14]
        if len(digits) >= 8 and not is_dummy_date(digits[:8]):
            yield Value(Kind.DATE, digits, b"", tag)


def _uids(tag: int, value: bytes, found: _Found) -> None:
    texts = [part.strip() for part in value.decode("latin-1").strip(" \0").split("\\")]
    texts = [text for text in texts if text and not is_registered(text)]
    if tag in class_uid_tags():
        found.classes.update(texts)
    else:
        found.uids.update(text for text in texts if _UID.fullmatch(text.encode("latin-1")) or len(text) >= 8)


def _harvest(instance: int, reading: Reading, found: _Found) -> Harvest:
    return Harvest(
        instance=instance,
        inventory=reading.inventory(),
        identity=Identity(frozenset(found.values), frozenset(fold(reading.text(tag)) for tag in _MODELS)),
        uids=frozenset(found.uids - found.classes),
        sop_instance=reading.text(0x00080018),
        sop_class=reading.text(0x00080016),
        study=reading.text(0x0020000D),
        series=reading.text(0x0020000E),
        syntax=reading.syntax,
        patient_key=(reading.text(0x00100021), reading.text(0x00100020)),
    )


_own = threading.local()


def harvest(path: Path, instance: int) -> Harvest:
    """Read one input with the harvester of this thread. See `Harvester.harvest`."""
    harvester: Harvester | None = getattr(_own, "harvester", None)
    if harvester is None:
        harvester = _own.harvester = Harvester()
    return harvester.harvest(path, instance)


def merge(harvests: Iterable[Harvest]) -> Identity:
    """Unite the identity of many inputs: what may not be found in any of their outputs."""
    values: set[Value] = set()
    models: set[str] = set()
    for each in harvests:
        values |= each.identity.values
        models |= each.identity.models
    return Identity(frozenset(values), frozenset(models))


def merge_uids(harvests: Iterable[Harvest]) -> frozenset[str]:
    """Unite the original UIDs of many inputs."""
    uids: set[str] = set()
    for each in harvests:
        uids |= each.uids
    return frozenset(uids)
