"""Profiles: list, show, explain, lint."""

from typing import Annotated

import typer

from workbench.cli.options import Json
from workbench.cli.output import Output

Name = Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="A shipped profile, or a YAML file.")]


def build() -> typer.Typer:
    """Put `workbench profile` together."""
    app = typer.Typer(help="What a profile does, and why.", no_args_is_help=True)
    app.command("list", epilog="Example: workbench profile list")(list_)
    app.command("show", epilog="Example: workbench profile show basic")(show)
    app.command("explain", epilog="Example: workbench profile explain PatientName --profile basic")(explain)
    app.command("lint", epilog="Example: workbench profile lint my-profile.yaml")(lint)
    return app


def list_(*, as_json: Json = False) -> int:
    """List the shipped profiles."""
    from workbench import profiles

    output = Output(as_json)
    found = [profiles.load(name) for name in profiles.shipped_names()]
    output.document({"profiles": [{"name": p.name, "version": p.version, "title": p.title} for p in found]})
    output.table("Profiles", ("name", "version", "title"), [(p.name, p.version, p.title) for p in found])
    return 0


def show(*, name: Name, as_json: Json = False) -> int:
    """Show what a profile does, as one sheet."""
    from workbench import profiles

    output = Output(as_json)
    plan = profiles.compile_plan(profiles.load(name))
    sheet = profiles.sheet(plan)
    rows = [line._asdict() for line in sheet]
    output.document({"profile": plan.profile, "version": plan.version, "digest": plan.digest, "sheet": rows})
    output.line(f"{plan.title} ({plan.profile} v{plan.version}), PS3.15 edition {plan.edition}")
    output.line(f"Digest: {plan.digest}")
    output.line(f"Claims: {', '.join(f'{code.value} {code.meaning}' for code in plan.codes)}")
    shown = [(line.section, line.tag, line.keyword, line.vr, line.code, line.meaning) for line in sheet]
    output.table("What it does", ("section", "tag", "attribute", "VR", "code", "meaning"), shown)
    return 0


def explain(
    *,
    attribute: Annotated[str, typer.Argument(metavar="TAG", help="Keyword or tag, for example 0010,0010.")],
    profile: Annotated[str, typer.Option("--profile", metavar="NAME_OR_FILE")] = "basic",
    sop_class: Annotated[str, typer.Option("--sop-class", metavar="UID", help="The type depends on it.")] = "",
    as_json: Json = False,
) -> int:
    """Explain which row, option and rule decide about an attribute, in words."""
    from workbench import profiles

    output = Output(as_json)
    plan = profiles.compile_plan(profiles.load(profile))
    found = profiles.explain(plan, attribute, sop_class=sop_class or None)
    output.document(found)
    for sentence in found.sentences:
        output.line(sentence)
    return 0


def lint(*, name: Name, as_json: Json = False) -> int:
    """Check a profile. Exit code 1 when it has errors."""
    from workbench import profiles

    output = Output(as_json)
    issues = profiles.lint(profiles.load(name))
    output.document({"issues": [issue._asdict() for issue in issues]})
    if not issues:
        output.line("Nothing to remark.")
        return 0
    rows = [(issue.severity, issue.code, issue.message, issue.hint) for issue in issues]
    output.table("Lint", ("severity", "code", "what", "next step"), rows)
    return 1 if any(issue.severity == "error" for issue in issues) else 0
