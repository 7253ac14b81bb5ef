"""Folder mode: `workbench deidentify` and `workbench verify`. No home, no accounts, no database."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import Json, home_of
from workbench.cli.output import Output


class Pixels(StrEnum):
    """What happens to pixels."""

    OFF = "off"
    FLAG = "flag"
    CLEAN = "clean"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: workbench deidentify ./studies ./out --profile basic --report report.json")(deidentify)
    app.command(epilog="Example: workbench verify ./out --against ./studies --crosswalk crosswalk.csv")(verify)


def deidentify(
    *,
    source: Annotated[list[Path], typer.Argument(metavar="IN", help="Files, folders, zip archives or a DICOMDIR.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the result; must be new or empty.")],
    profile: Annotated[str, typer.Option("--profile", metavar="NAME_OR_FILE", help="Profile to apply.")] = "basic",
    pixels: Annotated[
        Pixels | None,
        typer.Option(
            "--pixels",
            help="Text in pixels: off does not look, flag holds back what shows text, clean blackens it. "
            "Without it, what the profile says.",
        ),
    ] = None,
    pixel_rules: Annotated[
        Path | None,
        typer.Option("--pixel-rules", metavar="FILE", help="Rules for burned-in text: see `workbench pixels rules`."),
    ] = None,
    verify_output: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Check every output with pydicom.")
    ] = True,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes.")] = 1,
    report: Annotated[Path | None, typer.Option("--report", help="Write the report (JSON) here.")] = None,
    crosswalk: Annotated[Path | None, typer.Option("--crosswalk", help="Write old,new here (bears identity).")] = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", help="32-byte key; same key, same codes.")] = None,
    as_json: Json = False,
) -> int:
    """De-identify a folder. The result is de-identified, not approved; OUT names carry no identity.

    Without --key-file a random key is used for this run and thrown away. Exit code 1 when something was held back. To
    look at pixels needs the extra `pixels`, and about a second for each image.
    """
    from time import monotonic

    from workbench.flow.folder import FolderJob, Progress, deidentify_folder
    from workbench.flow.house_rules import check_folder_mode

    check_folder_mode(home_of(None))
    output = Output(as_json)
    job = FolderJob(
        source=tuple(source),
        target=target,
        profile=profile,
        pixels=pixels.value if pixels is not None else None,
        verify=verify_output,
        jobs=jobs,
        report=report,
        crosswalk=crosswalk,
        key_file=key_file,
        pixel_rules=pixel_rules,
    )
    started = monotonic()
    with output.progress("de-identifying") as advance:

        def tell(progress: Progress) -> None:
            speed = f", {progress.frames / max(monotonic() - started, 0.001):.1f} frames per second"
            advance(progress.done, progress.total, f"({progress.stage}{speed if progress.frames else ''})")

        done = deidentify_folder(job, on_progress=tell)
    document = done.document()
    output.document(document)
    for line in _summary(document):
        output.line(line)
    return done.exit_code


def verify(
    *,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder with de-identified instances, from any tool.")],
    against: Annotated[Path, typer.Option("--against", metavar="IN", help="Folder with the originals.")],
    profile: Annotated[str, typer.Option("--profile", help="Also check what this profile promises.")] = "",
    crosswalk: Annotated[Path | None, typer.Option("--crosswalk", help="CSV old,new of the tool's own UIDs.")] = None,
    evidence: Annotated[
        Path | None, typer.Option("--evidence", metavar="REPORT", help="Report of deidentify that keeps the evidence.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Check de-identified files of any tool against their originals. Exit code 1 when a privacy issue was found.

    Without --profile, outputs are held to what they claim of themselves. The document of --json is described in
    docs/verify-json.md.
    """
    from workbench.flow.checking import verify_folder

    output = Output(as_json)
    with output.progress("verifying") as advance:
        checked = verify_folder(
            out, against, profile=profile, crosswalk=crosswalk, evidence=evidence, on_progress=advance
        )
    output.document(checked.document)
    for line in checked.lines:
        output.line(line)
    return checked.exit_code


def _instances(count: int) -> str:
    return f"{count} instance{'' if count == 1 else 's'}"


def _summary(document: dict[str, Any]) -> list[str]:
    """Say in a few lines what became of the inputs, and why some have no output."""
    totals, instances = document["totals"], document["instances"]
    lines = [f"{document['status'].capitalize()}. Profile {document['profile']}, pixels {document['pixels']}."]
    lines.append(", ".join(f"{count} {state}" for state, count in totals.items()) + ".")
    without = [entry for entry in instances if entry["state"] == "refused"]
    refused = Counter((entry["code"], entry["message"], entry["next_step"]) for entry in without)
    for (code, message, hint), count in refused.most_common():
        lines += [f"{count} refused [{code}]: {message}", f"  next: {hint}"]
    found = [issue for entry in instances for issue in entry.get("privacy_issues", ())]
    issues = Counter((issue["check"], issue["message"]) for issue in found)
    lines += [f"{count} privacy issues [{check}]: {message}" for (check, message), count in issues.most_common()]
    written = [entry for entry in instances if entry.get("file")]
    black = sum(bool(entry.get("regions") or entry.get("overlays")) for entry in written)
    if black:
        lines.append(f"{_instances(black)} with regions blackened; the report says where and why.")
    review = sum(bool(entry.get("to_review")) for entry in written)
    if review:
        lines.append(f"{_instances(review)} of kinds that often show identity: look at the whole image.")
    carrying = sum(bool(entry.get("may_carry_text")) and entry["pixels"] == "not checked" for entry in written)
    if carrying:
        lines.append(f"{_instances(carrying)} may carry text in the pixels, which were not checked: look at them.")
    features = sum("recognisable_features" in entry for entry in written)
    if features:
        lines.append(
            f"Recognisable features possible in {_instances(features)}: the result is no Safe Harbor and no "
            "limited data set."
        )
    return lines
