"""The demo: a home with synthetic studies and one account per role, and the whole chain carried out on them.

All places lie under the home, which a real home never allows; `home.json` and the log say that it is a demo. The
persons in the studies are invented.
"""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyrage

from workbench.flow.accounts import add_user, first_account, sign_in, sign_out
from workbench.flow.home import Clock, InitResult, Workbench, init_home, open_home, read_settings, utc_now
from workbench.flow.importing import import_paths
from workbench.flow.opening import open_received
from workbench.flow.pixel_rows import BLACKENED, check_models
from workbench.flow.preparing import prepare
from workbench.flow.receiving import record_receipt
from workbench.flow.recipients import add_recipient
from workbench.flow.releasing import create_release, list_releases
from workbench.flow.reviewing import approve, submit
from workbench.flow.rows import preparation_view
from workbench.flow.shown import PreparationView, ReleaseRow
from workbench.flow.shown_pixels import PixelMode
from workbench.flow.trail import verify_home
from workbench.records.actor import Actor, Role
from workbench.records.errors import UsageError
from workbench.records.states import StudyState
from workbench.synthetic.studies import write_demo_studies
from workbench.vault.keyfiles import TRUST_FILE

ACCOUNTS_FILE = "demo-accounts.json"
SEED = 20
SCOPE = "demo"
RECIPIENT = "Demo reader"
JOBS = min(4, os.cpu_count() or 1)
ROLES: Final[Mapping[str, Role]] = {
    "admin": Role.ADMIN,
    "technician": Role.TECHNICIAN,
    "officer": Role.PRIVACY_OFFICER,
    "auditor": Role.AUDITOR,
    "reader": Role.REMOTE_READER,
}
"""Sign-in names of a demo home."""
_WORDS = """
amber anchor apple autumn basket birch bridge candle canyon cedar cherry clover copper coral cotton dolphin ember falcon
feather fern forest garden ginger glacier harbor hazel heron island ivory jasmine juniper lantern lemon linen lotus
maple marble meadow mint moss nutmeg oak olive orchid otter pebble pepper pine plum quartz raven river robin saffron
sage silver sparrow spruce thistle timber tulip velvet violet walnut willow winter yarrow
"""

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoRow:
    """What happened to one study. Counts are of instances, `removed` and `changed` of element values."""

    study: str
    kind: str
    state: str
    instances: int
    planted: int
    removed: int
    changed: int
    blackened: int
    issues: int
    held: int
    why: str
    released: int


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The table of `make run`, and the lines below it."""

    rows: tuple[DemoRow, ...]
    package: str
    opened: str
    log_ok: bool
    lines: tuple[str, ...]


def make_demo(home: Path, *, clock: Clock = utc_now, on_progress: OnProgress | None = None) -> InitResult:
    """Make a demo home: accounts, synthetic studies on disk and imported, a recipient with a key.

    Raises
    ------
    UsageError
        `home-exists`.
    """
    advance = on_progress or (lambda _done, _of: None)
    made = init_home(home, keys=home / "keys", witness=home / "witness.log", clock=clock, demo=True)
    home = made.home
    people = {name: {"password": _password(), "role": role.value} for name, role in ROLES.items()}
    accounts = home / ACCOUNTS_FILE
    _write_private(accounts, json.dumps(people, indent=2) + "\n")
    with open_home(home, clock=clock) as workbench:
        first_account(workbench, code=made.code, name="admin", password=people["admin"]["password"])
        with _acting(workbench, people, "admin") as admin:
            for name, role in ROLES.items():
                if name != "admin":
                    add_user(workbench, admin, name=name, password=people[name]["password"], roles={role})
        planted = write_demo_studies(home / "studies", seed=SEED, on_progress=lambda done, of: advance(done, 2 * of))
        kinds: dict[str, dict[str, int | str]] = {}
        with _acting(workbench, people, "technician") as technician:
            for done, one in enumerate(planted, len(planted) + 1):
                report = import_paths(workbench, technician, paths=[one.folder])
                for row in report.studies:
                    kinds[row.study] = {"kind": one.kind, "planted": len(one.planted) + len(one.burned_in)}
                advance(done, 2 * len(planted))
        _write_private(home / "demo-studies.json", json.dumps(kinds, indent=2) + "\n")
        identity = pyrage.x25519.Identity.generate()
        _write_private(home / "demo-reader.key", f"{identity}\n")
        with _acting(workbench, people, "officer") as officer:
            add_recipient(workbench, officer, name=RECIPIENT, key=str(identity.to_public()))
    return replace(made, accounts=accounts)


def run_demo(
    home: Path, *, pixels: PixelMode | None = None, clock: Clock = utc_now, on_progress: OnProgress | None = None
) -> DemoReport:
    """Take every study of a demo home that has only arrived through the whole chain, and say what became of all.

    Makes the home when there is none. What a person should look at is not accepted by anybody here: it stays behind, as
    it would until somebody has looked. `pixels` is that of `preparing.prepare`; without nets they are not looked at.

    Raises
    ------
    UsageError
        `not-a-demo` for a home with real studies.
    """
    advance = on_progress or (lambda _done, _of: None)
    if not home.exists() or not any(home.iterdir()):
        make_demo(home, clock=clock, on_progress=lambda done, of: advance(done, 3 * of))
    if not read_settings(home).demo:
        raise UsageError("not-a-demo", "This home is not a demo; the demo decides for its people.", "Use another home.")
    people = json.loads((home / ACCOUNTS_FILE).read_text("utf-8"))
    kinds = json.loads((home / "demo-studies.json").read_text("utf-8"))
    with open_home(home, clock=clock) as workbench:
        approved = _prepare_and_approve(workbench, people, list(kinds), advance, pixels or _possible())
        if approved:
            _open(workbench, people, _release(workbench, people, approved))
        with _acting(workbench, people, "officer") as officer:
            releases = list_releases(workbench, officer)
        rows = tuple(_row(workbench, study, facts, releases) for study, facts in kinds.items())
    verdict = verify_home(home, trust=str(home / "keys" / TRUST_FILE), witness=home / "witness.log")
    package = releases[0].package if releases else ""
    opened = str(home / "opened") if (home / "opened").is_dir() else ""
    lines = _lines(home, package, opened, entries=verdict.entries, ok=verdict.ok)
    return DemoReport(rows, package, opened, verdict.ok, tuple(lines))


def accounts_of(home: Path) -> tuple[tuple[str, str, str], ...]:
    """Return name, role and password of the demo accounts; empty for a home that is no demo."""
    file = home / ACCOUNTS_FILE
    if not read_settings(home).demo or not file.is_file():
        return ()
    people = json.loads(file.read_text("utf-8"))
    return tuple((name, entry["role"], entry["password"]) for name, entry in people.items())


def _prepare_and_approve(
    workbench: Workbench,
    people: Mapping[str, Mapping[str, str]],
    studies: list[str],
    advance: OnProgress,
    pixels: PixelMode | None,
) -> list[str]:
    """Prepare and submit as the technician, approve as the officer what has something to release."""
    waiting = [study for study in studies if _state(workbench, study) is StudyState.RECEIVED]
    approved = []
    with _acting(workbench, people, "technician") as technician:
        made = {}
        for done, study in enumerate(waiting, 2 * len(waiting) + 1):
            made[study] = prepare(workbench, technician, study=study, scope=SCOPE, pixels=pixels, jobs=JOBS)
            if made[study].instances:
                submit(workbench, technician, study=study)
            advance(done, 3 * len(waiting))
    with _acting(workbench, people, "officer") as officer:
        for study, version in made.items():
            if version.instances > version.held:
                approve(workbench, officer, study=study)
                approved.append(study)
    return approved


def _possible() -> PixelMode | None:
    """Return that pixels are cleaned where they can be looked at, else that they are not."""
    try:
        check_models("clean")
    except UsageError:
        return "off"
    return "clean"


def _release(workbench: Workbench, people: Mapping[str, Mapping[str, str]], studies: list[str]) -> ReleaseRow:
    with _acting(workbench, people, "technician") as technician:
        return create_release(
            workbench,
            technician,
            recipient=RECIPIENT,
            purpose="demonstration",
            basis="de-identified",
            expires_days=30,
            studies=studies,
        )


def _open(workbench: Workbench, people: Mapping[str, Mapping[str, str]], release: ReleaseRow) -> None:
    """Open the package as its recipient would, and record the receipt that came back."""
    out = workbench.home / "opened"
    shutil.rmtree(out, ignore_errors=True)
    open_received(
        Path(release.package),
        out,
        identity=workbench.home / "demo-reader.key",
        trust=workbench.keys.vkey,
        clock=workbench.clock,
    )
    with _acting(workbench, people, "technician") as technician:
        record_receipt(workbench, technician, receipt=(out / "receipt.json").read_text("utf-8"))


def _row(workbench: Workbench, study: str, facts: Mapping[str, int | str], releases: tuple[ReleaseRow, ...]) -> DemoRow:
    with workbench.database.reading() as reading:
        found = reading.studies.get(study)
        made = reading.preparations.current(study)
        view = (
            None
            if made is None
            else preparation_view(reading, made, names={}, approval_days=workbench.settings.approval_days)
        )
        items = [item for release in releases[:1] for item in reading.releases.items(release.release)]
    reasons = [hold.name.partition(".")[2] for hold in view.holds if not hold.accepted] if view else []
    reasons += [f"privacy issue: {issue.check}" for issue in view.issues] if view else []
    reasons += [refusal.code for refusal in view.refused] if view else []
    return DemoRow(
        study=study,
        kind=str(facts["kind"]),
        state=found.state.value,
        instances=found.instance_count,
        planted=int(facts["planted"]),
        removed=view.actions.get("X", 0) if view else 0,
        changed=view.changed if view else 0,
        blackened=sum(_blackened(view)) if view else 0,
        issues=len(view.issues) if view else 0,
        held=view.held if view else 0,
        why=", ".join(dict.fromkeys(reasons)),
        released=sum(item.instances for item in items if item.study == study),
    )


def _blackened(view: PreparationView) -> Iterator[int]:
    """Yield how often each area was blackened: one in all frames of an instance counts once."""
    for series in view.pixel_series:
        yield from (area.instances for area in series.areas if area.became == BLACKENED)


def _lines(home: Path, package: str, opened: str, *, entries: int, ok: bool) -> Iterator[str]:
    yield "planted: identifying values put into the study on purpose"
    yield "changed, removed: header values in all its files together; the removed ones are among the changed"
    yield "issues: what a second program, which does not trust the first, still found in the result"
    yield "blackened: areas of the pixels that showed text which is not known to be harmless"
    yield "held: a person should look at the whole picture; waits until an officer accepts it by name"
    yield ""
    if package:
        yield f"Package, encrypted for one recipient: {_near(package)}"
    if opened:
        yield f"Opened as its recipient would, with the receipt: {_near(opened)} (start with README.html)"
    if package:
        yield "To open it yourself, into a new folder:"
        yield (
            f"  {_command()} open {_near(package)} received --identity {_near(home / 'demo-reader.key')} "
            f"--trust {_near(home / 'keys' / TRUST_FILE)}"
        )
    said = "intact" if ok else "BROKEN"
    yield f"Audit log: {entries} entries, {said}, checked against the key and the witness file."
    yield f"Demo accounts: {_near(home / ACCOUNTS_FILE)}"


def _near(place: Path | str) -> str:
    """Return a place as somebody at a prompt in the current folder would write it."""
    whole, here = Path(place).resolve(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def _command() -> str:
    """Return how the command is called here: by its name when it is on the path, else by its place."""
    beside = Path(sys.executable).with_name("workbench")
    return "workbench" if shutil.which("workbench") or not beside.exists() else _near(beside)


def _state(workbench: Workbench, study: str) -> StudyState:
    with workbench.database.reading() as reading:
        return reading.studies.get(study).state


@contextmanager
def _acting(workbench: Workbench, people: Mapping[str, Mapping[str, str]], name: str) -> Iterator[Actor]:
    signed = sign_in(workbench, name=name, password=people[name]["password"], source="cli")
    try:
        yield signed.actor
    finally:
        sign_out(workbench, signed.actor)


def _password() -> str:
    return " ".join(secrets.choice(_WORDS.split()) for _ in range(5))


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
