"""The conformance statement is as new as the profiles, and says what PS3.15 E.1.3 and PS3.2 Annex N ask for."""

import re

import pytest

from tests.docs import conformance, generated
from workbench import profiles
from workbench.profiles.compiling import CARRIED_OUT
from workbench.standard.cid7050 import CODES, OPTIONS

TEXT = conformance.PAGE.read_text(encoding="utf-8")


def test_the_page_is_as_new_as_the_profiles():
    """When this fails, run `python -m tests.docs.generated`."""
    assert generated.with_sections(TEXT, conformance.SECTIONS) == TEXT


def test_the_eight_statements_are_there():
    part = TEXT.split("## Statements of PS3.15 E.1.3")[1].split("\n## ")[0]
    assert re.findall(r"^(\d)\. \*\*", part, flags=re.MULTILINE) == list("12345678")


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_said_to_be_supported_or_not(option):
    (line,) = [line for line in TEXT.splitlines() if line.startswith("| ") and f"| {CODES[option].value} |" in line]
    assert ("| Y |" in line) is (option in CARRIED_OUT)


def test_codes_on_pixels_are_not_claimed():
    for plan in conformance.plans():
        assert not {code.value for code in plan.codes} & {"113101", "113102"}


@pytest.mark.parametrize("name", profiles.shipped_names())
def test_digest_and_notes_of_each_shipped_profile_are_on_the_page(name):
    plan = profiles.compile_plan(profiles.load(name))
    assert plan.digest in TEXT
    for note in plan.notes:
        assert note in TEXT


def test_the_page_can_be_read():
    assert len(TEXT) < 120_000
    for heading in ("N.8.4.4", "N.11.2.6"):
        assert re.search(rf"^## {re.escape(heading)} ", TEXT, flags=re.MULTILINE)
