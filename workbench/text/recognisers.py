"""Recognisers of our own: patterns of dates, times, ages, numbers, contacts, places and names written as such.

Each pattern has a name, a reason and a score; `PATTERNS` is also what `workbench.text.presidio_hint` registers.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.text.folding import is_wordless
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
    """What a text must have to be searched, see `_conditions`."""


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
    r"mrn#?|emrn|upi|nhi|mpi|pid|pat(?:ient)?[\s.\-_]*(?:id|nr|no|num(?:ber)?)|id(?:ent(?:ifier)?)?|medical record|record|acc(?:ession|n)?"
    r"|acct|account|ssn|nhs|hcn|health card|policy|insurance|member(?:ship)?|medicare|medicaid|bcbs|serial|s/?n|imei|udi|tracking"
    r"|historia|hc|nhc|dossier|ipp|nip|akte|fallnummer|fall-?nr|auftrag|kvnr|versicherten\S*|exp(?:ediente)?|protocol number|irb|nct"
    r"|passport|licen[cs]e|dni|nif|nie|cpf|rut|bsn|cnp"
)
_WEAK_ID = (
    r"no|nr|num|number|nummer|núm|numero|número|case|visit|order|ord|req|encounter|enc|file|chart|study|exam|ref(?:erence)?|unit|host"
    r"|ticket|invoice|claim|badge|locker|subject|subj|site|participant|volunteer|fall|n°|№"
)
_STREET = (
    r"street|avenue|road|boulevard|blvd|lane|crescent|terrace|highway|hwy|parkway|pkwy|square|gardens|grove|close"
)

PATTERNS: tuple[Pattern, ...] = (
    _pattern("e-mail", A_CONTACT, 1.0, "at", r"[\w.+%-]*@[\w-]*(?:\.[\w-]+)*"),
    _pattern("url", A_CONTACT, 1.0, "link", r"\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|://\S*"),
    _pattern(
        "host", A_CONTACT, 0.9, "dotted",
        r"\b(?:[a-z0-9][a-z0-9-]*\.)+(?:com|org|net|edu|gov|mil|int|info|health|hospital|clinic|local|lan|intra|internal|corp"
        r"|home|io|co\.uk|ac\.uk|nhs\.uk|uk|us|ca|de|fr|es|it|nl|be|ch|jp|cn|kr|au|br|mx|pt|pl|se|no|dk|fi|ru|eu)(?:/\S*)?(?![\w])",
    ),
    _pattern("mac address", A_CONTACT, 1.0, "joined", r"(?<![\w])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w])"),
    _pattern("ip address", A_CONTACT, 1.0, "joined", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d])|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){4,7}\b"),
    _pattern("uid", A_NUMBER, 1.0, "joined", r"(?<![\d.])\d+(?:\.\d+){4,}"),
    _pattern(
        "telephone", A_CONTACT, 0.9, "joined",
        r"(?:\+|\b00)\d[\d\s().\-/]{5,}\d|\(\d{2,5}\)\s*\d[\d\s\-/.]{4,}\d|\b\d{3}[\s.\-]\d{3}[\s.\-]\d{4}\b|\b\d{3}[.\-]\d{4}\b"
        r"|(?<![\w.,])[2-9]\d\d \d{4}\b|\b0\d(?:[\s.\-]?\d{2}){4}\b|\b[6-9]\d\d[\s.\-]\d{3}[\s.\-]\d{3}\b|\b0\d{2,5}[\s/\-]+\d{3,}[\d\s\-]*",
    ),
    _pattern(
        "announced telephone", A_CONTACT, 0.95, "phone",
        r"\b(?:tele?(?:fon|phone|fono|copie)?|t[ée]l(?:[ée]phone|[ée]fono)?|phone|ph|fax|call(?:ed)?(?: at)?|pager|beeper|bleep|ext(?:n|ension)?"
        r"|mobile?|cell(?:ular)?|handy|durchwahl|fax to)\b[\s.:#]{0,4}(?P<it>\(?\+?\d[\d\s\-/.()]{2,}\d)",
    ),
    _pattern("announced telephone (ja, zh)", A_CONTACT, 0.95, "wordless", r"(?:電話|携帯|内線|电话|手机)[\s:：]*[\d\-()]{3,}"),
    _pattern(
        "numeric date", A_DATE, 0.95, "joined",
        r"(?<![\d.])(?:(?:1[89]|20)\d{2})(?P<a>[-/._ ]?)(?:0?[1-9]|1[0-2])(?P=a)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
        r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01])(?P<b>[-/._])\s?(?:0?[1-9]|[12]\d|3[01])(?P=b)\s?(?:(?:1[89]|20)\d{2}|\d{2})(?!\d)"
        r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|[12]\d|3[01]) (?:1[89]|20)\d{2}(?!\d)"
        r"|(?<![\d.])(?:(?:1[89]|20)\d{2})[-/.](?:0?[1-9]|1[0-2])(?![\d.])|(?<![\d./-])(?:0?[1-9]|1[0-2])[-/.](?:1[89]|20)\d{2}(?!\d)"
        r"|(?<![\d./,-])(?:0[1-9]|[12]\d|3[01])[/.](?:0[1-9]|1[0-2])(?![\d/,]|\.\d|\s?(?:[mc]m|s|min|ms|mg|ml|x)\b)"
        r"|(?<![\d./,-])(?:0[1-9]|1[0-2])/(?:[012]\d|3[01])(?![\d/,]|\.\d)",
    ),
    _pattern(
        "date with a month", A_DATE, 0.95, "month",
        rf"(?<![\w.])(?:{_DAY}[\s\-/._]*(?:of\s+|de\s+|den\s+)?{_MONTH}\b(?:{_S}(?:(?:of|de|del)\s+)?{_YEAR})?)"
        rf"|(?<![^\W_]){_MONTH}\b[\s\-/._]*{_DAY}(?![\d:.]\d|\w)(?:[\s,\-/.']+{_YEAR})?|(?<![^\W_]){_MONTH}{_S}(?:de\s+|del\s+)?(?:(?:1[89]|20)\d{{2}}|['\u2019]\d{{2}})(?!\d)"
        rf"|(?:1[89]|20)\d{{2}}[\s\-/._]*{_MONTH}\b(?:[\s\-/._]*{_DAY}(?!\w))?|['\u2019]?\b\d{{2}}\s+{_MONTH}\s+{_DAY}(?!\w)"
        rf"|(?<!\w)\d{{1,2}}{_MONTH}(?:\d{{4}}|\d{{2}})(?!\w)|(?<![^\W_])(?:(?:1[89]|20)\d{{2}}){_MONTH}\d{{1,2}}(?!\w)|(?<![^\W_]){_MONTH}\d{{1,2}}(?:(?:1[89]|20)\d{{2}})(?!\d)",
    ),
    _pattern("announced date", A_DATE, 0.8, "joined", r"\b(?:on|since|seen|dated?|done|exam|until|vom|am|seit|le|du|el|del|prior|previous|last)\W{1,2}(?P<it>\d{1,2}[/.]\d{1,2})(?![\d/.,%])"),
    _pattern("date in words", A_DATE, 0.9, "month", rf"\b(?:the\s+)?{_ORDINAL}\s+(?:of\s+)?{_MONTH}\b|\b{_MONTH}\s+(?:the\s+)?{_ORDINAL}\b"),
    _pattern("month", A_DATE, 0.8, "month", rf"\b{_LONG_MONTH}\b"),
    _pattern(
        "month after a preposition", A_DATE, 0.8, "month",
        r"\b(?:in|since|until|im|seit|en|depuis|desde|last|next|early|mid|late)\s+(?P<it>(?:May|March|Mai|Mars|Marzo|Mayo|June?|July?|Jun|Jul|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec))\b",
        0,
    ),
    _pattern("weekday", A_DATE, 0.8, "weekday", _WEEKDAY),
    _pattern("date (ja, zh)", A_DATE, 1.0, "wordless", r"(?:昭和|平成|令和|大正|明治)?\s*\d{2,4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|\d{1,2}\s*月\s*\d{1,2}\s*日|(?:昭和|平成|令和|大正|明治)\s*\d+"),
    _pattern(
        "time of day", A_TIME, 0.9, "time",
        r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)\s*(?:[ap]\.?m\b\.?|uhr|hrs?\b|h\b)?|\b\d{1,2}(?:\.\d{2})?\s*(?:[ap]\.m\.?|[ap]m\b|uhr\b)"
        r"|\b[01]?\d\s?h\s?[0-5]\d\b|\b(?:[01]\d|2[0-3])[0-5]\d\s*(?:hrs?|h|uhr|hours)\b|\d{1,2}\s*時\s*(?:\d{1,2}\s*分)?",
    ),
    _pattern(
        "age over 89", AN_AGE, 0.95, "old",
        rf"(?<![\d.]){_OLD}[\s-]*(?:y(?:o|rs?|ears?|/o)?(?![a-z])|j[äa]hr\w*|j\.|ans?\b|a[ñn]os?\b|anni\b|歳|才|岁|살)(?:[\s-]*olds?\b)?"
        rf"|(?<![\d.,]){_OLD}\W?(?:m|f|w|male|female)\b",
    ),
    _pattern("announced age over 89", AN_AGE, 0.95, "old", rf"\b(?:age[ds]?|alter|[âa]g[ée]e?(?:\s+de)?|edad|male|female|[mfw])\W{{0,2}}(?P<it>{_OLD})(?![\d.,])"),
    _pattern("age over 89 in words", AN_AGE, 0.9, "ninety", r"\b(?:ninety|neunzig|nonagenarian|centenarian|noventa)\w*(?:[\s-]\w+)?(?=[\s-]*(?:years?|yo|y/o|old|j[äa]hr|a[ñn]os))|\b(?:nona|cente)narian\b"),
    _pattern("announced number", A_NUMBER, 0.95, "number", rf"(?<![^\W_])(?:{_STRONG_ID})(?![a-z])[\s#:.\-=]*(?:no|nr|num|number|is)?[\s#:.\-=]*(?P<it>[a-z]{{0,6}}[\s-]?\d[\w./-]*)"),
    _pattern("number that is called one", A_NUMBER, 0.85, "number", rf"(?<![^\W_])(?:{_WEAK_ID})(?![a-z])[\s#:.\-=]*(?:id|no|nr|number|is)?[\s#:.\-=]*(?P<it>[a-z]{{0,4}}-?\d[\w/.-]*\d[\w/.-]*\d[\w/-]*)"),
    _pattern("number after a sign", A_NUMBER, 0.9, "sign", r"#\s*(?P<it>[a-z]{0,4}-?\d[\w-]{2,})"),
    _pattern("long number", A_NUMBER, 1.0, "long", r"\d{5,}"),
    _pattern("row of numbers", A_NUMBER, 0.8, "joined", r"(?<![\d.,])(?:\d{3,}[\s\-./]\d{4,}|\d{4,}[\s\-./]\d{3,}|\d{3,}(?:[\s\-./]\d{2,}){2,})(?!\d)"),
    _pattern("identifier", A_NUMBER, 0.9, "joined", r"(?<![^\W_])[a-z]{1,6}[-_/]?\d{3,}[-_/]\w*\d\w*(?![^\W_])|(?<![\w-])[a-z]{1,8}(?:-[a-z0-9]{1,8})+-\d{2,}(?![\w-])|(?<![\w-])[a-z]{2,8}[-_][a-z]{3,12}\d{1,4}(?![\w-])|(?<![\w-])\d+-\d{3,}(?:-\w+)?|(?<![\w-])[a-z]{1,5}-\d{4,}(?![\w])"),
    _pattern(
        "street", AN_ADDRESS, 0.9, "street",
        rf"(?:\b\d{{1,5}}[a-z]?,?\s+)?(?:\b[A-Z][\w'.]+\s+){{1,3}}(?i:{_STREET})\b(?:,\s*[A-Z]\w+)?|\b\d{{1,5}}\s+(?:[A-Z][a-z]+\s+){{1,3}}(?:St|Rd|Ave|Dr|Ln|Ct|Blvd|Pl)\b",
        0,
    ),
    _pattern("street (de)", AN_ADDRESS, 0.9, "street", r"\b[\w.-]+(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|damm|ufer|chaussee)\s*\d+\s?[a-z]?\b|\b\w+(?:stra(?:ß|ss)e|str\.)"),
    _pattern("street (fr, es)", AN_ADDRESS, 0.9, "street", r"(?:\b\d{1,4}\s*(?:bis\s+|ter\s+)?,?\s*)?\b(?:rue|avenue|boulevard|chemin|impasse|all[ée]e|quai|calle|avenida|avda\.?|paseo|carrera|c/)\s+[^\d,;()]{2,40}(?:,?\s*\d{1,4}\b)?"),
    _pattern("post code", AN_ADDRESS, 0.85, "code", r"\b(?:zip|plz|post\s?code|postal code|c\.?p\.?)\W{0,3}(?P<it>[\w-]*\d[\w-]*)|\b[A-Z]{1,2}\d[A-Z\d]?\s+\d(?!DT|TH|ST|RD|ND|YR|HR|FS|PH|GY|DE|DP|SE|GE|GR|TR|TE|TB|ED|FE)[ABD-HJLNP-UW-Z]{2}\b|\b[A-CEGHJ-NPR-TVXY]\d[A-Z]\s?\d[A-Z]\d\b", 0),
    _pattern("post box", AN_ADDRESS, 0.9, "box", r"\b(?:p\.?\s?o\.?\s?box|postfach|apartado|bo[îi]te postale|apt\.?|apartment)\W{0,3}\d+\w?"),
    _pattern(
        "room", A_PLACE, 0.85, "room",
        r"\b(?:room|rm|ward|bed|bay|floor|suite|zimmer|zi\.|bett|chambre|salle|cama|habitaci[oó]n|planta|pabell[oó]n|cubicle|cubby|lit|piso|病室|病棟|号室)"
        r"\W{0,3}(?:no\.?\s*)?[a-z]?\d{1,4}[a-z]?\b|\b(?:station|unit|icu|ccu|er|ed)\W{0,2}(?:bed\W{0,2}|[a-z]{3,12}\s)?#?(?:\d{1,4}[a-z]\b|[a-z]\d{1,4}\b)|(?:^|\bin\s)OR\W?\d{1,2}\b",
    ),
    _pattern("licence plate", A_NUMBER, 0.9, "plate", r"\b(?:licen[cs]e\s+plate|number\s+plate|plate|registration|reg\.?|kennzeichen|kfz|immatriculation|plaque|matr[íi]cula)\W{0,3}(?:no\.?\s*)?(?P<it>[A-Z0-9]{1,4}[\s-]?[A-Z0-9]{1,4}(?:[\s-]?[A-Z0-9]{1,4})?)(?![a-z])", 0),
    _pattern("person (ja, zh)", A_NAME, 0.9, "wordless", r"[\u3040-\u30ff\u4e00-\u9fff]{1,4}(?:先生|医師|様|さん|氏|殿|技師|医生|主任|大夫|教授)"),
    _pattern("institution (ja, zh)", A_PLACE, 0.95, "wordless", r"[\u3040-\u30ff\u4e00-\u9fffA-Za-z]{1,16}(?:病院|医院|クリニック|大学|医科大学|診療所|医療センター|医療中心)"),
    _pattern("caret name", A_NAME, 0.9, "caret", r"(?<![\w])[^\W\d_][^\W\d_'. -]*\^[^\W\d_]{1,}(?:\^[^\W\d_.]*)*\^?(?:Dr|Mr|Mrs|Ms|Prof|Jr|Sr)\b\.?"),
)  # fmt: skip
_BY_NEED = {need: tuple(each for each in PATTERNS if each.needs == need) for need in {each.needs for each in PATTERNS}}
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_PROBES = (
    ("joined", re.compile(r"\d[\s\-/:_.(),]{1,2}\d|\d{6}|\w-\w|\+\d|00\d|:[0-9a-fA-F:]*:")),
    ("time", re.compile(r"\d:\d\d|\d\s?[hH]|\d\s?[aApP]\.?[mM]|\d\s?[uU]hr|\u6642")),
    ("old", re.compile(r"(?<![1-9])(?:9\d|1[0-4]\d)(?!\d)")),
    ("long", re.compile(r"\d{5}")),
    ("code", re.compile(r"[A-Z]\d[A-Z\d]?\s?\d[A-Z]|(?i:zip|plz|post|c\.?p)")),
    ("number", re.compile(r"[#\u2116\u00b0]")),
)
"""What a text with digits may have."""

_ANNOUNCERS = {
    "month": "jan january januar janvier janv jänner ene enero feb february februar febrero février fevrier fév fev févr fevr mar"
    " march mars marzo marz mrz märz maerz mär apr april avril avr abril abr may mai mayo jun june juni juin junio jul july juli"
    " juil juillet julio aug august août aout agosto ago sep sept september septembre septiembre set setiembre oct october okt oktober"
    " octobre octubre ott nov november novembre noviembre dec december dez dezember déc décembre decembre dic diciembre"
    " janner mrz marz",
    "weekday": "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays"
    " sundays tues thurs montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags dienstags mittwochs"
    " donnerstags freitags samstags sonntags lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles miercoles"
    " jueves viernes sábado sabado domingo sábados sabados domingos lundis",
    "phone": "tel tele telephone telefon telefono teléfono téléphone tél telecopie phone ph fax call called pager beeper bleep ext extn"
    " extension mobile mobil cell cellular handy durchwahl",
    "number": "mrn emrn upi nhi mpi pid pat patient id ident identifier record acc accession accessionn acct account ssn nhs hcn card"
    " policy insurance member membership medicare medicaid bcbs serial s sn imei udi tracking historia hc nhc dossier ipp nip"
    " akte fallnummer fall auftrag kvnr exp expediente number irb nct passport license licence dni nif nie cpf rut bsn cnp no nr"
    " num nummer núm numero número case visit order ord req encounter enc file chart study exam ref reference unit host ticket"
    " invoice claim badge locker subject subj site participant volunteer n medical health",
    "ninety": "ninety neunzig nonagenarian centenarian noventa neunzigjährige",
    "street": "street avenue road boulevard blvd lane crescent terrace highway hwy parkway pkwy square gardens grove close st rd ave"
    " dr ln ct pl rue chemin impasse allée allee quai calle avenida avda paseo carrera c",
    "box": "box postfach apartado postale apt apartment",
    "room": "room rm ward bed bay floor suite zimmer zi bett chambre salle cama habitación habitacion planta pabellón pabellon cubicle"
    " cubby lit piso station unit icu ccu er ed or",
    "plate": "plate registration reg kennzeichen kfz immatriculation plaque matrícula matricula",
}
_CONDITIONS = {word: name for name, words in _ANNOUNCERS.items() for word in words.split()}
_ALSO = {"unit": "room", "st": "street"}
_STREET_ENDINGS = ("strasse", "straße", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "chaussee")
_MONTH_INSIDE = re.compile(rf"\d{_MONTH}|{_MONTH}\d", re.IGNORECASE)
_LINK = re.compile(r"//|www", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.[a-z]{2}", re.IGNORECASE)


def _conditions(text: str) -> set[str]:
    """Return which kinds of patterns a text has to be searched for: nearly all texts need none."""
    found: set[str] = set()
    for word in _WORDS.findall(text.lower()):
        name = _CONDITIONS.get(word)
        if name is not None:
            found.add(name)
            if word in _ALSO:
                found.add(_ALSO[word])
        elif word.endswith(_STREET_ENDINGS):
            found.add("street")
    if _DIGIT.search(text) is not None:
        found.update(name for name, probe in _PROBES if probe.search(text) is not None)
        if _MONTH_INSIDE.search(text) is not None:
            found.add("month")
    else:
        found -= {"phone", "number", "box", "room", "plate"}
    for name, marks in (("at", "@"), ("caret", "^"), ("sign", "#")):
        if marks in text:
            found.add(name)
    if "." in text and _DOTTED.search(text):
        found.add("dotted")
    if _LINK.search(text):
        found.add("link")
    if not text.isascii() and is_wordless(text):
        found.add("wordless")
    return found


class Patterns:
    """The recognisers of this module as a hint."""

    name = "patterns"

    def spans(self, text: str) -> Iterator[Span]:
        """Yield what the patterns find."""
        for condition in sorted(_conditions(text)):
            for name, reason, score, expression, _ in _BY_NEED.get(condition, ()):
                group = "it" if "it" in expression.groupindex else 0
                for match in expression.finditer(text):
                    if match[group]:
                        yield Span(match.start(group), match.end(group), reason, score, name)
