"""`workbench pixels rules` in the home: proposed by one person or learned, decided about by another."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, Reason, home_of
from workbench.cli.output import Output

if TYPE_CHECKING:
    from workbench.flow.region_rules import RuleRow
    from workbench.flow.rule_trial import Trial
    from workbench.pixels.region_rules import DeviceRule

EXAMPLE = "Example: workbench pixels rules {} --as paul"
Rule = Annotated[str, typer.Argument(metavar="RULE", help="Number of the rule, for example RL-000001.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("learn", epilog=EXAMPLE.format("learn --studies 5"))(learn)
    app.command("proposed", epilog=EXAMPLE.format("proposed"))(proposed)
    app.command("approve", epilog=EXAMPLE.format("approve RL-000001"))(approve)
    app.command("reject", epilog=EXAMPLE.format("reject RL-000001 --reason 'covers the scale'"))(reject)
    app.command("withdraw", epilog=EXAMPLE.format("withdraw RL-000001 --reason 'scanner was replaced'"))(withdraw)


def learn(
    *,
    as_user: As,
    studies: Annotated[
        int, typer.Option("--studies", min=2, help="Approved studies that each pixel of a rule rests on.")
    ] = 3,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Propose rules from what is black in approved versions. A second person approves them, who did not propose them.

    A learned rule is for one maker, model, version of software, geometry and layout of ultrasound regions. With another
    version of the software it matches nothing any more.
    """
    from workbench.flow.region_rules import learn_rules

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = learn_rules(workbench, actor, at_least=studies)
    _show(output, rows, "Nothing new recurs in so many approved studies.")
    return 0


def proposed(*, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False) -> int:
    """List the rules that wait for a second person, with the studies that each rests on."""
    return show_all(Output(as_json), home_of(home), as_user, credentials, proposed=True)


def approve(
    *, rule: Rule, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False
) -> int:
    """Approve a rule that somebody else proposed. `prepare` applies it from now on."""
    from workbench.flow.region_rules import approve_rule

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        row = approve_rule(workbench, actor, rule=rule)
    output.document(row)
    output.line(f"{row.rule}: approved{', single-person approval' if row.single_person else ''}.")
    output.line("Versions that were prepared before stay as they are; prepare a study again to apply it there.")
    return 0


def reject(
    *,
    rule: Rule,
    reason: Reason,
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Turn a proposed rule down."""
    from workbench.flow.region_rules import reject_rule

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        row = reject_rule(workbench, actor, rule=rule, reason=reason)
    output.document(row)
    output.line(f"{row.rule}: rejected.")
    return 0


def withdraw(
    *,
    rule: Rule,
    reason: Reason,
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Take an approved rule back. What was prepared with it stays as it is."""
    from workbench.flow.region_rules import withdraw_rule

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        row = withdraw_rule(workbench, actor, rule=rule, reason=reason)
    output.document(row)
    output.line(f"{row.rule}: withdrawn.")
    return 0


def show_all(output: Output, home: Path, as_user: str, credentials: Path | None, *, proposed: bool = False) -> int:
    """Show the rules of a home."""
    from workbench.flow.region_rules import list_rules

    with acting(home, as_user, credentials) as (workbench, actor):
        rows = list_rules(workbench, actor, proposed=proposed)
    _show(output, rows, "No rule waits." if proposed else "The home has no rules of its own.")
    return 0


def show_one(output: Output, home: Path, as_user: str, credentials: Path | None, *, rule: str) -> int:
    """Show one rule of a home."""
    from workbench.flow.region_rules import show_rule
    from workbench.pixels.region_rules import to_json

    with acting(home, as_user, credentials) as (workbench, actor):
        row, whole = show_rule(workbench, actor, rule=rule)
    output.document({"rule": row, "content": to_json(whole)})
    output.line(f"{row.rule}: {row.name}, {row.state}{', expired' if row.expired else ''}")
    output.line(f"For images whose {row.condition}.")
    for left, top, right, bottom in row.areas:
        output.line(f"Blackens from {left},{top}: {right - left} x {bottom - top} pixels.")
    if row.outside:
        output.line("Blackens what lies outside of the ultrasound regions.")
    if row.origin == "learned":
        output.line(f"Rests on {row.studies} of {row.seen} approved studies of this device.")
    output.line(f"Proposed by {row.proposed_by}{f', decided by {row.decided_by}' if row.decided_by else ''}.")
    return 0


def propose(home: Path, as_user: str, credentials: Path | None, rules: "Sequence[DeviceRule]") -> "tuple[RuleRow, ...]":
    """Propose rules in a home."""
    from workbench.flow.region_rules import propose_rules

    with acting(home, as_user, credentials) as (workbench, actor):
        return propose_rules(workbench, actor, rules=rules)


def approved(home: Path, as_user: str, credentials: Path | None) -> "tuple[DeviceRule, ...]":
    """Return the approved rules of a home."""
    from workbench.flow.region_rules import list_rules, show_rule

    with acting(home, as_user, credentials) as (workbench, actor):
        rows = [row for row in list_rules(workbench, actor) if row.state == "approved"]
        return tuple(show_rule(workbench, actor, rule=row.rule)[1] for row in rows)


def tried(
    home: Path,
    as_user: str,
    credentials: Path | None,
    *,
    rules: "Sequence[DeviceRule] | None",
    rule: str,
    last: int,
    on_progress: Callable[[int, int], None],
) -> "Trial":
    """Try rules on the newest studies of a home: those given, one of the home, or all of them that wait or count."""
    from workbench.flow.region_rules import list_rules, show_rule
    from workbench.flow.rule_trial import try_on_studies

    with acting(home, as_user, credentials) as (workbench, actor):
        if rules is None:
            open_ones = [row.rule for row in list_rules(workbench, actor) if row.state in ("proposed", "approved")]
            rules = [show_rule(workbench, actor, rule=each)[1] for each in ([rule] if rule else open_ones)]
        return try_on_studies(workbench, actor, rules=rules, last=last, on_progress=on_progress)


def _show(output: Output, rows: "Sequence[RuleRow]", nothing: str) -> None:
    output.document({"rules": rows})
    if not rows:
        output.line(nothing)
        return
    columns = ("rule", "state", "from", "rests on", "areas", "for images whose", "proposed by", "decided by")
    output.table(
        "Rules",
        columns,
        [
            (
                row.rule,
                f"{row.state}, expired" if row.expired else row.state,
                row.origin,
                f"{row.studies} of {row.seen} studies" if row.origin == "learned" else "",
                len(row.areas) + row.outside,
                row.condition,
                row.proposed_by,
                row.decided_by,
            )
            for row in rows
        ],
    )
    waiting = [row.rule for row in rows if row.state == "proposed"]
    if waiting:
        output.line(f"Next: workbench pixels rules try --rule {waiting[0]}, then a second person: approve {waiting[0]}")
