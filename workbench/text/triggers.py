"""Telling plain texts, which no pattern can find anything in, from those that have to be searched."""

import re
from collections.abc import Sequence

from workbench.text.reading import About, Form
from workbench.text.vocabulary import Sort

_ODD_NUMBERS = re.compile(
    r"\d{4}|\d[\s/_:\-][\s/_:\-]?\d|(?<!\d)0\d\.\d\d|\d\.\d+\.|(?<![\d.])(?:9\d|1[0-4]\d)\W?\W?[yjmfwa\u6b73\u624d\u5c81]|#|\d\s?h\s?\d"
    r"|\d\s?[ap]\.?m\b|\d\s?uhr|[mfw]\W{0,2}0*(?:9\d|1[0-4]\d)",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[@^#\u2116]|//|\bwww\b")
_CUES = frozenset(
    """id ids no nr num number numbers case visit order file chart study exam ref reference unit host claim locker subject site
    cassette probe participant volunteer fall record acc account serial policy insurance member tracking historia protocol
    passport license licence room rm ward bed bay floor suite station zimmer bett cama salle lit chambre planta piso icu ccu er
    ed or tel phone ph fax call called pager ext mobile mobil cell age aged male female alter edad plate registration reg
    kennzeichen plaque matricula box st rd ave dr ln ct blvd pl c street road avenue lane square close terrace in since last
    next early mid late en im seit box ipp hc hcn nhs dossier pat patient pid first second third fourth fifth sixth
    seventh eighth ninth tenth may mar sat ninety patients num cp post code""".split()
)


def is_plain(text: str, about: Sequence[About]) -> bool:
    """Tell whether no pattern can find anything: all words known, none that announces something, numbers harmless."""
    cue = number = False
    for each in about:
        if not each.sort & Sort.KNOWN and each.form not in (Form.NUMBER, Form.LETTER):
            return False
        cue = cue or each.lower in _CUES
        number = number or each.form in (Form.NUMBER, Form.CODE)
    if cue and (number or any(each.lower in {"may", "mar", "street", "road", "lane", "square", "close", "avenue"} for each in about)):
        return False
    if _SIGNS.search(text):
        return False
    return not number or _ODD_NUMBERS.search(text) is None
