"""Checks over the outputs of many patients: one person, one code, one move of days."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from workbench.records.finding import Finding, Note
from workbench.verify.examination import Examination, Subject

CODE = "(0010,0020)"
_MOVING = frozenset({"shift"})


def patients(examinations: Sequence[Examination]) -> Iterator[Finding]:
    """Yield a finding where one person got two codes within a set, and where two persons got one."""
    codes: dict[tuple[object, ...], str] = {}
    persons: dict[str, Subject] = {}
    for each in examinations:
        subject = each.subject
        named = bool(subject.key[1] and subject.code) and all(subject.person)
        if named and codes.setdefault((subject.key, subject.person), subject.code) != subject.code:
            message = "The same person stands under two codes."
            yield Finding("one-person-one-code", "PS3.15 E.1.1", CODE, message, each.instance)
        if subject.code and _contradict(persons.setdefault(subject.code, subject), subject):
            message = "Two persons who differ in ID, name and birth date stand under one code."
            yield Finding("one-person-one-code", "PS3.15 E.1.1", CODE, message, each.instance)


def notes_of_patients(examinations: Sequence[Examination]) -> Iterator[Note]:
    """Yield a note where the same name and birth date come with two IDs and so stand under two codes."""
    codes: dict[tuple[str, str], tuple[str, tuple[str, str]]] = {}
    told: set[str] = set()
    for each in examinations:
        subject = each.subject
        if not all(subject.person) or not subject.code:
            continue
        code, key = codes.setdefault(subject.person, (subject.code, subject.key))
        if code != subject.code and key != subject.key and subject.code not in told:
            told.add(subject.code)
            message = "The same name and birth date come under another Patient ID too: perhaps one person in two codes."
            yield Note("same-person-twice", "45 CFR 164.514(b)(1)", CODE, message, each.instance)


def _contradict(one: Subject, other: Subject) -> bool:
    """Whether ID, name and birth date all say that these are two persons."""
    if one.key == other.key or not (all(one.person) and all(other.person)):
        return False
    return one.person[0] != other.person[0] and one.person[1] != other.person[1]


def days_of_patients(examinations: Sequence[Examination]) -> Iterator[Finding]:
    """Yield a finding for each instance whose days moved otherwise than those of the same patient.

    The move that most instances of the patient share is taken for the right one. Where studies moved differently, the
    intervals between them are no longer those of the inputs.
    """
    by_code: defaultdict[str, list[Examination]] = defaultdict(list)
    for each in examinations:
        if each.moves and each.dates in _MOVING:
            by_code[each.subject.code or each.study].append(each)
    for members in by_code.values():
        offsets = Counter(offset for each in members for offset in {move.days for move in each.moves})
        usual = max(offsets, key=lambda offset: (offsets[offset], -abs(offset)))
        for each in members:
            if any(move.days != usual for move in each.moves):
                message = "Days were moved otherwise than in the other instances of this patient."
                yield Finding("date-offsets", "PS3.15 E.3.6", "data set", message, each.instance)
            if each.study_day is not None and each.study_day.days != usual:
                message = "The interval to the other studies of this patient differs from the inputs."
                yield Finding("fitness-intervals", "PS3.15 E.3.6", "(0008,0020)", message, each.instance)
