"""The doctor finds what is wrong with an installation or a home, says what to do, and changes nothing."""

import sqlite3

import pytest

from workbench.flow import doctor
from workbench.pixels.jpeg_blocks import library


def failed(checks):
    return {check.name for check in checks if not check.ok}


def test_a_sound_home_has_no_findings_and_no_hints(prepared):
    before = len(prepared.events())
    checks = doctor.examine(prepared.made.home)
    assert failed(checks) == set()
    assert not [check.hint for check in checks if check.hint]
    assert len(prepared.events()) == before


def test_no_home_is_a_finding(tmp_path):
    assert failed(doctor.examine(tmp_path)) == {"home"}


def test_no_library_to_blank_jpeg_frames_is_a_finding_that_says_what_it_means(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.pixels.jpeg_blocks.candidates", list)
    library.cache_clear()
    checks = {check.name: check for check in doctor.examine(tmp_path)}
    library.cache_clear()
    assert not checks["redaction of JPEG"].ok
    assert "held back" in checks["redaction of JPEG"].result
    assert "Pillow" in checks["redaction of JPEG"].hint


def _damage_object(house):
    with house.workbench.database.reading() as reading:
        name = reading.studies.instances("WB-000001")[0].object
    house.workbench.objects.path_of(name).unlink()


def _alter_log(house):
    with sqlite3.connect(house.made.home / "workbench.sqlite") as database:
        database.execute("DROP TRIGGER audit_event_no_update")
        (body,) = database.execute("SELECT body FROM audit_event WHERE seq = 3").fetchone()
        database.execute("UPDATE audit_event SET body = ? WHERE seq = 3", (body.replace(b'"at":"2026', b'"at":"2025'),))


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda house: house.made.keys.chmod(0o755), "keys private"),
        (lambda house: house.made.home.chmod(0o755), "home private"),
        (lambda house: house.made.witness.unlink(), "witness file"),
        (lambda house: house.made.keys.rename(house.made.keys.with_name("gone")), "private"),
        (_damage_object, "stored objects"),
        (_alter_log, "audit log"),
    ],
)
def test_each_damage_is_found_with_a_next_step(prepared, spoil, name):
    spoil(prepared)
    checks = doctor.examine(prepared.made.home)
    assert name in failed(checks)
    assert all(check.hint for check in checks if not check.ok)


def test_a_clock_that_went_back_is_found(prepared, monkeypatch):
    monkeypatch.setattr(doctor, "utc_now", lambda: prepared.clock.now.replace(year=2020))
    assert "clock" in failed(doctor.examine(prepared.made.home))
