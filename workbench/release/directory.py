"""The DICOMDIR of a package (PS3.3 annex F, PS3.10 section 8): patient, study, series and instance records.

Our own writer, because pydicom's FileSet refuses de-identified studies: Study Date, Study Time and Study ID are Type 1
in a directory and empty after de-identification. It would also re-encode every instance, and hold them all.
"""

import hashlib
import struct
from collections.abc import Sequence

from workbench.release.encoding import element, item, ulong, ushort
from workbench.release.entry import Entry
from workbench.release.keys import CONCEPT_NAME, IF_PRESENT, RECORD_KEYS, Key

_MEDIA_STORAGE_DIRECTORY = b"1.2.840.10008.1.3.10"
_EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
_IMPLEMENTATION = b"2.25.92741230416925571348806148732019634512"
_NEXT_AT = 16
_LOWER_AT = 38
_NO_CONCEPT = item(
    element(0x00080100, "SH", b"UNNAMED")
    + element(0x00080102, "SH", b"99DEID")
    + element(0x00080104, "LO", b"Document")
)


def directory_uid(release: str) -> str:
    """Return the UID of the File-set: derived from the release id, so that the same release gives the same bytes."""
    digest = hashlib.sha256(b"workbench/file-set/" + release.encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def write_directory(*, release: str, patients: dict[str, str], entries: Sequence[tuple[str, Entry]]) -> bytes:
    """Return the DICOMDIR for instances given as (path in the package, entry), in the order of their paths.

    `patients` gives the patient code for each study name: the record's Patient ID where the instances have none.
    """
    tree = _Tree(_opening(release))
    for path, entry in entries:
        code = patients[entry.source.study]
        tree.enter(0, "PATIENT", code, entry.levels[0], name=code)
        tree.enter(1, "STUDY", entry.study_uid, entry.levels[1])
        tree.enter(2, "SERIES", entry.series_uid, entry.levels[2])
        tree.enter(3, entry.leaf_type, path, entry.levels[3], reference=_reference(path, entry))
    return tree.finish()


class _Tree:
    """Appends records and patches the offsets that point to them: siblings forward, parents down."""

    def __init__(self, opening: bytes) -> None:
        self._bytes = bytearray(opening)
        # positions from the end of the opening: two UL, one US, then the sequence
        self._first_at = len(opening) - 12 - 10 - 4 - 12
        self._last_at = self._first_at + 12
        self._sequence_at = len(opening)
        self._open: list[tuple[str, int]] = []
        self._counts = [0, 0, 0, 0]

    def enter(
        self,
        level: int,
        kind: str,
        identity: str,
        values: dict[int, bytes],
        *,
        name: str = "",
        reference: bytes = b"",
    ) -> None:
        if len(self._open) > level and self._open[level][0] == identity:
            return
        offset = len(self._bytes)
        if len(self._open) > level:
            self._patch(self._open[level][1] + _NEXT_AT, offset)
        elif level:
            self._patch(self._open[level - 1][1] + _LOWER_AT, offset)
        else:
            self._patch(self._first_at, offset)
        if level == 0:
            self._patch(self._last_at, offset)
        del self._open[level:]
        self._open.append((identity, offset))
        self._counts[level] += 1
        self._counts[level + 1 :] = [0] * (3 - level)
        keys = _keys(kind, values, number=self._counts[level], name=name)
        self._bytes += item(
            ulong(0x00041400, 0)
            + ushort(0x00041410, 0xFFFF)
            + ulong(0x00041420, 0)
            + element(0x00041430, "CS", kind.encode("ascii"))
            + reference
            + keys
        )

    def finish(self) -> bytes:
        self._patch(self._sequence_at - 4, len(self._bytes) - self._sequence_at)
        return bytes(self._bytes)

    def _patch(self, position: int, value: int) -> None:
        self._bytes[position : position + 4] = struct.pack("<I", value)


def _opening(release: str) -> bytes:
    meta = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", _MEDIA_STORAGE_DIRECTORY)
        + element(0x00020003, "UI", directory_uid(release).encode("ascii"))
        + element(0x00020010, "UI", _EXPLICIT_LITTLE)
        + element(0x00020012, "UI", _IMPLEMENTATION)
    )
    return (
        bytes(128)
        + b"DICM"
        + ulong(0x00020000, len(meta))
        + meta
        + element(0x00041130, "CS", b"")
        + ulong(0x00041200, 0)
        + ulong(0x00041202, 0)
        + ushort(0x00041212, 0)
        + element(0x00041220, "SQ", b"")
    )


def _reference(path: str, entry: Entry) -> bytes:
    return (
        element(0x00041500, "CS", path.replace("/", "\\").encode("ascii"))
        + element(0x00041510, "UI", entry.sop_class.encode("ascii"))
        + element(0x00041511, "UI", entry.source.sop_instance.encode("ascii"))
        + element(0x00041512, "UI", entry.transfer_syntax.encode("ascii"))
    )


def _keys(kind: str, values: dict[int, bytes], *, number: int, name: str) -> bytes:
    written = []
    for key in sorted((*IF_PRESENT, *RECORD_KEYS[kind]), key=lambda key: key.tag):
        value = values.get(key.tag, b"")
        if key in IF_PRESENT and not value:
            continue
        written.append(element(key.tag, key.vr, value or _stand_in(key, number=number, name=name)))
    return b"".join(written)


def _stand_in(key: Key, *, number: int, name: str) -> bytes:
    if key.stand_in is None:
        return b""
    if key.tag == CONCEPT_NAME:
        return _NO_CONCEPT
    return key.stand_in.format(n=number).encode("ascii") if key.stand_in != "code" else name.encode("ascii", "replace")
