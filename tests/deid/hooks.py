"""Hooks without an engine: a place that copies what it is given, and a cleaner that knows a few words."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pydicom
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from workbench.dicom.elements import Element, Walker
from workbench.dicom.encode import element as encode
from workbench.dicom.encode import sequence
from workbench.records.action import Action

KNOWN = frozenset({"effusion", "left", "nodule", "liver", "finding", "no", "of", "the"})
Hook = Callable[["FakePlace", list[list[Element]]], list[bytes] | None]


class FakeText:
    """Keeps the words that it knows."""

    def clean(self, value: bytes, vr: bytes, path: tuple[int, ...], origin: str = "") -> bytes:
        del vr, path, origin
        return b" ".join(word for word in value.strip(b" \0").split() if word.decode("latin-1").lower() in KNOWN)


@dataclass
class FakePlace:
    """Copies elements; `days` is what dates become (None: they may not stay)."""

    buffer: bytes
    path: tuple[int, ...]
    options: frozenset[str]
    explicit: bool = True
    origin: str = "rule"
    text: FakeText | None = field(default_factory=FakeText)
    dated: bytes | None = None
    changes: list[tuple[tuple[int, ...], Action, bytes | None]] = field(default_factory=list)

    def within(self, index: int, tag: int) -> "FakePlace":
        path = (*self.path, index, tag)
        return FakePlace(
            self.buffer, path, self.options, text=self.text, dated=self.dated, changes=self.changes, origin=self.origin
        )

    def item(
        self,
        elements: list[Element],
        index: int,
        *,
        given: Mapping[int, bytes] | None = None,
        hollow: bool = False,
    ) -> bytes:
        assert not hollow
        new = {}
        for tag, vr, _start, at, length, items in elements:
            if items is None:
                new[tag] = encode(tag, vr, self.buffer[at : at + length], explicit=True)
            else:
                below = self.within(index, tag)
                new[tag] = sequence(tag, [below.item(item, n) for n, item in enumerate(items)], explicit=True)
        new |= given or {}
        return b"".join(new[tag] for tag in sorted(new))

    def date(self, vr: bytes, value: bytes) -> bytes | None:
        del vr
        return value.strip() if self.dated == b"as it is" else self.dated

    def uid(self, value: bytes) -> bytes:
        return b"2.25." + value.replace(b".", b"").strip(b" \0")

    def record(
        self, path: tuple[int, ...], action: Action, before: bytes | None, after: bytes | None, origin: str = ""
    ) -> None:
        del before
        assert path[: len(self.path)] == self.path
        assert b"SECRET" not in origin.encode()
        self.changes.append((path, action, after))


def walked(ds: Dataset) -> tuple[bytes, list[Element]]:
    """Return a data set in explicit VR little endian, and its elements."""
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, False
    write_dataset(out, ds)
    data = out.getvalue()
    return data, Walker(explicit=True, size=len(data)).elements(data, 0, len(data), depth=0, explicit=True)[0]


def cleaned(
    hook: Hook, ds: Dataset, *options: str, dated: bytes | None = None, text: bool = True
) -> tuple[Dataset | None, FakePlace]:
    """Let a hook clean the one sequence of a data set; return what came of it."""
    buffer, [element] = walked(ds)
    tag, items = element[0], element[5]
    assert items is not None
    place = FakePlace(buffer, (tag,), frozenset(options), text=FakeText() if text else None, dated=dated)
    contents = hook(place, items)
    if contents is None:
        return None, place
    out = sequence(tag, contents, explicit=True)
    assert b"SECRET" not in out
    found = pydicom.dcmread(io.BytesIO(out), force=True)
    found.walk(lambda _dataset, _element: None)
    return found, place
