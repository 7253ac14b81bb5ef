"""Recognisers of our own: patterns of dates, times, ages, numbers, contacts, places and names written as such.

Each pattern has a name, a reason and a score; `PATTERNS` is also what `workbench.text.presidio_hint` registers.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.text.hints import Span

A_DATE = "a date"
A_TIME = "a time of day"
AN_AGE = "an age over 89"
A_NUMBER = "a number that somebody was given"
A_CONTACT = "a telephone number or electronic address"
AN_ADDRESS = "an address"
A_PLACE = "an institution or place"
A_NAME = "a name"


class Pattern(NamedTuple):
    """A regular expression; group `it` (else all of it) identifies."""

    name: str
    reason: str
    score: float
    expression: re.Pattern[str]
    needs: str
    """Characters one of which a text must have to be searched; empty: no condition. `0` is any digit."""


def _pattern(name: str, reason: str, score: float, needs: str, expression: str, flags: int = re.IGNORECASE) -> Pattern:
    return Pattern(name, reason, score, re.compile(expression, flags), needs)


_MONTH = (
    r"(?:jan(?:uary|uar|vier|v)?|jän(?:ner)?|ene(?:ro)?|feb(?:ruary|ruar|rero)?|f[ée]vr?(?:ier)?|mar(?:ch|s|zo|z)?|m[äa]r?z|mrz|apr(?:il)?"
    r"|avr(?:il)?|abr(?:il)?|may|mai|mayo|june?|juin|jun[io]|july?|jul[io]|juil(?:let)?|aug(?:ust)?|ao[uû]t|ago(?:sto)?"
    r"|sept?(?:ember|embre|iembre)?|set(?:iembre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[czs](?:ember|iembre)?"
    r"|d[ée]c(?:embre)?|dic(?:iembre)?)"
)
_LONG_MONTH = (
    r"(?:january|januar|janvier|enero|february|februar|février|fevrier|febrero|märz|maerz|april|avril|abril|juin|junio|juillet|julio"
    r"|august|août|agosto|september|septembre|septiembre|october|oktober|octobre|octubre|november|novembre|noviembre"
    r"|december|dezember|décembre|decembre|diciembre)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|ª)?"
_YEAR = r"(?:(?:1[89]|20)\d{2}|['\u2019]?\d{2})(?!\d)"
_S = r"[\s\-/.,_']*"
_WEEKDAY = (
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tues|thurs|montag|dienstag|mittwoch|donnerstag|freitag"
    r"|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|mi[ée]rcoles|jueves"
    r"|viernes|s[áa]bado|domingo)s?\b"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth"
    r"|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[\s-](?:first|second|third|fourth"
    r"|fifth|sixth|seventh|eighth|ninth))"
)
_OLD = r"0*(?:9\d|1[0-4]\d)"
_STRONG_ID = (
    r"mrn?#?|emrn|upi|nhi|mpi|pid|pat(?:ient)?[\s.\-_]*(?:id|nr|no|num(?:ber)?)|id(?:ent(?:ifier)?)?|medical record|record|acc(?:ession|n)?"
    r"|acct|account|ssn|nhs|hcn|health card|policy|insurance|member(?:ship)?|medicare|medicaid|bcbs|serial|s/?n|imei|udi|tracking"
    r"|historia|hc|nhc|dossier|ipp|nip|akte|fallnummer|fall-?nr|auftrag|kvnr|versicherten\S*|exp(?:ediente)?|protocol number|irb|nct"
    r"|passport|licen[cs]e|dni|nif|nie|cpf|rut|bsn|cnp"
)
_WEAK_ID = (
    r"no|nr|num|number|nummer|núm|numero|número|case|visit|order|ord|req|encounter|enc|file|chart|study|exam|ref(?:erence)?|unit|host"
    r"|ticket|invoice|claim|badge|locker|subject|subj|site|casette|cassette|plate id|probe|participant|volunteer|fall|n°|№"
)
_STREET = (
    r"street|avenue|road|boulevard|blvd|lane|crescent|terrace|highway|hwy|parkway|pkwy|square|gardens|grove|close"
)

PATTERNS: tuple[Pattern, ...] = (
    _pattern("e-mail", A_CONTACT, 1.0, "@", r"[\w.+%-]*@[\w-]*(?:\.[\w-]+)*"),
    _pattern("url", A_CONTACT, 1.0, ":./", r"\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|://\S*"),
    _pattern(
        "host", A_CONTACT, 0.9, ".",
        r"\b(?:[a-z0-9][a-z0-9-]*\.)+(?:com|org|net|edu|gov|mil|int|info|health|hospital|clinic|local|lan|intra|internal|corp"
        r"|home|io|co\.uk|ac\.uk|nhs\.uk|uk|us|ca|de|fr|es|it|nl|be|ch|jp|cn|kr|au|br|mx|pt|pl|se|no|dk|fi|ru|eu)(?:/\S*)?(?![\w])",
    ),
    _pattern("mac address", A_CONTACT, 1.0, ":-", r"(?<![\w])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w])"),
    _pattern("ip address", A_CONTACT, 1.0, "0", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d])|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){4,7}\b"),
    _pattern("uid", A_NUMBER, 1.0, "0", r"(?<![\d.])\d+(?:\.\d+){4,}"),
    _pattern(
        "telephone", A_CONTACT, 0.9, "0",
        r"(?:\+|\b00)\d[\d\s().\-/]{5,}\d|\(\d{2,5}\)\s*\d[\d\s\-/.]{4,}\d|\b\d{3}[\s.\-]\d{3}[\s.\-]\d{4}\b|\b\d{3}[.\-]\d{4}\b"
        r"|(?<![\w.,])[2-9]\d\d \d{4}\b|\b0\d(?:[\s.\-]?\d{2}){4}\b|\b[6-9]\d\d[\s.\-]\d{3}[\s.\-]\d{3}\b|\b0\d{2,5}[\s/\-]+\d{3,}[\d\s\-]*",
    ),
    _pattern(
        "announced telephone", A_CONTACT, 0.95, "0",
        r"\b(?:tele?(?:fon|phone|fono|copie)?|t[ée]l(?:[ée]phone|[ée]fono)?|phone|ph|fax|call(?:ed)?(?: at)?|pager|beeper|bleep|ext(?:n|ension)?"
        r"|mobile?|cell(?:ular)?|handy|durchwahl|fax to)\b[\s.:#]{0,4}(?P<it>\(?\+?\d[\d\s\-/.()]{2,}\d)",
    ),
    _pattern("announced telephone (ja, zh)", A_CONTACT, 0.95, "0", r"(?:電話|携帯|内線|电话|手机)[\s:：]*[\d\-()]{3,}"),
    _pattern(
        "numeric date", A_DATE, 0.95, "0",
        r"(?<![\d.])(?:(?:1[89]|20)\d{2})(?P<a>[-/._ ]?)(?:0?[1-9]|1[0-2])(?P=a)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
        r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01])(?P<b>[-/._])\s?(?:0?[1-9]|[12]\d|3[01])(?P=b)\s?(?:(?:1[89]|20)\d{2}|\d{2})(?!\d)"
        r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|[12]\d|3[01]) (?:1[89]|20)\d{2}(?!\d)"
        r"|(?<![\d.])(?:(?:1[89]|20)\d{2})[-/.](?:0?[1-9]|1[0-2])(?![\d.])|(?<![\d./-])(?:0?[1-9]|1[0-2])[-/.](?:1[89]|20)\d{2}(?!\d)"
        r"|(?<![\d./,-])(?:0[1-9]|[12]\d|3[01])[/.](?:0[1-9]|1[0-2])(?![\d/,]|\.\d|\s?(?:[mc]m|s|min|ms|mg|ml|x)\b)"
        r"|(?<![\d./,-])(?:0[1-9]|1[0-2])/(?:[012]\d|3[01])(?![\d/,]|\.\d)",
    ),
    _pattern(
        "date with a month", A_DATE, 0.95, "0",
        rf"(?<![\w.])(?:{_DAY}[\s\-/._]*(?:of\s+|de\s+|den\s+)?{_MONTH}\b(?:{_S}(?:(?:of|de|del)\s+)?{_YEAR})?)"
        rf"|(?<![^\W_]){_MONTH}\b[\s\-/._]*{_DAY}(?![\d:.]\d|\w)(?:[\s,\-/.']+{_YEAR})?|(?<![^\W_]){_MONTH}{_S}(?:de\s+|del\s+)?(?:(?:1[89]|20)\d{{2}}|['\u2019]\d{{2}})(?!\d)"
        rf"|(?:1[89]|20)\d{{2}}[\s\-/._]*{_MONTH}\b(?:[\s\-/._]*{_DAY}(?!\w))?|['\u2019]?\b\d{{2}}\s+{_MONTH}\s+{_DAY}(?!\w)"
        rf"|(?<!\w)\d{{1,2}}{_MONTH}(?:\d{{4}}|\d{{2}})(?!\w)|(?<![^\W_])(?:(?:1[89]|20)\d{{2}}){_MONTH}\d{{1,2}}(?!\w)|(?<![^\W_]){_MONTH}\d{{1,2}}(?:(?:1[89]|20)\d{{2}})(?!\d)",
    ),
    _pattern("date in words", A_DATE, 0.9, "", rf"\b(?:the\s+)?{_ORDINAL}\s+(?:of\s+)?{_MONTH}\b|\b{_MONTH}\s+(?:the\s+)?{_ORDINAL}\b"),
    _pattern("month", A_DATE, 0.8, "", rf"\b{_LONG_MONTH}\b"),
    _pattern(
        "month after a preposition", A_DATE, 0.8, "",
        r"\b(?:in|since|until|im|seit|en|depuis|desde|last|next|early|mid|late)\s+(?P<it>(?:May|March|Mai|Mars|Marzo|Mayo|June?|July?|Jun|Jul|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec))\b",
        0,
    ),
    _pattern("weekday", A_DATE, 0.8, "", _WEEKDAY),
    _pattern("date (ja, zh)", A_DATE, 1.0, "0", r"(?:昭和|平成|令和|大正|明治)?\s*\d{2,4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|\d{1,2}\s*月\s*\d{1,2}\s*日|(?:昭和|平成|令和|大正|明治)\s*\d+"),
    _pattern(
        "time of day", A_TIME, 0.9, "0",
        r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)\s*(?:[ap]\.?m\b\.?|uhr|hrs?\b|h\b)?|\b\d{1,2}(?:\.\d{2})?\s*(?:[ap]\.m\.?|[ap]m\b|uhr\b)"
        r"|\b[01]?\d\s?h\s?[0-5]\d\b|\b(?:[01]\d|2[0-3])[0-5]\d\s*(?:hrs?|h|uhr|hours)\b|\d{1,2}\s*時\s*(?:\d{1,2}\s*分)?",
    ),
    _pattern(
        "age over 89", AN_AGE, 0.95, "0",
        rf"(?<![\d.]){_OLD}[\s-]*(?:y(?:o|rs?|ears?|/o)?(?![a-z])|j[äa]hr\w*|j\.|ans?\b|a[ñn]os?\b|anni\b|歳|才|岁|살)(?:[\s-]*olds?\b)?"
        rf"|(?<![\d.,]){_OLD}\W?(?:m|f|w|male|female)\b|\b(?:age[ds]?|alter|[âa]g[ée]e?(?:\s+de)?|edad|male|female|[mfw])\W{{0,2}}{_OLD}(?![\d.,])",
    ),
    _pattern("age over 89 in words", AN_AGE, 0.9, "", r"\b(?:ninety|neunzig|nonagenarian|centenarian|noventa)\w*(?:[\s-]\w+)?(?=[\s-]*(?:years?|yo|y/o|old|j[äa]hr|a[ñn]os))|\b(?:nona|cente)narian\b"),
    _pattern("announced number", A_NUMBER, 0.95, "0", rf"(?<![^\W_])(?:{_STRONG_ID})(?![a-z])[\s#:.\-=]*(?:no|nr|num|number|is)?[\s#:.\-=]*(?P<it>[a-z]{{0,6}}[\s-]?\d[\w./-]*)"),
    _pattern("number that is called one", A_NUMBER, 0.85, "0", rf"(?<![^\W_])(?:{_WEAK_ID})(?![a-z])[\s#:.\-=]*(?:id|no|nr|number|is)?[\s#:.\-=]*(?P<it>[a-z]{{0,4}}-?\d[\w/.-]*\d[\w/.-]*\d[\w/-]*)"),
    _pattern("number after a sign", A_NUMBER, 0.9, "#", r"#\s*(?P<it>[a-z]{0,4}-?\d[\w-]{2,})"),
    _pattern("long number", A_NUMBER, 1.0, "0", r"\d{5,}"),
    _pattern("row of numbers", A_NUMBER, 0.8, "0", r"(?<![\d.,])\d{2,}(?:[\s\-./]\d{2,})+(?![\d])"),
    _pattern("identifier", A_NUMBER, 0.9, "0", r"(?<![^\W_])(?=[\w-]*\d)[a-z]{1,6}[-_/]?\d{2,}(?:[-_/]\w+)+(?![^\W_])"),
    _pattern(
        "street", AN_ADDRESS, 0.9, "",
        rf"(?:\b\d{{1,5}}[a-z]?,?\s+)?(?:\b[A-Z][\w'.]+\s+){{1,3}}(?i:{_STREET})\b(?:,\s*[A-Z]\w+)?|\b\d{{1,5}}\s+(?:[A-Z][a-z]+\s+){{1,3}}(?:St|Rd|Ave|Dr|Ln|Ct|Blvd|Pl)\b",
        0,
    ),
    _pattern("street (de)", AN_ADDRESS, 0.9, "", r"\b[\w.-]+(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee)\s*\d+\s?[a-z]?\b|\b\w+(?:stra(?:ß|ss)e|str\.)"),
    _pattern("street (fr, es)", AN_ADDRESS, 0.9, "", r"(?:\b\d{1,4}\s*(?:bis\s+|ter\s+)?,?\s*)?\b(?:rue|avenue|boulevard|chemin|impasse|all[ée]e|quai|calle|avenida|avda\.?|paseo|carrera|c/)\s+[^\d,;()]{2,40}(?:,?\s*\d{1,4}\b)?"),
    _pattern("post code", AN_ADDRESS, 0.85, "0", r"\b(?:zip|plz|post\s?code|postal code|c\.?p\.?)\W{0,3}(?P<it>[\w-]*\d[\w-]*)|\b[A-Z]{1,2}\d[A-Z\d]?\s+\d(?!DT|TH|ST|RD|ND|YR|HR|FS|PH|GY|DE|DP|SE|GE|GR|TR|TE|TB|ED|FE)[ABD-HJLNP-UW-Z]{2}\b|\b[A-CEGHJ-NPR-TVXY]\d[A-Z]\s?\d[A-Z]\d\b", 0),
    _pattern("post box", AN_ADDRESS, 0.9, "0", r"\b(?:p\.?\s?o\.?\s?box|postfach|apartado|bo[îi]te postale|apt\.?|apartment)\W{0,3}\d+\w?"),
    _pattern(
        "room", A_PLACE, 0.85, "0",
        r"\b(?:room|rm|ward|bed|bay|floor|suite|zimmer|zi\.|bett|chambre|salle|cama|habitaci[oó]n|planta|pabell[oó]n|cubicle|cubby|lit|piso|病室|病棟|号室)"
        r"\W{0,3}(?:no\.?\s*)?[a-z]?\d{1,4}[a-z]?\b|\b(?:station|unit|icu|ccu|er|ed)\W{0,2}(?:bed\W{0,2})?#?(?:\d{1,4}[a-z]\b|[a-z]\d{1,4}\b)|(?:^|\bin\s)OR\W?\d{1,2}\b",
    ),
    _pattern("licence plate", A_NUMBER, 0.9, "0", r"\b(?:licen[cs]e\s+plate|number\s+plate|plate|registration|reg\.?|kennzeichen|kfz|immatriculation|plaque|matr[íi]cula)\W{0,3}(?:no\.?\s*)?(?P<it>[A-Z0-9]{1,4}[\s-]?[A-Z0-9]{1,4}(?:[\s-]?[A-Z0-9]{1,4})?)(?![a-z])", 0),
    _pattern("person (ja, zh)", A_NAME, 0.9, "先医様さ氏技殿主大教", r"[\u3040-\u30ff\u4e00-\u9fff]{1,4}(?:先生|医師|様|さん|氏|殿|技師|医生|主任|大夫|教授)"),
    _pattern("institution (ja, zh)", A_PLACE, 0.95, "病医大診院", r"[\u3040-\u30ff\u4e00-\u9fffA-Za-z]{1,16}(?:病院|医院|クリニック|大学|医科大学|診療所|医療センター|医療中心)"),
    _pattern("caret name", A_NAME, 0.9, "^", r"(?<![\w])[^\W\d_][^\W\d_'. -]*\^[^\W\d_]{1,}(?:\^[^\W\d_.]*)*\^?(?:Dr|Mr|Mrs|Ms|Prof|Jr|Sr)\b\.?"),
)  # fmt: skip
_DIGIT = re.compile(r"\d")


class Patterns:
    """The recognisers of this module as a hint."""

    name = "patterns"

    def spans(self, text: str) -> Iterator[Span]:
        """Yield what the patterns find."""
        digit = _DIGIT.search(text) is not None
        for name, reason, score, expression, needs in PATTERNS:
            if needs and not (digit if needs == "0" else any(mark in text for mark in needs)):
                continue
            group = "it" if "it" in expression.groupindex else 0
            for match in expression.finditer(text):
                if match[group]:
                    yield Span(match.start(group), match.end(group), reason, score, name)
