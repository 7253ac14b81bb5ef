"""From rows of the store to what front ends show."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from workbench.flow.pixel_holds import TO_REVIEW
from workbench.flow.pixel_rows import pixel_rows
from workbench.flow.readiness import TOUCHED
from workbench.flow.rejection import QUALITY
from workbench.flow.remarks import note_rows, references_left_out, unknown_rows
from workbench.flow.shown import HoldRow, IssueRow, PreparationView, RefusalRow, ReleaseLine, StudyRow
from workbench.flow.succession import plain_hold
from workbench.records.states import ReleaseState, StudyState
from workbench.store.preparation_records import Preparation
from workbench.store.study_records import Study
from workbench.store.transaction import Transaction

PRIVACY_ISSUE = "privacy-issue"
"""Refusal code of an instance that the verifier holds back; its findings say why."""

HOLD_WORDS = {
    "ultrasound": "Ultrasound images usually show the patient's name in the picture.",
    "secondary-capture": "A secondary capture may show text from a screen.",
    "screen-shot": "A screen shot may show text.",
    "dose-sheet": "A page about dose or protocol names the patient in its heading.",
    "slide-label": "A picture of a slide's label, or one that shows it, names the patient or the specimen.",
    TO_REVIEW: "Its pixels were checked. It is of a kind that a person should look at as a whole all the same.",
    "document-replaced": "A document can't be cleaned: a blank page stands for it.",
    "photograph": "A photograph may show the patient or text.",
    "recognisable-features": "Recognisable features possible: a face may show in it, or be rebuilt from its slices. "
    "Accepted, it can go out for treatment or under an expert determination, never as Safe Harbor or limited data set.",
    QUALITY: "A rejection note of its source says that its quality is too low.",
    "burned-in-annotation": "The header does not promise a picture without text (Burned In Annotation is not NO).",
}
_MOST_ISSUES = 500
_MOST_RELEASES = 50
LIVE = frozenset({ReleaseState.CREATED, ReleaseState.DELIVERED, ReleaseState.ACKNOWLEDGED})
"""Releases that can still be revoked."""


def study_row(transaction: Transaction, study: Study) -> StudyRow:
    """Return the line of the queue for a study."""
    version = transaction.preparations.get(study.preparation).number if study.preparation else 0
    reason = ""
    if study.state is StudyState.QUARANTINED:
        entries = transaction.quarantine.page(study_id=study.id, limit=100)
        reason = next((entry.code for entry in entries if entry.input_index is None), "")
    return StudyRow(
        study=study.id,
        state=study.state,
        modalities=study.modalities,
        series=study.series_count,
        instances=study.instance_count,
        received_at=study.received_at,
        profile=study.profile,
        version=version,
        privacy_issues=study.finding_count,
        held=study.held_count,
        reason_code=reason,
    )


def preparation_view(
    transaction: Transaction, made: Preparation, *, names: Mapping[str, str], approval_days: int, full: bool = True
) -> PreparationView:
    """Return what a page shows of a prepared version; `full` with its privacy issues and holds."""
    facts = transaction.preparations.facts(made.id)
    references, referring = references_left_out(facts)
    asked, series = pixel_rows(facts)
    expires = made.approved_at + timedelta(days=approval_days) if made.approved_at else None
    return PreparationView(
        preparation=made.id,
        number=made.number,
        state=made.state.value,
        profile=made.profile,
        profile_version=made.profile_version,
        profile_digest=made.profile_digest,
        scope=transaction.scopes.get(made.scope).name,
        software=made.software,
        root=made.root,
        instances=made.output_count,
        changed=made.change_count,
        pixels=made.pixels,
        held=_waiting(transaction, made),
        made_by=names.get(made.made_by, ""),
        made_at=made.made_at,
        submitted_by=names.get(made.submitted_by or "", ""),
        submitted_at=made.submitted_at,
        approved_by=names.get(made.approved_by or "", ""),
        approved_at=made.approved_at,
        approval_expires=expires,
        single_person=made.solo,
        issues=_issues(transaction, made) if full else (),
        holds=hold_rows(transaction, made, names) if full else (),
        refused=_refused(transaction, made, facts.get("refusals", {})) if full else (),
        law=str(facts.get("law", "")),
        follows=int(facts.get("follows", 0)),
        unchanged=int(facts.get("unchanged", 0)),
        touched=TOUCHED.get(transaction.successors.touched(made.id), ""),
        actions={str(action): int(count) for action, count in facts.get("actions", {}).items()},
        unknowns=unknown_rows(facts),
        notes=note_rows(facts),
        pixels_asked=asked,
        pixel_series=series if full else (),
        references_left_out=references,
        referring=referring,
    )


def _waiting(transaction: Transaction, made: Preparation) -> int:
    accepted = {hold.code for hold in transaction.preparations.holds(made.id) if hold.accepted_by is not None}
    return sum(not accepted.issuperset(row.holds) for row in transaction.preparations.instances(made.id))


def hold_rows(transaction: Transaction, made: Preparation, names: Mapping[str, str]) -> tuple[HoldRow, ...]:
    """Return what waits for an acceptance by name."""
    rows = []
    carried = transaction.successors.carried(made.id)
    for hold in transaction.preparations.holds(made.id):
        series, _, reason = plain_hold(hold.code).partition(".")
        origin = carried.get(hold.code)
        rows.append(
            HoldRow(
                name=hold.code,
                reason=HOLD_WORDS.get(reason, reason),
                series=int(series.removeprefix("series-")) - 1,
                instances=hold.instances,
                accepted=hold.accepted_by is not None,
                accepted_by=names.get(hold.accepted_by or "", ""),
                before=transaction.preparations.get(origin).number if origin else 0,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.series, row.name)))


def release_lines(transaction: Transaction, study: str) -> tuple[ReleaseLine, ...]:
    """Return the packages that versions of a study are in, newest first."""
    found = transaction.releases.page(study_id=study, limit=_MOST_RELEASES)
    return tuple(
        ReleaseLine(release.id, transaction.recipients.get(release.recipient).name, release.state, release.created_at)
        for release in found
    )


def quarantine_notices(transaction: Transaction, study: str) -> Iterator[str]:
    """Yield why a study, or files of it, are in quarantine, and what to do next."""
    entries = transaction.quarantine.page(study_id=study, limit=1_000)
    for entry in entries:
        if entry.input_index is None:
            yield f"{entry.message} {entry.hint}"
    files = Counter((entry.message, entry.hint) for entry in entries if entry.input_index is not None)
    for (message, hint), count in sorted(files.items()):
        yield f"{count} {'file' if count == 1 else 'files'} of this study in quarantine. {message} {hint}"


def hold_name(series_number: int, reason: str) -> str:
    """Return the name by which an approver accepts, for example `series-2.ultrasound`."""
    return f"series-{series_number}.{reason}"


def _issues(transaction: Transaction, made: Preparation) -> tuple[IssueRow, ...]:
    places = _places(transaction, made)
    rows = []
    for row in transaction.preparations.findings(made.id, limit=_MOST_ISSUES):
        series, position = places.get(row.instance or "", (0, 0))
        finding = row.finding
        rows.append(IssueRow(finding.check, finding.rule, finding.where, finding.message, series, position))
    return tuple(rows)


def _places(transaction: Transaction, made: Preparation) -> dict[str, tuple[int, int]]:
    """Return (series, position in it), both from 0, by instance."""
    numbers = {series.id: series.number - 1 for series in transaction.studies.all_series(made.study)}
    seen: Counter[str] = Counter()
    places = {}
    for row in transaction.preparations.instances(made.id):
        places[row.instance] = (numbers[row.series], seen[row.series])
        seen[row.series] += 1
    return places


def _refused(transaction: Transaction, made: Preparation, told: Mapping[str, list[str]]) -> tuple[RefusalRow, ...]:
    counts = Counter(row.refusal for row in transaction.preparations.instances(made.id) if row.refusal)
    return tuple(
        RefusalRow(code, *_told(told, code), instances=count)
        for code, count in sorted(counts.items())
        if code != PRIVACY_ISSUE
    )


def _told(told: Mapping[str, list[str]], code: str) -> tuple[str, str]:
    message, hint = told.get(code, ["", ""])
    return message, hint
