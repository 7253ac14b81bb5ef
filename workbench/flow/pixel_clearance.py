"""Whether what is kept of the pixels of a version is what the log recorded, and which instances were looked at."""

from collections.abc import Mapping

from workbench.flow.home import Workbench
from workbench.flow.redaction_rows import unpack
from workbench.records.errors import IntegrityBroken
from workbench.store.preparation_records import Outcome, Preparation
from workbench.store.transaction import Transaction


def checked_instances(
    workbench: Workbench, reading: Transaction, made: Preparation, logged: Mapping[str, str]
) -> frozenset[str]:
    """Return the instances of a version whose pixels were looked at as a whole.

    Parameters
    ----------
    logged
        By series, the digest of what is kept of its pixels, as the proven log has it.

    Raises
    ------
    IntegrityBroken
        `redactions-differ`, when something else is kept, or an instance has an output that nobody looked at;
        `redactions-damaged`.
    """
    if reading.redactions.digests(made.id) != logged:
        raise _differs()
    complete = set[str]()
    for series in logged:
        kept = reading.redactions.of_series(made.id, series)
        seen = unpack(workbench.keys, kept) if kept is not None else {}
        complete.update(instance for instance, one in seen.items() if one.redaction.complete)
    for row in reading.preparations.instances(made.id):
        if row.series in logged and row.outcome is not Outcome.REFUSED and row.instance not in complete:
            raise _differs()
    return frozenset(complete)


def _differs() -> IntegrityBroken:
    return IntegrityBroken(
        "redactions-differ",
        "What was recorded of the pixels of this version is not what the log says.",
        "Nothing was packed. Run `workbench audit verify`: the database may have been altered.",
    )
