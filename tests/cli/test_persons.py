"""Questions of identity, terms of release, upgrade and settings from the command line."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.flow.conftest import PASSWORD, move_house, write_ct
from workbench.flow import crash_test
from workbench.synthetic.twin_shape import shapes_of

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
PEOPLE = ("root", "anna", "olga", "vera")


@pytest.fixture
def at(run, tmp_path, staffed):
    """Run a command at a home of its own, as somebody."""
    made = move_house(staffed.root, tmp_path / "house", staffed.actors, staffed.now)
    made.workbench.close()
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({name: {"password": PASSWORD} for name in PEOPLE}))
    credentials.chmod(0o600)

    def run_at(*arguments, who=""):
        given = ["--as", who, "--credentials", credentials] if who else []
        return run([*arguments, "--home", made.made.home, *given])

    return run_at


@pytest.fixture
def home(tmp_path):
    """Where `at` has its home."""
    return tmp_path / "house" / "home"


@pytest.fixture(scope="session")
def staffed(tmp_path_factory):
    """Return a home with people in it."""
    from tests.flow.conftest import Template, make_house  # noqa: PLC0415 - a fixture of the same name is there too

    root = tmp_path_factory.mktemp("staffed-cli")
    made = make_house(root)
    made.workbench.close()
    return Template(root, made.actors, made.clock.now)


def test_a_question_from_the_import_to_the_successor(at, tmp_path):
    assert at("import", write_ct(tmp_path / "a", instances=1), who="anna").code == 0
    assert at("prepare", "WB-000001", "--scope", "trial-7", "--pixels", "off", who="anna").code == 0
    second = at("import", write_ct(tmp_path / "b", instances=1, patient_id="OTHER"), "--json", who="anna")
    assert second.code == 1
    assert second.document()["quarantined"][0]["code"] == "one-patient-two-ids"
    assert at("accept", "WB-000002", "--reason", "fine", who="olga").error == "question-open"
    listed = at("identity", "questions", "--json", who="anna").document()["questions"]
    assert [(row["question"], row["study"], row["others"]) for row in listed] == [
        ("ID-000001", "WB-000002", ["WB-000001"])
    ]
    assert "Doe" not in at("identity", "questions", who="anna").out
    assert "Doe^Jane^Q".upper() in at("identity", "compare", "ID-000001", who="olga").out.upper()
    both = at("identity", "answer", "ID-000001", "--same", "--different", "--reason", "x", who="olga")
    assert (both.code, both.error) == (2, "answer-missing")
    assert at("identity", "answer", "ID-000001", "--same", "--reason", "x", who="anna").code == 1
    done = at("identity", "answer", "ID-000001", "--same", "--reason", "same birth name", "--json", who="olga")
    assert (done.code, done.document()["state"]) == (0, "received")
    assert done.document()["touched"]["preparations"] == ["PR-000001"]
    assert at("submit", "WB-000001", who="anna").error == "needs-successor"
    again = at("prepare", "WB-000001", "--pixels", "off", who="anna")
    assert "scope trial-7" in again.out
    assert at("submit", "WB-000001", who="anna").code == 0
    split = at("identity", "split", "WB-000002", "--reason", "an error", who="olga")
    assert "PR-000002" in split.out
    merged = at("identity", "merge", "WB-000001", "WB-000002", "--reason", "no error", "--json", who="olga")
    assert merged.document()["studies"] == ["WB-000001", "WB-000002"]
    assert at("identity", "questions", who="vera").out.strip() == "No question waits."


def test_terms_of_a_release(at, tmp_path):
    at("import", write_ct(tmp_path / "a", instances=1), who="anna")
    terms = ["--scope", "t", "--profile", "limited-data-set", "--pixels", "off"]
    prepared = at("prepare", "WB-000001", *terms, who="anna")
    assert "HIPAA limited data set" in prepared.out
    at("submit", "WB-000001", who="anna")
    at("approve", "WB-000001", who="olga")
    at("recipient", "add", "Trial 7", "--key", KEY, who="olga")
    create = ["release", "create", "WB-000001", "--recipient", "Trial 7", "--expires", "9"]
    terms = ["--purpose", "research", "--basis", "limited-data-set"]
    assert at(*create, *terms, who="olga").error == "agreement-missing"
    wrong = ["--purpose", "treatment", "--basis", "treatment"]
    assert at(*create, *wrong, who="olga").error == "purpose-not-allowed"
    assert at(*create, *terms, "--agreement", "DUA-1", who="olga").code == 0
    assert at("recipient", "agreement", "Trial 7", "DUA-1", who="olga").code == 0
    assert at(*create, *terms, who="olga").code == 0
    expert = ["--profile", "research", "--expert", "Dr. E", "--reference", "ED-7", "--expires", "30"]
    assert at("release", "determination", *expert, who="olga").code == 0
    assert "ED-7" in at("release", "determinations", who="olga").out


def test_an_older_home_is_upgraded_by_the_command_that_the_hint_names(at, home):
    with closing(sqlite3.connect(home / "workbench.sqlite")) as database, database:
        for name in ("question_item", "identity_question", "person", "known_values", "assigned", "rejection"):
            database.execute(f"DROP TABLE {name}")
        for name in (
            "touched",
            "carried_hold",
            "evidence_blob",
            "determination",
            "agreement",
            "entry_note",
            "activation",
            "redaction_blob",
            "pixel_rule",
            "device_sighting",
        ):
            database.execute(f"DROP TABLE {name}")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    refused = at("studies", who="anna")
    assert (refused.code, refused.error) == (2, "database-outdated")
    assert "workbench upgrade" in refused.err
    assert at("upgrade", "--json").document()["before"] == "0001"
    assert "Nothing to do" in at("upgrade").out
    assert at("studies", who="anna").code == 0


def test_a_home_forbids_folder_mode_and_allows_it_again(at, home, run, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    source = write_ct(tmp_path / "in", instances=1)
    assert at("settings", "--folder-mode", "off", who="anna").code == 1
    assert at("settings", "--folder-mode", "off", who="root").code == 0
    refused = run(["deidentify", source, tmp_path / "out", "--pixels", "off"])
    assert (refused.code, refused.error) == (2, "folder-mode-forbidden")
    assert not (tmp_path / "out").exists()
    assert at("settings", "--folder-mode", "on", who="root").code == 0
    assert run(["deidentify", source, tmp_path / "out", "--pixels", "off"]).code == 0


def test_the_reason_of_a_decision_is_shown_to_who_may_read_the_log(at, tmp_path):
    for number in (1, 2):
        at(
            "import",
            write_ct(tmp_path / str(number), instances=1, patient_id=f"P{number}", name=f"N{number}^X"),
            who="anna",
        )
    at("identity", "merge", "WB-000001", "WB-000002", "--reason", "merged in the registry", who="olga")
    rows = at("audit", "show", "--kind", "patient.linked", "--json", who="vera").document()["rows"]
    entry = str(rows[0]["seq"])
    assert "merged in the registry" not in json.dumps(rows)
    assert at("audit", "reason", entry, who="vera").out.strip() == "merged in the registry"
    assert at("audit", "reason", "0", who="vera").out.strip() == "No text is kept for this entry."
    assert at("audit", "reason", entry, who="anna").code == 1


def test_a_profile_is_activated_by_a_privacy_officer_when_nothing_comes_through(at, tmp_path, monkeypatch):
    shapes = shapes_of(write_ct(tmp_path / "shape", instances=1))
    monkeypatch.setattr(crash_test, "standard_shapes", lambda _classes: shapes)
    file = tmp_path / "trial.yaml"
    head = (
        "profile: trial\nversion: 1\ntitle: A trial\nextends: basic\nrules: [{tag: %s, do: keep, why: t, signed: O}]\n"
    )
    file.write_text(head % "EchoTime")
    assert at("profile", "activate", file, "--json", who="anna").error == "role-not-permitted"
    done = at("profile", "activate", file, "--json", who="olga")
    assert done.code == 0
    assert done.document()["tests"][0]["verdict"] == "passed"
    assert "Next: workbench prepare STUDY --profile trial" in at("profile", "activate", file, who="olga").out
    listed = at("profile", "list", "--json").document()["profiles"]
    assert [each["name"] for each in listed if each["activated"]] == ["trial"]
    assert "activated" in at("profile", "list").out
    file.write_text(head % "PatientName")
    refused = at("profile", "activate", file, "--json", who="olga")
    assert (refused.code, refused.error) == (1, "profile-leaks")


def test_an_answer_says_the_state_in_the_words_of_the_users(at, tmp_path):
    at("import", write_ct(tmp_path / "a", instances=1), who="anna")
    at("import", write_ct(tmp_path / "b", instances=1, patient_id="OTHER"), who="anna")
    done = at("identity", "answer", "ID-000001", "--same", "--reason", "same birth name", who="olga")
    assert "WB-000002: arrived" in done.out


def test_the_home_of_the_environment_may_be_still_to_be_made(run, at, home, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "nowhere"))
    assert run(["profile", "list"]).code == 0
    assert run(["profile", "list", "--home", tmp_path / "nowhere"]).code == 2
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    assert "shipped" in run(["profile", "list"]).out
