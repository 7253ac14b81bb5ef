"""The command as a process of its own: ended by signals, given names and texts that are no text."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flow.conftest import PASSWORD, write_ct
from workbench.flow import recipients, trail
from workbench.flow.home import open_home

WORKBENCH = [sys.executable, "-c", "from workbench.cli.main import run; run()"]


@pytest.fixture
def at(house, tmp_path):
    """Return the command line of somebody at the home."""
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({name: {"password": PASSWORD} for name in house.actors}))
    credentials.chmod(0o600)

    def line(*arguments, who="anna"):
        given = ["--home", house.made.home, "--as", who, "--credentials", credentials]
        return [*WORKBENCH, *(os.fsencode(argument) for argument in (*arguments, *given))]

    return line


def run(line, **environment):
    return subprocess.run(line, capture_output=True, check=False, timeout=120, env={**os.environ, **environment})


def leftovers(home: Path) -> list[Path]:
    return [
        path
        for place in ("staging", "objects/incoming", "packages")
        for path in (home / place).rglob("*")
        if path.name != "gate"
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_in_clear_and_no_worker(house, at, tmp_path, number):
    folder = write_ct(tmp_path / "in", instances=40, series=3)
    process = subprocess.Popen(at("import", folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not any((house.made.home / "staging").glob("*/content")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.15)
    process.send_signal(number)
    # the pipes end only when the last worker is gone
    out, err = process.communicate(timeout=30)
    if process.returncode:  # else it was done before the signal came
        assert process.returncode in (130, 128 + number)
        assert "Stopped" in err
    assert "Traceback" not in out + err
    assert leftovers(house.made.home) == []


def test_workers_end_with_a_parent_that_was_killed(house, at, tmp_path):
    folder = write_ct(tmp_path / "in", instances=40, series=3)
    process = subprocess.Popen(at("import", folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not any((house.made.home / "staging").glob("*/content")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.15)
    process.kill()
    process.communicate(timeout=30)
    with open_home(house.made.home):
        assert leftovers(house.made.home) == []
    assert run(at("import", folder)).returncode == 0


def test_names_that_are_not_unicode_are_taken_like_any_other(house, at, tmp_path):
    folder = write_ct(tmp_path / "in", instances=2)
    (folder / "0-0.dcm").rename(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe-name.dcm"))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xfe.txt")).write_text("no image")
    ran = run(at("import", os.fsencode(folder), "--json"))
    assert (ran.returncode, ran.stderr) == (1, b"")
    report = json.loads(ran.stdout)
    assert (report["instances"], [row["code"] for row in report["quarantined"]]) == (2, ["not-dicom"])


def test_a_text_that_is_not_unicode_is_refused_by_name(house, at):
    for line in (
        at("studies", "--search", b"\xff\xfe"),
        at("studies", who=b"\xff\xfe".decode("utf-8", "surrogateescape")),
    ):
        ran = run([*line, "--json"])
        assert ran.returncode == 2
        assert json.loads(ran.stdout)["error"]["code"] in ("text-not-unicode", "no-password")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_that_knows_no_unicode_fails_nothing(house, at, as_json):
    recipients.add_recipient(house.workbench, house["olga"], name="Zürich Ω", key=KEY)
    line = [*at("recipient", "list"), *(["--json"] if as_json else [])]
    ran = run(line, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert not as_json or json.loads(ran.stdout)["recipients"][0]["name"] == "Zürich Ω"


def test_a_pipe_is_never_waited_for(house, at, tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    ran = run([*at("import", tmp_path / "pipe"), "--json"])
    assert [row["code"] for row in json.loads(ran.stdout)["quarantined"]] == ["not-a-file"]
    line = [
        tmp_path / "pipe" if str(part).endswith("credentials.json") else part
        for part in map(os.fsdecode, at("studies"))
    ]
    assert run(line).returncode == 2


@pytest.mark.parametrize("content", [b"[", b'{"anna":' * 100_000, b"\xff", b"null", b'{"anna": {"password": 5}}'])
def test_broken_credentials_are_wrong_usage(house, at, tmp_path, content):
    line = [*at("studies"), "--json"]
    (tmp_path / "credentials.json").write_bytes(content)
    ran = run(line)
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"] in ("credentials-bad", "no-password")) == (2, True)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"{}", b"x" * 200_000, b"[" * 60_000])
def test_what_is_no_receipt_proves_nothing(house, at, tmp_path, content):
    (tmp_path / "receipt").write_bytes(content)
    ran = run([*at("release", "receipt", tmp_path / "receipt"), "--json"])
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (3, "receipt-malformed")


def test_what_was_stopped_leaves_a_log_that_verifies(house, at, tmp_path):
    folder = write_ct(tmp_path / "in", instances=3)
    for after in (0.5, 0.8, 1.1):
        process = subprocess.Popen(at("import", folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after)
        process.terminate()
        process.wait(30)
    house.workbench.close()
    assert trail.verify_home(house.made.home, trust=str(house.made.trust), witness=house.made.witness).ok


KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
