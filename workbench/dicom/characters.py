"""Text to and from bytes by Specific Character Set (PS3.5 6.1, PS3.3 C.12.1.1.2), strictly.

What a file says of its own text is not trusted: bytes that are none in the declared set are no text at all, and no
guess is made. Code extensions (ISO 2022) are read and written here and not by the codecs of Python, which know other
initial states than DICOM has.
"""

from functools import lru_cache
from typing import Final, NamedTuple

_ESCAPE: Final = 0x1B

_SINGLE: Final = {
    "6": "ascii",
    "13": "jis x 0201",
    "100": "latin_1",
    "101": "iso8859_2",
    "109": "iso8859_3",
    "110": "iso8859_4",
    "126": "iso8859_7",
    "127": "iso8859_6",
    "138": "iso8859_8",
    "144": "iso8859_5",
    "148": "iso8859_9",
    "166": "iso8859_11",
    "203": "iso8859_15",
}
"""Single-byte sets by the number in their defined term; the codec stands for both halves."""

_WHOLE: Final = {"ISO_IR 192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
"""Sets that stand alone and allow no code extensions."""


class _Part(NamedTuple):
    """One half of a code: how it is called in, and how its bytes are decoded.

    `high` tells whether it fills G1 (bytes from 0xA0) or G0, `width` bytes make a character. `codec` decodes them after
    `before` was put in front and the high bit set or cleared as `raised` says.
    """

    escape: bytes
    high: bool
    width: int
    codec: str
    raised: bool
    before: bytes = b""


_ASCII: Final = _Part(b"(B", high=False, width=1, codec="ascii", raised=False)
_ROMAJI: Final = _Part(b"(J", high=False, width=1, codec="ascii", raised=False)
_KATAKANA: Final = _Part(b")I", high=True, width=1, codec="shift_jis", raised=True)


def _upper(escape: bytes, codec: str) -> _Part:
    return _Part(escape, high=True, width=1, codec=codec, raised=True)


_EXTENSIONS: Final[dict[str, tuple[_Part, ...]]] = {
    "6": (_ASCII,),
    "13": (_ROMAJI, _KATAKANA),
    "100": (_ASCII, _upper(b"-A", "latin_1")),
    "101": (_ASCII, _upper(b"-B", "iso8859_2")),
    "109": (_ASCII, _upper(b"-C", "iso8859_3")),
    "110": (_ASCII, _upper(b"-D", "iso8859_4")),
    "126": (_ASCII, _upper(b"-F", "iso8859_7")),
    "127": (_ASCII, _upper(b"-G", "iso8859_6")),
    "138": (_ASCII, _upper(b"-H", "iso8859_8")),
    "144": (_ASCII, _upper(b"-L", "iso8859_5")),
    "148": (_ASCII, _upper(b"-M", "iso8859_9")),
    "166": (_ASCII, _upper(b"-T", "iso8859_11")),
    "203": (_ASCII, _upper(b"-b", "iso8859_15")),
    "58": (_Part(b"$)A", high=True, width=2, codec="gb2312", raised=True),),
    "87": (_Part(b"$B", high=False, width=2, codec="euc_jp", raised=True),),
    "149": (_Part(b"$)C", high=True, width=2, codec="euc_kr", raised=True),),
    "159": (_Part(b"$(D", high=False, width=2, codec="euc_jp", raised=True, before=b"\x8f"),),
}
"""Halves of a code by the number in the term `ISO 2022 IR n` (PS3.3 tables C.12-3 and C.12-4)."""


class Charset:
    """One value of Specific Character Set. Immutable; `known` is False when a term is none of the standard's.

    Decoding and encoding never raise: they return None for what the set can't hold. An unknown set holds ASCII.
    """

    __slots__ = ("_codec", "_initial", "_parts", "known")

    def __init__(self, terms: tuple[str, ...]) -> None:
        self.known = True
        self._codec = ""
        self._initial: tuple[_Part, ...] = (_ASCII,)
        self._parts: dict[bytes, _Part] = {}
        if len(terms) == 1 and terms[0] in _WHOLE:
            self._codec = _WHOLE[terms[0]]
            return
        numbers = [_number(term, first=not index) for index, term in enumerate(terms)]
        if None in numbers or (len(terms) > 1 and any(term.startswith("ISO_IR") for term in terms[1:])):
            self.known = False
            self._codec = "ascii"
            return
        first = _EXTENSIONS[numbers[0] or "6"]
        self._initial = first if first[0].width == 1 else (_ASCII,)
        if len(terms) > 1 or terms[0].startswith("ISO 2022"):
            for number in ("6", *numbers):
                self._parts.update((part.escape, part) for part in _EXTENSIONS[number or "6"])

    def decode(self, value: bytes) -> str | None:
        """Return the text of bytes, None when they are none in this set. Padding is not looked at."""
        if self._codec:
            try:
                text = value.decode(self._codec)
            except UnicodeError:
                return None
            return None if "\x1b" in text else text
        if value.isascii() and _ESCAPE not in value and self._initial[0] is _ASCII:
            return value.decode("ascii")
        return self._read(value)

    def encode(self, text: str) -> bytes | None:
        """Return the bytes of a text, None when a character is not in this set. Ends in the initial state."""
        if "\x1b" in text:
            return None
        if self._codec:
            try:
                return text.encode(self._codec)
            except UnicodeError:
                return None
        return self._write(text)

    def _read(self, value: bytes) -> str | None:
        low, high = self._initial[0], next((part for part in self._initial if part.high), None)
        out: list[str] = []
        at, end = 0, len(value)
        while at < end:
            byte = value[at]
            if byte == _ESCAPE:
                escape = value[at + 1 : at + (4 if value[at + 1 : at + 3] in (b"$)", b"$(") else 3)]
                part = self._parts.get(escape)
                if part is None:
                    return None
                low, high = (low, part) if part.high else (part, high)
                at += 1 + len(escape)
                continue
            if byte < 0x20:  # a line or a page ends: back to the initial state (PS3.5 6.1.2.5.3)
                low, high = self._initial[0], next((part for part in self._initial if part.high), None)
                out.append(chr(byte))
                at += 1
                continue
            used = high if byte >= 0x80 else low
            if byte == 0x20 and low.width == 2:
                used = _ASCII
            if used is None:
                return None
            text = _character(used, value[at : at + used.width])
            if text is None:
                return None
            out.append(text)
            at += used.width
        return "".join(out)

    def _write(self, text: str) -> bytes | None:
        initial = {part.high: part for part in self._initial}
        current = dict(initial)
        out = bytearray()
        for letter in text:
            if letter < " ":
                out += _back(current, initial) + letter.encode("ascii")
                continue
            for part in (*current.values(), *self._initial, *self._parts.values()):
                raw = _raw(part, letter)
                if raw is None:
                    continue
                if current.get(part.high) is not part:
                    current[part.high] = part
                    out += b"\x1b" + part.escape
                out += raw
                break
            else:
                return None
        return bytes(out + _back(current, initial))


def _back(current: dict[bool, _Part], initial: dict[bool, _Part]) -> bytes:
    """Return to the initial state, and say with what bytes."""
    back = b""
    if current[False] is not initial[False]:
        back = b"\x1b" + initial[False].escape
    current.clear()
    current.update(initial)
    return back


def _character(part: _Part, raw: bytes) -> str | None:
    """Return one character, None when the bytes are none."""
    if len(raw) < part.width or any((byte >= 0x80) != part.high or byte & 0x7F < 0x20 for byte in raw):
        return None
    if part.raised and not part.high:
        raw = bytes(byte | 0x80 for byte in raw)
    try:
        text = (part.before + raw).decode(part.codec)
    except UnicodeError:
        return None
    return text if len(text) == 1 and text >= " " and not "\x7f" <= text <= "\x9f" else None


@lru_cache(maxsize=4096)
def _raw(part: _Part, letter: str) -> bytes | None:
    """Return the bytes of one character in a half of a code, None when it is not there."""
    try:
        raw = letter.encode(part.codec)
    except UnicodeError:
        return None
    if part.before:
        if not raw.startswith(part.before):
            return None
        raw = raw.removeprefix(part.before)
    if part.raised and not part.high:
        raw = bytes(byte & 0x7F for byte in raw) if all(byte >= 0x80 for byte in raw) else b""
    return raw if len(raw) == part.width and _character(part, raw) == letter else None


def _number(term: str, *, first: bool) -> str | None:
    """Return the number in a term, None when it is none of the standard's; an empty first value is ISO 646."""
    if not term:
        return "6" if first else None
    for prefix in ("ISO_IR ", "ISO 2022 IR "):
        number = term.removeprefix(prefix)
        if number != term and number in (_SINGLE if prefix == "ISO_IR " else _EXTENSIONS):
            return number
    return None


def charset(value: bytes) -> Charset:
    """Return the character set that a value of Specific Character Set (0008,0005) names; empty is ISO 646."""
    return _charset(bytes(value))


@lru_cache(maxsize=256)
def _charset(value: bytes) -> Charset:
    return Charset(tuple(term.strip(" \0") for term in value.decode("latin-1").split("\\")))
