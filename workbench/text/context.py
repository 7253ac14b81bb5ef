"""Decisions that need the words around: fixed phrases, words that are names as well, single letters, numbers."""

import re

from workbench.text.reading import KNOWN, Decision, Form, Reading
from workbench.text.recognisers import A_NUMBER
from workbench.text.shapes import PARAMETERS, SPACED_UNITS
from workbench.text.vocabulary import DOUBTFUL, Sort, Vocabulary
from workbench.text.wordlists import listed

_MODALITIES = listed("modalities")
_DOTTED = listed("dotted letters")
_SLASHED = listed("slashed letters")
_TARGETS = listed("dose targets")
_TITLES = listed("titles")
_CUES = listed("cues")
INTRODUCED = "introduced what went"
"""Why a word goes that was safe: `by`, `aged`, whose object is gone."""

_INTRODUCERS = listed("introducers")
_WEAK_INTRODUCERS = listed("weak introducers")
_CONDITION_CUES = listed("condition cues")
_CONDITIONS_SLASHED = frozenset({"ho", "ro", "sp", "co", "pw"})
_PERIODS = frozenset({"day", "days", "h"}) | SPACED_UNITS
_CLOSING = re.compile(r"[.;,:()\[\]\n!?]")
_ANNOUNCED = re.compile(r"[.:]?\s*")
_DOSE = re.compile(r"[1-9]\d00|3[2-9]\d\d|[4-9]\d{3}")
"""In cGy, and what is neither a day and a month nor a year of our time."""
_UNKNOWN = Decision(kept=False, by="default", score=0.5, why="unknown")
_LISTED = 32
"""Numbers of one list."""

_BREAK = re.compile(r"[.;,^:\n()]")


def _name(why: str) -> Decision:
    return Decision(kept=False, by="context", score=0.6, why=why)


def _kept(by: str, score: float, why: str) -> Decision:
    return Decision(kept=True, by=by, score=score, why=why)


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
                    why = (
                        "a fixed phrase"
                        if reading.about[at].sort & DOUBTFUL or not reading.about[at].sort
                        else "vocabulary"
                    )
                    reading.decide(at, _kept("phrase", 0.95, why))
                index = end - 1
                break
        index += 1


def _holds(reading: Reading, first: int, last: int) -> bool:
    """Tell whether a phrase is not broken by a dropped word, a sentence's end or a comma."""
    if any(reading.is_dropped(at) for at in range(first, last + 1)):
        return False
    return not any(
        re.search(r"[.;,^:\n()]", reading.gaps[at].replace("St.", ""))
        for at in range(first + 1, last + 1)
        if reading.lower(at - 1) != "st"
    )


def decide_doubtful(reading: Reading) -> None:
    """Decide about words that are names as well."""
    for at, about in enumerate(reading.about):
        if about.form is not Form.LETTERS or reading.decisions[at] is not None:
            continue
        sort = about.sort
        if about.common is not None:
            _decide_common(reading, at)
        elif sort & Sort.CAPITALS and len(about.lower) > 1 and _is_called(reading, at):
            _decide_capitals(reading, at)
        elif sort & Sort.HARD:
            _decide_hard(reading, at)
        elif sort & Sort.SOFT:
            _decide_soft(reading, at)
        elif sort & Sort.KNOWN:
            reading.decide(at, _kept("vocabulary", 0.9, "vocabulary"))


def _decide_common(reading: Reading, at: int) -> None:
    """A known value that identifies nobody alone stays only between clear words, and beside no other part of a name."""
    around = [reading.near(at, -1), reading.near(at, 1)]
    lonely = not any(reading.is_clinical(other) for other in around)
    named = any(
        reading.is_named(other) or (other is not None and (reading.is_dropped(other) or reading.about[other].companion))
        for other in (*around, at - 1 if at else None, at + 1 if at + 1 < len(reading) else None)
    )
    if lonely or named or reading.about[at].sort & Sort.HARD or is_announced(reading, at):
        kind = reading.about[at].common
        reading.decide(at, Decision(kept=False, by=KNOWN, score=0.9, why=str(kind)))
    else:
        reading.decide(at, _kept("context", 0.8, "a word of the field in clear company"))


def is_announced(reading: Reading, at: int) -> bool:
    """Tell whether a title or a cue stands right before a word: `DR HEAD`, `tech Foot`.

    Of a known person it is the name then, even where the title could be a modality.
    """
    if not at or not _ANNOUNCED.fullmatch(reading.gaps[at]):
        return False
    before = reading.folded(at - 1)
    return before in _TITLES or before in _CUES


def _is_called(reading: Reading, at: int) -> bool:
    """Tell whether an abbreviation is written like a name, or stands beside one and no word of the field."""
    if reading.pieces[at].text.istitle():
        return True
    before, after = reading.near(at, -1), reading.near(at, 1)
    named = reading.is_named(after) or ("," in reading.gaps[at] and reading.is_named(before))
    return named and len(reading.lower(at)) > 2 and not (reading.is_clinical(before) or reading.is_clinical(after))


def _decide_capitals(reading: Reading, at: int) -> None:
    after = reading.near(at, 1)
    if after is not None and reading.about[after].form is Form.NUMBER:
        reading.decide(at, _kept("context", 0.6, "before a number"))
        return
    reading.decide(at, _name("an abbreviation written like a name"))


def _decide_hard(reading: Reading, at: int) -> None:
    around = (reading.near(at, -1), reading.near(at, 1))
    named = any(reading.is_named(other) for other in around)
    if reading.about[at].sort & Sort.KNOWN and not named:
        before = around[0]
        if reading.lower(at) in SPACED_UNITS and before is not None and reading.about[before].form is Form.NUMBER:
            reading.decide(at, _kept("context", 0.8, "a unit after a number"))
            return
        if reading.is_small(at):
            reading.decide(at, _kept("context", 0.7, "small letters in a sentence"))
            return
        if reading.pieces[at].text.islower() and _is_counted_or_said(reading, at):
            reading.decide(at, _kept("context", 0.7, "small letters after what speaks of a condition"))
            return
        after = around[1]
        if reading.about[at].sort & Sort.ATTRIBUTE and reading.is_clinical(after) and not _is_modality(reading, after):
            reading.decide(at, _kept("context", 0.7, "before a word of the field"))
            return
    reading.decide(at, _name("may be a name, and no phrase holds it"))


def _is_counted_or_said(reading: Reading, at: int) -> bool:
    """Tell whether a number or a cue of a condition stands right before: `x 3 days`, `day 6`, `h/o stones`."""
    after = reading.near(at, 1)
    if reading.lower(at) in _PERIODS and after is not None and reading.about[after].form is Form.NUMBER:
        return True
    if not at or reading.near(at, -1) is None or reading.gaps[at].strip():
        return False
    before = reading.lower(at - 1)
    if reading.lower(at) in _PERIODS and reading.about[at - 1].form is Form.NUMBER:
        return True
    if not reading.about[at].sort & Sort.CLINICAL:
        return False
    slashed = at > 1 and reading.gaps[at - 1] == "/" and reading.lower(at - 2) + before in _CONDITIONS_SLASHED
    return slashed or before in _CONDITION_CUES


def drop_introducers(reading: Reading) -> None:
    """Drop `by`, `per`, `aged`, `ph` and the like with what they introduced, if nothing is left of it."""
    open_end = True  # whether only dropped words stand between here and a mark or the end
    for at in range(len(reading) - 1, -1, -1):
        open_end = open_end or bool(_CLOSING.search(reading.gaps[at + 1]))
        if reading.is_dropped(at):
            continue
        gone = at + 1 < len(reading) and reading.is_dropped(at + 1) and not _CLOSING.search(reading.gaps[at + 1])
        strong, weak = reading.lower(at) in _INTRODUCERS, reading.lower(at) in _WEAK_INTRODUCERS
        if gone and ((strong and reading.decisions[at + 1] != _UNKNOWN) or ((strong or weak) and open_end)):
            reading.overrule(at, Decision(kept=False, by="context", score=0.5, why=INTRODUCED))
        else:
            open_end = False


def _is_modality(reading: Reading, at: int | None) -> bool:
    """Tell whether a word is a modality: no attribute stands before one (`SMALL BOWEL`, but `LONG CT`)."""
    return at is not None and reading.lower(at) in _MODALITIES


def _decide_soft(reading: Reading, at: int) -> None:
    around = (reading.near(at, -1), reading.near(at, 1))
    if reading.is_small(at) or reading.pieces[at].text.islower() or any(reading.is_clinical(other) for other in around):
        reading.decide(at, _kept("context", 0.8, "a word of the field in company"))
    elif any(reading.is_named(other) or _is_hard(reading, other) for other in around):
        reading.decide(at, _name("may be a name, and stands beside one"))
    else:
        reading.decide(at, _kept("vocabulary", 0.7, "vocabulary"))


def _is_hard(reading: Reading, at: int | None) -> bool:
    """Tell whether a word may be a name and nothing has kept it; small letters in prose are none."""
    if at is None or reading.decisions[at] is not None or reading.is_small(at):
        return False
    return bool(reading.about[at].sort & Sort.HARD)


def decide_letters(reading: Reading) -> None:
    """Keep single letters next to a kept word or number, and beside no name; a row of nothing else is initials."""
    places = [at for at, about in enumerate(reading.about) if about.form is Form.LETTER]
    for at in (*places, *reversed(places)):
        if reading.decisions[at] is None:
            _decide_letter(reading, at)
    for at in places:
        reading.decide(at, _UNKNOWN)


def _decide_letter(reading: Reading, at: int) -> None:
    about = reading.about[at]
    around = [other for other in (reading.near(at, -1), reading.near(at, 1)) if other is not None]
    if _joined_letters(reading, at) is not None:
        for index in (at, at + 1):
            reading.overrule(index, _kept("shape", 0.8, "an abbreviation"))
    elif (
        about.lower in "lr"
        and not reading.gaps[at + 1].startswith(".")
        and at
        and any(map(reading.is_clinical, around[:1]))
    ):
        reading.decide(at, _kept("shape", 0.7, "a side"))
    elif _is_joined_to_a_name(reading, at) or (
        reading.pieces[at].text.isupper() and any(reading.is_named(other) or about.companion for other in around)
    ):
        reading.decide(at, _name("may be an initial"))
    elif about.lower not in "jq" and any(map(reading.is_kept, around)):
        reading.decide(at, _kept("shape", 0.7, "a letter beside a known word"))


def _is_joined_to_a_name(reading: Reading, at: int) -> bool:
    """Tell whether a letter hangs on an unknown word by an underscore: `hatfield_m_ct`."""
    if not at or reading.gaps[at] != "_" or not reading.is_dropped(at - 1):
        return False
    return reading.about[at - 1].form is Form.LETTERS and len(reading.lower(at - 1)) > 3


def _joined_letters(reading: Reading, at: int) -> str | None:
    """Return two letters that mean something together: `W/O`, `V.a.`, `R/O`; None when they do not."""
    if at + 1 >= len(reading) or reading.about[at + 1].form is not Form.LETTER or reading.is_dropped(at + 1):
        return None
    joined = reading.about[at].lower + reading.about[at + 1].lower
    gap = reading.gaps[at + 1].strip()
    return joined if (gap == "/" and joined in _SLASHED) or (gap == "." and joined in _DOTTED) else None


def decide_numbers(reading: Reading) -> None:
    """Keep numbers of up to three digits, and of four where a parameter or a unit says what they are."""
    for at, about in enumerate(reading.about):
        if about.form is not Form.NUMBER or reading.decisions[at] is not None:
            continue
        digits = sum(map(str.isdigit, about.lower))
        if digits <= 3:
            reading.decide(at, _kept("shape", 0.7, "a short number"))
        elif digits == 4 and (_is_parameter(reading, at) or (about.shape and not about.lower.isdigit())):
            reading.decide(at, _kept("shape", 0.7, "a parameter"))
        else:
            reading.decide(at, Decision(kept=False, by="default", score=0.6, why=A_NUMBER))


def _is_parameter(reading: Reading, at: int) -> bool:
    before, after = reading.near(at, -1), reading.near(at, 1)
    if before is not None and reading.lower(before) in PARAMETERS:
        return True
    if _DOSE.fullmatch(reading.lower(at)) and any(
        reading.lower(other).rstrip("0123456789") in _TARGETS for other in range(max(0, at - 2), at)
    ):
        return True
    if after is not None and reading.gaps[after] in {" ", ""} and reading.lower(after) in SPACED_UNITS:
        return True
    # b 0, 500, 1000: one of a list of parameters is one as well.
    return (
        before is not None
        and "," in reading.gaps[at]
        and reading.about[before].form is Form.NUMBER
        and (before > 0 and reading.is_kept(before) and _is_listed(reading, before))
    )


def _is_listed(reading: Reading, at: int) -> bool:
    first = max(0, at - _LISTED)
    while at > first and reading.about[at].form is Form.NUMBER:
        at -= 1
    return reading.lower(at) in PARAMETERS
