"""What the second program did not understand of a version, what it notes, and references that lead nowhere."""

from workbench.app import parts
from workbench.app.html import Markup, tag
from workbench.app.words import count
from workbench.flow.shown import NoteRow, PreparationView, UnknownRow


def render(version: PreparationView) -> None:
    """Show it, or that there is nothing."""
    if not version.unknowns and not version.notes and not version.references_left_out:
        parts.empty("Everything was understood", "The second program has nothing to remark on this version.")
        return
    if version.unknowns:
        text = "The second program did not understand this, or did not look at it. Nothing is promised of it."
        head = tag("tr", tag("th", "What"), tag("th", "Instances", cls="wb-right"), tag("th", "Why"))
        table = tag("table", tag("thead", head), tag("tbody", *map(_unknown, version.unknowns)), cls="wb-plain")
        parts.put(tag("p", text, cls="wb-quiet"), table)
    if version.references_left_out:
        parts.put(parts.note(left_out(version), "orange", "References lead nowhere."))
    for note in version.notes:
        parts.put(parts.note(_note(note), "blue"))


def left_out(version: PreparationView) -> str:
    """Say how many references lead to no instance of a version."""
    references = count(version.references_left_out, "reference")
    return f"{references} in {count(version.referring, 'instance')} to instances that are not in this version."


def summary(version: PreparationView) -> str:
    """Say in one line what a person should know before they decide, empty when there is nothing."""
    said = []
    if version.not_understood:
        said.append(f"{count(len(version.not_understood), 'thing')} not understood")
    if version.references_left_out:
        said.append(f"{count(version.references_left_out, 'reference')} to instances that are not in this version")
    return "; ".join(said)


def _unknown(row: UnknownRow) -> Markup:
    what = f"{row.name[:1].upper()}{row.name[1:]}"
    return tag(
        "tr",
        tag("td", tag("div", what), tag("div", row.where, cls="wb-quiet wb-small wb-mono")),
        tag("td", f"{row.instances:,}", cls="wb-right"),
        tag("td", row.meaning, cls="wb-quiet"),
    )


def _note(row: NoteRow) -> str:
    return f"{row.message} {count(row.instances, 'instance')}, at {row.where}. Rule: {row.rule}."
