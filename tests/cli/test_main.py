"""The command contract: help with an example everywhere, exit codes, no traceback, no value in a message."""

import json
import subprocess
import sys

import pytest
import typer

from workbench.cli import main as entry
from workbench.cli.main import build, main
from workbench.records.errors import (
    InstanceRefused,
    IntegrityBroken,
    NotPermitted,
    ProfileError,
    UsageError,
    WorkbenchError,
    WrongState,
)

PLANTED = "DOE^JANE"


def commands(group=None, path=()):
    """Yield every command with its path."""
    group = group or typer.main.get_command(build())
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = list(commands())


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_with_an_example_of_itself(path, command, run):
    ran = run([*path, "--help"])
    assert ran.code == 0
    assert command.help
    assert command.epilog.startswith("Example: workbench " + " ".join(path))
    assert all(option.help for option in command.params if option.name in {"as_user", "home", "trust", "reason"})


def test_the_contract_names_these_commands():
    have = {" ".join(path) for path, _ in ALL}
    assert have >= {
        "init", "serve", "deidentify", "verify", "import", "studies", "prepare", "submit", "approve", "return",
        "quarantine", "recipient add", "release create", "release list", "release revoke", "release receipt", "open",
        "audit verify", "audit export", "audit show", "audit acknowledge-restore", "profile list", "profile show",
        "profile explain", "profile lint", "user add", "user disable", "user roles", "doctor",
    }  # fmt: skip


@pytest.mark.parametrize("path", [path for path, _ in ALL if path[0] != "serve"], ids=" ".join)
def test_commands_that_print_results_take_json(path):
    command = dict(ALL)[path]
    assert "--json" in {opt for param in command.params for opt in param.opts}


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (UsageError("a-code", "Said.", "Do."), 2),
        (ProfileError("a-code", "Said.", "Do."), 2),
        (NotPermitted("a-code", "Said.", "Do."), 1),
        (WrongState("a-code", "Said.", "Do."), 1),
        (InstanceRefused("a-code", "Said.", "Do."), 1),
        (IntegrityBroken("a-code", "Said.", "Do."), 3),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_failures_are_code_message_hint_and_exit_code(monkeypatch, run, raised, code, as_json):
    _explode_with(monkeypatch, raised)
    ran = run(["studies", "--as", "anna", *(["--json"] if as_json else [])])
    assert ran.code == code
    if as_json:
        assert ran.document() == {"error": {"code": "a-code", "message": "Said.", "hint": "Do."}}
        assert ran.err == ""
    else:
        assert ran.err == "error [a-code]: Said.\n  next: Do.\n"
        assert ran.out == ""


@pytest.mark.parametrize("raised", [KeyError(PLANTED), ValueError(PLANTED), RecursionError(PLANTED), MemoryError()])
def test_an_unexpected_exception_shows_its_type_and_an_incident_number_only(monkeypatch, run, raised):
    _explode_with(monkeypatch, raised)
    ran = run(["studies", "--as", "anna"])
    assert ran.code == 1
    assert type(raised).__name__ in ran.err
    assert "incident" in ran.err
    assert PLANTED not in ran.out + ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("number", "code"), [(28, "disk-full"), (13, "no-permission"), (30, "read-only"), (5, "disk-error")]
)
def test_failures_of_the_surroundings_have_names_and_do_not_repeat_the_path(monkeypatch, run, number, code):
    _explode_with(monkeypatch, OSError(number, "text", f"/data/{PLANTED}"))
    ran = run(["studies", "--as", "anna"])
    assert ran.error == code
    assert ran.code == 1
    assert PLANTED not in ran.err


@pytest.mark.parametrize("number", [2, 17, 20, 21, 36, 40])
def test_a_path_that_cannot_be_right_is_wrong_usage(monkeypatch, run, number):
    _explode_with(monkeypatch, OSError(number, "text", f"/data/{PLANTED}"))
    ran = run(["studies", "--as", "anna"])
    assert ran.code == 2
    assert "incident" not in ran.err
    assert PLANTED not in ran.err


def test_interruption_is_no_traceback(monkeypatch, run):
    _explode_with(monkeypatch, KeyboardInterrupt())
    ran = run(["studies", "--as", "anna"])
    assert ran.code == 130
    assert "Nothing half-written" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([PLANTED], "unknown-command"),
        (["import"], "missing-argument"),
        (["deidentify", PLANTED], "missing-argument"),
        (["deidentify", "a", "b", "--jobs", PLANTED], "bad-argument"),
        (["deidentify", "a", "b", "--jobs", "0"], "bad-argument"),
        (["studies", "--as", "a", PLANTED], "bad-arguments"),
        (["studies", f"--{PLANTED}"], "unknown-option"),
        (["deidentify", "a", "b", "--pixels", "clean"], "input-missing"),
        (["deidentify", "a", "b", "--pixels", PLANTED], "bad-argument"),
        (["init", "--home", "x"], "missing-argument"),
        (["init", "--home", "x", "--demo", "--keys", "y"], "demo-places"),
        (["user", "add", PLANTED], "missing-argument"),
    ],
)
def test_wrong_usage_ends_with_2_and_repeats_no_argument(run, arguments, code):
    for extra in ([], ["--json"]):
        ran = run([*arguments, *extra])
        assert ran.code == 2
        assert ran.error == code
        assert PLANTED not in ran.out + ran.err


def test_without_arguments_the_help_is_shown(run):
    ran = run([])
    assert ran.code == 2
    assert "Usage: workbench" in ran.out


def test_start_up_imports_nothing_heavy():
    heavy = ["sqlalchemy", "streamlit", "pydicom", "numpy", "pandas", "rich", "cryptography", "alembic", "jsonschema"]
    script = (
        "import sys, workbench.cli.main as m; m.main(['deidentify','a','b','--pixels','off'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_console_command_is_wired(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["workbench", "nothing-like-it", "--json"])
    with pytest.raises(SystemExit) as ended:
        entry.run()
    assert ended.value.code == 2


def test_json_error_is_one_document(capsys):
    assert main(["studies", "--json"]) == 2
    assert set(json.loads(capsys.readouterr().out)["error"]) == {"code", "message", "hint"}


def test_every_error_class_has_an_exit_code_of_the_contract():
    classes = [WorkbenchError, *WorkbenchError.__subclasses__()]
    assert {getattr(cls, "exit_code", 0) for cls in classes} <= {1, 2, 3}


def _explode_with(monkeypatch, raised):
    def explode(*_args, **_kwargs):
        raise raised

    monkeypatch.setattr("workbench.cli.studies.acting", explode)
