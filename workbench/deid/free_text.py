"""Free text of an instance through the cleaner: decoded as declared, cleaned, and written back in the same set.

`Words` belongs to a patient and remembers each text that it has cleaned; `FreeText` belongs to an instance and knows
where it stands.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from workbench.deid.evidence import CleanedPlace
from workbench.dicom.characters import Charset, charset
from workbench.dicom.elements import Element
from workbench.records.action import Action
from workbench.records.change import Change
from workbench.records.known import Known, KnownKind, KnownValue

CHARACTER_SET: Final = 0x00080005
MULTI_VALUED: Final = frozenset({b"LO", b"SH", b"UC"})
MOST_REMEMBERED: Final = 20_000
LONGEST_REMEMBERED: Final = 4096


_BY_KNOWN: Final = "known values"
_OF_PERSONS: Final = frozenset({KnownKind.PATIENT, KnownKind.PERSON, KnownKind.CONTACT, KnownKind.IDENTIFIER})
_ELECTRONIC: Final = frozenset({"e-mail", "url"})
_LONG: Final = 5
"""Bytes of a name or an identifier, in UTF-8, that the name or number of a device does not repeat by chance."""


class Word(Protocol):
    """What became of a word (`text.cleaner.Word`)."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def kept(self) -> bool:
        """Whether it stays."""

    @property
    def by(self) -> str:
        """Who decided: known values, a recogniser, or others."""

    @property
    def why(self) -> str:
        """The reason, free of values."""


class Cleaned(Protocol):
    """What became of a text (`text.cleaner.Cleaned`)."""

    @property
    def words(self) -> Sequence[Word]:
        """Each word, and what became of it."""

    @property
    def text(self) -> str:
        """What is left, single-spaced."""

    @property
    def changed(self) -> bool:
        """Whether anything was dropped."""

    def reasons(self) -> str:
        """Say in short, and without values, what stayed and what was dropped."""


class Cleaner(Protocol):
    """Cleans one text (`text.cleaner.Cleaner`)."""

    def clean(self, text: str) -> Cleaned:
        """Return what is left of a text; never raises."""


class Make(Protocol):
    """Makes a cleaner that knows values (`text.cleaner.Cleaner`)."""

    def __call__(self, known: Iterable[KnownValue], *, slips: bool = True) -> Cleaner:
        """Return the cleaner."""


class Result(NamedTuple):
    """A cleaned value: its bytes, the same decoded, why, and whether it differs from the original."""

    value: bytes
    text: str
    reasons: str
    changed: bool


class Words:
    """Cleans values with what is known of one patient; each distinct one is cleaned once."""

    __slots__ = ("_cleaner", "_make", "_personal", "_persons", "_remembered")

    def __init__(self, make: Make, known: Known) -> None:
        self._make = make
        self._cleaner = make(known.own | known.others)
        self._persons = frozenset(value for value in known.own if value.kind in _OF_PERSONS)
        self._personal: tuple[Cleaner, dict[tuple[Charset, bytes], bool]] | None = None
        self._remembered: dict[tuple[Charset, bool, bytes], Result | None] = {}

    def is_personal(self, value: bytes, held: Charset) -> bool:
        """Tell whether a text carries what is known of a person, or can't be read at all.

        What only identifies a device or a site does not count, nor does a word that nobody knows; names count as they
        are written, since what is retained was promised.
        """
        if self._personal is None:
            self._personal = (self._make(self._persons, slips=False), {})
        cleaner, remembered = self._personal
        found = remembered.get((held, value))
        if found is None:
            text = held.decode(value.rstrip(b" \0"))
            found = text is None or _is_personal(cleaner.clean(text.replace("\\", " \n ")).words)
            if len(value) <= LONGEST_REMEMBERED and len(remembered) < MOST_REMEMBERED:
                remembered[held, value] = found
        return found

    def clean(self, value: bytes, held: Charset, *, several: bool) -> Result | None:
        """Return the cleaned value, None when the bytes are no text of the character set.

        With `several` the values between backslashes are cleaned one by one and keep their positions.
        """
        key = (held, several, value)
        if key in self._remembered:
            return self._remembered[key]
        found = self._clean(value, held, several=several)
        if len(value) <= LONGEST_REMEMBERED:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = found
        return found

    def _clean(self, value: bytes, held: Charset, *, several: bool) -> Result | None:
        text = held.decode(value.rstrip(b" \0"))
        if text is None:
            return None
        parts = text.split("\\") if several else [text]
        cleaned = [self._cleaner.clean(part) if part.strip() else None for part in parts]
        if not any(each is not None and each.changed for each in cleaned):
            reasons = _together(each.reasons() for each in cleaned if each is not None)
            return Result(value, text, reasons, changed=False)
        left = [each.text if each is not None else "" for each in cleaned]
        encoded = [held.encode(each) for each in left]
        if any(each is None for each in encoded):
            return None
        reasons = _together(each.reasons() for each in cleaned if each is not None)
        after = "\\".join(left)
        return Result(b"\\".join(each for each in encoded if each is not None), after, reasons, changed=True)


def _is_personal(words: Sequence[Word]) -> bool:
    gone = [word for word in words if not word.kept]
    known = [word for word in gone if word.by == _BY_KNOWN]
    numbers = sum(len(word.text.encode()) for word in known if word.why == KnownKind.IDENTIFIER)
    return (
        any(word.why in _OF_PERSONS - {KnownKind.IDENTIFIER} and len(word.text.encode()) >= _LONG for word in known)
        or any(word.by in _ELECTRONIC for word in gone)
        or numbers >= _LONG
    )


def _together(reasons: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(each for each in reasons if each))


class FreeText:
    """The texts of one instance. Implements `cleaning.TextCleaning` and collects the evidence.

    `held` is the character set that holds at the moment; whoever walks into an item sets it (`enter`).
    """

    __slots__ = ("_buffer", "_changes", "_words", "held", "places")

    def __init__(self, words: Words, buffer: bytes, elements: Sequence[Element], changes: list[Change]) -> None:
        self._words = words
        self._buffer = buffer
        self._changes = changes
        self.places: list[CleanedPlace] = []
        self.held = charset(b"")
        self.enter(elements)

    def enter(self, elements: Sequence[Element]) -> Charset:
        """Let the character set of an item hold, if it names one, and return the one that held before."""
        before = self.held
        for tag, _vr, _start, value, length, items in elements:
            if tag == CHARACTER_SET and items is None:
                self.held = charset(self._buffer[value : value + length])
                break
        return before

    def result(self, value: bytes, vr: bytes, path: tuple[int, ...]) -> Result | None:
        """Return the cleaned value and enter the evidence, but no change; None when the bytes are no text."""
        found = self._words.clean(value, self.held, several=vr in MULTI_VALUED)
        if found is not None:
            self.places.append(CleanedPlace(path, found.reasons, found.text))
        return found

    def is_personal(self, value: bytes) -> bool:
        """Tell whether a text carries what is known of a person, or can't be read at all."""
        return self._words.is_personal(value, self.held)

    def clean(self, value: bytes, vr: bytes, path: tuple[int, ...], origin: str = "") -> bytes | None:
        """Return the cleaned value in the same character set, None when the bytes are no text; see `TextCleaning`."""
        found = self.result(value, vr, path)
        if found is None:
            return None
        if found.changed:
            self._changes.append(Change(path, Action.CLEAN, because(origin, found), value, found.value))
        return found.value


def because(origin: str, result: Result) -> str:
    """Return the origin of a change of text: the rule, and what the cleaner decided."""
    return f"{origin}; {result.reasons}" if result.reasons else origin
