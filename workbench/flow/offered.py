"""Which profiles a person can choose from, and what each of them keeps."""

from workbench.flow.shown import ProfileRow, SheetRow
from workbench.profiles import compile_plan, load, sheet, shipped_names
from workbench.release.law import law_of

_STAYS = frozenset("KCV")
"""Actions that let something of a value through."""


def offered_profiles() -> tuple[ProfileRow, ...]:
    """Return the shipped profiles, `basic` first, each with what it is made for under the law."""
    found = [load(name) for name in shipped_names()]
    return tuple(
        ProfileRow(one.name, one.version, one.title, law_of(one.law).label, law_of(one.law).says, one.notes)
        for one in sorted(found, key=lambda one: (one.name != "basic", one.name))
    )


def profile_sheet(profile: str) -> tuple[SheetRow, ...]:
    """Return what a profile lets through: kept, cleaned or checked attributes, by tag.

    Raises
    ------
    ProfileError
        The profile does not load.
    """
    lines = sheet(compile_plan(load(profile)))
    return tuple(
        SheetRow(line.tag, line.name or line.keyword, line.code, line.meaning)
        for line in lines
        if line.code[:1] in _STAYS and line.tag
    )
