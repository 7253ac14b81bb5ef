"""Profiles: list, show, explain, diff, check, lint."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import activation, crash_test, interchange
from workbench.cli.options import Home, Json, home_of
from workbench.cli.output import Output
from workbench.records.errors import ProfileError, UsageError

if TYPE_CHECKING:
    from workbench.profiles import Profile

Name = Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="A shipped profile, or a YAML file.")]


def build() -> typer.Typer:
    """Put `workbench profile` together."""
    app = typer.Typer(help="What a profile does, and why.", no_args_is_help=True)
    app.command("list", epilog="Example: workbench profile list")(list_)
    app.command("show", epilog="Example: workbench profile show basic")(show)
    app.command("explain", epilog="Example: workbench profile explain PatientName --profile basic")(explain)
    app.command("diff", epilog="Example: workbench profile diff basic research")(diff)
    app.command("check", epilog="Example: workbench profile check safe-harbor")(check)
    app.command("lint", epilog="Example: workbench profile lint my-profile.yaml")(lint)
    app.command("test", epilog=crash_test.EPILOG)(crash_test.try_profile)
    app.command("activate", epilog=activation.EPILOG)(activation.activate)
    interchange.add_to(app)
    return app


def list_(*, home: Home = None, as_json: Json = False) -> int:
    """List the shipped profiles, and those that are activated in the home, when --home or WORKBENCH_HOME names one."""
    from workbench import profiles

    output = Output(as_json)
    shipped = [profiles.load(name) for name in profiles.shipped_names()]
    found = [*shipped, *_activated(home)]
    facts = [
        {
            "name": p.name,
            "version": p.version,
            "title": p.title,
            "law": p.law,
            "requires": p.requires,
            "options": p.options,
            "activated": p not in shipped,
        }
        for p in found
    ]
    output.document({"profiles": facts})
    rows = [(p.name, p.version, p.title, p.law, "shipped" if p in shipped else "activated") for p in found]
    output.table("Profiles", ("name", "version", "title", "law", "from"), rows)
    return 0


def _activated(home: Path | None) -> "tuple[Profile, ...]":
    """Return the profiles that are activated in a home. The one in the environment may be still to be made."""
    if home is None and not os.environ.get("WORKBENCH_HOME"):
        return ()
    from workbench.flow.activation import activated_profiles
    from workbench.flow.home import open_home

    try:
        with open_home(home_of(home)) as workbench:
            return activated_profiles(workbench)
    except UsageError as error:
        if home is None and error.code == "no-home":
            return ()
        raise


def show(*, name: Name, as_json: Json = False) -> int:
    """Show what a profile does, as one sheet."""
    from workbench import profiles

    output = Output(as_json)
    plan = profiles.compile_plan(profiles.load(name))
    sheet = profiles.sheet(plan)
    rows = [line._asdict() for line in sheet]
    modes = profiles.modes(plan)
    output.document(
        {
            "profile": plan.profile,
            "version": plan.version,
            "digest": plan.digest,
            "notes": plan.notes,
            "modes": modes,
            "sheet": rows,
        }
    )
    output.line(f"{plan.title} ({plan.profile} v{plan.version}), PS3.15 edition {plan.edition}")
    for note in plan.notes:
        output.line(f"Note: {note}")
    output.line(f"Digest: {plan.digest}")
    output.line(f"Claims: {', '.join(f'{code.value} {code.meaning}' for code in plan.codes)}")
    for mode, said in modes.items():
        output.line(f"{mode.capitalize()}: {said}")
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


def diff(
    *,
    name: Name,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The profile to compare it with.")] = "",
    edition: Annotated[
        str, typer.Option("--edition", metavar="EDITION", help="Compare with an older edition of the table instead.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Show what OTHER keeps more of than the first profile, what less, and why."""
    from workbench import profiles

    output = Output(as_json)
    if bool(other) is bool(edition):
        raise ProfileError(
            "nothing-to-compare", "One thing to compare with is needed.", "Give a second profile, or --edition."
        )
    first = profiles.load(name)
    if edition:
        found, title = profiles.compare_editions(first, edition), f"{first.name}, since edition {edition}"
    else:
        plans = [profiles.compile_plan(each) for each in (first, profiles.load(other))]
        found, title = profiles.compare(*plans), f"{plans[1].profile}, compared with {plans[0].profile}"
    output.document({"compared": title, "differences": [each._asdict() for each in found]})
    output.line(f"{title}: {len(found) or 'no'} differences")
    for direction in dict.fromkeys(each.direction for each in found):
        rows = [
            (each.section, each.tag, each.keyword or each.name, each.before, each.after, each.reason)
            for each in found
            if each.direction == direction
        ]
        output.table(f"It {direction}", ("section", "tag", "what", "before", "after", "why"), rows)
    return 0


def check(
    *,
    name: Name,
    law: Annotated[
        str, typer.Option("--law", metavar="LAW", help="safe-harbor or limited-data-set; else what the profile names.")
    ] = "",
    determination: Annotated[
        str, typer.Option("--determination", metavar="FILE", help="Also check an expert's determination, as of today.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Go through the classes of identifiers of HIPAA one by one. Exit code 1 when one is not covered."""
    from datetime import UTC, datetime

    from workbench import profiles

    output = Output(as_json)
    if law not in {"", "safe-harbor", "limited-data-set"}:
        raise ProfileError("unknown-law", "This law has no classes to check.", "Use safe-harbor or limited-data-set.")
    plan = profiles.compile_plan(profiles.load(name))
    if determination:
        profiles.check_determination(plan, profiles.load_determination(determination), datetime.now(UTC).date())
    verdict = profiles.check_law(plan, law)
    facts = [each._asdict() for each in verdict.classes]
    output.document({**verdict._asdict(), "passed": verdict.passed, "classes": facts})
    output.line(f"{plan.title} ({verdict.profile}), digest {verdict.digest}")
    rows = [
        (each.letter, each.title, each.status, each.attributes, _counts(each.methods), _counts(each.sources))
        for each in verdict.classes
    ]
    output.table("Classes", ("class", "what", "status", "attributes", "what is done", "who decides"), rows)
    for each in verdict.classes:
        for text in (*each.problems, *(f"{keyword} is kept" for keyword in each.kept)):
            output.line(f"{each.letter}: not covered: {text}.")
        if each.beyond:
            output.line(f"{each.letter}: {each.beyond}")
    output.line(verdict.summary)
    return 0 if verdict.passed else 1


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())


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
