"""Character sets: decoding what a file says, and the many bytes in which a text may stand elsewhere.

PS3.5 6.1, PS3.3 C.12.1.1.2.
"""

import unicodedata
import warnings
from collections.abc import Iterator
from functools import lru_cache

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

_DELIMITERS = {0x0A, 0x0C, 0x0D, 0x09, 0x5C, 0x5E, 0x3D}

_ENCODINGS = (
    "utf-8",
    "latin-1",
    "iso8859-2",
    "iso8859-3",
    "iso8859-4",
    "iso8859-5",
    "iso8859-6",
    "iso8859-7",
    "iso8859-8",
    "iso8859-9",
    "iso8859-15",
    "tis-620",
    "cp1252",
    "iso2022_jp_2",
    "iso2022_kr",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "gb18030",
    "big5",
    "cp1251",
)

Charset = tuple[str, ...]
"""Python codecs, the default first."""

DEFAULT: Charset = ("iso8859",)


def charset_of(value: bytes | None) -> Charset:
    """Return the codecs for a value of Specific Character Set; unknown terms count as the default."""
    return _charset_of(value or b"")


@lru_cache(maxsize=256)
def _charset_of(value: bytes) -> Charset:
    terms = value.decode("latin-1").strip(" \0").split("\\")
    # Only defined terms reach pydicom: it logs what it does not know, and a file may have written anything here.
    terms = [term.strip() for term in terms]
    terms = [term for term in terms if term in python_encoding]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = convert_encodings(terms)
        except Exception:  # noqa: BLE001 - pydicom raises several types; what a file claims of itself is not trusted
            return DEFAULT
    return tuple(found) or DEFAULT


def decode(value: bytes, charset: Charset) -> str:
    """Decode text: as declared, else as UTF-8, else as Latin-1 (which never fails)."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").strip(" \0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if charset != DEFAULT:
                text = decode_bytes(value, list(charset), _DELIMITERS)
                if "\ufffd" not in text:
                    return text.strip(" \0")
            return value.decode("utf-8").strip(" \0")
        except Exception:  # noqa: BLE001 - pydicom raises several types on damaged escape sequences
            return value.decode("latin-1").strip(" \0")


def encodings_of(text: str) -> Iterator[bytes]:
    """Yield the text in every character set that can write it."""
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    if text.isascii():
        yield text.encode("ascii")
        return
    seen: set[bytes] = set()
    for form in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
        for encoding in _ENCODINGS:
            try:
                encoded = form.encode(encoding)
            except UnicodeError:
                continue
            # An escape back to ASCII ends the text only where nothing of the same set follows it.
            encoded = encoded.removesuffix(b"\x1b(B").removesuffix(b"\x0f")
            if encoded not in seen:
                seen.add(encoded)
                yield encoded
