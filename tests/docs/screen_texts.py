"""The texts that users can meet, read from the source."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FRONT_ENDS = ("app", "api", "cli")

ERRORS = {
    "WorkbenchError",
    "InstanceRefused",
    "UsageError",
    "ProfileError",
    "NotPermitted",
    "WrongState",
    "IntegrityBroken",
    "SurroundingsError",
    "Finding",
}

PROSE = re.compile(r"[A-Za-z]+[ ,.][A-Za-z ]")


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return (place, text): prose of the front ends, help of the commands, and messages of errors everywhere."""
    return tuple(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        room = path.relative_to(ROOT / "workbench").parts[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = str(path.relative_to(ROOT))
        found = _prose(tree, with_help=room == "cli") if room in FRONT_ENDS else _messages(tree)
        yield from ((f"{place}:{line}", text) for line, text in found)
    for path in sorted((ROOT / "workbench" / "app").rglob("*.html")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _docstrings(tree: ast.Module) -> dict[int, ast.AST]:
    """Return the nodes of docstrings, by id, with their owner."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found: dict[int, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, owners):
            for statement in node.body:  # strings after attributes document them
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    found[id(statement.value)] = node
    return found


def _prose(tree: ast.Module, *, with_help: bool) -> Iterator[tuple[int, str]]:
    documented = _docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        owner = documented.get(id(node))
        if owner is not None:
            is_command = with_help and isinstance(owner, ast.FunctionDef) and bool(owner.args.kwonlyargs)
            if not is_command:
                continue
        if PROSE.search(node.value):
            yield node.lineno, node.value


def _messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ERRORS:
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and PROSE.search(part.value):
                    yield part.lineno, part.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
