"""Passwords come from a private file or from the prompt."""

import json

import pytest

from workbench.cli import identity
from workbench.records.errors import UsageError


@pytest.fixture
def credentials(tmp_path):
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"anna": {"password": "a long pass phrase"}, "olga": {}, "paul": "text"}))
    path.chmod(0o600)
    return path


def test_the_password_comes_from_the_file(credentials):
    assert identity.password_of("anna", credentials) == "a long pass phrase"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601, 0o620])
def test_a_file_that_others_can_reach_is_refused(credentials, mode):
    credentials.chmod(mode)
    with pytest.raises(UsageError) as refused:
        identity.password_of("anna", credentials)
    assert refused.value.code == "credentials-open"
    assert "chmod" in refused.value.hint


@pytest.mark.parametrize("name", ["olga", "paul", "nobody"])
def test_a_missing_password_is_named(credentials, name):
    with pytest.raises(UsageError) as refused:
        identity.password_of(name, credentials)
    assert refused.value.code == "no-password"


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '"text"'])
def test_a_broken_file_is_refused_without_its_content(credentials, content):
    credentials.write_text(content)
    with pytest.raises(UsageError) as refused:
        identity.password_of("anna", credentials)
    assert refused.value.code == "credentials-bad"


def test_without_terminal_and_file_there_is_no_password(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(UsageError) as refused:
        identity.password_of("anna", None)
    assert refused.value.code == "no-password"


def test_a_new_password_is_asked_for_twice(monkeypatch):
    answers = iter(["one", "two", "one", "one"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(identity, "getpass", lambda _prompt: next(answers))
    with pytest.raises(UsageError) as refused:
        identity.password_of("anna", None, new=True)
    assert refused.value.code == "passwords-differ"
    assert identity.password_of("anna", None, new=True) == "one"
