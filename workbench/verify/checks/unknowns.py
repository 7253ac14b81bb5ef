"""What the sceptic did not understand or did not look at, by name."""

import warnings
from collections.abc import Iterator

from pydicom.charset import decode_bytes, python_encoding
from pydicom.uid import UID

from workbench.records.finding import Unknown
from workbench.records.path import format_path
from workbench.standard import sop_classes
from workbench.standard.iod import known_sop_class
from workbench.verify.characters import DEFAULT
from workbench.verify.checks.documents import ENCAPSULATED_DOCUMENT, is_read
from workbench.verify.checks.elements import TEXT_VRS, creator_of
from workbench.verify.checks.redaction import claims_clean_pixels
from workbench.verify.elements import BULK, CHARACTER_SET, PIXEL_DATA
from workbench.verify.pair import ANY, Pair, Place, Said
from workbench.verify.stored import JPEG_LOSSLESS, NATIVE

KINDS = {
    "sop-class-unknown": "The IOD of the SOP class is not known, so that types of attributes were not checked.",
    "pixels-not-examined": "Nobody looked for identity in what the pixels show.",
    "frames-not-decoded": "The frames are in a transfer syntax that cannot be decoded here.",
    "unused-bits-not-examined": "Frames hold more bits than are stored, and did not decode to look at them.",
    "document-not-read": "An encapsulated document, or a part of it, could not be searched.",
    "waveform-not-examined": "Nobody listened to or looked at a waveform.",
    "private-kept": "A private attribute stays, whose meaning the profile takes from a table.",
    "characters-not-decoded": "A text does not decode in its declared character set; it was searched as bytes.",
    "character-set-unknown": "Specific Character Set has a term that the standard does not define.",
    "payload-not-read": "A large binary value was searched as bytes and not understood.",
}
"""Every kind of unknown, with what it means."""

_WAVEFORM = 0x54000100
_OPAQUE = frozenset({"OB", "OW", "OL", "OF", "OD", "OV", "UN"})
_LARGE = 1 << 16


class UnknownsOfInstance:
    """Unknowns that show in an output as a whole."""

    name = "unknowns"
    rule = "PS3.15 E.1"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what nothing can be promised of."""
        after = pair.after
        sop_class = after.text(0x00080016)
        if not known_sop_class(sop_class):
            name = sop_classes.name_of(sop_class) or "a private or unregistered SOP class"
            yield Unknown("sop-class-unknown", name, "(0008,0016)")
        if any(tag in after.by_tag for tag in BULK) and not claims_clean_pixels(pair):
            yield Unknown("pixels-not-examined", "the pixels", "(7FE0,0010)")
        if after.pixel_range(PIXEL_DATA) is not None and after.syntax not in NATIVE and not _has_decoder(after.syntax):
            yield Unknown("frames-not-decoded", UID(after.syntax).name, "(7FE0,0010)")
        document = after.by_tag.get(ENCAPSULATED_DOCUMENT)
        if document is not None and not is_read(pair, document):
            yield Unknown("document-not-read", _media_type(after.text(0x00420012)), "(0042,0011)")
        if _WAVEFORM in after.by_tag:
            yield Unknown("waveform-not-examined", "the waveforms", "(5400,0100)")
        for element in after.elements:
            if element.vr in _OPAQUE and element.length > _LARGE and element.tag not in BULK | {ENCAPSULATED_DOCUMENT}:
                yield Unknown("payload-not-read", f"a value of type {element.vr}", format_path((element.tag,)))


def _has_decoder(syntax: str) -> bool:
    if syntax in JPEG_LOSSLESS:
        return True
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - only for encapsulated frames

    try:
        return bool(get_decoder(UID(syntax)).is_available)
    except NotImplementedError:
        return False


def _media_type(text: str) -> str:
    """Return the media type if it is one; a file may have written anything there."""
    known = ("application/pdf", "text/xml", "model/stl", "model/obj", "model/mtl", "application/sla")
    return text.lower() if text.lower() in known else "a document of another media type"


class CharactersUnread:
    """Text that does not decode as declared, and character sets that the standard does not define."""

    name = "characters"
    rule = "PS3.5 6.1.2"
    vrs = TEXT_VRS

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield an unknown for a text that was read by guess."""
        element = place.element
        if element.tag == CHARACTER_SET:
            if any(term.strip() not in python_encoding for term in element.text().split("\\") if term.strip()):
                yield Unknown("character-set-unknown", "a character set", place.where)
            return
        value = element.value
        if not value or element.vr not in TEXT_VRS or (value.isascii() and b"\x1b" not in value):
            return
        if not _decodes(value, place.charset):
            yield Unknown("characters-not-decoded", f"a text of type {element.vr}", place.where)


def _decodes(value: bytes, charset: tuple[str, ...]) -> bool:
    if charset == DEFAULT:
        return False  # ISO 646 has no bytes beyond ASCII
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return "\ufffd" not in decode_bytes(value, list(charset), {0x0A, 0x0C, 0x0D, 0x09, 0x5C, 0x5E, 0x3D})
        except Exception:  # noqa: BLE001 - pydicom raises several types on damaged escape sequences
            return False


class PrivateKept:
    """Private attributes that the profile keeps, by their creator."""

    name = "private"
    rule = "PS3.15 E.3.10"
    vrs = ANY

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield an unknown for a private element that the profile lists; any other is a finding elsewhere."""
        tag, promises = place.element.tag, place.around.promises
        if not tag & 0x00010000 or tag & 0xFFFF < 0x1000 or promises is None:
            return
        creator = creator_of(tag, place.siblings)
        if (tag >> 16, creator, tag & 0xFF) in promises.retained_private:
            yield Unknown("private-kept", f"{creator} ({tag >> 16:04X},xx{tag & 0xFF:02X})", place.where)


UNKNOWNS_OF_ELEMENTS = (CharactersUnread(), PrivateKept())
