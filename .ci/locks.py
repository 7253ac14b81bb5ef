"""Check, without a network, that the lock files say what pyproject.toml asks for and what is installed.

A requirement that the lock does not satisfy, a pin without hash, an installed version that differs from its pin and a
dependency that is not pinned are each one line of output and exit code 1.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
HINT = "run `make lock`, then `make setup`"


def read_pins(path: Path) -> dict[str, str]:
    """Return the pinned version of each distribution. A pin for other Pythons or systems gives way to one for this."""
    pins: dict[str, str] = {}
    for line in path.read_text().splitlines():
        match = PIN.match(line)
        if match is None:
            continue
        marker = Requirement(line.rstrip("\\ ")).marker
        if marker is None or marker.evaluate() or canonicalize_name(match[1]) not in pins:
            pins[canonicalize_name(match[1])] = match[2]
    return pins


def examine_text(path: Path) -> Iterator[str]:
    """Yield what is wrong with the text of a lock."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", path.read_text())
    for entry in entries:
        if (match := PIN.match(entry)) and "--hash=sha256:" not in entry:
            yield f"{path.name}: {match[1]} has no hash"
        if re.search(r"https?://|^--(extra-)?index-url|^--find-links", entry, re.MULTILINE):
            yield f"{path.name}: names a registry"


def examine_wishes(wishes: list[str], pins: dict[str, str], lock: str) -> Iterator[str]:
    """Yield direct requirements that a lock does not satisfy."""
    for requirement in map(Requirement, wishes):
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None:
            yield f"{lock}: {requirement.name} is not pinned; {HINT}"
        elif not requirement.specifier.contains(pin, prereleases=True):
            yield f"{lock}: {requirement.name}=={pin} is not {requirement.specifier}; {HINT}"


def examine_installed(pins: dict[str, str], lock: str, stated: dict[str, list[str]] | None = None) -> Iterator[str]:
    """Yield pins that differ from what is installed, and dependencies of what is installed that have no pin.

    `stated` are the dependencies that the project states in place of those that a distribution states itself.
    """
    for name, pin in pins.items():
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # pinned for another platform, or for development only
        if installed.version != pin:
            yield f"{lock}: {name}=={pin}, but {installed.version} is installed; run `make setup`"
        for text in (stated or {}).get(name, installed.requires or ()):
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            if canonicalize_name(requirement.name) not in pins:
                yield f"{lock}: {requirement.name}, which {name} needs, is not pinned; {HINT}"


def stated_dependencies(project: dict[str, Any]) -> dict[str, list[str]]:
    """Return, by name, the dependencies that the project states for a distribution."""
    entries = project["tool"].get("uv", {}).get("dependency-metadata", [])
    return {canonicalize_name(entry["name"]): entry["requires-dist"] for entry in entries}


def main() -> int:
    """Examine all locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run, dev = read_pins(ROOT / "requirements.lock"), read_pins(ROOT / "requirements-dev.lock")
    extras = project["project"]["optional-dependencies"]
    wishes = project["project"]["dependencies"] + extras["pixels"] + project["build-system"]["requires"]
    problems = [problem for path in sorted(ROOT.glob("requirements*.lock")) for problem in examine_text(path)]
    problems += examine_wishes(wishes, run, "requirements.lock")
    problems += examine_wishes(wishes + extras["dev"], dev, "requirements-dev.lock")
    problems += examine_installed(dev, "requirements-dev.lock", stated_dependencies(project))
    problems += [f"{name}: the two locks differ; {HINT}" for name, pin in run.items() if dev.get(name) != pin]
    sys.stderr.writelines(f"{problem}\n" for problem in dict.fromkeys(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
