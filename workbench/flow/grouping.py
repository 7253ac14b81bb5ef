"""Instances to patients, and the contradictions that only show when many are seen together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.deid.pseudonyms import with_person
from workbench.flow.step import Refusal, Scan
from workbench.records.known import KnownValue

if TYPE_CHECKING:
    from workbench.verify import Identity

REPEATED = Refusal(
    "instance-repeated",
    "The same instance comes twice with other content.",
    "Find out which of the two is right; the first was taken.",
)
AMBIGUOUS = Refusal(
    "patient-ambiguous",
    "Two different persons come under one Patient ID.",
    "Have the Patient ID corrected at the source; strangers are never merged.",
)


@dataclass(frozen=True, slots=True)
class Group:
    """The instances of one patient, by index, with all that identifies that patient (None without verification).

    `person` is empty unless another person comes under the same Patient ID; then it tells the two apart. `patient` is
    the key of the patient, `known` what texts of this patient may repeat.
    """

    indexes: tuple[int, ...]
    patient: bytes
    person: bytes
    identity: "Identity | None"
    uids: frozenset[str]
    known: frozenset[KnownValue]


def group_scans(scans: Sequence[Scan]) -> tuple[list[Group], list[tuple[int, Refusal]]]:
    """Return one group for each patient in the order of first appearance, and what must stay out."""
    refusals: list[tuple[int, Refusal]] = []
    patients: dict[bytes, list[Scan]] = defaultdict(list)
    first: dict[bytes, Scan] = {}
    for scan in scans:
        known = first.setdefault(scan.sop_instance or b"index %d" % scan.index, scan)
        if known is not scan:
            refusals.append((scan.index, REPEATED))
            continue
        patients[scan.patient].append(scan)
    groups = []
    for members in patients.values():
        parted = persons(members)
        if any(_contradictions(one[0].person, other[0].person) == 2 for one in parted for other in parted):
            refusals += [(scan.index, AMBIGUOUS) for scan in members]
            continue
        groups += [_group(part, b"\0".join(part[0].person) if number else b"") for number, part in enumerate(parted)]
    return groups, refusals


def persons(members: Sequence[Scan]) -> list[list[Scan]]:
    """Part the instances under one Patient ID by person, in the order of first appearance; usually there is one.

    Two agree when neither name nor birth date contradicts: an absent value says nothing, and a name may say more than
    another (a middle name). Strangers are never merged: in doubt there are two persons.
    """
    parted: list[list[Scan]] = []
    for scan in members:
        for known in parted:
            if not any(_contradictions(scan.person, other) for other in {member.person for member in known}):
                known.append(scan)
                break
        else:
            parted.append([scan])
    return parted


def _contradictions(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> int:
    """Count in how many of name and birth date two persons contradict each other."""
    names = sorted((one[0].strip(b"^ "), other[0].strip(b"^ ")), key=len)
    births = (one[1], other[1])
    return (all(names) and not _extends(names[1], names[0])) + (all(births) and births[0] != births[1])


def _extends(longer: bytes, shorter: bytes) -> bool:
    words = {word for part in longer.split(b"^") for word in part.split()}
    return all(word in words for part in shorter.split(b"^") for word in part.split())


def _group(members: Sequence[Scan], person: bytes) -> Group:
    harvests = [scan.harvest for scan in members if scan.harvest is not None]
    identity, uids = None, frozenset[str]()
    if harvests:
        from workbench.verify import merge  # noqa: PLC0415 (folder mode without verification must not load pydicom)

        identity = merge(harvests)
        uids = frozenset().union(*(harvest.uids for harvest in harvests))
    return Group(
        indexes=tuple(scan.index for scan in members),
        patient=with_person(members[0].patient, person),
        person=person,
        identity=identity,
        uids=uids,
        known=frozenset[KnownValue]().union(*{scan.identifying for scan in members}),
    )
