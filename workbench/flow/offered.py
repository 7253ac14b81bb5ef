"""Which profiles a person can choose from, and what each of them keeps."""

from workbench.flow.activation import activated_profiles
from workbench.flow.home import Workbench
from workbench.flow.shown import ProfileRow, SheetRow
from workbench.profiles import Profile, compile_plan, load, sheet, shipped_names
from workbench.release.law import law_of

_STAYS = frozenset("KCV")
"""Actions that let something of a value through."""


def offered_profiles(workbench: Workbench) -> tuple[ProfileRow, ...]:
    """Return the shipped profiles, `basic` first, then those of one's own that are activated.

    Each with what it is made for under the law.
    """
    shipped = sorted((load(name) for name in shipped_names()), key=lambda one: (one.name != "basic", one.name))
    return tuple(_row(one) for one in (*shipped, *activated_profiles(workbench)))


def profile_sheet(workbench: Workbench, profile: str) -> tuple[SheetRow, ...]:
    """Return what a profile lets through: kept, cleaned or checked attributes, by tag.

    Raises
    ------
    ProfileError
        The profile does not load.
    """
    own = {one.name: one for one in activated_profiles(workbench)}
    lines = sheet(compile_plan(own[profile] if profile in own else load(profile)))
    return tuple(
        SheetRow(line.tag, line.name or line.keyword, line.code, line.meaning)
        for line in lines
        if line.code[:1] in _STAYS and line.tag
    )


def _row(one: Profile) -> ProfileRow:
    law = law_of(one.law)
    return ProfileRow(one.name, one.version, one.title, law.label, law.says, one.notes, own=one.own)
