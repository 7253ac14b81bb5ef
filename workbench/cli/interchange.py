"""`workbench profile import-deid` and `export-deid`: recipes of the deid package."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import Json
from workbench.cli.output import Output
from workbench.records.errors import ProfileError, UsageError

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here; nothing is overwritten.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import-deid", epilog="Example: workbench profile import-deid deid.dicom --out profile.yaml")(
        import_deid
    )
    app.command("export-deid", epilog="Example: workbench profile export-deid basic --out deid.basic")(export_deid)


def import_deid(
    *,
    recipe: Annotated[Path, typer.Argument(metavar="FILE", help="A recipe of the deid package.")],
    out: Out = None,
    signed: Annotated[
        str, typer.Option("--signed", metavar="TEXT", help="Who answers for what it keeps and `basic` does not.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Turn a recipe into a profile that extends `basic`, and say what became of each line.

    Exit code 1 when a line cannot be said in a profile, or when the profile does something else; the report says which.
    """
    from workbench.profiles.interchange.importing import BEYOND, import_recipe

    output = Output(as_json)
    try:
        text = recipe.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ProfileError(
            "recipe-not-text", "The file is no text in UTF-8.", "Give a recipe of the deid package."
        ) from None
    imported = import_recipe(text, name=out.stem if out is not None else recipe.name, signed=signed)
    _write(out, imported.yaml)
    document = imported.document()
    output.document(document)
    if out is None:
        output.line(imported.yaml)
    said = [(line["line"], line["text"], line["status"], _reasons(line["answers"])) for line in _lines(document)]
    output.table("What became of each line", ("line", "recipe", "status", "why"), said)
    output.line(", ".join(f"{count} {status}" for status, count in _totals(document).items()) + ".")
    for sentence in BEYOND:
        output.line(sentence)
    return 0 if imported.complete else 1


def export_deid(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="A shipped profile, or a YAML file.")],
    out: Out = None,
    as_json: Json = False,
) -> int:
    """Write a recipe that comes as near to a profile as its language allows; its comments say what it cannot do."""
    from workbench import profiles
    from workbench.profiles.interchange.exporting import export_recipe

    output = Output(as_json)
    exported = export_recipe(profiles.compile_plan(profiles.load(name)))
    _write(out, exported.recipe)
    output.document(exported.document())
    if out is None:
        output.line(exported.recipe)
        return 0
    for reason, names in exported.left_out.items():
        output.line(f"{reason} ({len(names)} attributes)" if names else reason)
    return 0


def _write(out: Path | None, text: str) -> None:
    if out is None:
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            "exists", "The target exists already.", "Choose another file; nothing is overwritten."
        ) from None


def _lines(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["lines"]
    return found


def _totals(document: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = document["totals"]
    return found


def _reasons(answers: list[dict[str, Any]]) -> str:
    """Say why in one cell: each reason with the number of attributes, or the one attribute, that it holds for."""
    said = []
    for answer in answers:
        names = answer["attributes"]
        about = (
            f"{names[0]}: "
            if len(names) == 1 and len(answers) > 1
            else f"{len(names)} attributes: "
            if len(names) > 1
            else ""
        )
        said.append(f"{about}{answer['reason']}")
    return "; ".join(said)
