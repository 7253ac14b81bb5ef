"""Who is whom: the questions that imports ask, their answers, merges and splits of patients."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.identity import acting
from workbench.cli.options import As, Credentials, Home, Json, Reason, Study, home_of
from workbench.cli.output import Output
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.flow.identity import Touched

EXAMPLE = "Example: workbench identity {} --as paul"
Question = Annotated[str, typer.Argument(metavar="QUESTION", help="Number of the question, for example ID-000001.")]


def build() -> typer.Typer:
    """Put `workbench identity` together."""
    app = typer.Typer(help="Whose a study is: questions, answers, merges and splits.", no_args_is_help=True)
    app.command("questions", epilog=EXAMPLE.format("questions"))(questions)
    app.command("compare", epilog=EXAMPLE.format("compare ID-000001"))(compare)
    app.command("answer", epilog=EXAMPLE.format("answer ID-000001 --same --reason 'married, see order 17'"))(answer)
    app.command("merge", epilog=EXAMPLE.format("merge WB-000001 WB-000007 --reason 'merged in the registry'"))(merge)
    app.command("split", epilog=EXAMPLE.format("split WB-000007 --reason 'merged in error'"))(split)
    return app


def questions(
    *,
    as_user: As,
    study: Annotated[str, typer.Option("--study", help="Only those about this study.")] = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """List the questions that wait for an answer. They name nobody."""
    from workbench.flow.identity import questions as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = run(workbench, actor, study=study)
    output.document({"questions": rows})
    if not rows:
        output.line("No question waits.")
        return 0
    columns = ("question", "study", "may be the patient of", "files", "what")
    output.table("Questions", columns, [(r.question, r.study, " ".join(r.others), r.files, r.message) for r in rows])
    output.line(f"Next: workbench identity compare {rows[0].question}, then identity answer {rows[0].question}")
    return 0


def compare(
    *, question: Question, as_user: As, home: Home = None, credentials: Credentials = None, as_json: Json = False
) -> int:
    """Show what both patients are called, in clear. Each time is in the log with your name."""
    from workbench.flow.identity import compare as run

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = run(workbench, actor, question=question)
    output.document({"question": question, "compared": rows})
    output.line("This bears identity: close the terminal when you have decided.")
    output.table(
        question, ("attribute", "what arrived", "what is here"), [(r.attribute, r.here, r.other) for r in rows]
    )
    return 0


def answer(
    *,
    question: Question,
    reason: Reason,
    as_user: As,
    same: Annotated[bool, typer.Option("--same", help="Both are one person.")] = False,
    different: Annotated[bool, typer.Option("--different", help="They are two persons.")] = False,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Say whether two patients are one person. The study goes on when nothing else holds it."""
    if same == different:
        raise UsageError("answer-missing", "A question has one answer.", "Give either --same or --different.")
    from workbench.flow.identity import answer as run
    from workbench.flow.states import STATE_WORDS

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        done = run(workbench, actor, question=question, same=same, reason=reason)
    output.document(done)
    output.line(f"{done.question}: {'the same person' if done.same else 'different persons'}.")
    if done.joined:
        output.line(f"{done.joined} instances that waited belong to {done.study} now.")
    output.line(f"{done.study}: {STATE_WORDS[done.state]}")
    _show_touched(output, done.touched)
    return 0


def merge(
    *,
    study: Study,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="A study of the other patient.")],
    reason: Reason,
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Say that the patients of two studies are one person: they share code, UIDs and date offset from now on."""
    from workbench.flow.identity import link

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        touched = link(workbench, actor, study=study, other=other, reason=reason)
    output.document(touched)
    output.line(f"{study} and {other} are of one person.")
    _show_touched(output, touched)
    return 0


def split(
    *,
    study: Study,
    reason: Reason,
    as_user: As,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Say that a study is not of the person that it was counted to."""
    from workbench.flow.identity import part

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        touched = part(workbench, actor, study=study, reason=reason)
    output.document(touched)
    output.line(f"{study} is of another person from now on.")
    _show_touched(output, touched)
    return 0


def _show_touched(output: Output, touched: "Touched") -> None:
    if touched.preparations:
        output.line(f"These versions need a successor (prepare again): {' '.join(touched.preparations)}")
    if touched.releases:
        output.line(f"These packages were made before; decide whether to revoke them: {' '.join(touched.releases)}")
