"""Upkeep of a home: the end of what is over, and the removal of what nothing refers to any more."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from workbench.audit.events import HomeStarted
from workbench.flow.accounts import end_overdue
from workbench.flow.home import Workbench
from workbench.flow.recording import changing
from workbench.flow.releasing import expire_releases
from workbench.flow.staging import sweep
from workbench.records.states import StudyState

QUIET = timedelta(days=1)
"""What was put within this time may belong to a step that is still at work."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was ended or removed."""

    sessions: int
    releases: int
    staging: int
    objects: int


def record_start(workbench: Workbench) -> None:
    """Write the entry of a server that opens the home, with the digest of the settings that it runs under."""
    with changing(workbench) as change:
        event = HomeStarted(software=workbench.software, settings=workbench.settings.digest)
        change.record(event, actor="system")


def tidy(workbench: Workbench) -> Tidied:
    """End sessions and releases whose time is over, each with its entry, and remove leftovers.

    Leftovers are folders of killed steps, objects that a crash left without a row, and objects of discarded studies
    whose deletion failed. Nothing that a row of a living study refers to is ever touched.
    """
    sessions, releases = end_overdue(workbench), expire_releases(workbench)
    swept = sweep(workbench.staging) + workbench.objects.sweep()
    return Tidied(sessions, releases, swept, _remove_objects(workbench))


def _remove_objects(workbench: Workbench) -> int:
    before = workbench.clock() - QUIET
    with workbench.database.reading() as reading:
        known = reading.objects.names()
        unused = set(reading.objects.unreferenced(stored_before=before))
    with workbench.database.transaction() as transaction:
        transaction.objects.forget(unused)
    doomed = unused | set(workbench.objects.orphans(known, older_than=before.timestamp()))
    doomed |= {name for name in _discarded(workbench) if workbench.objects.exists(name)}
    with workbench.database.transaction() as transaction:  # nobody else writes meanwhile
        doomed -= transaction.objects.needed(doomed)
        for name in doomed:
            workbench.objects.delete(name)
    return len(doomed)


def _discarded(workbench: Workbench) -> set[str]:
    """Return the objects that only discarded studies refer to."""
    gone: set[str] = set()
    needed: set[str] = set()
    with workbench.database.reading() as reading:
        for offset in count(0, _PAGE):
            page = reading.studies.search(limit=_PAGE, offset=offset).studies
            for study in page:
                names = {instance.object for instance in reading.studies.instances(study.id)}
                for made in reading.preparations.of_study(study.id):
                    names |= {row.object for row in reading.preparations.instances(made.id) if row.object}
                (gone if study.state is StudyState.DISCARDED else needed).update(names)
            if len(page) < _PAGE:
                break
        entries = reading.quarantine.page(limit=1_000_000)
        needed |= {entry.object for entry in entries if entry.object}
    return gone - needed
