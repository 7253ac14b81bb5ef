"""Private attributes: off, three levels of two lists, rules of a profile; and never what nobody can read."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import profiles
from workbench.profiles.compiling import plan_of
from workbench.profiles.private_attributes import LEVELS
from workbench.records.action import Action
from workbench.records.errors import ProfileError
from workbench.standard import safe_private

RESEARCH = plan_of(profiles.load("research"))
PHILIPS = "Philips Imaging DD 001"
OWN = """
profile: own
version: 1
title: T
extends: research
"""


@pytest.fixture
def plan(tmp_path):
    def compile_(text: str, level: str = "numeric", table: str = "e3.10-1"):
        path = tmp_path / "own.yaml"
        path.write_text(
            f"{OWN}{'rules:' if text else ''}\n{text}private: {{mode: {level}, table: {table}}}\n", encoding="utf-8"
        )
        return profiles.compile_plan(profiles.load(str(path)))

    return compile_


@pytest.mark.parametrize(
    ("creator", "tag", "vr", "numeric", "coded", "listed"),
    [
        (PHILIPS, 0x20010003, "FL", "K", "K", "K"),  # diffusion b-factor
        (PHILIPS, 0x20010003, "UN", "K", "K", "K"),  # as it comes in implicit syntax
        (f"{PHILIPS} ", 0x20010003, "FL", "K", "K", "K"),  # padded
        (PHILIPS, 0x20010003, "LO", "X", "X", "X"),  # not what the list promises
        (PHILIPS, 0x20010003, "OB", "X", "X", "X"),
        (PHILIPS, 0x20010008, "IS", "V", "V", "V"),  # a number as text is checked
        (PHILIPS, 0x20010004, "CS", "X", "V", "V"),  # diffusion direction
        (PHILIPS, 0x200100C1, "LO", "X", "X", "C"),  # nested object type name
        (PHILIPS, 0x200100C1, "PN", "X", "X", "X"),
        ("NQHeader", 0x00990002, "UI", "X", "U", "U"),  # analyzed series UID
        ("HOLOGIC, Inc.", 0x7E010012, "OB", "X", "X", "K"),
        ("Somebody", 0x20010003, "FL", "X", "X", "X"),
        (PHILIPS, 0x20030003, "FL", "X", "X", "X"),
        ("SIEMENS CSA HEADER", 0x00290010, "OB", "X", "X", "X"),
        ("SIEMENS CSA HEADER", 0x00290020, "UN", "X", "X", "X"),
    ],
)
def test_each_level_lets_more_stay(plan, creator, tag, vr, numeric, coded, listed):
    for level, letter in (("numeric", numeric), ("coded", coded), ("listed", listed)):
        rule = plan("", level).private_rule(creator, tag, vr)
        assert rule.action.value == letter, (level, rule)
        assert profiles.words(rule.origin).endswith(".")


def test_a_value_that_the_file_calls_unknown_is_what_the_list_says(plan):
    rule = plan("").private_rule(PHILIPS, 0x20010003, "UN")
    assert (rule.vr, rule.action) == ("FL", Action.KEEP)


def test_dates_follow_the_mode_of_the_profile(plan):
    place = ("GEMS_PETD_01", 0x0009000D, "DT")
    rule = plan("", "listed", "tcia").private_rule(*place)
    assert (rule.action, rule.kind) == (Action.CLEAN, "date")
    profile = profiles.load("research")
    for dates, letter in (("full", "K"), ("removed", "X"), ("year_only", "C")):
        told = replace(profile, dates=dates, private="listed", private_table="tcia")
        assert plan_of(told).private_rule(*place).action.value == letter


def test_the_list_of_tcia_is_longer_and_holds_no_bytes_and_no_name():
    rows = safe_private.safe_private("tcia")
    assert len(rows) > 2000
    assert len({(row.group, row.creator, row.element) for row in rows}) == len(rows)
    assert all(row.group & 1 for row in rows)
    assert not {row.vr for row in rows} & {"", "OB", "OW", "UN", "PN", "AE", "UR"}
    names = " ".join(row.meaning for row in rows if row.vr in {"LO", "SH", "ST", "LT", "UT"}).lower()
    for word in ("physician", "operator", "patient name", "institution", "comment", "serial"):
        assert word not in names


@pytest.mark.parametrize("level", sorted(LEVELS))
@pytest.mark.parametrize("table", sorted(safe_private.NAMES))
def test_what_is_promised_to_stay_is_what_may_stay(plan, level, table):
    plan = plan("", level, table)
    promised = plan.promises().retained_private
    assert promised
    for row in safe_private.safe_private(table):
        vr = (row.vr or "FD").split(" or ")[0]
        rule = plan.private_rule(row.creator, row.group << 16 | row.element, vr)
        assert (rule.action is not Action.REMOVE) <= ((row.group, row.creator, row.element) in promised)


@given(st.text(max_size=20), st.integers(0, 0xFFFFFFFF), st.sampled_from(["UN", "LO", "FL", "OB", "SQ", "PN", ""]))
def test_what_nobody_lists_never_stays(creator, tag, vr):
    if safe_private.find(tag >> 16, creator, tag & 0xFF) is None:
        assert RESEARCH.private_rule(creator, tag, vr).action is Action.REMOVE


def test_without_the_option_nothing_stays():
    for name in ("basic", "safe-harbor", "limited-data-set", "teleradiology"):
        plan = profiles.compile_plan(profiles.load(name))
        assert plan.private_rule(PHILIPS, 0x20010003, "FL").action is Action.REMOVE
        assert not plan.keeps_private
        assert not plan.promises().retained_private


def test_a_rule_of_the_profile_decides_about_its_attribute(plan):
    keep = '  - {private: ["0019", SIEMENS MR HEADER, "0C"], do: keep, vr: IS, why: b-value, signed: me}\n'
    drop = f'  - {{private: ["2001", {PHILIPS}, "03"], do: remove, why: w}}\n'
    told = plan(keep + drop)
    kept = told.private_rule("SIEMENS MR HEADER", 0x0019000C, "UN")
    assert (kept.action, kept.vr, kept.why) == (Action.KEEP, "IS", "b-value")
    assert kept.origin == "profile own rule (0019,SIEMENS MR HEADER,0C)"
    assert told.private_rule("SIEMENS MR HEADER", 0x0019000C, "OB").action is Action.REMOVE
    assert told.private_rule(PHILIPS, 0x20010003, "FL").action is Action.REMOVE
    promised = told.promises().retained_private
    assert (0x0019, "SIEMENS MR HEADER", 0x0C) in promised
    assert (0x2001, PHILIPS, 0x03) not in promised
    assert told.digest != plan("").digest
    assert any(line.tag == "(0019,SIEMENS MR HEADER,0C)" for line in profiles.sheet(told))
    said = " ".join(profiles.explain(told, "0019,SIEMENS MR HEADER,0C").sentences)
    assert "its rule for (0019,SIEMENS MR HEADER,0C)" in said


def test_bytes_stay_by_the_list_alone(plan):
    csa = '  - {private: ["0029", SIEMENS CSA HEADER, "10"], do: keep, vr: OB, why: w, signed: me}\n'
    for vr in ("OB", "UN"):
        assert plan(csa, "listed").private_rule("SIEMENS CSA HEADER", 0x00290010, vr).action is Action.REMOVE


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ('{private: ["0019", "", "0C"], do: keep, why: w, signed: me}', "private-rule-without-creator"),
        ('{private: ["0019", "0C"], do: keep, why: w, signed: me}', "private-rule-without-creator"),
        ('{private: ["0018", X, "0C"], do: keep, why: w, signed: me}', "profile-invalid"),
        ('{private: ["0019", X, "10C"], do: keep, why: w, signed: me}', "profile-invalid"),
        ('{private: ["0019", X, "0C"], do: dummy, why: w, signed: me}', "profile-invalid"),
        ('{private: ["0019", X, "0C"], do: keep, vr: PN, why: w, signed: me}', "profile-invalid"),
        ('{private: ["0019", X, "0C"], do: keep, why: w}', "rule-weaker-without-reason"),
        ('{private: ["0019", X, "0C"], do: keep}', "profile-invalid"),
    ],
)
def test_rules_on_private_attributes_are_read_strictly(plan, rule, code):
    with pytest.raises(ProfileError) as caught:
        plan(f"  - {rule}\n")
    assert caught.value.code == code


def test_mode_and_option_must_say_the_same(tmp_path):
    for text in ("extends: research\nprivate: {mode: remove}", "extends: basic\nprivate: {mode: numeric}"):
        path = tmp_path / "own.yaml"
        path.write_text(f"profile: own\nversion: 1\ntitle: T\n{text}\n", encoding="utf-8")
        with pytest.raises(ProfileError) as caught:
            profiles.compile_plan(profiles.load(str(path)))
        assert caught.value.code == "private-contradicts"
