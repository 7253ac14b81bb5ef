"""Decisions that need the words around: titles and names, institutions, doubtful words, initials, particles, numbers."""

import re

from workbench.text.folding import fold
from workbench.text.reading import KNOWN, Decision, Form, Reading
from workbench.text.recognisers import A_NUMBER, A_PLACE
from workbench.text.shapes import PARAMETERS, SPACED_UNITS
from workbench.text.vocabulary import DOUBTFUL, Sort, Vocabulary
from workbench.text.wordlists import listed

TITLES = listed("titles")
"""Words that stand before a name. The short ones are other things as well (a modality, a unit), see `_is_title`."""

_TWOFOLD = listed("twofold titles")

_UNCERTAIN = listed("uncertain titles")

CUES = listed("cues")
"""Words that a name may follow."""

SITES = listed("sites")
"""Words of names of institutions."""

_SITE_WORDS = listed("site words")
_EMPLOYERS = listed("employers")

_SITE_TAILS = listed("site tails")
"""Ends of names of institutions, after a word that names one."""

_CONNECTING = listed("connecting")
_DOTTED = listed("dotted letters")
"""What single letters with dots may stand for; other rows of them are initials."""

_MODALITIES = listed("modalities")
_CREDENTIALS = listed("credentials")
_TITLE_GAP = re.compile(r"[.:\s]*")
_NAME_GAP = re.compile(r"[\s.,'\u2019\-^_/]*")

_BY_CONTEXT = "context"


def _name(why: str, score: float = 0.9) -> Decision:
    return Decision(kept=False, by=_BY_CONTEXT, score=score, why=why)


def drop_titled(reading: Reading) -> None:
    """Drop titles and the names after them: `Dr. Hand`, `Frau Dr. Klein`, `MRS BROWN`."""
    for at in range(len(reading)):
        sure = _is_title(reading, at)
        if sure is None:
            continue
        dropped = _drop_name_after(reading, at, sure=sure)
        if dropped or (sure and _lower(reading, at) not in _UNCERTAIN):
            if _keeps_as_modality(reading, at):
                continue
            reading.overrule(at, _name("a title"))


def drop_announced(reading: Reading) -> None:
    """Drop doubtful words after `Patient:`, `Tech:`, `signed by` and the like."""
    for at in range(len(reading) - 1):
        if _lower(reading, at) in CUES and reading.near(at, 1) is not None:
            gap = reading.gaps[at + 1]
            if _lower(reading, at) == "by" and at and _lower(reading, at - 1) in _SIGNING:
                _drop_signature(reading, at + 1)
            if ":" in gap or reading.is_named(at + 1):
                _drop_name_after(reading, at, sure=":" in gap and reading.pieces[at + 1].text[:1].isupper(), cue=True)


_SIGNING = listed("signing")


def _drop_signature(reading: Reading, at: int) -> None:
    """Drop two or three capitals after `read by`: initials, whatever else they may mean."""
    text = reading.pieces[at].text
    if text.isupper() and 2 <= len(text) <= 3 and not reading.is_clinical(reading.near(at, 1)):
        reading.overrule(at, _name("initials"))


def drop_initials(reading: Reading) -> None:
    """Drop `J.T.`, and doubtful words with an initial: `B. White`, `White, B`."""
    at = 0
    while at < len(reading):
        end = at
        while end < len(reading) and reading.about[end].form is Form.LETTER and reading.pieces[end].text.isupper() and (
            end == at or reading.gaps[end].strip(" ") == "."
        ):
            end += 1
        if end - at > 1 and "".join(reading.about[index].lower for index in range(at, end)) not in _DOTTED:
            for index in range(at, end):
                reading.overrule(index, _name("initials"))
        at = max(end, at + 1)
    for at in range(len(reading)):
        if reading.about[at].form is not Form.LETTER or not reading.pieces[at].text.isupper():
            continue
        for step in (-1, 1):
            other = reading.near(at, step) if step < 0 or reading.gaps[at + 1][:1] in {".", ""} else None
            if step < 0 and at and reading.gaps[at].strip() == "," and reading.about[at - 1].sort & DOUBTFUL:
                other = at - 1
            if other is None or not reading.about[other].sort & DOUBTFUL or reading.pieces[other].text.islower():
                continue
            far = reading.near(other, step)
            if not reading.is_clinical(far) and ("." in reading.gaps[at + 1] or "," in reading.gaps[at]):
                reading.overrule(at, _name("an initial"))
                reading.overrule(other, _name("a name with an initial"))


def drop_sites(reading: Reading) -> None:
    """Drop names of institutions: the word for one, the capitals before it, and what follows `of`."""
    for at in range(len(reading)):
        tail = _folded(reading, at) in _SITE_TAILS and at > 0 and reading.is_named(reading.near(at, -1))
        if not (tail or _folded(reading, at) in SITES) or not reading.pieces[at].text[:1].isupper() and reading.sentence:
            continue
        start = at
        employer = _lower(reading, at) in _EMPLOYERS
        while (before := reading.near(start, -1)) is not None and _is_site_word(reading, before, employer=employer):
            start = before
        end = at
        while (after := reading.near(end, 1)) is not None and _is_site_word(reading, after, after=True):
            end = after
        while start < at and _folded(reading, start) in _CONNECTING:
            start += 1
        named = any(
            reading.is_named(index) or reading.about[index].sort & Sort.HARD or _folded(reading, index) in _SITE_WORDS
            for index in range(start, end + 1)
            if index != at
        )
        if named:
            for index in range(start, end + 1):
                reading.overrule(index, Decision(kept=False, by=_BY_CONTEXT, score=0.8, why=A_PLACE))
    _drop_saints(reading)


def _drop_saints(reading: Reading) -> None:
    for at in range(len(reading) - 1):
        if _lower(reading, at) in listed("saints"):
            after = at + 1 if reading.gaps[at + 1].strip() in {"", "."} else None
            dotted = reading.gaps[at + 1].startswith(".") and _lower(reading, at) == "st"
            titled = after is not None and dotted and reading.pieces[after].text.istitle() and not reading.is_kept(after)
            if after is not None and (
                titled or reading.is_named(after) or (reading.about[after].sort & Sort.HARD and not reading.is_kept(after))
            ):
                reading.overrule(at, Decision(kept=False, by=_BY_CONTEXT, score=0.8, why=A_PLACE))
                reading.overrule(after, Decision(kept=False, by=_BY_CONTEXT, score=0.8, why=A_PLACE))


def keep_phrases(reading: Reading, vocabulary: Vocabulary) -> None:
    """Keep the words of fixed phrases: `Bennett fracture`, `Morrison's pouch`, `white matter`."""
    flat = [(piece, at) for at, about in enumerate(reading.about) for piece in about.pieces if piece != "s"]
    words = tuple(piece for piece, _ in flat)
    index = 0
    while index < len(flat):
        for phrase in vocabulary.phrases(words[index]):
            end = index + len(phrase)
            if words[index:end] == phrase and _holds(reading, flat[index][1], flat[end - 1][1]):
                for at in range(flat[index][1], flat[end - 1][1] + 1):
                    why = "a fixed phrase" if reading.about[at].sort & DOUBTFUL or not reading.about[at].sort else "vocabulary"
                    reading.decide(at, Decision(kept=True, by="phrase", score=0.95, why=why))
                index = end - 1
                break
        index += 1


def _holds(reading: Reading, first: int, last: int) -> bool:
    """Tell whether a phrase is not broken by a dropped word, a sentence's end or a comma."""
    if any(reading.is_dropped(at) for at in range(first, last + 1)):
        return False
    return not any(re.search(r"[.;,^:\n()]", reading.gaps[at].replace("St.", "")) for at in range(first + 1, last + 1)
                   if _lower(reading, at - 1) != "st")


def decide_doubtful(reading: Reading) -> None:
    """Decide about words that are names as well."""
    for at, about in enumerate(reading.about):
        if about.form is not Form.LETTERS or reading.decisions[at] is not None:
            continue
        sort = about.sort
        if about.common is not None:
            _decide_common(reading, at)
        elif sort & Sort.CAPITALS and reading.pieces[at].text.istitle() and len(about.lower) > 1:
            _decide_capitals(reading, at)
        elif sort & Sort.HARD:
            _decide_hard(reading, at)
        elif sort & Sort.SOFT:
            _decide_soft(reading, at)
        elif sort & Sort.KNOWN:
            reading.decide(at, Decision(kept=True, by="vocabulary", score=0.9, why="vocabulary"))


def _decide_common(reading: Reading, at: int) -> None:
    """A known value that identifies nobody alone stays only between clear words, and beside no other part of a name."""
    around = [reading.near(at, -1), reading.near(at, 1)]
    lonely = not any(reading.is_clinical(other) for other in around)
    named = any(
        reading.is_named(other) or (other is not None and (reading.is_dropped(other) or reading.about[other].companion))
        for other in (*around, at - 1 if at else None, at + 1 if at + 1 < len(reading) else None)
    )
    if lonely or named or reading.about[at].sort & Sort.HARD:
        kind = reading.about[at].common
        reading.decide(at, Decision(kept=False, by=KNOWN, score=0.9, why=str(kind)))
    else:
        reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.8, why="a word of the field in clear company"))


def _decide_capitals(reading: Reading, at: int) -> None:
    after = reading.near(at, 1)
    if after is not None and reading.about[after].form is Form.NUMBER:
        reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.6, why="before a number"))
        return
    reading.decide(at, _name("an abbreviation written like a name", 0.6))


def _decide_hard(reading: Reading, at: int) -> None:
    around = (reading.near(at, -1), reading.near(at, 1))
    named = any(reading.is_named(other) for other in around)
    if reading.about[at].sort & Sort.KNOWN and not named:
        before = around[0]
        if _lower(reading, at) in SPACED_UNITS and before is not None and reading.about[before].form is Form.NUMBER:
            reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.8, why="a unit after a number"))
            return
        if reading.is_small(at):
            reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.7, why="small letters in a sentence"))
            return
        after = around[1]
        if reading.about[at].sort & Sort.ATTRIBUTE and reading.is_clinical(after) and not _is_modality(reading, after):
            reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.7, why="before a word of the field"))
            return
    reading.decide(at, _name("may be a name, and no phrase holds it", 0.6))


def _is_modality(reading: Reading, at: int | None) -> bool:
    """Tell whether a word is a modality: no attribute stands before one (`SMALL BOWEL`, but `LONG CT`)."""
    return at is not None and _lower(reading, at) in _MODALITIES


def _decide_soft(reading: Reading, at: int) -> None:
    around = (reading.near(at, -1), reading.near(at, 1))
    if reading.is_small(at) or reading.pieces[at].text.islower() or any(reading.is_clinical(other) for other in around):
        reading.decide(at, Decision(kept=True, by=_BY_CONTEXT, score=0.8, why="a word of the field in company"))
    elif any(reading.is_named(other) or _is_hard(reading, other) for other in around):
        reading.decide(at, _name("may be a name, and stands beside one", 0.6))
    else:
        reading.decide(at, Decision(kept=True, by="vocabulary", score=0.7, why="vocabulary"))


def _is_hard(reading: Reading, at: int | None) -> bool:
    """Tell whether a word may be a name and nothing has kept it; small letters in prose are none."""
    if at is None or reading.decisions[at] is not None or reading.is_small(at):
        return False
    return bool(reading.about[at].sort & Sort.HARD)


def decide_letters(reading: Reading) -> None:
    """Keep single letters next to a kept word or number, and beside no name."""
    for at, about in enumerate(reading.about):
        if about.form is not Form.LETTER or reading.decisions[at] is not None:
            continue
        around = [other for other in (reading.near(at, -1), reading.near(at, 1)) if other is not None]
        joined = _joined_letters(reading, at)
        if joined is not None:
            for index in (at, at + 1):
                reading.overrule(index, Decision(kept=True, by="shape", score=0.8, why="an abbreviation"))
        elif about.lower in "lr" and not reading.gaps[at + 1].startswith(".") and at and reading.is_clinical(around[0]):
            reading.decide(at, Decision(kept=True, by="shape", score=0.7, why="a side"))
        elif reading.pieces[at].text.isupper() and any(reading.is_named(other) or about.companion for other in around):
            reading.decide(at, _name("may be an initial", 0.6))
        elif about.lower in "jq" or not any(_supports(reading, other) for other in around):
            reading.decide(at, Decision(kept=False, by="default", score=0.5, why="unknown"))
        else:
            reading.decide(at, Decision(kept=True, by="shape", score=0.7, why="a letter beside a known word"))


_SLASHED = listed("slashed letters")


def _joined_letters(reading: Reading, at: int) -> str | None:
    """Return two letters that mean something together: `W/O`, `V.a.`, `R/O`; None when they do not."""
    if at + 1 >= len(reading) or reading.about[at + 1].form is not Form.LETTER or reading.is_dropped(at + 1):
        return None
    joined = reading.about[at].lower + reading.about[at + 1].lower
    gap = reading.gaps[at + 1].strip()
    return joined if (gap == "/" and joined in _SLASHED) or (gap == "." and joined in _DOTTED) else None


def _supports(reading: Reading, at: int) -> bool:
    about = reading.about[at]
    return reading.is_kept(at) or (about.form is Form.LETTER and about.lower not in "jq")


def decide_numbers(reading: Reading) -> None:
    """Keep numbers of up to three digits, and of four where a parameter or a unit says what they are."""
    for at, about in enumerate(reading.about):
        if about.form is not Form.NUMBER or reading.decisions[at] is not None:
            continue
        digits = sum(map(str.isdigit, about.lower))
        if digits <= 3:
            reading.decide(at, Decision(kept=True, by="shape", score=0.7, why="a short number"))
        elif digits == 4 and (_is_parameter(reading, at) or (about.shape and not about.lower.isdigit())):
            reading.decide(at, Decision(kept=True, by="shape", score=0.7, why="a parameter"))
        else:
            reading.decide(at, Decision(kept=False, by="default", score=0.6, why=A_NUMBER))


def _is_parameter(reading: Reading, at: int) -> bool:
    before, after = reading.near(at, -1), reading.near(at, 1)
    if before is not None and _lower(reading, before) in PARAMETERS:
        return True
    if after is not None and reading.gaps[after] in {" ", ""} and _lower(reading, after) in SPACED_UNITS:
        return True
    # b 0, 500, 1000: one of a list of parameters is one as well.
    return before is not None and "," in reading.gaps[at] and reading.about[before].form is Form.NUMBER and (
        before > 0 and reading.is_kept(before) and _is_listed(reading, before)
    )


def _is_listed(reading: Reading, at: int) -> bool:
    while at > 0 and reading.about[at].form is Form.NUMBER:
        at -= 1
    return _lower(reading, at) in PARAMETERS


def drop_particles(reading: Reading) -> None:
    """Drop particles of names with the name: `de la Cruz`, `van der Berg`."""
    for at in range(len(reading) - 1, -1, -1):
        if not reading.about[at].sort & Sort.PARTICLE or reading.is_dropped(at):
            continue
        after = reading.near(at, 1)
        if after is None or not reading.is_dropped(after) or reading.about[after].form not in (Form.LETTERS, Form.LETTER):
            continue
        before = reading.near(at, -1)
        always = _lower(reading, at) in listed("name particles")
        if before is None or not reading.is_kept(before) or always:
            reading.overrule(at, _name("a particle of a name", 0.6))


def _drop_name_after(reading: Reading, at: int, *, sure: bool, cue: bool = False) -> bool:
    """Drop what can be a name after a title or cue; the first word when the title is sure, even a word of the field."""
    dropped = False
    for step in range(1, 6):
        here = at + step
        if here >= len(reading):
            break
        gap = _TITLE_GAP if step == 1 else _NAME_GAP
        if not gap.fullmatch(reading.gaps[here]) or _ends_sentence(reading, here):
            break
        text, about = reading.pieces[here].text, reading.about[here]
        lower = fold(about.lower)
        if lower in TITLES and not cue and not (lower in _TWOFOLD and text.isupper() and not reading.is_dropped(here)):
            continue
        if about.form not in (Form.LETTERS, Form.LETTER, Form.WORDLESS):
            break
        if reading.is_kept(here) and not (sure and step == 1):
            break
        if reading.is_dropped(here) or not about.sort & Sort.KNOWN or lower in _CREDENTIALS:
            if about.form is not Form.WORDLESS:
                reading.overrule(here, _name("a name"))
            dropped = True
            continue
        capital = text[:1].isupper()
        doubtful = bool(about.sort & DOUBTFUL) or (bool(about.sort & Sort.CAPITALS) and text.istitle())
        particle = bool(about.sort & Sort.PARTICLE)
        if particle and step == 1 and _is_name_ahead(reading, here):
            reading.overrule(here, _name("a particle of a name"))
            continue
        hard = bool(about.sort & Sort.HARD) or bool(about.sort & Sort.CAPITALS and text.istitle())
        if capital and step == 1 and ((sure and doubtful) or (hard and not reading.is_kept(here))):
            reading.overrule(here, _name("a name"))
            dropped = True
            continue
        if capital and step > 1 and dropped and hard and not reading.is_kept(here):
            reading.overrule(here, _name("a name"))
            continue
        if capital and step == 1 and sure and not cue and text.istitle() and not _is_verbal(reading, here):
            reading.overrule(here, _name("a name", 0.7))
            dropped = True
            continue
        break
    return dropped


def _is_verbal(reading: Reading, at: int) -> bool:
    """Tell whether the word after a title goes on with the sentence: nothing but a known word in small letters does."""
    return reading.pieces[at].text.islower()


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
    return not (before.form is Form.LETTER or before.lower in TITLES)


def _is_title(reading: Reading, at: int) -> bool | None:
    """Tell whether a word is a title: None when not, True when it can be nothing else."""
    lower = _folded(reading, at)
    if lower not in TITLES:
        return None
    text, after = reading.pieces[at].text, at + 1
    if after >= len(reading):
        return True if lower in {"herr", "frau", "mme"} else None
    dotted = reading.gaps[after].startswith(".")
    if lower in _TWOFOLD:
        if dotted or text.istitle() or (text.islower() and reading.is_named(after)):
            return True
        return False
    if lower in _UNCERTAIN:
        return dotted and lower in {"fr", "sr", "hr"}
    return True


def _keeps_as_modality(reading: Reading, at: int) -> bool:
    """Tell whether DR or MR in capitals may stay: what followed is gone, and it is a modality as likely as a title."""
    text = reading.pieces[at].text
    return text in {"DR", "MR"} and not reading.gaps[at + 1].startswith(".")


def _is_site_word(reading: Reading, at: int, *, after: bool = False, employer: bool = False) -> bool:
    text, about = reading.pieces[at].text, reading.about[at]
    folded = _folded(reading, at)
    if after:
        if folded in listed("site followers"):
            follower = reading.near(at, 1)
            return follower is not None and (
                reading.is_named(follower) or bool(reading.about[follower].sort & (Sort.HARD | Sort.PARTICLE))
            )
        if folded in {"home", "homes"} or folded in SITES:
            return text[:1].isupper()
        return about.form is Form.LETTERS and text[:1].isupper() and not about.sort & Sort.KNOWN
    if reading.is_kept(at):
        return False
    if folded in _SITE_WORDS or folded in SITES:
        return text[:1].isupper() or folded in {"of", "de", "the", "and"}
    if employer and text.istitle() and not reading.is_clinical(at) and at > 0 and about.form is Form.LETTERS:
        return True
    return about.form is Form.LETTERS and text[:1].isupper() and (
        not about.sort & Sort.KNOWN or bool(about.sort & Sort.HARD) or reading.is_dropped(at)
    )


def _lower(reading: Reading, at: int) -> str:
    return reading.about[at].lower


def _folded(reading: Reading, at: int) -> str:
    return fold(reading.about[at].lower)
