"""Names that something announces: titles, `Patient:`, initials, particles."""

import re
from collections.abc import Mapping

from workbench.records.known import KnownKind
from workbench.text.reading import KNOWN, Decision, Form, Reading
from workbench.text.vocabulary import DOUBTFUL, Sort
from workbench.text.wordlists import listed

_TITLES = listed("titles")
_TWOFOLD = listed("twofold titles")
_UNCERTAIN = listed("uncertain titles")
_CUES = listed("cues")
_SIGNING = listed("signing")
_NICKNAMES = listed("nickname cues")
_READING = frozenset({"read", "reads", "scanned", "dictated", "reviewed", "verified"})
_STAFF = listed("staff")
_TARGETS = listed("dose targets")
_ROLE_LETTERS = frozenset("rt")
_FORMAL = frozenset({"approved", "checked", "dictated", "reported", "reviewed", "signed", "transcribed", "verified"})
_CLOSING = re.compile(r"\s*(?:[.;,)\n]|$)")
_VOWELS = frozenset("aeiouy")
_GOING = frozenset({"goes", "go", "went"})
_MODALITIES = listed("modalities")
_DOTTED = listed("dotted letters")
_CREDENTIALS = listed("credentials")
_ALWAYS_NAMES = listed("name particles")
_PERSONS = frozenset((str(KnownKind.PATIENT), str(KnownKind.PERSON)))
_SURE_WITH_A_STOP = frozenset({"fr", "sr", "hr"})
_TITLE_GAP = re.compile(r"[.:\s]*")
_NAME_GAP = re.compile(r"[\s.,'\u2019\-^_/]*")


def _name(why: str, score: float = 0.9) -> Decision:
    return Decision(kept=False, by="context", score=score, why=why)


def drop_titled(reading: Reading) -> None:
    """Drop titles and the names after them: `Dr. Hand`, `Frau Dr. Klein`, `MRS BROWN`."""
    for at in range(len(reading)):
        sure = _is_title(reading, at)
        if sure is None:
            continue
        dropped = _drop_name_after(reading, at, sure=sure)
        if dropped or (sure and reading.lower(at) not in _UNCERTAIN):
            if _keeps_as_modality(reading, at):
                continue
            reading.overrule(at, _name("a title"))


def drop_announced(reading: Reading) -> None:
    """Drop doubtful words after `Patient:`, `Tech:`, `signed by` and the like; the initials that read or scanned."""
    if len(reading) > 1 and reading.lower(1) in _READING and reading.near(0, 1) == 1:
        text = reading.pieces[0].text
        if text.isupper() and 2 <= len(text) <= 3 and reading.lower(0) not in _MODALITIES:
            reading.overrule(0, _name("initials"))
    for at in range(len(reading) - 1):
        if _calls(reading, at) and reading.pieces[at + 1].text[:1].isupper():
            reading.overrule(at + 1, _name("a name"))
        if _may_sign(reading, at):
            _drop_last_initials(reading, at + 1)
        if reading.lower(at) in _CUES and reading.near(at, 1) is not None:
            gap = reading.gaps[at + 1]
            if reading.lower(at) == "by" and at and reading.lower(at - 1) in _SIGNING:
                _drop_signature(reading, at + 1)
            if reading.lower(at) in _STAFF:
                _drop_signature(reading, at + 1)
            if ":" in gap or reading.is_named(at + 1):
                _drop_name_after(reading, at, sure=":" in gap and reading.pieces[at + 1].text[:1].isupper(), cue=True)


def _may_sign(reading: Reading, at: int) -> bool:
    """Tell whether a word is one that initials follow: a verb of signing, `by`, a role before a colon, a target."""
    if reading.near(at, 1) is None:
        return False
    lower = reading.lower(at)
    if lower in _TARGETS:
        return not reading.is_clinical(at + 1)
    if len(lower) == 1:
        return lower in _ROLE_LETTERS and ":" in reading.gaps[at + 1] and not reading.about[at + 1].sort & Sort.COMMON
    return lower == "by" or lower in _FORMAL


def _calls(reading: Reading, at: int) -> bool:
    """Tell whether a word says that the next is what somebody is called: `aka Junior`, `goes by Skip`."""
    if reading.near(at, 1) is None:
        return False
    return reading.lower(at) in _NICKNAMES or (reading.lower(at) == "by" and at > 0 and reading.lower(at - 1) in _GOING)


def _drop_signature(reading: Reading, at: int) -> None:
    """Drop two or three capitals after `read by`: initials, whatever else they may mean, and those joined to them."""
    first = at
    while at < len(reading):
        text, after = reading.pieces[at].text, reading.near(at, 1)
        joined = after is not None and reading.gaps[after].strip() in {"/", "&"}
        if not (text.isupper() and 2 <= len(text) <= 3) or (at == first and reading.lower(at) in _MODALITIES):
            return
        role = after is not None and reading.lower(after) in _STAFF
        if not joined and not role and reading.is_clinical(after):
            return
        reading.overrule(at, _name("initials"))
        if not joined:
            return
        at += 1


def _drop_last_initials(reading: Reading, at: int) -> None:
    """Drop two or three letters that end a text or a part of it: `by mw`, `verified AS`, `Boost MJ`, `T: KD`."""
    text = reading.pieces[at].text
    ends = at + 1 == len(reading) or bool(_CLOSING.match(reading.gaps[at + 1]))
    small = text.islower() and reading.lower(at - 1) == "by" and (len(text) == 2 or not set(text) & _VOWELS)
    alike = text.isupper() or small
    if ends and alike and 2 <= len(text) <= 3 and text.isalpha() and reading.lower(at) not in _MODALITIES:
        reading.overrule(at, _name("initials"))


def drop_initials(reading: Reading) -> None:
    """Drop `J.T.`, and doubtful words with an initial: `B. White`, `White, B`."""
    at = 0
    while at < len(reading):
        end = at
        while _is_initial(reading, end) and (end == at or reading.gaps[end].strip(" ") == "."):
            end += 1
        if end - at > 1 and "".join(map(reading.lower, range(at, end))) not in _DOTTED:
            for index in range(at, end):
                reading.overrule(index, _name("initials"))
        at = max(end, at + 1)
    for at in range(len(reading)):
        if _is_initial(reading, at):
            _drop_with_initial(reading, at)


def _is_initial(reading: Reading, at: int) -> bool:
    return at < len(reading) and reading.about[at].form is Form.LETTER and reading.pieces[at].text.isupper()


def _drop_with_initial(reading: Reading, at: int) -> None:
    after = reading.near(at, 1) if reading.gaps[at + 1].startswith(".") else None
    before = at - 1 if at and reading.gaps[at].strip() == "," else None
    for other, step in ((after, 1), (before, -1)):
        if other is None or not reading.about[other].sort & DOUBTFUL or reading.pieces[other].text.islower():
            continue
        if not reading.is_clinical(reading.near(other, step)):
            reading.overrule(at, _name("an initial"))
            reading.overrule(other, _name("a name with an initial"))


def drop_known_initials(reading: Reading, initials: Mapping[str, KnownKind]) -> None:
    """Drop the initial of a known name beside a word of it: `SMITH J`. `R` and `L` before a word of the field stay."""
    for at, about in enumerate(reading.about):
        kind = initials.get(about.lower) if about.form is Form.LETTER and reading.pieces[at].text.isupper() else None
        if kind is None or reading.is_dropped(at):
            continue
        sided = about.lower in "lr" and "," not in reading.gaps[at] and not reading.gaps[at + 1].startswith(".")
        chained = at > 0 and reading.about[at - 1].form is Form.LETTER and reading.is_dropped(at - 1)
        if sided and not chained and reading.is_clinical(reading.near(at, 1)):
            continue
        if any(_is_known_person(reading, reading.near(at, step)) for step in (-1, 1)):
            reading.overrule(at, Decision(kept=False, by=KNOWN, score=0.8, why=str(kind)))


def _is_known_person(reading: Reading, at: int | None) -> bool:
    decision = None if at is None else reading.decisions[at]
    return decision is not None and decision.by == KNOWN and decision.why in _PERSONS


def drop_particles(reading: Reading) -> None:
    """Drop particles of names with the name: `de la Cruz`, `van der Berg`."""
    for at in range(len(reading) - 1, -1, -1):
        if not reading.about[at].sort & Sort.PARTICLE or reading.is_dropped(at):
            continue
        after = reading.near(at, 1)
        if (
            after is None
            or not reading.is_dropped(after)
            or reading.about[after].form not in (Form.LETTERS, Form.LETTER)
        ):
            continue
        before = reading.near(at, -1)
        always = reading.lower(at) in _ALWAYS_NAMES
        if before is None or not reading.is_kept(before) or always:
            reading.overrule(at, _name("a particle of a name", 0.6))


def _drop_name_after(reading: Reading, at: int, *, sure: bool, cue: bool = False) -> bool:
    """Drop what can be a name after a title or cue; the first word when the title is sure, even a word of the field."""
    dropped = False
    for here in range(at + 1, min(at + 6, len(reading))):
        first = here == at + 1
        gap = _TITLE_GAP if first else _NAME_GAP
        if not gap.fullmatch(reading.gaps[here]) or _ends_sentence(reading, here):
            break
        if not cue and _is_further_title(reading, here):
            continue
        score = _as_name(reading, here, sure=sure and first, titled=sure and first and not cue, first=first or dropped)
        if not score and dropped and reading.gaps[here] == "-" and reading.pieces[here].text[:1].isupper():
            score = 0.9  # `Mrs Cooper-Field`
        if not score:
            break
        if reading.about[here].form is not Form.WORDLESS:
            reading.overrule(here, _name("a name", score))
        dropped = dropped or not reading.about[here].sort & Sort.PARTICLE
    return dropped


def _is_further_title(reading: Reading, at: int) -> bool:
    """Tell whether a second title follows (`Frau Dr.`); in capitals it may be a modality."""
    lower, text = reading.folded(at), reading.pieces[at].text
    return lower in _TITLES and not (lower in _TWOFOLD and text.isupper() and not reading.is_dropped(at))


def _as_name(reading: Reading, at: int, *, sure: bool, titled: bool, first: bool) -> float:
    """Tell how sure it is that a word after a title or cue is a name; 0 when it is none.

    `sure` says that the title can be nothing else and stands right before, `titled` that it is no mere cue, `first`
    that nothing but names stands between.
    """
    about, text = reading.about[at], reading.pieces[at].text
    if about.form not in (Form.LETTERS, Form.LETTER, Form.WORDLESS) or (reading.is_kept(at) and not sure):
        return 0.0
    if reading.is_dropped(at) or not about.sort & Sort.KNOWN or reading.folded(at) in _CREDENTIALS:
        return 0.9
    if first and about.sort & Sort.PARTICLE and _is_name_ahead(reading, at):
        return 0.9
    abbreviated = bool(about.sort & Sort.CAPITALS) and text.istitle()
    hard = bool(about.sort & Sort.HARD) or abbreviated
    if (
        first
        and text[:1].isupper()
        and ((hard and not reading.is_kept(at)) or (sure and (hard or about.sort & DOUBTFUL)))
    ):
        return 0.9
    return 0.7 if titled and text.istitle() else 0.0


def _is_name_ahead(reading: Reading, at: int) -> bool:
    for here in range(at + 1, min(at + 4, len(reading))):
        if reading.is_named(here) or (reading.about[here].sort & Sort.HARD and reading.pieces[here].text[:1].isupper()):
            return True
        if not reading.about[here].sort & Sort.PARTICLE:
            return False
    return False


def _ends_sentence(reading: Reading, at: int) -> bool:
    """Tell whether a full stop before a word ends a sentence: not after a title or an initial."""
    if "." not in reading.gaps[at] or at == 0:
        return False
    before = reading.about[at - 1]
    return not (before.form is Form.LETTER or before.lower in _TITLES)


def _is_title(reading: Reading, at: int) -> bool | None:
    """Tell whether a word is a title: None when not, True when it can be nothing else."""
    lower = reading.folded(at)
    if lower not in _TITLES:
        return None
    text, after = reading.pieces[at].text, at + 1
    if after >= len(reading):
        return True if lower in {"herr", "frau", "mme"} else None
    dotted = reading.gaps[after].startswith(".")
    if lower in _TWOFOLD:
        return dotted or text.istitle() or (text.islower() and reading.is_named(after))
    if lower in _UNCERTAIN:
        return dotted and lower in _SURE_WITH_A_STOP
    return True


def _keeps_as_modality(reading: Reading, at: int) -> bool:
    """Tell whether DR or MR in capitals may stay: what followed is gone, and it is a modality as likely as a title."""
    text = reading.pieces[at].text
    return text in {"DR", "MR"} and not reading.gaps[at + 1].startswith(".")
