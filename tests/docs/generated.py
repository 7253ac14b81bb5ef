"""Parts of the documentation that come from the code. `python -m tests.docs.generated` writes them into docs/."""

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer.main

from tests.docs import conformance
from workbench.cli.main import build
from workbench.records.states import RELEASE_STEPS, STUDY_STEPS
from workbench.verify.catalogue import described
from workbench.verify.checks.unknowns import KINDS as UNKNOWNS
from workbench.verify.document import schema

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
COMMANDS = ROOT / "docs" / "cli.md"
VERIFY = ROOT / "docs" / "verify-json.md"


def contracts() -> list[dict[str, Any]]:
    """The import contracts of the project."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def short(name: str) -> str:
    return name.replace("workbench.", "").strip()


def layers() -> str:
    (order,) = [contract["layers"] for contract in contracts() if contract["type"] == "layers"]
    return "```\n" + "\n".join(short(layer) for layer in order) + "\n```"


def prohibitions() -> str:
    lines = ["| Contract | May not import | Holds for |", "|---|---|---|"]
    for contract in contracts():
        if contract["type"] == "forbidden":
            targets = ", ".join(f"`{short(name)}`" for name in contract["forbidden_modules"])
            sources = ", ".join(f"`{short(name)}`" for name in contract["source_modules"])
            lines.append(f"| {contract['name']} | {targets} | {sources} |")
    return "\n".join(lines)


def states(steps: dict[tuple[Any, str], Any]) -> str:
    lines = ["| From | Step | To |", "|---|---|---|"]
    lines += [f"| {before} | {step} | {after} |" for (before, step), after in steps.items()]
    return "\n".join(lines)


def verify_fields() -> str:
    lines = ["| Field | |", "|---|---|"]
    lines += [f"| `{name}` | {entry['description']} |" for name, entry in schema()["properties"].items()]
    return "\n".join(lines)


def verify_checks() -> str:
    lines = ["| Check | Clause | |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.rule} | {each.meaning} |" for each in described()]
    return "\n".join(lines)


def verify_unknowns() -> str:
    return "\n".join(["| Kind | |", "|---|---|", *(f"| `{kind}` | {meaning} |" for kind, meaning in UNKNOWNS.items())])


VERIFY_SECTIONS: dict[str, Callable[[], str]] = {
    "verify fields": verify_fields,
    "verify checks": verify_checks,
    "verify unknowns": verify_unknowns,
}

SECTIONS: dict[str, Callable[[], str]] = {
    "layers": layers,
    "prohibitions": prohibitions,
    "study states": partial(states, STUDY_STEPS),
    "release states": partial(states, RELEASE_STEPS),
}


def with_sections(text: str, sections: dict[str, Callable[[], str]] | None = None) -> str:
    """Return a page with its generated sections filled in; those of the architecture page if none are given."""
    for name, render in (sections or SECTIONS).items():
        pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
        match = re.search(pattern, text, flags=re.DOTALL)
        if match is None:
            raise ValueError(f"no section {name}")
        text = f"{text[: match.start()]}{match[1]}{render()}\n{match[2]}{text[match.end() :]}"
    return text


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that does something, with its path."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from walk(child, (*path, name))


def commands() -> list[tuple[tuple[str, ...], Any]]:
    return list(walk(typer.main.get_command(build())))


def plain_default(parameter: Any) -> str:
    default = parameter.default
    if callable(default) or default in (None, False, "", ()) or parameter.is_flag:
        return ""
    return f" Default: `{getattr(default, 'value', default)}`."


KINDS = {
    "path": "PATH",
    "str": "TEXT",
    "int": "NUMBER",
    "int range": "NUMBER",
    "float": "NUMBER",
    "float range": "NUMBER",
}


def value_name(parameter: Any) -> str:
    """Return what stands for an option's value."""
    if parameter.metavar:
        return str(parameter.metavar)
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return " or ".join(f"`{getattr(choice, 'value', choice)}`" for choice in choices)
    return KINDS[parameter.type.name]


def parameter_row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{parameter.metavar or parameter.name.upper()}`"
        names += " …" if parameter.nargs == -1 else ""
        default = ""
    else:
        names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
        names += "" if parameter.is_flag else f" {value_name(parameter)}"
        default = plain_default(parameter)
    needed = " Required." if parameter.required and parameter.param_type_name == "option" else ""
    said = " ".join((parameter.help or "").split())
    return f"| {names} | {said}{default}{needed} |".replace("|  ", "| ")


def render_command(path: tuple[str, ...], command: Any) -> str:
    lines = [f"## workbench {' '.join(path)}", "", command.help.strip(), ""]
    example = (command.epilog or "").removeprefix("Example: ").strip()
    lines += ["```", example, "```", ""]
    rows = [parameter_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


HEAD = """# Commands

The home is `--home DIR`, else `WORKBENCH_HOME`, else `~/.workbench`. With `--json`, one JSON document is
written on standard output and progress on standard error.

| Exit code | |
|---|---|
| 0 | all well |
| 1 | something was held back or a check failed; the output says what |
| 2 | wrong usage or configuration |
| 3 | integrity broken or not provable: audit log, package or key |

An error is one line with a stable code, and a next step. It never contains a patient's value, a file
name or a UID of an input.

<!-- Written by `python -m tests.docs.generated` from the help of the commands. -->
"""


def command_page() -> str:
    """Return the whole reference of the command line."""
    return HEAD + "\n" + "\n".join(render_command(path, command) for path, command in commands())


def main() -> None:
    ARCHITECTURE.write_text(with_sections(ARCHITECTURE.read_text()))
    COMMANDS.write_text(command_page().rstrip("\n") + "\n")
    VERIFY.write_text(with_sections(VERIFY.read_text(), VERIFY_SECTIONS))
    conformance.PAGE.write_text(with_sections(conformance.PAGE.read_text(), conformance.SECTIONS))


if __name__ == "__main__":
    main()
