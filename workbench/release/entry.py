"""One instance as the package sees it: where it goes, what its directory records say, and its digests.

Values are carried as raw bytes with the instance's own Specific Character Set. Nothing is decoded, so nothing changes.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian

from workbench.records.errors import IntegrityBroken
from workbench.release.encoding import element, item
from workbench.release.facts import CapsuleInstance
from workbench.release.keys import (
    CHARACTER_SET,
    CONCEPT_NAME,
    DESCRIPTION,
    RECORD_KEYS,
    VERIFIED_AT,
    record_type,
)
from workbench.release.payload import payload_digest

_STUDY_UID = 0x0020000D
_SERIES_UID = 0x0020000E
_SERIES_NUMBER = 0x00200011
_INSTANCE_NUMBER = 0x00200013
_SOP_CLASS = 0x00080016
_SOP_INSTANCE = 0x00080018
_VERIFICATION_FLAG = 0x0040A493
_VERIFYING_OBSERVERS = 0x0040A073
_LONGEST_KEY = 1024
_TAGS = sorted(
    {key.tag for keys in RECORD_KEYS.values() for key in keys}
    | {CHARACTER_SET.tag, DESCRIPTION.tag, _SOP_CLASS, _SOP_INSTANCE, _STUDY_UID, _SERIES_UID, _VERIFYING_OBSERVERS}
)
_BINARY = {key.tag for keys in RECORD_KEYS.values() for key in keys if key.vr in ("US", "UL")}
_CODE_PARTS = ((0x00080100, "SH"), (0x00080102, "SH"), (0x00080103, "SH"), (0x00080104, "LO"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What packing needs to know of an instance; a few hundred bytes, whatever its size.

    `levels` holds the raw key values of PATIENT, STUDY, SERIES and leaf records by tag.
    """

    source: CapsuleInstance
    study_uid: str
    series_uid: str
    series_number: int
    instance_number: int
    sop_class: str
    transfer_syntax: str
    size: int
    pixel_sha256: str | None
    leaf_type: str
    levels: tuple[dict[int, bytes], ...]


def read_entry(source: CapsuleInstance) -> Entry:
    """Read and digest one instance to pack.

    Raises `IntegrityBroken` when it is not the file that was approved: other bytes, another SOP Instance UID, other
    pixels, or not well-formed. The message names neither file nor UID.
    """
    with source.path.open("rb") as file:
        size, digest = _digest(file)
        if digest != source.sha256:
            raise _differs("its bytes")
        file.seek(0)
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(_TAGS))
        except (InvalidDicomError, EOFError, ValueError, NotImplementedError, AttributeError, KeyError):
            raise _malformed() from None
        syntax = header.file_meta.get("TransferSyntaxUID")
        if syntax is None or syntax == DeflatedExplicitVRLittleEndian or not syntax.is_little_endian:
            raise _malformed() from None
        pixel_sha256 = payload_digest(file, implicit=syntax.is_implicit_VR)
    if source.pixel_sha256 not in (None, pixel_sha256):
        raise _differs("its pixels")
    if _text(header, _SOP_INSTANCE) != source.sop_instance:
        raise _differs("its SOP Instance UID")
    return _entry(source, header, size=size, pixel_sha256=pixel_sha256)


def _entry(source: CapsuleInstance, header: Dataset, *, size: int, pixel_sha256: str | None) -> Entry:
    sop_class, study_uid, series_uid = (_text(header, tag) for tag in (_SOP_CLASS, _STUDY_UID, _SERIES_UID))
    if not (sop_class and study_uid and series_uid):
        raise _malformed()
    leaf_type = record_type(sop_class)
    charset = _raw(header, CHARACTER_SET.tag)
    levels = []
    for level in ("PATIENT", "STUDY", "SERIES", leaf_type):
        values = {key.tag: _value(header, key.tag) for key in RECORD_KEYS[level]}
        if level == "SERIES":
            values[DESCRIPTION.tag] = _raw(header, DESCRIPTION.tag)
        if values.get(_VERIFICATION_FLAG) == b"VERIFIED":
            values[VERIFIED_AT.tag] = _verified_at(header)
        levels.append({CHARACTER_SET.tag: charset, **values})
    return Entry(
        source=source,
        study_uid=study_uid,
        series_uid=series_uid,
        series_number=_number(header, _SERIES_NUMBER),
        instance_number=_number(header, _INSTANCE_NUMBER),
        sop_class=sop_class,
        transfer_syntax=str(header.file_meta.TransferSyntaxUID),
        size=size,
        pixel_sha256=pixel_sha256,
        leaf_type=leaf_type,
        levels=tuple(levels),
    )


def _digest(file: BinaryIO) -> tuple[int, str]:
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # BinaryIO is what open() returns
    return file.tell(), digest.hexdigest()


def _value(header: Dataset, tag: int) -> bytes:
    return _concept(header) if tag == CONCEPT_NAME else _raw(header, tag)


def _raw(header: Dataset, tag: int) -> bytes:
    """Return the value as the file has it, without padding of its own; a value of absurd length counts as absent."""
    found: Any = header.get_item(tag) if tag in header else None
    if found is None or found.value is None:
        return b""
    if isinstance(found, RawDataElement):
        value = bytes(found.value)
        value = value if tag in _BINARY else value.rstrip(b" \0")
    else:
        parts = [found.value] if isinstance(found.value, str) else found.value
        value = "\\".join(str(part) for part in parts).encode("ascii", "replace")
    return value if len(value) <= _LONGEST_KEY else b""


def _concept(header: Dataset) -> bytes:
    """Return the encoded first item of Concept Name Code Sequence, or nothing."""
    sequence: Any = header.get(CONCEPT_NAME)
    if sequence is None or not sequence.value:
        return b""
    code = sequence.value[0]
    parts = [element(tag, vr, raw) for tag, vr in _CODE_PARTS if (raw := _raw(code, tag))]
    return item(b"".join(parts)) if parts else b""


def _verified_at(header: Dataset) -> bytes:
    """Return when a verified document was verified; like other dates, a stand-in when that was removed."""
    observers: Any = header.get(_VERIFYING_OBSERVERS)
    found = _raw(observers.value[0], VERIFIED_AT.tag) if observers is not None and observers.value else b""
    return found or str(VERIFIED_AT.stand_in).encode("ascii")


def _text(header: Dataset, tag: int) -> str:
    return _raw(header, tag).decode("ascii", "replace")


def _number(header: Dataset, tag: int) -> int:
    text = _text(header, tag).strip()
    return int(text) if text.isascii() and text.lstrip("+-").isdigit() and len(text) <= 12 else 0


def _differs(what: str) -> IntegrityBroken:
    return IntegrityBroken(
        "instance-not-as-approved",
        f"An instance differs from what was approved: {what} changed.",
        "Nothing was packed. Check the store's disk, then prepare the study again and have it approved.",
    )


def _malformed() -> IntegrityBroken:
    return IntegrityBroken(
        "instance-malformed",
        "An instance to release is not well-formed DICOM in a transfer syntax that can be packed.",
        "Nothing was packed. Prepare its study again.",
    )
