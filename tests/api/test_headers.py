"""The policy that browsers get fits the installed framework exactly."""

import base64
import hashlib
import re
from importlib.resources import files

import pytest

from workbench.api.headers import app_policy, inline_script_hashes
from workbench.api.shell import Shell


@pytest.fixture(scope="module")
def index() -> str:
    return files("streamlit").joinpath("static", "index.html").read_text("utf-8")


def test_every_inline_script_of_our_shell_is_allowed_by_its_hash_and_none_else(index):
    shell = Shell(index)
    page = shell.page.decode()
    bodies = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(bodies) == 1
    for body in bodies:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in shell.policy
    assert shell.policy.count("'sha256-") == len(bodies)


def test_the_policy_lets_nothing_in_or_out(index):
    policy = app_policy(index)
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    assert rules["frame-ancestors"] == ["'none'"]
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert "*" not in policy


def test_our_script_runs_before_the_framework_opens_its_connection(index):
    page = Shell(index).page
    assert page.index(b"/assets/session.js") < page.index(b'<script type="module"')


def test_the_shell_offers_nothing_to_machines(index):
    page = Shell(index).page
    assert b"agent" not in page
    assert b"favicon.png" not in page
    assert b"<title>Workbench</title>" in page


@pytest.mark.parametrize("index_page", ["", "<html></html>", "<head></head><script></script>"[13:]])
def test_a_page_that_cannot_be_guarded_is_refused(index_page):
    with pytest.raises(ValueError, match="not as expected"):
        Shell(index_page)


def test_scripts_with_a_source_need_no_hash():
    assert inline_script_hashes('<script src="a.js"></script><script></script>') == ()
