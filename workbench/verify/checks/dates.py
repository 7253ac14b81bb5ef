"""Checks of days, times and ages: what was promised of them, and what they give away together."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from workbench.records.path import tag_path
from workbench.standard.table import ROWS
from workbench.verify.characters import decode
from workbench.verify.days import Day, Move, day_of, days_beside, parts, years_between
from workbench.verify.elements import Element
from workbench.verify.generic import is_dummy_date
from workbench.verify.identity import class_uid_tags
from workbench.verify.pair import Circumstances, Lack, Pair, Place, Said, found
from workbench.verify.reading import Reading

LONGITUDINAL = 0x00280303
BIRTH_DATE = 0x00100030
AGE = 0x00101010
STUDY_DATE = 0x00080020
_EVENTS = (STUDY_DATE, 0x00080022, 0x00080021, 0x00080023)
_OPTION = {
    "full": "retain_longitudinal_full_dates",
    "shift": "retain_longitudinal_modified_dates",
    "moved": "retain_longitudinal_modified_dates",
    "year_only": "retain_longitudinal_modified_dates",
}
_DAYS = frozenset({"DA", "DT"})
_FIRST = date(1911, 1, 1).toordinal()
_ALIKE = 2
"""So many different days moved by the same number are no accident."""


class DatesLeft:
    """No day of the inputs in a date or date-time."""

    name = "dates-left"
    rule = "PS3.15 E.3.6, 45 CFR 164.514(b)(2)(i)(C)"
    vrs = _DAYS

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a DA or DT that names a day of an input; only its own when the profile moves dates."""
        element, around = place.element, place.around
        if element.vr not in ("DA", "DT") or not element.value or around.waivers.dates:
            return
        days = {re.sub(r"\D", "", part)[:8] for part in parts(element.value)}
        days = {day for day in days if not is_dummy_date(day)}
        if not days or _is_retained(place):
            return
        known = around.needles.dates
        if around.dates != "removed" and place.counterpart is not None:
            known = frozenset(re.sub(r"\D", "", part)[:8] for part in parts(place.counterpart.value))
        left = days & known
        if around.dates in ("year_only", "moved"):
            # The first of January stands for its whole year, that of the input included.
            left = {day for day in left if day[4:] != "0101"}
        if left:
            yield found(self, place.where, "A date of the input stands in the output.")


class DaysInUids:
    """No day of the inputs in a component of a UID, where days are not retained."""

    name = "days-in-uids"
    rule = "PS3.15 E.3.6, E.3.9"
    vrs = frozenset({"UI"})

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a UID with a component that begins with a day of an input."""
        element, around = place.element, place.around
        if element.vr != "UI" or not element.value or around.waivers.dates or element.tag in class_uid_tags():
            return
        known = around.needles.dates
        for uid in parts(element.value):
            if uid.startswith("1.2.840.10008."):
                continue
            if any(len(component) >= 8 and component[:8] in known for component in uid.split(".")):
                yield found(self, place.where, "A UID of the output tells a date of the input.")
                return


class TimesKept:
    """Where days are kept or moved by whole days, times of day stand as they stood."""

    name = "times-kept"
    rule = "PS3.15 E.3.6"
    vrs = frozenset({"TM", "DT"})

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a TM, or the time in a DT, that differs."""
        element, before = place.element, place.counterpart
        if place.around.dates not in ("full", "shift") or before is None or before.vr != element.vr:
            return
        if element.vr == "TM":
            pairs = zip(parts(before.value), parts(element.value), strict=False)
            differs = any(one and two.strip("0.:") and one != two for one, two in pairs)
        elif element.vr == "DT":
            differs = any(one.rest != two.rest for one, two in days_beside("DT", before.value, element.value))
        else:
            return
        if differs:
            yield found(self, place.where, "A time of day differs from the input, although only days may move.")


class YearOnly:
    """Where only years are told, a date is the first of January of the year of the input."""

    name = "year-only"
    rule = "45 CFR 164.514(b)(2)(i)(C)"
    vrs = _DAYS

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a date that tells more than its year, or another year."""
        element, before = place.element, place.counterpart
        if place.around.dates != "year_only" or element.vr not in ("DA", "DT") or before is None:
            return
        if before.vr != element.vr or _is_retained(place):
            return
        pairs = days_beside(element.vr, before.value, element.value)
        if any(not _is_year(one, two) for one, two in pairs):
            yield found(self, place.where, "A date tells more than the year, or another year than the input.")


def _is_year(one: Day, two: Day) -> bool:
    return date.fromordinal(two.ordinal) == date(date.fromordinal(one.ordinal).year, 1, 1)


class DatesRetained:
    """A date that the option keeps or modifies is still there, when the input had one that is a day."""

    name = "dates-retained"
    rule = "PS3.15 E.3.6"

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether the row of the table speaks of the option in force."""
        if around.promises is not None and place in around.promises.given_up:
            return False
        row = ROWS.get(place[-1])
        return row is not None and _OPTION.get(around.dates, "") in row.options

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield a finding for a date that is gone."""
        if is_a_day(lack.element):
            yield found(self, lack.where, "The output claims to tell this date, and it is gone.")


class DatesEmptied:
    """A date that the option tells is there, and neither empty nor a placeholder, when the input had a day."""

    name = "dates-retained"
    rule = "PS3.15 E.3.6"
    vrs = _DAYS
    _gone = DatesRetained()

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for a date that was emptied."""
        before = place.counterpart
        if place.element.vr not in ("DA", "DT") or before is None or place.around.dates == "removed":
            return
        if not self._gone.applies(tag_path(place.path), place.around):
            return
        if is_a_day(before) and not any(day_of(place.element.vr, part) for part in parts(place.element.value)):
            yield found(self, place.where, "The output claims to tell this date, and a placeholder stands here.")


def is_a_day(element: Element) -> bool:
    """Whether every value names a day in full, of a time from which it can be moved back and still be one of images."""
    if element.vr not in ("DA", "DT") or not element.value:
        return False
    days = [day_of(element.vr, part) for part in parts(element.value)]
    return all(day is not None and day.ordinal >= _FIRST for day in days)


def _is_retained(place: Place) -> bool:
    promises = place.around.promises
    return promises is not None and tag_path(place.path) in promises.retained


class AgesOver89:
    """No age above what the profile tells: 89 (45 CFR 164.514(b)(2)(i)(C)), where nothing else was promised."""

    name = "ages-over-89"
    rule = "45 CFR 164.514(b)(2)(i)(C)"
    vrs = frozenset({"AS", "LO", "SH", "ST", "LT", "UT", "UC"})
    _digest = re.compile(r"\b1131\d\d sha256 [A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
    """What names evidence has letters and digits by chance."""
    _written = re.compile(
        r"(?<![\d.,])(\d{2,3})[ -]?(?:y|yr|yrs|yo|y/o|years?|jahre|ans|años|anos|anni|jaar)\b", re.IGNORECASE
    )

    def judge(self, place: Place) -> Iterator[Said]:
        """Yield a finding for an age beyond the cap; 090Y stands for 90 and more. Ages in texts count as well."""
        element, cap = place.element, _age_cap(place.around)
        if not cap or not element.value:
            return
        if element.vr == "AS":
            ages = [re.fullmatch(r"(\d{3})Y", part) for part in parts(element.value)]
        elif element.vr in ("LO", "SH", "ST", "LT", "UT", "UC"):
            text = self._digest.sub("", decode(element.value, place.charset))
            ages = list(self._written.finditer(text)) if any(c.isdigit() for c in text) else []
        else:
            return
        if any(age is not None and cap + 1 < int(age[1]) <= 130 for age in ages):
            yield found(self, place.where, f"An age above {cap} years stands in the output.")


def _age_cap(around: Circumstances) -> int:
    return around.promises.age_cap if around.promises is not None else 89


class AgesAgree:
    """Birth date, study date and age do not tell together what each of them hides."""

    name = "ages-agree"
    rule = "45 CFR 164.514(b)(2)(i)(C), (b)(2)(ii)"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for dates that imply an age beyond the cap, and for an age that the dates contradict."""
        implied = _implied_age(pair.after)
        if implied is None:
            return
        cap = pair.promises.age_cap if pair.promises is not None else 89
        if cap and implied > cap + 1:
            yield found(self, "(0010,0030)", f"Birth date and study date tell that the patient is above {cap} years.")
        said = re.fullmatch(r"(\d{3})Y", pair.after.text(AGE))
        if said is None or int(said[1]) > 89:
            return
        if abs(int(said[1]) - implied) > 1 and not _contradicted(pair.before):
            yield found(self, "(0010,1010)", "The age contradicts birth date and study date, which gives both away.")


def _contradicted(before: Reading) -> bool:
    """Whether the input was at odds with itself already."""
    said, implied = re.fullmatch(r"(\d{3})Y", before.text(AGE)), _implied_age(before)
    return said is not None and implied is not None and abs(int(said[1]) - implied) > 1


def _implied_age(reading: Reading) -> int | None:
    birth = day_of("DA", reading.text(BIRTH_DATE))
    event = next((day for tag in _EVENTS if (day := day_of("DA", reading.text(tag))) is not None), None)
    if birth is None or event is None or event.ordinal < birth.ordinal:
        return None
    return years_between(birth, event)


class DaysMoved:
    """The days of an instance were all moved by the same number, and (0028,0303) says so."""

    name = "date-offsets"
    rule = "PS3.15 E.3.6, E.1.1"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield a finding for days moved differently, for none, and for what the flag says otherwise."""
        moves, said = pair.moves, pair.after.text(LONGITUDINAL)
        if not moves:
            return
        offsets = {move.days for move in moves}
        where = "(0028,0303)"
        if pair.dates == "full" and offsets != {0}:
            yield found(self, "data set", "Full dates are claimed, but a date differs from the input.")
        if pair.dates == "shift":
            yield from self._shifted(moves)
        if said == "UNMODIFIED" and any(offsets) and pair.dates != "full":
            yield found(self, where, "The flag says that dates are unmodified, but they were moved.")
        if pair.before.text(LONGITUDINAL) == said:
            return  # the word of a former de-identifier
        if said == "MODIFIED" and offsets == {0} and pair.dates != "shift" and not _all_first_of_january(moves):
            yield found(self, where, "The flag says that dates are modified, but they stand as they stood.")
        if said in ("", "REMOVED") and (tells := _alike(moves)) and pair.dates == "removed":
            message = "moved by one number of days" if tells != "kept" else "left as they stood"
            yield found(self, where, f"The flag says that dates are removed, but they were {message}.")

    def _shifted(self, moves: frozenset[Move]) -> Iterator[Said]:
        offsets = {move.days for move in moves}
        if 0 in offsets:
            yield found(self, "data set", "Dates are said to be moved, but one stands as it stood.")
        if len(offsets) > 1:
            yield found(self, "data set", "Dates of one instance were moved by different numbers of days.")


def _alike(moves: frozenset[Move]) -> str:
    """Say what happened to at least two different days in the same way: `kept`, `moved`, or nothing."""
    counts = Counter(move.days for move in moves)
    offset, count = counts.most_common(1)[0]
    if count < _ALIKE:
        return ""
    return "moved" if offset else "kept"


def _all_first_of_january(moves: frozenset[Move]) -> bool:
    return all(date.fromordinal(move.before).strftime("%m%d") == "0101" for move in moves)
