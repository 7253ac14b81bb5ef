"""Checks over a set of instances: references resolve, UIDs are mapped one to one, patients and their days agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from workbench.records.finding import Finding, Note
from workbench.verify.examination import Examination
from workbench.verify.linking import days_of_patients, notes_of_patients, patients

_REFERRING = (
    "1.2.840.10008.5.1.4.1.1.11.",  # presentation states
    "1.2.840.10008.5.1.4.1.1.66.",  # segmentations, registrations, fiducials, surfaces
    "1.2.840.10008.5.1.4.1.1.67",  # real world value mapping
    "1.2.840.10008.5.1.4.1.1.68.",  # surface segmentations, tractography
    "1.2.840.10008.5.1.4.1.1.88.",  # structured reports, key objects
    "1.2.840.10008.5.1.4.1.1.481.",  # radiotherapy
    "1.2.840.10008.5.1.4.1.1.30",  # parametric maps
)
_TREES = "1.2.840.10008.5.1.4.1.1.88."


def refers(sop_class: str) -> bool:
    """Tell whether objects of this SOP class exist to say something of other instances."""
    return sop_class.startswith(_REFERRING)


def examine_set(examinations: Sequence[Examination]) -> list[Finding]:
    """Look at what no single instance can show.

    Guarantees that a reference which resolves within the set of inputs resolves in the same way within the outputs,
    that one UID of the input is one UID of the output everywhere and two stay two (PS3.15 E.3.9), that no two outputs
    are one instance, that one person has one code and two have two, and that the days of a patient moved together.
    """
    return [
        *_duplicates(examinations),
        *_mapping(examinations),
        *_references(examinations),
        *patients(examinations),
        *days_of_patients(examinations),
    ]


def notes_of_set(examinations: Sequence[Examination], inputs: Mapping[str, int] | None = None) -> list[Note]:
    """Say what is no fault of an output and worth knowing: references lost or left out, a person under two codes.

    Parameters
    ----------
    inputs
        Index of each input by its SOP Instance UID, those without an output included, so that what was left out can be
        named by its index.
    """
    there = {each.source_sop_instance for each in examinations}
    notes = []
    for each in examinations:
        out = sorted({(inputs or {})[old] for old, _new in each.uids if old in (inputs or {}) and old not in there})
        if out and refers(each.sop_class):
            named = ", ".join(str(number) for number in out[:20]) + (" and others" if len(out) > 20 else "")
            message = f"The object refers to inputs that have no output: {named}."
            notes.append(Note("references-left-out", "PS3.15 E.3.9", "(0008,1155)", message, each.instance))
        if each.lost and any(old in there for old in each.lost):
            message = "References of the input to instances of this set are not in the output."
            notes.append(Note("references-lost", "PS3.15 E.3.9", "(0008,1155)", message, each.instance))
    return [*notes, *notes_of_patients(examinations)]


def _duplicates(examinations: Sequence[Examination]) -> list[Finding]:
    first: dict[str, Examination] = {}
    findings = []
    for each in examinations:
        other = first.setdefault(each.sop_instance, each)
        if other is not each:
            findings.append(
                Finding(
                    "duplicates",
                    "PS3.5 9.1",
                    "(0008,0018)",
                    "Another output has the same SOP Instance UID.",
                    each.instance,
                )
            )
    return findings


def _mapping(examinations: Sequence[Examination]) -> list[Finding]:
    # What patients share, such as the UID of a device, may be another for each of them.
    forward: dict[tuple[str, str], str] = {}
    backward: dict[str, str] = {}
    findings: dict[tuple[int, str], Finding] = {}
    for each in examinations:
        for old, new in each.uids:
            if forward.setdefault((each.subject.code, old), new) != new:
                message = "One UID of the input became different UIDs in the outputs."
                findings[each.instance, message] = Finding(
                    "uid-mapping", "PS3.15 E.3.9", "data set", message, each.instance
                )
            if backward.setdefault(new, old) != old:
                message = "Different UIDs of the inputs became one UID in the outputs."
                findings[each.instance, message] = Finding(
                    "uid-mapping", "PS3.15 E.3.9", "data set", message, each.instance
                )
    return list(findings.values())


def _references(examinations: Sequence[Examination]) -> list[Finding]:
    outputs: defaultdict[str, set[str]] = defaultdict(set)
    for each in examinations:
        outputs[each.source_sop_instance].add(each.sop_instance)
    everything = {each.sop_instance for each in examinations}
    findings = []
    for each in examinations:
        dangling = any(old in outputs and new not in outputs[old] for old, new in each.uids)
        dangling = dangling or any(
            all(old in outputs for old in loose.before) and any(new not in everything for new in loose.after)
            for loose in each.loose
            if loose.before
        )
        if refers(each.sop_class) and not each.sop_class.startswith(_TREES):
            gone = [old for old in each.lost if old in outputs]
            if gone and not any(old in outputs and old != each.source_sop_instance for old, _new in each.uids):
                message = "The object referred to instances of this set, and its output refers to none."
                findings.append(Finding("references", "PS3.3 C.11, C.8", "(0008,1155)", message, each.instance))
        if dangling:
            findings.append(
                Finding(
                    "references",
                    "PS3.15 E.3.9",
                    "(0008,1155)",
                    "A reference that resolves among the inputs does not resolve among the outputs.",
                    each.instance,
                )
            )
    return findings
