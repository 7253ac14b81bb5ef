"""Checks of an installation and of a home, each with a next step. Nothing is changed and nothing is signed."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from workbench.flow.home import HomeSettings, Workbench, open_home, read_settings, utc_now
from workbench.flow.packages import package_path
from workbench.flow.trail import verify_home
from workbench.records.errors import WorkbenchError
from workbench.records.states import ReleaseState, StudyState
from workbench.vault.keyfiles import TRUST_FILE

LEAST_FREE = 1 << 30
_OLD_CHECKPOINT = 500


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it came out in words, and what to do when it is not well."""

    name: str
    ok: bool
    result: str
    hint: str = ""

    @classmethod
    def of(cls, name: str, ok: bool, result: str, hint: str) -> "Check":  # noqa: FBT001 (a check is a verdict)
        """Return a check whose hint is only given when it is needed."""
        return cls(name, ok, result, "" if ok else hint)


def examine(home: Path) -> tuple[Check, ...]:
    """Run all checks; one that fails does not keep the others from running."""
    checks = [_python(), _packages(), _libjpeg()]
    try:
        settings = read_settings(home)
    except WorkbenchError as problem:
        return (*checks, Check("home", ok=False, result=problem.message, hint=problem.hint))
    checks.append(Check("home", ok=True, result="demo home, with its keys inside" if settings.demo else "found"))
    for check in (_private, _places, _space, _log):
        checks += _guarded(check, home, settings)
    try:
        workbench = open_home(home)
    except WorkbenchError as problem:
        return (*checks, Check("opening", ok=False, result=problem.message, hint=problem.hint))
    with workbench:
        for look in (_database, _objects, _releases, _clock):
            checks += _guarded(look, workbench)
    return tuple(checks)


def _guarded(check: Callable[..., Iterator[Check]], *arguments: object) -> list[Check]:
    name = check.__name__.strip("_")
    try:
        return list(check(*arguments))
    except WorkbenchError as problem:
        return [Check(name, ok=False, result=problem.message, hint=problem.hint)]
    except OSError as problem:
        text = os.strerror(problem.errno or 5)
        return [Check(name, ok=False, result=f"could not be checked: {text}", hint="Look at permissions and disks.")]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check.of("python", sys.version_info >= (3, 11), found, "Python 3.11 or newer is needed.")


def _packages() -> Check:
    """Tell whether what the product needs is installed; versions are what the lock file pins."""
    missing = []
    for line in requires("deid-workbench") or []:
        if "extra ==" in line:
            continue
        name = line.split(";")[0].strip()
        for mark in "<>=!~[ ":
            name = name.split(mark)[0]
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", ok=False, result=f"missing: {', '.join(missing)}", hint="Run `make setup`.")
    return Check("packages", ok=True, result="all installed")


def _libjpeg() -> Check:
    """Tell whether JPEG frames can be checked and blanked; without it their instances are held back."""
    from workbench.pixels.jpeg_blocks import library  # noqa: PLC0415 (loads numpy, for this check only)

    try:
        library()
    except WorkbenchError as problem:
        result = "no: JPEG images are held back where pixels are looked at"
        return Check("redaction of JPEG", ok=False, result=result, hint=problem.hint)
    return Check("redaction of JPEG", ok=True, result="possible")


def _private(home: Path, settings: HomeSettings) -> Iterator[Check]:
    for name, place in (("home", home), ("keys", Path(settings.keys))):
        mode = place.stat().st_mode & 0o077
        result = "others can look in" if mode else "yes"
        yield Check.of(f"{name} private", not mode, result, f"Run chmod 700 on the folder of the {name}.")


def _places(home: Path, settings: HomeSettings) -> Iterator[Check]:
    same = home.stat().st_dev == Path(settings.keys).stat().st_dev
    result = "on the same disk as the home" if same else "on another disk"
    yield Check("place of the keys", ok=True, result=result)
    witness = Path(settings.witness)
    there = witness.is_file()
    yield Check.of(
        "witness file",
        there,
        "found" if there else "not where it was",
        "Bring its disk or folder back; without it nothing urgent is recorded.",
    )


def _space(home: Path, _settings: HomeSettings) -> Iterator[Check]:
    free = shutil.disk_usage(home).free
    yield Check.of("free space", free >= LEAST_FREE, f"{free >> 30} GiB", "Free space on the home's disk.")


def _log(home: Path, settings: HomeSettings) -> Iterator[Check]:
    verdict = verify_home(home, trust=str(Path(settings.keys) / TRUST_FILE), witness=Path(settings.witness))
    result = f"{verdict.entries} entries, {verdict.checkpoints} checkpoints" if verdict.ok else verdict.problems[0]
    yield Check.of("audit log", verdict.ok, result, "Run `workbench audit verify` with the key kept elsewhere.")
    behind = verdict.entries - verdict.witnessed
    yield Check.of(
        "witness is up to date",
        behind < _OLD_CHECKPOINT,
        f"{behind} entries are not covered outside yet",
        "Check that the witness file can be written.",
    )


def _database(workbench: Workbench) -> Iterator[Check]:
    damage = workbench.database.check()
    yield Check.of("database", not damage, damage[0] if damage else "sound", "Restore the database from its backup.")


def _objects(workbench: Workbench) -> Iterator[Check]:
    """Look for objects that rows need and the store lacks; those of discarded studies were deleted on purpose."""
    needed: set[str] = set()
    discarded: set[str] = set()
    with workbench.database.reading() as reading:
        offset = 0
        while page := reading.studies.search(limit=500, offset=offset).studies:
            for study in page:
                found = {instance.object for instance in reading.studies.instances(study.id)}
                made = reading.preparations.current(study.id)
                rows = reading.preparations.instances(made.id) if made else ()
                found |= {row.object for row in rows if row.object}
                (discarded if study.state is StudyState.DISCARDED else needed).update(found)
            offset += len(page)
    missing = sum(not workbench.objects.is_whole(name) for name in needed)
    yield Check.of(
        "stored objects",
        not missing,
        f"{len(needed)} whole" if not missing else f"{missing} of {len(needed)} missing or damaged",
        "Restore the folder `objects` from its backup.",
    )
    left = sum(workbench.objects.exists(name) for name in discarded)
    yield Check.of(
        "discarded studies",
        not left,
        "gone" if not left else f"{left} objects still there",
        "Run `workbench doctor --tidy`.",
    )


def _releases(workbench: Workbench) -> Iterator[Check]:
    with workbench.database.reading() as reading:
        living = [
            release.id
            for release in reading.releases.page(limit=10_000)
            if release.state not in (ReleaseState.EXPIRED, ReleaseState.REVOKED)
        ]
    gone = [release for release in living if not package_path(workbench.packages, release).is_file()]
    yield Check.of(
        "packages",
        not gone,
        f"{len(living)} there" if not gone else f"missing: {', '.join(gone[:5])}",
        "Make the release again if it was not handed over yet.",
    )


def _clock(workbench: Workbench) -> Iterator[Check]:
    with workbench.database.reading() as reading:
        newest = next(reading.ledger.entries(newest_first=True, limit=1), None)
    ahead = newest is not None and datetime.fromisoformat(newest.at) > utc_now()
    yield Check.of(
        "clock", not ahead, "behind the newest entry of the log" if ahead else "fits the log", "Set the clock right."
    )
