"""Whether a study or a version of it is ready for the next step: what use cases demand and pages explain."""

from collections.abc import Iterable
from typing import Final

from workbench.flow.arrival import MIXED, SHARED_STUDY
from workbench.flow.rejecting import REJECTED
from workbench.records.errors import UsageError, WrongState
from workbench.store.preparation_records import Outcome, Preparation
from workbench.store.study_records import Study
from workbench.store.transaction import Transaction

LINKED: Final = "patient-linked"
PARTED: Final = "patient-parted"
TOUCHED: Final = {
    LINKED: "Two patients were found to be one person after this version was prepared.",
    PARTED: "What counted as one person was found to be two after this version was prepared.",
    REJECTED: "Its source rejected instances of this version after it was prepared.",
}
"""Why a version needs a successor, in one sentence, by code."""


def check_acceptable(transaction: Transaction, study: str) -> None:
    """Refuse to take up a study that mixes patients: no reason makes two persons one.

    Raises
    ------
    WrongState
        `question-open`, when somebody has to say whose it is first; `not-acceptable`.
    """
    if waiting := transaction.persons.questions(study_id=study):
        names = ", ".join(question.id for question in waiting)
        raise WrongState(
            "question-open",
            f"Whose study this is has to be answered first ({names}).",
            f"Compare both patients, then: workbench identity answer {waiting[0].id} --same or --different.",
        )
    entries = transaction.quarantine.page(study_id=study, limit=1000)
    if any(entry.code == SHARED_STUDY for entry in entries if entry.input_index is None):
        raise WrongState("not-acceptable", *MIXED)


def check_untouched(transaction: Transaction, made: Preparation) -> None:
    """Refuse a version that something made obsolete since: it needs a successor.

    Raises
    ------
    WrongState
        `needs-successor`.
    """
    code = transaction.successors.touched(made.id)
    if code:
        raise WrongState("needs-successor", TOUCHED[code], "Have it returned if it was submitted; prepare it again.")


def check_complete(transaction: Transaction, found: Study, made: Preparation) -> None:
    """Refuse a version that is no longer of the whole study, is obsolete, or has nothing in it.

    Raises
    ------
    WrongState
        `needs-successor`, `prepare-again`, `nothing-to-approve`.
    """
    check_untouched(transaction, made)
    if made.instance_count != found.instance_count:
        raise WrongState(
            "prepare-again", "Instances arrived after this version was prepared.", "Prepare the study again."
        )
    if made.output_count == 0:
        raise WrongState(
            "nothing-to-approve",
            "No instance of this version can be released: all were refused or have a privacy issue.",
            "Look at the reasons; correct the source or the profile and prepare again.",
        )


def check_known_holds(transaction: Transaction, made: Preparation, accepted: Iterable[str]) -> None:
    """Refuse an acceptance of something that does not wait in a version, and name what does.

    Raises
    ------
    UsageError
        `hold-unknown`.
    """
    codes = [hold.code for hold in transaction.preparations.holds(made.id)]
    if set(accepted) - set(codes):
        hint = f"Accept by one of these names: {', '.join(codes)}." if codes else "Nothing waits for acceptance in it."
        raise UsageError("hold-unknown", "No held item of this version has that name.", hint)


def check_releasable(transaction: Transaction, made: Preparation, accepted: Iterable[str]) -> int:
    """Return how many instances of a version would be released with these holds accepted, and those taken over.

    Raises
    ------
    WrongState
        `needs-successor`; `nothing-to-release`, when it would be none.
    """
    check_untouched(transaction, made)
    names = {*accepted, *transaction.successors.carried(made.id)}
    count = sum(
        row.outcome is not Outcome.REFUSED and names.issuperset(row.holds)
        for row in transaction.preparations.instances(made.id)
    )
    if not count:
        raise WrongState(
            "nothing-to-release",
            "Every instance of this version waits for acceptance by name, and none was accepted.",
            "Accept what you have looked at, or return the study.",
        )
    return count
