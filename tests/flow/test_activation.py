"""A profile of one's own is used once it was tested, and by somebody else than who activated it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from workbench.flow import activation, importing, offered, preparing, queries
from workbench.records.errors import IntegrityBroken, NotPermitted, ProfileError, WorkbenchError, WrongState

HEAD = "profile: {name}\nversion: 1\ntitle: A trial\nstandard: ps315-2026d\nextends: {of}\n"
KEEPS = "rules:\n  - {{tag: {tag}, do: keep, why: the trial needs it, signed: Olga}}\n"

pytestmark = pytest.mark.usefixtures("quick_twin")


@pytest.fixture
def arrived(house, ct):
    importing.import_paths(house.workbench, house["anna"], paths=[ct])
    return house


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "trial.yaml"
    file.write_text(HEAD.format(name="trial", of="basic") + KEEPS.format(tag="EchoTime"))
    return file


def activate(house, file, who="olga"):
    return activation.activate(house.workbench, house[who], profile=file)


def prepare(house, profile, who="anna"):
    return preparing.prepare(
        house.workbench, house[who], study="WB-000001", scope="trial-7", profile=str(profile), pixels="off"
    )


def code_of(call, kind: type[WorkbenchError] = WrongState):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.hint
    return caught.value.code


def last(house, kind):
    with house.workbench.database.reading() as reading:
        return [entry for entry in reading.ledger.entries() if entry.kind == kind][-1]


def test_a_profile_that_passed_is_used_by_file_and_by_name(arrived, good):
    assert code_of(lambda: prepare(arrived, good)) == "profile-not-activated"
    done = activate(arrived, good)
    assert [test.leaked for test in done.tests] == [0]
    tested, activated = last(arrived, "profile.tested"), last(arrived, "profile.activated")
    assert tested.data["passed"] is True
    assert tested.data["threshold"] == 1_000_000
    assert tested.data["planted"] > 10
    assert tested.data["edition"] == "ps315-2026d"
    assert activated.data["profile_digest"] == done.profile_digest
    assert activated.data["software"] == arrived.workbench.software
    assert b"Olga" not in activated.body + tested.body
    assert prepare(arrived, good).profile_digest == done.profile_digest
    good.unlink()
    assert prepare(arrived, "trial").profile_digest == done.profile_digest
    assert prepare(arrived, "").profile == "trial"  # as before


def test_an_activated_profile_can_be_chosen_in_the_app(arrived, good):
    before = offered.offered_profiles(arrived.workbench)
    activate(arrived, good)
    assert [row.name for row in offered.offered_profiles(arrived.workbench) if row.own] == ["trial"]
    assert not any(row.own for row in before)
    kept = {row.name for row in offered.profile_sheet(arrived.workbench, "trial")}
    assert "Echo Time" in kept


@pytest.mark.parametrize("tag", ["PatientName", "ReferringPhysicianName"])
def test_a_profile_that_leaks_is_on_record_and_not_activated(arrived, good, tag):
    good.write_text(HEAD.format(name="trial", of="basic") + KEEPS.format(tag=tag))
    assert code_of(lambda: activate(arrived, good)) == "profile-leaks"
    tested = last(arrived, "profile.tested")
    assert tested.data["passed"] is False
    assert tested.data["leaked"] > 0
    assert arrived.events("profile.activated") == []
    assert code_of(lambda: prepare(arrived, good)) == "profile-not-activated"
    assert code_of(lambda: prepare(arrived, "trial"), ProfileError) == "unknown-profile"


def test_what_was_changed_since_has_to_be_activated_again(arrived, good):
    activate(arrived, good)
    good.write_text(good.read_text().replace("EchoTime", "RepetitionTime"))
    assert code_of(lambda: prepare(arrived, good)) == "profile-not-activated"
    assert arrived.events("permission.denied") == ["permission.denied"]


def test_another_version_of_the_software_asks_for_another_test(arrived, good):
    activate(arrived, good)
    newer = replace(arrived.workbench, software="99.0")
    with pytest.raises(WrongState) as refused:
        preparing.prepare(newer, arrived["anna"], study="WB-000001", scope="trial-7", profile="trial", pixels="off")
    assert refused.value.code == "profile-not-activated"
    assert "another version" in refused.value.message
    assert [row for row in offered.offered_profiles(newer) if row.own] == []


def test_shipped_profiles_need_no_activation(arrived):
    assert prepare(arrived, "research").profile == "research"
    assert arrived.events("profile.tested") == []


def test_who_prepares_is_not_who_activated(arrived, good):
    for who in ("anna", "vera", "rita", "root"):
        with pytest.raises(NotPermitted):
            activate(arrived, good, who)
    assert arrived.events("profile.tested") == []
    activate(arrived, good, "both")
    assert code_of(lambda: prepare(arrived, "trial", "both"), NotPermitted) == "second-person-needed"
    assert prepare(arrived, "trial", "anna").profile == "trial"
    activate(arrived, good, "olga")
    assert prepare(arrived, "trial", "both").profile == "trial"


def test_an_activation_that_the_log_does_not_prove_counts_for_nothing(arrived, good):
    activate(arrived, good)
    with closing(sqlite3.connect(arrived.made.home / "workbench.sqlite")) as database, database:
        database.execute("UPDATE activation SET entry = 1")
    assert code_of(lambda: prepare(arrived, "trial"), IntegrityBroken) == "activation-differs"
    with closing(sqlite3.connect(arrived.made.home / "workbench.sqlite")) as database, database:
        database.execute("UPDATE activation SET profile_digest = ?", ("d" * 64,))
    assert code_of(lambda: prepare(arrived, "trial")) == "profile-not-activated"


@pytest.mark.parametrize(
    ("name", "of", "code"),
    [
        ("7-trial", "basic", "profile-name-unfit"),
        ("basic", "basic", "profile-name-taken"),
        ("child", "{folder}/trial.yaml", "profile-extends-file"),
    ],
)
def test_what_could_change_or_be_mistaken_is_not_activated(arrived, good, tmp_path, name, of, code):
    file = tmp_path / "child.yaml"
    file.write_text(HEAD.format(name=name, of=of.format(folder=tmp_path)) + "why: a test\nsigned: Olga\n")
    assert good.exists()
    assert code_of(lambda: activate(arrived, file), ProfileError) == code
    assert code_of(lambda: activate(arrived, tmp_path / "missing.yaml"), ProfileError) == "unknown-profile"


def test_a_twin_of_own_objects_is_tested_too(arrived, good, ct):
    done = activation.activate(arrived.workbench, arrived["olga"], profile=good, like=ct)
    assert [test.twin_of for test in done.tests] == ["the standard's objects", "own objects"]
    assert last(arrived, "profile.tested").data["planted"] == sum(test.planted for test in done.tests)
    assert queries.study_view(arrived.workbench, arrived["olga"], study="WB-000001").preparation is None
