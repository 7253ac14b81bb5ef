"""Late instances: a version follows another, keeps what is byte for byte the same, and asks about the rest only."""

import sqlite3
from contextlib import closing

import pytest

from tests.flow import fakes
from workbench.flow import importing, preparing, queries, recipients, releasing, reviewing
from workbench.flow.succession import plain_hold
from workbench.records.errors import UsageError, WrongState

KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
US = "series-1.ultrasound"


@pytest.fixture(autouse=True)
def faked(monkeypatch):
    fakes.install(monkeypatch)


def tiny(folder, *, count=1, start=1, series=1, **given):
    for number in range(start, start + count):
        uid = f"1.2.3.{series}.{number}"
        fakes.write_tiny(
            folder / f"{series}-{number}.dcm", study="1.2.3", series=f"1.2.3.{series}", instance=uid, **given
        )
    return folder


def bring(house, folder):
    return importing.import_paths(house.workbench, house["anna"], paths=[folder])


def prepare(house, scope="trial-7", **given):
    return preparing.prepare(house.workbench, house["anna"], study="WB-000001", scope=scope, pixels="off", **given)


def submit(house):
    reviewing.submit(house.workbench, house["anna"], study="WB-000001")


def approve(house, *accept, who="olga"):
    submit(house)
    reviewing.approve(house.workbench, house[who], study="WB-000001", accept=accept)


def release(house):
    return releasing.create_release(
        house.workbench,
        house["olga"],
        recipient="Trial 7",
        purpose="research",
        basis="de-identified",
        expires_days=30,
        studies=["WB-000001"],
    )


@pytest.fixture
def accepted(house, tmp_path):
    """An ultrasound series, approved with its hold accepted by name."""
    recipients.add_recipient(house.workbench, house["olga"], name="Trial 7", key=KEY)
    bring(house, tiny(tmp_path / "first", count=2, ultrasound=True))
    prepare(house)
    approve(house, US)
    return house


def test_only_what_is_new_needs_eyes_and_the_approval_is_a_new_one(accepted, tmp_path):
    bring(accepted, tiny(tmp_path / "late", start=3, ultrasound=True))
    made = prepare(accepted)
    assert (made.follows, made.unchanged, made.instances) == (1, 2, 3)
    assert [(hold.name, hold.accepted, hold.before, hold.instances) for hold in made.holds] == [
        (US, True, 1, 2),
        (f"{US}.v2", False, 0, 1),
    ]
    assert made.held == 1
    with pytest.raises(WrongState):
        release(accepted)
    approve(accepted, who="paul")
    assert release(accepted).instances == 2
    reviewing.withdraw(accepted.workbench, accepted["olga"], study="WB-000001", reason="all of it")
    prepare(accepted)
    approve(accepted, US)
    assert release(accepted).instances == 3


def test_unchanged_instances_are_the_same_objects(accepted, tmp_path):
    def outputs():
        with accepted.workbench.database.reading() as reading:
            made = reading.preparations.current("WB-000001")
            return {row.instance: (row.object, row.leaf) for row in reading.preparations.instances(made.id)}

    before = outputs()
    bring(accepted, tiny(tmp_path / "late", start=3))
    prepare(accepted)
    after = outputs()
    assert before.items() <= after.items()
    assert len(after) == 3


def test_the_entry_names_the_version_before_and_what_is_unchanged(accepted, tmp_path):
    bring(accepted, tiny(tmp_path / "late", start=3))
    prepare(accepted)
    with accepted.workbench.database.reading() as reading:
        entry = [entry for entry in reading.ledger.entries() if entry.kind == "study.prepared"][-1]
    assert (entry.data["predecessor"], entry.data["unchanged"]) == ("PR-000001", 2)
    story = queries.study_view(accepted.workbench, accepted["olga"], study="WB-000001").story
    assert "2 unchanged since the version before" in story[-1].text


def test_a_taken_over_acceptance_goes_on_through_several_versions(accepted, tmp_path):
    for number in (3, 4):
        bring(accepted, tiny(tmp_path / str(number), start=number, ultrasound=True))
        made = prepare(accepted)
    assert [(hold.name, hold.accepted, hold.before) for hold in made.holds] == [
        (US, True, 1),
        (f"{US}.v2", False, 0),
        (f"{US}.v3", False, 0),
    ]
    approve(accepted, f"{US}.v3", who="paul")
    assert release(accepted).instances == 3


@pytest.mark.parametrize("how", ["returned", "withdrawn", "other scope", "other profile"])
def test_nothing_is_taken_over_from_a_decision_that_was_undone_or_of_something_else(accepted, tmp_path, how):
    given = {}
    if how == "withdrawn":
        reviewing.withdraw(accepted.workbench, accepted["olga"], study="WB-000001", reason="a mistake")
    if how == "returned":
        prepare(accepted)
        submit(accepted)
        reviewing.send_back(accepted.workbench, accepted["olga"], study="WB-000001", reason="look again")
    if how == "other scope":
        given["scope"] = "trial-8"
    if how == "other profile":
        given["profile"] = "research"
    made = prepare(accepted, **given)
    assert [(hold.name, hold.accepted) for hold in made.holds] == [(US, False)]


def test_what_comes_out_otherwise_is_not_unchanged(accepted, monkeypatch):
    honest = fakes._clean

    def otherwise(dataset, code, **given):
        honest(dataset, code, **given)
        dataset.ImageComments = "prepared by a newer version"

    monkeypatch.setattr(fakes, "_clean", otherwise)
    made = prepare(accepted)
    assert (made.unchanged, [(hold.name, hold.accepted) for hold in made.holds]) == (0, [(f"{US}.v2", False)])


def test_an_acceptance_that_the_log_does_not_know_is_not_taken_over(house, tmp_path):
    bring(house, tiny(tmp_path / "first", count=2, ultrasound=True))
    bring(house, tiny(tmp_path / "plain", series=2))
    prepare(house)
    approve(house)
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute(
            "UPDATE hold SET accepted_by = ?, accepted_at = '2026-03-01T08:00:00.000000Z'", (house["olga"].user_id,)
        )
    made = prepare(house)
    assert [(hold.name, hold.accepted) for hold in made.holds] == [(US, False)]


def test_scope_and_profile_are_those_of_the_version_before(house, tmp_path):
    bring(house, tiny(tmp_path / "first"))
    with pytest.raises(UsageError) as refused:
        prepare(house, scope="")
    assert refused.value.code == "scope-missing"
    first = prepare(house, scope="trial-7", profile="research")
    again = prepare(house, scope="")
    assert (again.scope, again.profile, again.root) == ("trial-7", "research", first.root)


def test_an_unknown_hold_is_refused_with_the_names_of_those_that_wait(house, tmp_path):
    bring(house, tiny(tmp_path / "first", count=2, ultrasound=True))
    prepare(house)
    submit(house)
    with pytest.raises(UsageError) as refused:
        reviewing.approve(house.workbench, house["olga"], study="WB-000001", accept=["series-1.ultrasond"])
    assert refused.value.code == "hold-unknown"
    assert US in refused.value.hint


def test_the_name_of_a_hold_without_its_version():
    assert plain_hold(f"{US}.v12") == US
    assert plain_hold(US) == US
