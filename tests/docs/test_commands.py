"""Commands and documentation say the same."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.docs.generated import ARCHITECTURE, COMMANDS, command_page, commands, with_sections

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
BY_PATH: dict[tuple[str, ...], Any] = dict(commands())
WRITE = "run: python -m tests.docs.generated"


def fenced(page: Path) -> list[str]:
    """Return the lines of a page's code blocks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines()]


def inline(page: Path) -> list[str]:
    return re.findall(r"`(workbench [^`]+)`", page.read_text())


def resolve(line: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the command of a line, and the rest of its words."""
    words = shlex.split(line.split(" | ", maxsplit=1)[0])[1:]
    for length in (3, 2, 1):
        if tuple(words[:length]) in BY_PATH:
            return tuple(words[:length]), words[length:]
    raise AssertionError(f"there is no such command: {line}")


SHOWN = [
    pytest.param(line, id=f"{page.relative_to(ROOT)}: {line[:40]}")
    for page in PAGES
    for line in fenced(page)
    if line.startswith("workbench ")
]


@pytest.mark.parametrize("line", SHOWN)
def test_every_command_that_is_shown_exists_with_its_options(line):
    path, words = resolve(line)
    parameters = BY_PATH[path].params
    options = {name: parameter for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
    given = {word for word in words if word.startswith("--")}
    assert given <= set(options) | {"--help"}
    needed = {
        parameter.opts[0] for parameter in parameters if parameter.param_type_name == "option" and parameter.required
    }
    assert needed <= given, "an example shows what is required"
    arguments = [
        parameter for parameter in parameters if parameter.param_type_name == "argument" and parameter.required
    ]
    values = [
        word for index, word in enumerate(words) if not word.startswith("--") and not _is_value(words, index, options)
    ]
    assert len(values) >= len(arguments)


def _is_value(words: list[str], index: int, options: dict[str, Any]) -> bool:
    before = options.get(words[index - 1]) if index else None
    return before is not None and before.param_type_name == "option" and not before.is_flag


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_named_in_the_text_exist(page):
    groups = {path[0] for path in BY_PATH}
    for line in inline(page):
        first = shlex.split(line)[1]
        assert first in groups or first.startswith(("-", "I")), line


@pytest.mark.parametrize("path", BY_PATH, ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(path):
    command = BY_PATH[path]
    assert command.help
    assert command.help.strip()
    example = (command.epilog or "").strip()
    assert example.startswith("Example: workbench ")
    assert resolve(example.removeprefix("Example: "))[0] == path


@pytest.mark.parametrize("path", BY_PATH, ids=" ".join)
def test_every_command_is_in_a_guide_or_the_readme(path):
    pages = [page for page in PAGES if page != COMMANDS]
    shown = {resolve(line)[0] for page in pages for line in fenced(page) if line.startswith("workbench ")}
    if path == ("demo",):
        assert "make run" in (ROOT / "README.md").read_text(), "make run stands for it"
    else:
        assert path in shown


def test_the_command_reference_is_what_the_commands_say():
    assert COMMANDS.read_text() == command_page().rstrip("\n") + "\n", WRITE


def test_the_architecture_page_has_the_layers_prohibitions_and_states_of_the_code():
    text = ARCHITECTURE.read_text()
    assert text == with_sections(text), WRITE


def test_the_architecture_page_describes_every_room():
    rooms = {path.parent.name for path in (ROOT / "workbench").glob("*/__init__.py")}
    section = ARCHITECTURE.read_text().split("## Rooms\n", 1)[1].split("\n## ", 1)[0]
    described = set(re.findall(r"^\| `([a-z]+)` \|", section, flags=re.MULTILINE))
    assert described == rooms


def test_make_targets_named_in_the_pages_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make ([a-z]+)(?=[ `\n])", page.read_text(), flags=re.MULTILINE)
    }
    assert {"run", "test", "check", "setup", "lock"} <= named
    assert named <= targets
