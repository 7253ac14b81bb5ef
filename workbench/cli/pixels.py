"""`workbench pixels rules`: where devices burn in text. In a file for folder mode, or in the home under two persons."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import rule_review
from workbench.cli.options import Credentials, Home, Json, home_of
from workbench.cli.output import Output
from workbench.records.errors import UsageError

if TYPE_CHECKING:
    from workbench.flow.rule_trial import Trial
    from workbench.pixels.layout import Area
    from workbench.pixels.region_rules import DeviceRule

EXAMPLE = "Example: workbench pixels rules {}"
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="FILE", help="A file of rules, for folder mode.", show_default=False)
]
MaybeAs = Annotated[
    str, typer.Option("--as", metavar="USER", help="Sign-in name, for the rules of the home.", show_default=False)
]
Name = Annotated[str, typer.Argument(metavar="RULE", help="Name of the rule; in the home its number: RL-000001.")]


When = Annotated[
    list[str],
    typer.Option("--when", metavar="TEXT", help="'ATTRIBUTE TEST VALUE'; all of them have to hold. May be repeated."),
]
Areas = Annotated[
    list[str] | None, typer.Option("--area", metavar="X,Y,WIDTH,HEIGHT", help="In stored pixels. May be repeated.")
]
Inputs = Annotated[list[Path] | None, typer.Argument(metavar="IN", help="Files, folders, zip archives or a DICOMDIR.")]
Last = Annotated[int, typer.Option("--last", min=1, max=200, help="How many of the newest studies of the home.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here; nothing is overwritten.")]


class Script(StrEnum):
    """Languages of others for rules."""

    CTP = "ctp"
    DEID = "deid"


def build() -> typer.Typer:
    """Put `workbench pixels` together."""
    app = typer.Typer(help="Text in pixels: rules for devices that burn it in.", no_args_is_help=True)
    rules = typer.Typer(
        help="Rules that say where devices burn in text: in a file (--rules) or in the home (--as).",
        no_args_is_help=True,
    )
    rules.command("list", epilog=EXAMPLE.format("list --rules site-rules.json"))(list_)
    rules.command("show", epilog=EXAMPLE.format("show 'Banner' --rules site-rules.json"))(show)
    rules.command(
        "add",
        epilog=EXAMPLE.format(
            "add 'Banner' --when 'Manufacturer contains ACME' --when 'Rows is 480' --area 0,0,640,40 --rules my.json"
        ),
    )(add)
    rules.command("import", epilog=EXAMPLE.format("import DicomPixelAnonymizer.script --rules site-rules.json"))(
        import_
    )
    rules.command("export", epilog=EXAMPLE.format("export --format ctp --rules site-rules.json"))(export)
    rules.command("remove", epilog=EXAMPLE.format("remove 'Banner' --rules site-rules.json"))(remove)
    rules.command("try", epilog=EXAMPLE.format("try ./studies --rules site-rules.json"))(try_)
    rule_review.add_to(rules)
    app.add_typer(rules, name="rules")
    return app


def list_(
    *,
    rules: Rules = None,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """List rules: those of a file, those of the home, or the shipped ones without either."""
    output = Output(as_json)
    if as_user:
        _only_one(rules, as_user)
        return rule_review.show_all(output, home_of(home), as_user, credentials)
    found = _of_file(rules) if rules is not None else _shipped()
    output.document({"rules": [_facts(rule) for rule in found]})
    rows = [(rule.name, len(rule.areas), _condition(rule), rule.source) for rule in found]
    output.table("Rules", ("name", "areas", "for images whose", "source"), rows)
    return 0


def show(
    *,
    name: Name,
    rules: Rules = None,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Show a rule: for which images it is, and where it blackens."""
    output = Output(as_json)
    if as_user:
        _only_one(rules, as_user)
        return rule_review.show_one(output, home_of(home), as_user, credentials, rule=name)
    found = [rule for rule in (_of_file(rules) if rules is not None else _shipped()) if rule.name == name]
    if not found:
        raise _unknown()
    output.document({"rules": [_facts(rule) for rule in found]})
    for rule in found:
        output.line(f"{rule.name} ({rule.source})")
        output.line(f"For images whose {_condition(rule)}.")
        for left, top, right, bottom in rule.areas:
            output.line(f"Blackens from {left},{top}: {right - left} x {bottom - top} pixels.")
        if rule.outside:
            output.line("Blackens what lies outside of the ultrasound regions.")
    return 0


def add(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it; it stands in reports.")],
    when: When,
    area: Areas = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Also blacken what lies outside of the ultrasound regions.")
    ] = False,
    rules: Rules = None,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Add a rule to a file, or propose it in the home, where a second person approves it.

    Tests: contains, equals, is, starts, ends, matches (a pattern), less, greater; missing, empty, present without
    a value. `equals` holds for one of several values as well, `is` for all of them.
    """
    from workbench.pixels.region_rules import DeviceRule, Group
    from workbench.pixels.rule_files import check_rule, condition_of

    _only_one(rules, as_user)
    tests = tuple(condition_of(text) for text in when)
    condition = tests[0] if len(tests) == 1 else Group("all", tests)
    rule = DeviceRule(name.strip(), "site", condition, tuple(map(_area, area or ())), outside)
    check_rule(rule)
    return _take(Output(as_json), [rule], rules=rules, as_user=as_user, home=home, credentials=credentials)


def import_(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A pixel script of CTP, or a recipe of deid.")],
    script: Annotated[Script, typer.Option("--format", help="Its language.")] = Script.CTP,
    rules: Rules = None,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Import the rules of others into a file or the home, and say what became of each line.

    Exit code 1 when a line cannot be said as a rule; the others are taken all the same. Rules are added up, where CTP
    takes only the first that fits.
    """
    from workbench.flow.rule_files import import_script

    _only_one(rules, as_user)
    output = Output(as_json)
    imported = import_script(file, kind=script.value, source=f"{script.value} script of the site")
    lines = [line._asdict() for line in imported.lines]
    if not imported.rules:
        output.document({"lines": lines, "rules": []})
    else:
        _take(output, imported.rules, rules=rules, as_user=as_user, home=home, credentials=credentials, lines=lines)
    shown = [(line.line, line.text, line.status, line.reason) for line in imported.lines]
    output.table("What became of each line", ("line", "text", "status", "why, or name of the rule"), shown)
    return 0 if imported.complete else 1


def export(
    *,
    script: Annotated[Script, typer.Option("--format", help="Its language.")] = Script.CTP,
    out: Out = None,
    rules: Rules = None,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Write rules for CTP or the deid package: those of a file, the approved ones of the home, or the shipped ones.

    Exit code 1 when a rule cannot be said in that language; it is named with the reason.
    """
    from workbench.pixels.rule_export import to_ctp_script, to_recipe

    output = Output(as_json)
    if as_user:
        _only_one(rules, as_user)
        found = rule_review.approved(home_of(home), as_user, credentials)
    else:
        found = _of_file(rules) if rules is not None else _shipped()
    exported = to_ctp_script(found) if script is Script.CTP else to_recipe(found)
    if out is not None:
        _write(out, exported.text)
    left_out = [{"rule": name, "reason": reason} for name, reason in exported.left_out]
    output.document({"text": exported.text, "left_out": left_out})
    if out is None:
        output.line(exported.text)
    for name, reason in exported.left_out:
        output.line(f"Left out: {name}: {reason}.")
    return 1 if exported.left_out else 0


def remove(
    *, name: Name, rules: Annotated[Path, typer.Option("--rules", metavar="FILE")], as_json: Json = False
) -> int:
    """Remove a rule from a file. In the home a privacy officer withdraws it instead."""
    from workbench.flow.rule_files import load_rules, save_rules

    before = load_rules(rules)
    after = [rule for rule in before if rule.name != name]
    if len(after) == len(before):
        raise _unknown()
    save_rules(rules, after)
    output = Output(as_json)
    output.document({"removed": name, "rules": len(after)})
    output.line(f"Removed. {len(after)} rules are left.")
    return 0


def try_(
    *,
    source: Inputs = None,
    rules: Rules = None,
    rule: Annotated[str, typer.Option("--rule", metavar="RULE", help="One rule: its name, or its number.")] = "",
    last: Last = 10,
    as_user: MaybeAs = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Say which files of IN (by index), or which of the newest studies of the home, rules would be for.

    Nothing is changed and nothing that identifies is shown. With --rules the rules of a file are tried, else all of
    the home, and with neither --rules nor --as the shipped ones.
    """
    if bool(source) is bool(as_user):
        raise UsageError("trial-where", "A trial is on files or on the home.", "Give either IN or --as USER.")
    output = Output(as_json)
    if as_user:
        given = _chosen(_of_file(rules), rule) if rules is not None else None
        with output.progress("trying") as advance:
            done = rule_review.tried(
                home_of(home), as_user, credentials, rules=given, rule=rule, last=last, on_progress=advance
            )
    else:
        from workbench.flow.rule_trial import try_on_files

        chosen = _chosen(_of_file(rules) if rules is not None else _shipped(), rule)
        with output.progress("trying") as advance:
            done = try_on_files(chosen, source or [], on_progress=advance)
    output.document(done)
    _tell(output, done, "studies" if as_user else "files")
    return 0


def _tell(output: Output, done: "Trial", what: str) -> None:
    rows = [(each.rule, each.images, each.other_size) for each in done.rules if each.images]
    if rows:
        output.table("Rules", ("rule", "images", "of them of another size"), rows)
    output.line(f"{len(done.hit)} of {done.of} {what} would be hit{': ' if done.hit else '.'}{' '.join(done.hit)}")
    if done.not_read:
        output.line(f"{done.not_read} could not be read.")


def _take(
    output: Output,
    new: "list[DeviceRule] | tuple[DeviceRule, ...]",
    *,
    rules: Path | None,
    as_user: str,
    home: Path | None,
    credentials: Path | None,
    lines: list[dict[str, object]] | None = None,
) -> int:
    """Take rules into a file or the home."""
    from workbench.flow.rule_files import load_rules, save_rules

    more = {} if lines is None else {"lines": lines}
    if rules is None:
        rows = rule_review.propose(home_of(home), as_user, credentials, new)
        output.document({"rules": rows, **more})
        output.line(f"{len(rows)} proposed. Next, for a second person: workbench pixels rules approve {rows[0].rule}")
        return 0
    save_rules(rules, [*load_rules(rules, new=True), *new])
    output.document({"rules": [_facts(rule) for rule in new], **more})
    output.line(f"{len(new)} added. Use them: workbench deidentify IN OUT --pixel-rules FILE")
    return 0


def _only_one(rules: Path | None, as_user: str) -> None:
    if (rules is None) is (not as_user):
        raise UsageError("rules-where", "Rules are in a file or in the home.", "Give either --rules FILE or --as USER.")


def _of_file(path: Path) -> "tuple[DeviceRule, ...]":
    from workbench.flow.rule_files import load_rules

    return load_rules(path)


def _shipped() -> "tuple[DeviceRule, ...]":
    from workbench.pixels.device_regions import shipped_rules

    return shipped_rules()


def _chosen(found: "tuple[DeviceRule, ...]", name: str) -> "tuple[DeviceRule, ...]":
    chosen = tuple(rule for rule in found if name in ("", rule.name))
    if not chosen:
        raise _unknown()
    return chosen


def _facts(rule: "DeviceRule") -> dict[str, object]:
    from workbench.pixels.region_rules import to_json

    return {**to_json(rule), "condition": _condition(rule)}


def _condition(rule: "DeviceRule") -> str:
    from workbench.pixels.rule_files import in_words

    return in_words(rule.when)


def _area(text: str) -> "Area":
    from workbench.pixels.layout import Area

    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 4 or not all(part.isdecimal() and len(part) < 7 for part in numbers):
        raise UsageError("area-wrong", "An area is four numbers.", "Give --area X,Y,WIDTH,HEIGHT, in stored pixels.")
    x, y, width, height = map(int, numbers)
    return Area(x, y, x + width, y + height)


def _write(out: Path, text: str) -> None:
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            "exists", "The target exists already.", "Choose another file; nothing is overwritten."
        ) from None


def _unknown() -> UsageError:
    return UsageError("rule-unknown", "There is no such rule.", "See `workbench pixels rules list`.")
