"""Rules that the pages keep, because the framework would not keep them for us."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench.api
import workbench.app

APP = Path(str(workbench.app.__file__)).parent
API = Path(str(workbench.api.__file__)).parent
SOURCES = sorted(APP.rglob("*.py"))

FORBIDDEN = {
    "image": "its bytes lie under /media",
    "audio": "its bytes lie under /media",
    "video": "its bytes lie under /media",
    "download_button": "its bytes lie under /media, clicked or not",
    "file_uploader": "uploads are closed at the gate",
    "login": "the gate signs people in",
    "cache_data": "its default scope is every session",
    "write": "it renders whatever it is given",
    "exception": "it shows values",
}


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st":
            yield node.attr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_pages_use_nothing_that_leaks(path):
    for name in _calls(path):
        assert name not in FORBIDDEN, FORBIDDEN.get(name)


def test_only_the_desk_is_cached_for_the_whole_server():
    assert [path.name for path in SOURCES if "cache_resource" in set(_calls(path))] == ["frame.py"]


def test_no_folder_is_served_by_itself():
    """A folder called `pages` would be served by the framework before our entry script has ever run."""
    assert not (APP / "pages").exists()
    assert not (APP / "static").exists()
    assert not (APP / ".streamlit").exists()


def test_markup_is_only_made_where_it_is_escaped():
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert "unsafe_allow_html" not in text
        assert "unsafe_allow_javascript" not in text
        if path.name not in {"html.py", "parts.py"}:
            assert "Markup(" not in text, path.name


def test_scripts_write_values_as_text_only():
    for path in (*APP.rglob("*.js"), *API.rglob("*.js")):
        text = path.read_text("utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
            assert way not in text, (path.name, way)


def test_nothing_of_ours_names_another_host():
    for path in (*APP.rglob("*"), *API.rglob("*")):
        if path.suffix in {".js", ".css", ".html", ".svg"}:
            text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http:" not in text, path.name
            assert "https:" not in text, path.name


def test_fonts_come_with_their_licence():
    for font in ("inter", "jetbrains-mono"):
        assert "SIL Open Font License" in (API / "assets" / f"OFL-{font}.txt").read_text("utf-8")
