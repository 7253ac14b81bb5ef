"""The pages hold together: links lead somewhere, decisions are numbered, guides are complete."""

import re
from pathlib import Path

import pytest

from workbench.records.actor import Role

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
DECISIONS = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_begin_with_one_heading_and_have_content(page):
    text = page.read_text()
    assert text.startswith("# ")
    assert len(re.findall(r"^# ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)) == 1
    assert len(text) > 300, "a page exists when it has something to say"


def test_decisions_are_numbered_without_gaps_and_titled_alike():
    assert len(DECISIONS) >= 8
    for number, path in enumerate(DECISIONS, start=1):
        assert path.name.startswith(f"{number:04d}-")
        assert path.read_text().startswith(f"# {number}. ")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_context_decision_consequences_and_evidence(path):
    text = path.read_text()
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences", "Evidence"]
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE))


def test_the_list_of_decisions_is_complete():
    listed = (DOCS / "adr" / "README.md").read_text()
    for path in DECISIONS:
        assert f"({path.name})" in listed


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_guide(role):
    name = "administrator" if role is Role.ADMIN else role.value.replace("_", "-")
    text = (DOCS / "guide" / f"{name}.md").read_text()
    assert "workbench " in text


def test_the_changelog_always_says_how_outputs_change():
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = re.split(r"^## \[", text, flags=re.MULTILINE)[1:]
    assert versions
    for version in versions:
        assert "### De-identification behaviour" in version


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)\s#]+)", page.read_text())
        waiting += [(page.parent / target).resolve() for target in targets if not target.startswith("https://")]
    assert set(PAGES) <= reached
