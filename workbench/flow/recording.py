"""One use case, one transaction, with its audit entry: what every change in workbench mode goes through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from workbench.access.sessions import session_ended
from workbench.audit.events import Event, PermissionDenied
from workbench.audit.ledger import Entry
from workbench.records.actor import Actor
from workbench.records.errors import NotPermitted, UsageError, WrongState
from workbench.store.transaction import Transaction

if TYPE_CHECKING:
    from workbench.flow.home import Workbench


class Change:
    """A transaction for writing. Its repositories are reached as attributes; `record` appends to the log."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.accounts = transaction.accounts
        self.sessions = transaction.sessions
        self.imports = transaction.imports
        self.objects = transaction.objects
        self.studies = transaction.studies
        self.persons = transaction.persons
        self.rejections = transaction.rejections
        self.scopes = transaction.scopes
        self.preparations = transaction.preparations
        self.successors = transaction.successors
        self.redactions = transaction.redactions
        self.assurances = transaction.assurances
        self.activations = transaction.activations
        self.pixel_rules = transaction.pixel_rules
        self.quarantine = transaction.quarantine
        self.recipients = transaction.recipients
        self.releases = transaction.releases
        self.ledger = transaction.ledger
        self.urgent = False

    def record(self, event: Event, *, actor: Actor | str) -> Entry:
        """Append the entry of what this transaction changes. Both are committed together or not at all."""
        entry = self.ledger.append(event, actor=actor)
        self.urgent |= entry.urgent
        return entry


@contextmanager
def changing(workbench: "Workbench") -> Iterator[Change]:
    """Open the transaction of one use case.

    An urgent entry is followed by a signed checkpoint in the same transaction; its copy goes to the witness file after
    the commit, since a copy of what was never committed would look like a log that was rolled back.

    Raises
    ------
    IntegrityBroken
        `log-forked`, `witness-missing`, `witness-damaged`: nothing is changed on top of a log that cannot be proven.
    WorkbenchError
        `witness-not-written`: the step was done and is on record, the next checkpoint covers it.
    """
    note = None
    with workbench.database.transaction() as transaction:
        change = Change(transaction)
        yield change
        if change.urgent:
            note = workbench.checkpointer.sign(transaction.connection)
    if note is not None:
        workbench.checkpointer.publish(note)


def check_actor(change: Change, actor: Actor) -> None:
    """Refuse to end a long step of somebody who was disabled, or given other roles, since it began.

    Raises
    ------
    NotPermitted
        `session-ended`.
    """
    if actor.session:
        now = change.sessions.get(actor.session).account
        if not now.enabled or now.roles != actor.roles:
            raise session_ended()


@contextmanager
def recording_denials(
    workbench: "Workbench", actor: Actor | str, *, study: str | None = None, release: str | None = None
) -> Iterator[None]:
    """Write one entry when the body refuses the actor (role, second person, state), and let the refusal go on.

    `study` and `release` may come from outside: they stand in the entry only when there is such a study or release.
    """
    try:
        yield
    except (NotPermitted, WrongState) as refused:
        with changing(workbench) as change:
            event = PermissionDenied(
                rule=refused.code,
                study=_known(change.studies.get, study),
                release=_known(change.releases.get, release),
            )
            change.record(event, actor=actor)
        raise


def _known(get: Callable[[str], object], given: str | None) -> str | None:
    """Return the id when it names something here; anything else may be a name that somebody typed."""
    if not given:
        return None
    with suppress(UsageError):
        get(given)
        return given
    return None
