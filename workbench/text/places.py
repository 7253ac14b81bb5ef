"""Names of institutions and places."""

from workbench.text.reading import Decision, Form, Reading
from workbench.text.recognisers import A_PLACE
from workbench.text.vocabulary import Sort
from workbench.text.wordlists import listed

_SITES = listed("sites")
_SITE_WORDS = listed("site words")
_SITE_TAILS = listed("site tails")
_SPECIALTIES = listed("site specialties")
_EMPLOYERS = listed("employers")
_CONNECTING = listed("connecting")
_FOLLOWERS = listed("site followers")
_SAINTS = listed("saints")
_ANNOUNCING = listed("place cues")
_ORIGINS = frozenset({"at", "from", "outside", "near"})
_PLACE = Decision(kept=False, by="context", score=0.8, why=A_PLACE)


def drop_sites(reading: Reading) -> None:
    """Drop names of institutions: the word for one, the capitals before it, and what follows `of`."""
    for at in range(len(reading)):
        tail = reading.folded(at) in _SITE_TAILS and _named_before(reading, at) is not None
        if not (tail or reading.folded(at) in _SITES) or (
            not reading.pieces[at].text[:1].isupper() and reading.sentence
        ):
            continue
        start = at
        employer = reading.lower(at) in _EMPLOYERS
        while (before := reading.near(start, -1)) is not None and _is_site_word(reading, before, employer=employer):
            start = before
        if (called := _named_before(reading, start)) is not None:
            start = called
            while (before := reading.near(start, -1)) is not None and _is_site_word(reading, before):
                start = before
        end = at
        while (after := reading.near(end, 1)) is not None and _follows_site(reading, after):
            end = after
        while start < at and reading.folded(start) in _CONNECTING:
            start += 1
        named = any(
            reading.is_named(index) or reading.about[index].sort & Sort.HARD or reading.folded(index) in _SITE_WORDS
            for index in range(start, end + 1)
            if index != at
        )
        if named:
            for index in range(start, end + 1):
                reading.overrule(index, _PLACE)
    _drop_saints(reading)


def drop_announced_places(reading: Reading) -> None:
    """Drop all words of a place that `at` or `from` announces and of which one is unknown: `from Whispering Pines`.

    Words up to the unknown one belong to its name, whatever else they mean; behind it those written like a name that
    are no words of the field.
    """
    for at in range(len(reading)):
        if reading.lower(at) not in _ANNOUNCING:
            continue
        run = _run_after(reading, at)
        named = [index for index in run if reading.is_named(index) or _may_be_a_place(reading, index)]
        if not named and _is_origin(reading, at) and (len(run) > 1 or reading.lower(at) != "at"):
            named = [index for index in run if _is_no_word_of_the_field(reading, index)]
        if not named:
            continue
        for index in run:
            if index <= named[-1] or (reading.pieces[index].text.istitle() and not reading.is_clinical(index)):
                reading.overrule(index, _PLACE)


def drop_continued(reading: Reading) -> None:
    """Drop what goes on with a name in prose: `Giant Eagle`, `Autumn Leaves`, written like it and of no field."""
    for at in range(1, len(reading)):
        if not reading.pieces[at].text[:1].isupper() or reading.near(at, -1) is None:
            continue
        if _goes_on_with_a_place(reading, at):
            reading.overrule(at, _PLACE)
        if not reading.sentence or not _is_no_word_of_the_field(reading, at):
            continue
        after = at + 1 if at + 1 < len(reading) and reading.gaps[at + 1] == " " else None
        before = at - 1 if reading.gaps[at] == " " else None
        if any(
            other is not None
            and reading.is_named(other)
            and reading.pieces[other].text.istitle()
            and (reading.is_dropped(other) or not reading.about[other].sort)
            for other in (before, after)
        ):
            reading.overrule(at, _PLACE)


def _goes_on_with_a_place(reading: Reading, at: int) -> bool:
    """Tell whether a word of institutions follows a dropped name directly: `Bay View`, `Penn State`."""
    named = reading.gaps[at] == " " and reading.pieces[at - 1].text.istitle() and reading.is_named(at - 1)
    return (
        named
        and reading.is_dropped(at - 1)
        and reading.pieces[at].text.istitle()
        and reading.folded(at) in _SITE_WORDS
        and not reading.about[at].sort & Sort.COMMON
    )


def _is_origin(reading: Reading, at: int) -> bool:
    """Tell whether a preposition in small letters follows a word: `back from Turkey`, but `From Source`."""
    return reading.lower(at) in _ORIGINS and reading.pieces[at].text.islower() and at > 0


def _is_no_word_of_the_field(reading: Reading, at: int) -> bool:
    """Tell whether a word written like a name is plain, and no word of the field or of an institution."""
    about = reading.about[at]
    return (
        about.form is Form.LETTERS
        and reading.pieces[at].text.istitle()
        and len(about.lower) > 2
        and not about.sort & (Sort.CLINICAL | Sort.PARTICLE | Sort.COMMON)
        and reading.folded(at) not in _SITES
        and not _is_in_a_phrase(reading, at)
    )


def _is_in_a_phrase(reading: Reading, at: int) -> bool:
    decision = reading.decisions[at]
    return decision is not None and decision.kept and decision.by == "phrase"


def _may_be_a_place(reading: Reading, at: int) -> bool:
    """Tell whether a word that is a name as well is written like one, and no phrase holds it."""
    hard = bool(reading.about[at].sort & Sort.HARD)
    return hard and reading.pieces[at].text.istitle() and not reading.is_kept(at)


def _run_after(reading: Reading, at: int) -> list[int]:
    """Return the words with a capital that follow a word directly, four at most."""
    run: list[int] = []
    for index in range(at + 1, min(at + 5, len(reading))):
        text = reading.pieces[index].text
        if reading.gaps[index].strip(" ") or reading.about[index].form is not Form.LETTERS or not text[:1].isupper():
            break
        run.append(index)
    return run


def _named_before(reading: Reading, at: int) -> int | None:
    """Return the word before one for an institution that names it, specialties between them left out."""
    before = reading.near(at, -1)
    while before is not None and reading.folded(before) in _SPECIALTIES and reading.pieces[before].text[:1].isupper():
        before = reading.near(before, -1)
    if before is None or reading.about[before].form is not Form.LETTERS:
        return None
    text = reading.pieces[before].text
    may_be = bool(reading.about[before].sort & Sort.HARD) and text.istitle() and not reading.is_kept(before)
    return before if may_be or reading.is_named(before) else None


def _drop_saints(reading: Reading) -> None:
    for at in range(len(reading) - 1):
        if reading.lower(at) in _SAINTS:
            after = at + 1 if reading.gaps[at + 1].strip() in {"", "."} else None
            dotted = reading.gaps[at + 1].startswith(".") and reading.lower(at) == "st"
            titled = (
                after is not None and dotted and reading.pieces[after].text.istitle() and not reading.is_kept(after)
            )
            if after is not None and (
                titled
                or reading.is_named(after)
                or (reading.about[after].sort & Sort.HARD and not reading.is_kept(after))
            ):
                reading.overrule(at, _PLACE)
                reading.overrule(after, _PLACE)


def _is_site_word(reading: Reading, at: int, *, employer: bool = False) -> bool:
    """Tell whether a word before the one for an institution belongs to its name."""
    text, about, folded = reading.pieces[at].text, reading.about[at], reading.folded(at)
    if reading.is_kept(at):
        return False
    if folded in _SITE_WORDS or folded in _SITES:
        return text[:1].isupper() or folded in _CONNECTING
    if about.form is not Form.LETTERS or not text[:1].isupper():
        return False
    called = employer and text.istitle() and not reading.is_clinical(at) and at > 0
    return called or not about.sort & Sort.KNOWN or bool(about.sort & Sort.HARD) or reading.is_dropped(at)


def _follows_site(reading: Reading, at: int) -> bool:
    """Tell whether a word after the one for an institution belongs to its name."""
    text, about, folded = reading.pieces[at].text, reading.about[at], reading.folded(at)
    if folded in _FOLLOWERS:
        follower = reading.near(at, 1)
        return follower is not None and (
            reading.is_named(follower)
            or bool(reading.about[follower].sort & (Sort.HARD | Sort.PARTICLE))
            or (folded != "of" and reading.pieces[follower].text.istitle())
        )
    before = reading.folded(at - 1)
    if before in _FOLLOWERS and before != "of" and text.istitle():
        return True
    known = about.sort & Sort.KNOWN and folded not in {"home", "homes"} and folded not in _SITES
    return about.form is Form.LETTERS and text[:1].isupper() and not known
