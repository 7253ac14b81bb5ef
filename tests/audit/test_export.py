"""The log as plain files, checked by the program that lies beside them."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.audit.house import House, codes
from workbench.audit.export import write_export
from workbench.audit.verifier import main, verify_log
from workbench.records.errors import UsageError


@pytest.fixture
def folder(house: House, tmp_path: Path) -> Path:
    with house.engine.connect() as connection:
        exported = write_export(connection, tmp_path / "export")
    assert (exported.entries, exported.checkpoints) == (24, 3)
    assert exported.digest == sha256((tmp_path / "export" / "log.jsonl").read_bytes()).hexdigest()
    return tmp_path / "export"


def test_an_export_is_verified_by_the_program_beside_it_alone(folder: Path, house: House):
    """Isolated Python: no workbench on its path, only the standard library and `cryptography`."""
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            "verifier.py",
            "log.jsonl",
            "--trust",
            house.trust,
            "--witness",
            "checkpoints.txt",
            "--json",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["entries"] == 24


def test_the_verifier_imports_nothing_of_the_product(folder: Path):
    foreign = "('workbench', 'sqlalchemy', 'rfc8785')"
    code = (
        "import runpy, sys; runpy.run_path('verifier.py'); "
        f"print(*sorted(name for name in sys.modules if name.startswith({foreign})))"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def lines(folder: Path) -> list[bytes]:
    return (folder / "log.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "first_bad", "code"),
    [
        (lambda all_: [*all_[:10], all_[10].replace(b'"instances":', b'"instances":9'), *all_[11:]], 10, "chain"),
        (lambda all_: all_[:10] + all_[11:], 10, "number"),
        (lambda all_: [*all_[:10], all_[11], all_[10], *all_[12:]], 10, "number"),
        (lambda all_: [*all_[:11], all_[10], *all_[11:]], 11, "number"),
        (lambda all_: all_[:20], 20, "truncated"),
        (lambda all_: [*all_[:23], all_[23].replace(b'"instances":', b'"instances":9')], 16, "root"),
        (lambda all_: [*all_[:10], b"\n", *all_[10:]], 10, "body"),
        (lambda all_: [*all_[:10], b"x" * 3_000_000 + b"\n", *all_[11:]], 10, "type"),
        (lambda all_: [line.replace(b"\n", b"\r\n") for line in all_], 0, "body"),
        (lambda all_: [], 0, "truncated"),
    ],
)
def test_an_altered_export_is_found(change, first_bad: int, code: str, folder: Path, house: House):
    (folder / "log.jsonl").write_bytes(b"".join(change(lines(folder))))
    verdict = verify_log(folder / "log.jsonl", house.trust, folder / "checkpoints.txt")
    assert code in codes(verdict)
    assert verdict.first_bad == first_bad, verdict.text()


def test_an_export_is_covered_to_its_last_entry(house: House, tmp_path: Path):
    house.write(3)
    with house.engine.connect() as connection:
        write_export(connection, tmp_path / "later")
    verdict = verify_log(tmp_path / "later" / "log.jsonl", house.trust, tmp_path / "later" / "checkpoints.txt")
    assert (verdict.ok, verdict.witnessed, verdict.notices) == (True, 27, ())


def test_an_empty_log_is_exported_and_proves_nothing(tmp_path: Path):
    house = House(tmp_path).build(0)
    with house.engine.connect() as connection:
        assert write_export(connection, tmp_path / "empty").checkpoints == 0
    assert not verify_log(tmp_path / "empty" / "log.jsonl", house.trust, tmp_path / "empty" / "checkpoints.txt").ok


def test_entries_without_any_checkpoint_prove_nothing(folder: Path, house: House):
    assert codes(verify_log(folder / "log.jsonl", house.trust)) == {"unproven"}


def test_rows_of_any_database_can_be_verified(house: House):
    with house.engine.connect() as connection:
        rows = [
            tuple(row) for row in connection.exec_driver_sql("SELECT seq, body, hash FROM audit_event ORDER BY seq")
        ]
    assert verify_log(rows, house.trust, house.witness).ok
    rows[10] = (10, rows[10][1], None)
    assert verify_log(rows, house.trust, house.witness).first_bad == 10


def test_an_export_is_never_written_over_something(folder: Path, house: House):
    with house.engine.connect() as connection, pytest.raises(UsageError) as refused:
        write_export(connection, folder)
    assert refused.value.code == "export-exists"


def test_the_command_ends_with_3_when_nothing_is_proven(house: House, capsys: pytest.CaptureFixture[str]):
    arguments = [str(house.database), "--trust", house.trust, "--witness", str(house.witness)]
    assert main(arguments) == 0
    assert "Record verified." in capsys.readouterr().out
    house.witness.write_bytes(b"")
    assert main([*arguments, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["ok"] is False
    with pytest.raises(SystemExit) as usage:
        main([])
    assert usage.value.code == 2
