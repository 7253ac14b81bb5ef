"""Checks over a set of instances: references resolve, UIDs are mapped one to one, no instance stands twice."""

from collections import defaultdict
from collections.abc import Sequence

from workbench.records.finding import Finding
from workbench.verify.examination import Examination


def examine_set(examinations: Sequence[Examination]) -> list[Finding]:
    """Look at what no single instance can show.

    Guarantees that a reference which resolves within the set of inputs resolves in the same way within the outputs,
    that one UID of the input is one UID of the output everywhere and two stay two (PS3.15 E.3.9), and that no two
    outputs are one instance.
    """
    return [*_duplicates(examinations), *_mapping(examinations), *_references(examinations)]


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
    forward: dict[str, str] = {}
    backward: dict[str, str] = {}
    findings: dict[tuple[int, str], Finding] = {}
    for each in examinations:
        for old, new in each.uids:
            if forward.setdefault(old, new) != new:
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
