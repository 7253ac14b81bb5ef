"""Files of rules for burned-in text, and scripts of others that become rules. No home is needed."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbench.pixels.region_rules import DeviceRule
from workbench.pixels.region_scripts import NOT_MAPPED, Line, Script, read_ctp_script, read_recipe
from workbench.pixels.rule_files import check_rule, read_rules, write_rules
from workbench.records.errors import UsageError

_LARGEST: Final = 8 << 20


def load_rules(path: Path, *, new: bool = False) -> tuple[DeviceRule, ...]:
    """Return the rules of a file; with `new`, none where there is no such file yet.

    Raises
    ------
    UsageError
        `rule-file-not-readable`, `rule-file-damaged`, `rule-unfit`.
    """
    if new and not path.exists():
        return ()
    return read_rules(_text(path))


def save_rules(path: Path, rules: Sequence[DeviceRule]) -> None:
    """Write a file of rules in place of the one that is there, whole or not at all.

    Raises
    ------
    UsageError
        `rule-unfit`, also for two rules with one name; `rule-file-not-written`.
    """
    text = write_rules(rules)
    read_rules(text)
    aside = ""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            aside = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(aside).unlink()
        raise UsageError(
            "rule-file-not-written",
            f"The file of rules could not be written (operating system error {error.errno}).",
            "Check its folder and the disk.",
        ) from None


def import_script(path: Path, *, kind: str, source: str) -> Script:
    """Return the rules of a script of CTP (`ctp`) or a recipe of the deid package (`deid`), each fit to be one here.

    Raises
    ------
    UsageError
        `rule-file-not-readable`, `region-script-damaged`.
    """
    text = _text(path)
    script = read_ctp_script(text, source=source) if kind == "ctp" else read_recipe(text, source=source)
    return _fitting(script)


def _fitting(script: Script) -> Script:
    """Leave out rules that ask for a person, and let each have a name of its own."""
    rules: list[DeviceRule] = []
    unfit: dict[str, str] = {}
    taken: set[str] = set()
    for rule in script.rules:
        try:
            check_rule(rule)
        except UsageError as refused:
            unfit[rule.name] = refused.message.partition(": ")[2].rstrip(".")
            continue
        name, number = rule.name, 1
        while name in taken:
            number += 1
            name = f"{rule.name[:110]} {number}"
        taken.add(name)
        rules.append(DeviceRule(name, rule.source, rule.when, rule.areas, rule.outside))
    lines = tuple(
        Line(line.line, line.text, NOT_MAPPED, unfit[line.reason]) if line.reason in unfit else line
        for line in script.lines
    )
    return Script(tuple(rules), lines)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            "rule-file-not-readable", "The file may not be read, or is no text in UTF-8.", "Check the path."
        ) from None
