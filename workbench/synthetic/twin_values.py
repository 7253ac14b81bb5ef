"""Invented identifying values for a planted twin: each of its own kind, each unlike every other one.

A value is made of syllables and digits that no vocabulary has, in the shapes that people write. Its *needles* are the
parts by which it is known again: words, and numbers as digits alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workbench.synthetic.draw import Draw


class Identity(StrEnum):
    """Classes of identifying information: the letters of 45 CFR 164.514(b)(2)(i), and what DICOM adds."""

    NAME = "A names"
    PLACE = "B places"
    DATE = "C dates"
    AGE = "C ages over 89"
    TELEPHONE = "D E telephone and fax"
    MAIL = "F mail addresses"
    SOCIAL = "G social security"
    RECORD = "H record numbers"
    PLAN = "I health plan"
    ACCOUNT = "J accounts"
    LICENCE = "K licences"
    DEVICE = "L M vehicles and devices"
    URL = "N addresses of the web"
    NETWORK = "O network addresses"
    UID = "R unique identifiers"
    CODE = "R other codes"


@dataclass(frozen=True, slots=True)
class Forged:
    """One invented value and what it is known by."""

    identity: Identity
    text: str
    needles: tuple[str, ...]


_HEADS: Final = (
    "Bram", "Cruv", "Dwel", "Frisk", "Gnov", "Hjel", "Jurm", "Klev", "Mirz", "Nyst", "Plov", "Qvar", "Rhod", "Skel",
    "Tjur", "Ulv", "Vrox", "Wulb", "Xand", "Ygr", "Zolf", "Brok", "Dvin", "Fjel",
)  # fmt: skip
_MIDDLES: Final = ("ab", "ev", "im", "ol", "uz", "yr", "aq", "ux", "oj", "iv")
_TAILS: Final = (
    "dask", "fenk", "gort", "holm", "jask", "kvist", "lund", "mzel", "nitz", "prou", "quist", "vig", "bak", "dorf",
    "gaard", "hult", "kow", "mog", "pel", "rud", "stov", "tra", "wyk", "zec",
)  # fmt: skip
_FREE: Final = (
    Identity.NAME,
    Identity.PLACE,
    Identity.DATE,
    Identity.TELEPHONE,
    Identity.MAIL,
    Identity.SOCIAL,
    Identity.RECORD,
    Identity.PLAN,
    Identity.ACCOUNT,
    Identity.LICENCE,
    Identity.DEVICE,
    Identity.URL,
    Identity.NETWORK,
    Identity.CODE,
)
FIRST_DAY: Final = date(1881, 3, 17)
APART: Final = 3701
"""Days between two invented dates of one instance: more than any offset, so that none is shifted onto another."""
DAYS: Final = 12
LENGTH: Final[Mapping[str, int]] = MappingProxyType({"SH": 16, "AE": 16, "CS": 16, "LO": 64, "PN": 64})


@dataclass(slots=True)
class Forger:
    """Makes the values of a twin. `number` is the instance that is being made; `draw` decides about shapes only."""

    draw: Draw
    number: int = 0
    _words: int = field(default=0, init=False)
    _numbers: int = field(default=0, init=False)
    _turn: int = field(default=0, init=False)

    def word(self) -> str:
        """Return a word that was not made before."""
        self._words += 1
        count, parts = self._words * 7919, []  # steps through the tables, so that neighbours look unlike
        for table in (_HEADS, _MIDDLES, _MIDDLES, _MIDDLES, _TAILS):
            parts.append(table[count % len(table)])
            count //= len(table)
        return "".join(parts)

    def digits(self) -> str:
        """Return nine digits that were not made before."""
        self._numbers += 1
        return f"7{self._numbers:08d}"

    def day(self, slot: int) -> date:
        """Return the date of a slot; slots repeat after `DAYS`."""
        return FIRST_DAY + timedelta(days=self.number % 97 + APART * (slot % DAYS))

    def any(self, vr: str) -> Forged:
        """Return a value for a text of this VR; the classes take turns."""
        self._turn += 1
        wanted = _FREE[(self._turn + self.number) % len(_FREE)]
        return self.text(wanted, LENGTH.get(vr, 1000))

    def text(self, identity: Identity, room: int) -> Forged:
        """Return a value of a class as text of at most `room` characters."""
        for text, *needles in self._shapes(identity):
            if len(text) <= room:  # the whole text is a needle too: where digits cannot be joined, it is known by that
                return Forged(identity, text, tuple(dict.fromkeys((*needles, text.lower()))))
        word = self.word()
        return Forged(identity, word, (word,))

    def _shapes(self, identity: Identity) -> list[tuple[str, ...]]:
        word, number = self.word(), self.digits()
        if identity is Identity.NAME:
            given = self.word()
            return [(f"{word}, {given}", word, given), (word, word)]
        if identity is Identity.PLACE:
            town = self.word()
            return [(f"14 {word} Road, {town}", word, town), (word, word)]
        if identity is Identity.DATE:
            day = self.day(9)
            shape = self.draw.pick(("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y"))
            return [(day.strftime(shape), day.strftime(shape))]
        shapes: dict[Identity, list[tuple[str, ...]]] = {
            Identity.TELEPHONE: [(f"+49 {number[:3]} {number[3:]}", number)],
            Identity.MAIL: [(f"{word}@{number}.example".lower(), word, number), (f"{word}@x.eu"[:16], word)],
            Identity.SOCIAL: [(f"{number[:3]}-{number[3:5]}-{number[5:]}", number)],
            Identity.RECORD: [(f"MRN {number}", number)],
            Identity.PLAN: [(f"{word[:4].upper()}{number}", number)],
            Identity.ACCOUNT: [(f"ACC-{number}", number)],
            Identity.LICENCE: [(f"LIC {number}", number)],
            Identity.DEVICE: [(f"SN{number}", number)],
            Identity.URL: [(f"https://{word}.example/{number}".lower(), word, number), (word, word)],
            Identity.NETWORK: [(f"{word}.pacs.local".lower(), word), (word, word)],
            Identity.CODE: [(f"X{number}", number)],
        }
        return shapes.get(identity, [(word, word)])

    def person(self) -> Forged:
        """Return a person name."""
        family, given = self.word(), self.word()
        return Forged(Identity.NAME, f"{family}^{given}", (family, given))

    def uid(self) -> Forged:
        """Return a UID that no dictionary has."""
        text = f"1.2.826.0.1.3680043.10.511.{self.digits()}.{self.number}"
        return Forged(Identity.UID, text, (text,))

    def dated(self, vr: str, slot: int) -> Forged:
        """Return a DA, DT or TM. What a date is known by are its eight digits; a time, by its fraction."""
        day = self.day(slot).strftime("%Y%m%d")
        if vr == "TM":
            self._numbers += 1
            text = f"101112.{self._numbers % 1_000_000:06d}"
            return Forged(Identity.DATE, text, (text,))
        return Forged(Identity.DATE, day if vr == "DA" else f"{day}101112", (day,))
