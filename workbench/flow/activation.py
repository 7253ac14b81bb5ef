"""Which profiles the workbench prepares with: the shipped ones, and those of one's own that were tested and activated.

An activation is of exactly one digest and one version of the software, since either may change what comes through. It
counts only when the signed log proves it. Shipped profiles are tested with every version before it is published.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.access.policy import Permission, demand
from workbench.audit.events import ProfileActivated, ProfileTested
from workbench.flow.home import Workbench, is_solo
from workbench.flow.recording import changing, check_actor, recording_denials
from workbench.profiles import compile_plan, load, shipped_names
from workbench.profiles.loading import load_text
from workbench.records.actor import Actor
from workbench.records.errors import IntegrityBroken, NotPermitted, ProfileError, WrongState
from workbench.store.activations import Activation, NewActivation
from workbench.store.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.flow.crash_test import CrashTest
    from workbench.profiles import Plan, Profile

MILLIONTHS: Final = 1_000_000
_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,31}(?:-[a-z0-9]{1,32}){0,7}")


@dataclass(frozen=True, slots=True)
class Activated:
    """A profile that was tested and activated, with the results of its tests."""

    profile: str
    version: int
    profile_digest: str
    tests: "tuple[CrashTest, ...]"


def activate(
    workbench: Workbench, actor: Actor, *, profile: Path, like: Path | None = None, jobs: int = 1
) -> Activated:
    """Test a profile of one's own on planted twins, and let it be used when nothing comes through.

    Parameters
    ----------
    profile
        Its YAML file, read once: what is tested is what is kept.
    like
        A folder of studies whose structure a second twin takes, beside the one of all kinds of objects.

    Raises
    ------
    NotPermitted
        Without the permission.
    ProfileError
        The profile does not load, does not lint or does not compile; `profile-name-unfit`, `profile-name-taken`,
        `profile-extends-file`.
    WrongState
        `profile-leaks`: the test is on record, nothing was activated.
    """
    from workbench.flow.crash_test import crash_test  # noqa: PLC0415 (loads pydicom and the generator of twins)

    with recording_denials(workbench, actor):
        demand(actor, Permission.PROFILE_ACTIVATE)
        text = _read(profile)
        plan = compile_plan(_fitting(load_text(text)))
        with tempfile.TemporaryDirectory(prefix="profile-", dir=workbench.staging) as folder:
            place = Path(folder) / "profile.yaml"
            place.write_text(text, encoding="utf-8")
            tests = tuple(crash_test(str(place), each, jobs=jobs) for each in dict.fromkeys((None, like)))
        tested = _tested(workbench, plan, text, tests)
        passed = all(test.passed and test.digest == plan.digest for test in tests)
        with changing(workbench) as change:
            check_actor(change, actor)
            change.record(_test_event(plan, tested, passed=passed), actor=actor)
            if passed:
                event = ProfileActivated(profile=plan.profile, profile_digest=plan.digest, software=workbench.software)
                entry = change.record(event, actor=actor)
                change.activations.add(tested, entry=entry.seq, by=actor.user_id, at=workbench.clock())
    if not passed:
        places = sorted({leak.place for test in tests for leak in test.leaks})
        raise WrongState(
            "profile-leaks",
            f"{tested.leaked} of {tested.planted} planted test items came through, in: {', '.join(places[:8])}.",
            "Nothing was activated. See where with `workbench profile test FILE`, mend the profile, activate it again.",
        )
    return Activated(plan.profile, plan.version, plan.digest, tests)


def usable_plan(workbench: Workbench, actor: Actor, given: str) -> "Plan":
    """Return the plan of a profile that this person may prepare with.

    Parameters
    ----------
    given
        Name of a shipped or activated profile, or the file of one that is activated.

    Raises
    ------
    ProfileError
        The profile does not load, does not lint or does not compile.
    WrongState
        `profile-not-activated`.
    NotPermitted
        `second-person-needed`: nobody else than this person activated it.
    IntegrityBroken
        `activation-differs`: the log does not prove what the database says.
    """
    if given in shipped_names():
        return compile_plan(load(given))
    with workbench.database.reading() as reading:
        every = reading.activations.all()
        named = [one for one in every if one.tested.profile == given]
        plan = compile_plan(load_text(named[0].tested.text) if named else load(given))
        if any(plan.digest == compile_plan(load(name)).digest for name in shipped_names()):
            return plan
        fitting = [
            one
            for one in every
            if (one.tested.profile_digest, one.tested.software) == (plan.digest, workbench.software)
        ]
        for one in fitting:
            _check_proven(reading, one)
        solo = is_solo(reading)
    if not fitting:
        raise _not_activated(again=any(one.tested.profile_digest == plan.digest for one in every))
    if not solo and all(one.activated_by == actor.user_id for one in fitting):
        raise NotPermitted(
            "second-person-needed",
            "Who activated a profile does not prepare with it.",
            "Have somebody else prepare the study, or another privacy officer activate the profile.",
        )
    return plan


def activated_profiles(workbench: Workbench) -> "tuple[Profile, ...]":
    """Return the profiles that are activated for this version of the software, by name, each as it is newest."""
    with workbench.database.reading() as reading:
        every = reading.activations.all()
    newest: dict[str, NewActivation] = {}
    for one in every:
        newest.setdefault(one.tested.profile, one.tested)
    now = [one for one in newest.values() if one.software == workbench.software]
    return tuple(load_text(one.text) for one in sorted(now, key=lambda one: one.profile))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ProfileError(
            "unknown-profile",
            "There is no such profile.",
            "Give the path of its YAML file; shipped profiles need no activation.",
        ) from None


def _fitting(profile: "Profile") -> "Profile":
    if not _NAME.fullmatch(profile.name):
        raise ProfileError(
            "profile-name-unfit",
            "The name of the profile cannot stand in the audit log.",
            "Use small letters, digits and hyphens, for example trial-7; begin with a letter.",
        )
    if profile.name in shipped_names():
        raise ProfileError(
            "profile-name-taken", "A shipped profile has this name.", "Give your profile a name of its own."
        )
    above = profile.parent
    while above is not None:
        if above.own:
            raise ProfileError(
                "profile-extends-file",
                "The profile extends another file, which could change later.",
                "Write its rules into this file, and extend a shipped profile.",
            )
        above = above.parent
    return profile


def _tested(workbench: Workbench, plan: "Plan", text: str, tests: "Sequence[CrashTest]") -> NewActivation:
    return NewActivation(
        profile=plan.profile,
        profile_version=plan.version,
        profile_digest=plan.digest,
        edition=f"ps315-{plan.edition}",
        software=workbench.software,
        threshold=round(min(test.threshold for test in tests) * MILLIONTHS),
        planted=sum(test.planted for test in tests),
        retained=sum(test.retained for test in tests),
        leaked=sum(test.leaked for test in tests),
        text=text,
    )


def _test_event(plan: "Plan", tested: NewActivation, *, passed: bool) -> ProfileTested:
    return ProfileTested(
        profile=plan.profile,
        profile_digest=plan.digest,
        edition=tested.edition,
        software=tested.software,
        threshold=tested.threshold,
        planted=tested.planted,
        retained=tested.retained,
        leaked=tested.leaked,
        passed=passed,
    )


def _check_proven(reading: Transaction, one: Activation) -> None:
    entry = reading.ledger.proven(one.entry)
    told = (entry.kind, entry.actor, entry.data.get("profile_digest"), entry.data.get("software"))
    if told != (ProfileActivated.kind, one.activated_by, one.tested.profile_digest, one.tested.software):
        raise IntegrityBroken(
            "activation-differs",
            "The log has no activation of this profile, though the database says so.",
            "Nothing was prepared. Run `workbench audit verify`: the database may have been altered.",
        )


def _not_activated(*, again: bool) -> WrongState:
    return WrongState(
        "profile-not-activated",
        "The profile was activated with another version of the workbench."
        if again
        else "The profile, as it is now, is not activated.",
        "A privacy officer tests and activates it: workbench profile activate FILE --as USER.",
    )
