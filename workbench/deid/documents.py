"""Encapsulated documents (PS3.3 A.45, A.85, A.104): replaced by an empty one, or refused by name.

No text of a PDF is ever kept: words are placed glyph by glyph, drawn, or pictures, so that what was taken out can't be
proven gone. With an option that cleans text the document is searched all the same, so that the person who has to
accept the blank page learns what stood there: words, pictures, attachments.
"""

import re
import zlib
from typing import Final, NamedTuple

from workbench.dicom.elements import refuse
from workbench.dicom.instance import Instance, Read
from workbench.records.errors import InstanceRefused

DOCUMENT: Final = 0x00420011
PDF: Final = b"application/pdf"

_CLASSES: Final = {
    b"1.2.840.10008.5.1.4.1.1.104.2": "cda",
    b"1.2.840.10008.5.1.4.1.1.104.3": "stl",
    b"1.2.840.10008.5.1.4.1.1.104.4": "obj",
    b"1.2.840.10008.5.1.4.1.1.104.5": "mtl",
}
_TYPES: Final = {
    b"text/xml": "cda",
    b"application/xml": "cda",
    b"model/stl": "stl",
    b"model/x.stl-binary": "stl",
    b"application/sla": "stl",
    b"model/obj": "obj",
    b"model/mtl": "mtl",
}
_REFUSALS: Final = {
    "cda": ("a clinical document (HL7 CDA), which states the patient in every part", "Send its report as a DICOM SR."),
    "stl": ("a surface model (STL), whose header takes free text and whose shape may show a face", ""),
    "obj": ("a surface model (OBJ), whose comments and names are free text and whose shape may show a face", ""),
    "mtl": ("materials of a surface model (MTL), which name files and objects in free text", ""),
}

LARGEST: Final = 64 << 20
"""Bytes that are taken out of all streams of a document together; what is beyond was not searched."""
MOST_STREAMS: Final = 20_000

_STREAM: Final = re.compile(rb"\bstream\r?\n")
_SHOWS_TEXT: Final = re.compile(rb"[)>\]]\s*(?:Tj|TJ|'|\")")
_IMAGE: Final = re.compile(rb"/Subtype\s*/Image\b|\bBI\s")
_ATTACHMENT: Final = re.compile(rb"/EmbeddedFile|/Filespec\b|/RichMedia\b|/JavaScript\b")
_CLOSED: Final = re.compile(rb"/Encrypt\b|/(?:LZW|LZ|ASCII85|A85|ASCIIHex|AHx|RunLength|RL)(?:Decode)?\b")
"""Encryption, and the filters that are not undone here; pictures have their own, which hold no words."""


class Content(NamedTuple):
    """What a document was found to hold. `searched` is False when a part of it could not be looked into."""

    text: bool
    images: bool
    attachments: bool
    searched: bool

    def words(self) -> str:
        """Return it for the origin of a change."""
        found = [name for name in ("text", "images", "attachments") if getattr(self, name)]
        return ", ".join([*found, *([] if self.searched else ["parts that could not be searched"])]) or "nothing found"


def check_document(sop_class: bytes, mime: bytes) -> None:
    """Refuse documents for which there is no dummy.

    Raises
    ------
    InstanceRefused
        `document-cda`, `document-stl`, `document-obj`, `document-mtl` or `document-not-supported`.
    """
    kind = _CLASSES.get(sop_class.strip(b" \0")) or _TYPES.get(mime.split(b";")[0].strip(b" \0").lower())
    if kind is not None:
        raise _refusal(kind)
    if mime.strip(b" \0").lower() != PDF:
        raise refuse(
            "document-not-supported",
            "The object holds a document that is not a PDF.",
            "Leave the object out: this version can't make a dummy for it.",
        )


def search_instance(instance: Instance, read: Read) -> Content:
    """Return what the encapsulated document of an instance holds; of a larger one than `LARGEST` its first part."""
    payload = instance.payloads.get(DOCUMENT)
    if payload is not None:
        found = search_document(read(payload.offset, min(payload.length, LARGEST)))
        return found if payload.length <= LARGEST else found._replace(searched=False)
    _tag, _vr, _start, at, length, _items = instance.by_tag[DOCUMENT]
    return search_document(instance.buffer[at : at + length])


def search_document(document: bytes) -> Content:
    """Return what a PDF holds. Its streams are inflated, up to `LARGEST` bytes together; never raises.

    It answers "is there text", not "which": text that is drawn or pictured counts as neither. Attachments and scripts
    are told whatever they hold.
    """
    searched = document.lstrip()[:5] == b"%PDF-" and _CLOSED.search(document) is None
    text = images = attachments = False
    left = LARGEST
    for count, piece in enumerate(_pieces(document)):
        if left <= 0 or count > MOST_STREAMS:
            searched = False
            break
        content, whole = _inflated(piece, left)
        left -= len(content)
        searched = searched and whole
        text = text or _SHOWS_TEXT.search(content) is not None
        images = images or _IMAGE.search(content) is not None
        attachments = attachments or _ATTACHMENT.search(content) is not None
    return Content(text, images, attachments, searched)


def _pieces(document: bytes) -> list[bytes]:
    """Return what is between streams, and the streams; where one ends does not depend on the length that it states."""
    pieces = []
    position = 0
    for found in _STREAM.finditer(document):
        if found.start() < position:
            continue
        end = document.find(b"endstream", found.end())
        end = len(document) if end < 0 else end
        pieces += [document[position : found.start()], document[found.end() : end]]
        position = end
    return [*pieces, document[position:]]


def _inflated(piece: bytes, limit: int) -> tuple[bytes, bool]:
    """Return a stream inflated when it is deflated, and whether all of it came."""
    if piece[:1] not in (b"\x78", b"\x58", b"\x48", b"\x38", b"\x68"):
        return piece, True
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(piece, limit)
    except zlib.error:
        return piece, True
    return content, inflater.eof


def _refusal(kind: str) -> InstanceRefused:
    what, hint = _REFUSALS[kind]
    return refuse(f"document-{kind}", f"The object holds {what}.", hint or "Leave the object out.")
