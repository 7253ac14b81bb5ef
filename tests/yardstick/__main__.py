"""Score the shipped profiles: `python -m tests.yardstick [--profile NAME] [--seed N] [--patients N] [--failures N]`."""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from tests.yardstick.answers import Action
from tests.yardstick.generator import PATIENTS, write_set
from tests.yardstick.modes import MODES
from tests.yardstick.scoring import WEIGHTS, Score, score
from workbench.flow.folder import FolderJob, deidentify_folder

FRESH_SEED = 90210
"""No rule was ever looked at with it: tuning uses others."""


def run(profile: str, seed: int, work: Path, *, patients: int = PATIENTS, mode: str = "", jobs: int = 1) -> Score:
    """Make a set, de-identify it, and score it; `profile` may be a file, then `mode` names what it undertakes."""
    answers = write_set(work / "in", MODES[mode or profile], seed, patients=patients)
    crosswalk = work / "crosswalk.csv"
    job = FolderJob(
        (work / "in",), work / "out", profile=profile, pixels="off", crosswalk=crosswalk, report=work / "report.json"
    )
    deidentify_folder(FolderJob(**{**{name: getattr(job, name) for name in job.__slots__}, "jobs": jobs}))
    return score(answers, work / "out", crosswalk)


def lines(profile: str, result: Score) -> list[str]:
    """Return the score as a table."""
    made = sum(result.made.values())
    rows = [
        f"## {profile}: {100 * result.rate:.3f} % of {made} checks ({result.files} instances)",
        f"70/20/10: {100 * result.weighted:.3f} %; {len(result.missing)} without output; {len(result.leaks)} leak",
        "",
        "| checks | passed | made | % |",
        "|---|---|---|---|",
    ]
    for name in (*WEIGHTS, *(action.value for action in Action)):
        passed, count = result.of(name)
        if count:
            rows.append(f"| {name} | {passed} | {count} | {100 * passed / count:.3f} |")
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="append", choices=sorted(MODES))
    parser.add_argument("--seed", type=int, default=FRESH_SEED)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="show up to N failures of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    for profile in options.profile or MODES:
        with tempfile.TemporaryDirectory() as folder:
            found[profile] = run(profile, options.seed, Path(folder), patients=options.patients, jobs=options.jobs)
    if options.json:
        document = {
            name: {"rate": s.rate, "weighted": s.weighted, "missing": s.missing, "leaks": len(s.leaks)}
            for name, s in found.items()
        }
        print(json.dumps(document, indent=1))  # noqa: T201 (this is a command)
        return
    for profile, result in found.items():
        print("\n".join(lines(profile, result)), "\n")  # noqa: T201 (this is a command)
        if options.failures:
            _show(result, options.failures)


def _show(result: Score, limit: int) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    absent = set(result.missing)
    for name, check, value in result.failures:
        if name in absent:
            continue
        key = (check.action.value, check.path[-1].tag if check.path else 0)
        seen[key] += 1
        if seen[key] <= limit:
            print(f"{name} {check.action} {key[1]:08X} {check.category} wanted {check.text!r} found {value!r}")  # noqa: T201
    for name, found in list(result.leaks.items())[: limit * 10]:
        print("leak", name, sorted(found))  # noqa: T201
    print("missing", result.missing[: limit * 10], "\n")  # noqa: T201


if __name__ == "__main__":
    main()
