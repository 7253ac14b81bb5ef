"""Rules for burned-in text: proposed, approved by a second person, learned from approved versions, applied."""

import io
import sqlite3
from contextlib import closing

import pydicom
import pytest

from tests.flow.conftest import write_ct
from workbench.flow import importing, machine, preparing, region_rules, reviewing, rule_trial
from workbench.pixels.cleaning import Cleaning
from workbench.pixels.examining import Examined
from workbench.pixels.layout import Area
from workbench.pixels.proposing import HeaderRules
from workbench.pixels.region_rules import DeviceRule, Group, Test
from workbench.records.errors import IntegrityBroken, NotPermitted, UsageError, WorkbenchError, WrongState
from workbench.records.region import Region, RegionDecision, RegionSource

MODEL, ROWS = 0x00081090, 0x00280010
RULE = DeviceRule("banner", "site", Test("is", ROWS, "128"), (Area(2, 2, 42, 10),))


def propose(house, who="anna", rule=RULE):
    (row,) = region_rules.propose_rules(house.workbench, house[who], rules=[rule])
    return row


def approve(house, rule="RL-000001", who="olga"):
    return region_rules.approve_rule(house.workbench, house[who], rule=rule)


def code_of(kind: type[WorkbenchError], call):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.hint
    return caught.value.code


def test_a_rule_counts_once_a_second_person_approved_it(house):
    row = propose(house)
    assert (row.rule, row.state, row.origin, row.proposed_by) == ("RL-000001", "proposed", "site", "anna")
    assert region_rules.approved_rules(house.workbench) == ()
    assert approve(house).decided_by == "olga"
    assert region_rules.approved_rules(house.workbench) == (RULE,)
    assert house.events("pixel-rule.proposed", "pixel-rule.approved") == ["pixel-rule.proposed", "pixel-rule.approved"]
    row, whole = region_rules.show_rule(house.workbench, house["vera"], rule="RL-000001")
    assert (whole, row.areas) == (RULE, RULE.areas)


def test_who_proposed_a_rule_does_not_approve_it(house):
    propose(house, "both")
    assert code_of(NotPermitted, lambda: approve(house, who="both")) == "second-person-needed"
    assert house.events("permission.denied") == ["permission.denied"]
    assert region_rules.list_rules(house.workbench, house["vera"])[0].state == "proposed"
    assert approve(house, who="paul").state == "approved"


@pytest.mark.parametrize("who", ["vera", "rita", "root"])
def test_others_neither_propose_nor_decide(house, who):
    assert code_of(NotPermitted, lambda: propose(house, who)) == "role-not-permitted"
    propose(house)
    assert code_of(NotPermitted, lambda: approve(house, who=who)) == "role-not-permitted"


def test_a_technician_does_not_decide(house):
    propose(house)
    for call in (region_rules.reject_rule, region_rules.withdraw_rule):
        with pytest.raises(NotPermitted):
            call(house.workbench, house["tom"], rule="RL-000001", reason="x")
    assert code_of(NotPermitted, lambda: approve(house, who="tom")) == "role-not-permitted"


def test_a_rule_is_rejected_or_withdrawn_with_a_reason_that_stays_sealed(house):
    propose(house)
    region_rules.reject_rule(house.workbench, house["olga"], rule="RL-000001", reason="covers CANARY")
    assert code_of(WrongState, lambda: approve(house)) == "rule-decided"
    propose(house)
    approve(house, "RL-000002")
    region_rules.withdraw_rule(house.workbench, house["olga"], rule="RL-000002", reason="CANARY")
    assert region_rules.approved_rules(house.workbench) == ()
    states = [row.state for row in region_rules.list_rules(house.workbench, house["anna"])]
    assert states == ["rejected", "withdrawn"]
    with house.workbench.database.reading() as reading:
        bodies = b"".join(entry.body for entry in reading.ledger.entries())
        last = [entry for entry in reading.ledger.entries() if entry.kind == "pixel-rule.withdrawn"][-1]
        assert reading.assurances.text(last.seq) == "CANARY"
    assert b"CANARY" not in bodies
    assert b"banner" not in bodies


def test_a_reason_is_needed(house):
    propose(house)
    with pytest.raises(UsageError):
        region_rules.reject_rule(house.workbench, house["olga"], rule="RL-000001", reason=" ")


def test_rules_that_ask_for_a_person_are_refused_and_nothing_is_written(house):
    odd = DeviceRule("x", "site", Test("equals", 0x00100010, "DOE^JANE"), (Area(0, 0, 9, 9),))
    with pytest.raises(UsageError) as refused:
        region_rules.propose_rules(house.workbench, house["anna"], rules=[RULE, odd])
    assert "DOE" not in refused.value.message
    assert region_rules.list_rules(house.workbench, house["anna"]) == ()


def test_an_approval_that_the_log_does_not_prove_counts_for_nothing(house):
    propose(house)
    approve(house)
    propose(house, rule=DeviceRule("other", "site", RULE.when, (Area(0, 0, 128, 128),)))
    with closing(sqlite3.connect(house.made.home / "workbench.sqlite")) as database, database:
        database.execute(
            "UPDATE pixel_rule SET state = 'approved', decided_by = (SELECT id FROM account WHERE name = 'olga'),"
            " entry = (SELECT entry FROM pixel_rule WHERE id = 'RL-000001') WHERE id = 'RL-000002'"
        )
    with pytest.raises(IntegrityBroken) as broken:
        region_rules.approved_rules(house.workbench)
    assert broken.value.code == "rule-differs"


class Look:
    """Says what it was told at the first look at each source, and nothing about a redacted copy."""

    def __init__(self, regions):
        self.regions = regions

    def look(self, path, *, black=None):
        return Examined(() if path.name.startswith("redacted") else self.regions, (), 1)


@pytest.fixture
def shows(monkeypatch):
    """Let images show a text at these places; without an argument nothing."""

    def show(*areas):
        regions = tuple(
            Region((1,), x, y, r - x, b - y, RegionSource.TEXT, 1.0, "DOE", RegionDecision.REDACT, "text")
            for x, y, r, b in areas
        )
        made = Look(regions)
        examined = lambda files, *_more: {n: Examined(regions, (), 1) for n, _path in files}  # noqa: E731
        monkeypatch.setattr(preparing, "_look", examined)
        monkeypatch.setattr(preparing, "check_models", lambda _mode: None)
        monkeypatch.setattr(
            machine, "cleaning", lambda mode, rules=(): Cleaning(mode, lambda: made, HeaderRules(rules))
        )

    return show


def arrive(house, tmp_path, number, **changes):
    folder = write_ct(tmp_path / f"in-{number}", instances=1, patient_id=f"P{number}", name=f"Doe^{number}", **changes)
    importing.import_paths(house.workbench, house["anna"], paths=[folder])
    return f"WB-{number:06d}"


def prepare(house, study):
    preparing.prepare(house.workbench, house["anna"], study=study, scope="trial-7", pixels="clean")


def approve_version(house, study):
    reviewing.submit(house.workbench, house["anna"], study=study)
    reviewing.approve(house.workbench, house["olga"], study=study)


def blackened(house, study):
    """The first output, as far as it is black in the corner."""

    with house.workbench.database.reading() as reading:
        made = reading.preparations.current(study)
        (row,) = reading.preparations.instances(made.id)
    with house.workbench.objects.open(row.object) as stored:
        pixels = pydicom.dcmread(io.BytesIO(stored.read())).pixel_array
    return (pixels[2:10, 2:42] == pixels[2, 2]).all()


def test_what_recurs_in_approved_versions_is_learned_approved_and_applied(house, tmp_path, shows):
    shows((2, 2, 42, 10))
    for number in (1, 2):
        study = arrive(house, tmp_path, number)
        prepare(house, study)
        if number == 1:
            assert region_rules.learn_rules(house.workbench, house["anna"], at_least=2) == ()
        approve_version(house, study)
    assert region_rules.learn_rules(house.workbench, house["anna"], at_least=3) == ()
    (row,) = region_rules.learn_rules(house.workbench, house["anna"], at_least=2)
    assert (row.origin, row.studies, row.seen, row.expired) == ("learned", 2, 2, False)
    assert row.areas == (Area(2, 2, 42, 10),)
    assert region_rules.learn_rules(house.workbench, house["tom"], at_least=2) == ()  # it waits already
    assert [each.rule for each in region_rules.list_rules(house.workbench, house["vera"], proposed=True)] == [row.rule]
    approve(house)

    shows()
    third = arrive(house, tmp_path, 3)
    prepare(house, third)
    assert blackened(house, third)
    other = arrive(house, tmp_path, 4, SoftwareVersions="another")
    prepare(house, other)
    assert not blackened(house, other)
    approve_version(house, other)
    (row,) = region_rules.list_rules(house.workbench, house["vera"])
    assert row.expired
    assert row.state == "approved"


def test_one_study_is_no_pattern(house):
    with pytest.raises(UsageError) as refused:
        region_rules.learn_rules(house.workbench, house["anna"], at_least=1)
    assert refused.value.code == "studies-too-few"


def test_a_trial_says_which_of_the_newest_studies_a_rule_is_for(house, tmp_path):
    arrive(house, tmp_path, 1)
    arrive(house, tmp_path, 2, Manufacturer="Another", series=2)
    when = Group("all", (Test("is", ROWS, "128"), Test("contains", 0x00080070, "GE")))
    rules = [
        DeviceRule("ours", "site", when, RULE.areas),
        DeviceRule("far", "site", Test("is", ROWS, "128"), (Area(500, 0, 600, 9),)),
    ]
    steps = []

    def trial(last, chosen=rules, who="anna"):
        return rule_trial.try_on_studies(
            house.workbench, house[who], rules=chosen, last=last, on_progress=lambda *at: steps.append(at)
        )

    done = trial(10)
    assert (done.of, done.instances, done.not_read) == (2, 3, 0)
    assert set(done.hit) == {"WB-000001", "WB-000002"}
    assert [(each.rule, each.images, each.other_size) for each in done.rules] == [("ours", 1, 0), ("far", 3, 3)]
    assert steps == [(1, 2), (2, 2)]
    assert trial(10, rules[:1]).hit == ("WB-000001",)
    assert trial(1, rules[:1]).hit == ()
    with pytest.raises(NotPermitted):
        trial(1, who="vera")
    assert not any((house.workbench.staging).glob("*/content"))


def test_a_trial_on_files_tells_them_by_index(tmp_path):
    folder = write_ct(tmp_path / "in", instances=2)
    (folder / "9-broken.dcm").write_bytes(b"nothing")
    done = rule_trial.try_on_files([RULE], [folder], on_progress=lambda *_at: None)
    assert (done.of, done.hit, done.not_read) == (3, ("0", "1"), 1)
