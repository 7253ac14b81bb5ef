"""The chain from the command line: init, accounts, import, prepare, submit, approve, release, open, receipt, audit."""

import json
import sqlite3
import stat

import pydicom
import pyrage
import pytest

from tests.flow.conftest import PASSWORD, write_ct

PEOPLE = {"root": [], "anna": ["technician"], "olga": ["privacy_officer"], "vera": ["auditor"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    credentials = root / "credentials.json"
    credentials.write_text(json.dumps({name: {"password": PASSWORD} for name in PEOPLE}))
    credentials.chmod(0o600)
    identity = pyrage.x25519.Identity.generate()
    (root / "reader.key").write_text(f"{identity}\n")
    (root / "reader.pub").write_text(f"{identity.to_public()}\n")
    write_ct(root / "incoming", instances=2)
    return root


@pytest.fixture
def at(run, place):
    """Run a command at the home, as somebody."""

    def run_at(*arguments, who=""):
        given = ["--as", who, "--credentials", place / "credentials.json"] if who else []
        return run([*arguments, "--home", place / "home", *given])

    return run_at


def test_the_whole_chain(at, run, place):  # noqa: PLR0915 (one story, told once)
    made = run(["init", "--home", place / "home", "--keys", place / "keys", "--witness", place / "w.log", "--json"])
    assert made.code == 0
    code = made.document()["code"]
    again = run(["init", "--home", place / "home", "--keys", place / "keys2", "--witness", place / "w2.log"])
    assert (again.code, again.error) == (2, "home-exists")
    added = run(
        ["user", "add", "root", "--code", code, "--home", place / "home", "--credentials", place / "credentials.json"]
    )
    assert added.code == 0
    for name, roles in PEOPLE.items():
        for role in roles:
            assert at("user", "add", name, "--role", role, who="root").code == 0
    assert at("user", "list", "--json", who="root").document()["users"][0]["active"] is True

    imported = at("import", place / "incoming", "--json", who="anna")
    assert imported.code == 0
    study = imported.document()["studies"][0]["study"]
    prepared = at("prepare", study, "--scope", "trial-7", "--pixels", "off", "--json", who="anna")
    assert (prepared.code, prepared.document()["pixels"]) == (0, "not checked")
    assert prepared.document()["holds"] == []
    refused = at("release", "create", study, "--recipient", "Trial 7", "--purpose", "research", "--basis",
                 "de-identified", "--expires", "30", who="anna")  # fmt: skip
    assert (refused.code, refused.error) == (2, "recipient-unknown")
    assert "Next: a privacy officer" in at("submit", study, who="anna").out
    own = at("approve", study, who="anna")
    assert (own.code, own.error) == (1, "role-not-permitted")
    approved = at("approve", study, "--json", who="olga").document()
    assert approved == {"study": study, "state": "approved"}
    assert at("recipient", "add", "Trial 7", "--key", place / "reader.pub", who="olga").code == 0
    assert "Trial 7" in at("recipient", "list", who="anna").out
    made = at("release", "create", study, "--recipient", "Trial 7", "--purpose", "research", "--basis",
              "de-identified", "--expires", "30", "--json", who="anna")  # fmt: skip
    assert made.code == 0
    package = made.document()["package"]

    without = run(["open", package, place / "out", "--identity", place / "reader.key"])
    assert (without.code, without.error) == (3, "trust-missing")
    assert not (place / "out").exists()
    trust = place / "keys" / "trust.vkey"
    nothing = run(["open", place / "not-there", place / "out", "--identity", place / "reader.key", "--trust", trust])
    assert (nothing.code, nothing.error) == (2, "input-missing")
    opened = run(["open", package, place / "out", "--identity", place / "reader.key", "--trust", trust])
    assert opened.code == 0, opened.err
    files = list((place / "out" / "DICOM").rglob("I*"))
    assert [pydicom.dcmread(file).PatientIdentityRemoved for file in files] == ["YES", "YES"]
    assert at("release", "receipt", place / "out" / "receipt.json", who="anna").code == 0
    assert "acknowledged" in at("release", "list", who="vera").out

    verified = at("audit", "verify", "--trust", trust, "--witness", place / "w.log")
    assert verified.code == 0
    assert "intact" in verified.out
    shown = at("audit", "show", "--study", study, "--json", who="vera")
    assert "study.approved" in {row["kind"] for row in shown.document()["rows"]}
    assert at("audit", "export", place / "log.jsonl", who="vera").code == 0
    assert at("doctor").code == 0
    assert at("release", "revoke", made.document()["release"], "--reason", "the end", who="olga").code == 0
    again = at("release", "create", study, "--recipient", "Trial 7", "--purpose", "research", "--basis",
               "de-identified", "--expires", "30", "--json", who="anna").document()["release"]  # fmt: skip
    assert f"In package {again} for Trial 7 (created)" in at("study", study, who="olga").out
    withdrawn = at("withdraw", study, "--reason", "the end", who="olga")
    assert (withdrawn.code, f"workbench release revoke {again}" in withdrawn.out) == (0, True)
    assert at("quarantine", study, "--reason", "the end", who="olga").code == 0
    assert at("accept", study, "--reason", "not yet", who="olga").code == 0
    assert at("studies", "--state", "received", "--json", who="olga").document()["total"] == 1
    view = at("study", study, who="olga")
    assert view.code == 0
    assert "What you may do" in view.out
    assert "arrived" in view.out
    assert "Note or reason given last: not yet" in view.out
    assert "is not possible now" not in view.out, "steps of other states are left out"
    assert at("user", "roles", "vera", "--role", "technician", who="root").code == 0
    assert at("user", "disable", "vera", who="root").code == 0


def test_a_wrong_password_ends_with_1_and_says_no_more(run, place, tmp_path):
    credentials = tmp_path / "wrong.json"
    credentials.write_text(json.dumps({"anna": {"password": "not the password of anna"}}))
    credentials.chmod(0o600)
    ran = run(["studies", "--home", place / "home", "--as", "anna", "--credentials", credentials, "--json"])
    assert (ran.code, ran.error) == (1, "sign-in-refused")


def test_credentials_that_others_can_read_are_refused(at, place):
    (place / "credentials.json").chmod(0o644)
    ran = at("studies", who="anna")
    (place / "credentials.json").chmod(0o600)
    assert (ran.code, ran.error) == (2, "credentials-open")


def test_without_a_home_every_command_says_so_and_makes_nothing(run, tmp_path, place):
    for command in (["studies"], ["import", place], ["prepare", "WB-000001", "--scope", "s"], ["release", "list"]):
        ran = run([*command, "--home", tmp_path / "none", "--as", "anna", "--credentials", place / "credentials.json"])
        assert (ran.code, ran.error) == (2, "no-home")
    assert run(["audit", "verify", "--trust", "x", "--home", tmp_path / "none"]).error == "no-home"
    assert run(["serve", "--home", tmp_path / "none"]).error == "no-home"
    assert list(tmp_path.iterdir()) == []


def test_the_home_comes_from_the_environment_too(run, place, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(place / "home"))
    ran = run(["studies", "--as", "anna", "--credentials", place / "credentials.json", "--json"])
    assert ran.code == 0


def test_a_tampered_log_ends_with_3_and_names_the_entry(at, place):
    database = sqlite3.connect(place / "home" / "workbench.sqlite")
    database.execute("DROP TRIGGER audit_event_no_update")
    (body,) = database.execute("SELECT body FROM audit_event WHERE seq = 3").fetchone()
    database.execute("UPDATE audit_event SET body = ? WHERE seq = 3", (body.replace(b'"at":"20', b'"at":"21'),))
    database.commit()
    database.close()
    ran = at("audit", "verify", "--trust", place / "keys" / "trust.vkey", "--witness", place / "w.log", "--json")
    assert ran.code == 3
    assert ran.document()["first_bad"] == 3


def test_nothing_in_the_home_is_open_to_others(place):
    for path in (place / "home").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o077 or not path.is_file() or path.parent.stat().st_mode & 0o077 == 0, path
    assert stat.S_IMODE((place / "home").stat().st_mode) == 0o700
