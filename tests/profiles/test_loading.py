"""Profiles are read strictly, inherited visibly, and refused with a next step."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workbench import profiles
from workbench.profiles import loading, schema, strict_yaml
from workbench.profiles.model import (
    DATE_MODES,
    LAWS,
    PRIVATE_MODES,
    PRIVATE_TABLES,
    PSEUDONYMS,
    REQUIREMENTS,
    VERBS,
    Unlisted,
)
from workbench.records.errors import ProfileError
from workbench.standard.cid7050 import OPTIONS

CHILD = """
profile: ward
version: 2
title: A ward's own
extends: basic
rules:
  - {tag: SeriesDescription, do: dummy, why: the reader's list needs a word}
"""


def write(folder: Path, text: str) -> str:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def refused(tmp_path):
    def load(text: str) -> ProfileError:
        with pytest.raises(ProfileError) as caught:
            profiles.compile_plan(profiles.load(write(tmp_path, text)))
        assert caught.value.hint
        assert str(tmp_path) not in caught.value.message + caught.value.hint
        return caught.value

    return load


@pytest.mark.parametrize("name", profiles.shipped_names())
def test_shipped_profiles_load_compile_lint_and_meet_the_schema(name):
    profile = profiles.load(name)
    assert profile.name == name
    assert not [issue for issue in profiles.lint(profile) if issue.severity == "error"]
    profiles.compile_plan(profile)
    schema.check(strict_yaml.read((loading.shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")))


def test_the_schema_is_one_and_says_what_the_reader_takes():
    facts = schema.schema()
    Draft202012Validator.check_schema(facts)
    properties = facts["properties"]
    assert set(properties) == loading._FIELDS
    assert set(facts["$defs"]["option"]["enum"]) == set(OPTIONS)
    assert set(properties["dates"]["properties"]["mode"]["enum"]) == set(DATE_MODES)
    assert set(facts["$defs"]["rule"]["properties"]["do"]["enum"]) == set(VERBS)
    assert set(properties["unlisted"]["properties"]) == set(Unlisted.__slots__)
    assert set(properties["pixels"]["enum"]) == set(loading._PIXELS)
    assert tuple(properties["private"]["properties"]["mode"]["enum"]) == PRIVATE_MODES
    assert tuple(properties["private"]["properties"]["table"]["enum"]) == PRIVATE_TABLES
    assert tuple(properties["patient"]["properties"]["pseudonyms"]["enum"]) == PSEUDONYMS
    assert tuple(properties["law"]["enum"]) == LAWS
    assert tuple(properties["requires"]["items"]["enum"]) == REQUIREMENTS
    assert properties["standard"]["const"] == loading.STANDARD


def test_a_child_inherits_and_its_rule_decides(tmp_path):
    profile = profiles.load(write(tmp_path, CHILD))
    assert profile.lineage == ("basic", "ward")
    assert profile.patient == profiles.load("basic").patient
    plan = profiles.compile_plan(profile)
    rule = plan.for_sop_class("").rule((0x0008103E,), "LO")
    assert (rule.action.value, rule.origin) == ("D", "profile ward rule SeriesDescription")
    assert plan.for_sop_class("").rule((0x00700080,), "CS").origin.startswith("profile basic rule ContentLabel")


@pytest.mark.parametrize("name", ["nope", "../basic", "/nowhere/x.yaml", "basic.yaml", "nul\0"])
def test_an_unknown_profile_is_refused_with_the_known_names(name):
    with pytest.raises(ProfileError) as caught:
        profiles.load(name)
    assert caught.value.code == "unknown-profile"
    assert "basic" in caught.value.hint
    assert "nowhere" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "profile-not-yaml"),
        ("a: [", "profile-not-yaml"),
        ("a: 1\na: 2", "profile-not-yaml"),
        ("a: &x 1\nb: *x", "profile-not-yaml"),
        ("a: !!python/object:os.system {}", "profile-not-yaml"),
        ("? [1]\n: 2", "profile-not-yaml"),
        ("a: 1\n---\nb: 2", "profile-not-yaml"),
        ("[" * 40 + "]" * 40, "profile-not-yaml"),
        ("just words", "profile-invalid"),
        ("- a", "profile-invalid"),
        (CHILD.replace("version: 2", "version: two"), "profile-invalid"),
        (CHILD.replace("version: 2", "version: 0"), "profile-invalid"),
        (CHILD.replace("title:", "titel:"), "profile-invalid"),
        (CHILD.replace("do: dummy", "do: hide"), "profile-invalid"),
        (CHILD.replace("do: dummy", "do: set"), "profile-invalid"),
        (CHILD.replace("tag: SeriesDescription", 'tag: "*"'), "profile-invalid"),
        (CHILD.replace("tag: SeriesDescription", "tag: SeriesDescriptio"), "unknown-keyword"),
        (CHILD.replace("extends: basic", "extends: basics"), "unknown-profile"),
        (CHILD + "  - {tag: SeriesDescription, do: remove, why: twice}", "profile-invalid"),
        (CHILD + "options: [retain_everything]", "profile-invalid"),
        (CHILD + "options: [retain_uids, retain_uids]", "profile-invalid"),
        (CHILD + "options: [clean_recognizable_visual_features]", "option-not-available"),
        (CHILD + "options: [retain_longitudinal_full_dates]", "dates-contradict"),
        (CHILD + "dates: {mode: full}", "dates-contradict"),
        (CHILD + "dates: {mode: sometimes}", "profile-invalid"),
        (CHILD + 'patient: {prefix: "no spaces"}', "profile-invalid"),
        (CHILD + 'options: [clean_pixel_data]\npixels: "off"', "pixels-contradict"),
        (CHILD + "private: {mode: everything}", "profile-invalid"),
        (CHILD.replace("extends: basic", "standard: ps315-2023b"), "profile-invalid"),
    ],
)
def test_what_is_wrong_is_named_with_a_next_step(refused, text, code):
    assert refused(text).code == code


def test_a_rule_that_lets_more_through_needs_a_reason_and_a_name(refused, tmp_path):
    keep = CHILD.replace("do: dummy", "do: keep")
    assert refused(keep).code == "rule-weaker-without-reason"
    signed = keep.replace("why:", "signed: dpo 2026-11-02, why:")
    profile = profiles.load(write(tmp_path, signed))
    assert profiles.compile_plan(profile).for_sop_class("").rule((0x0008103E,), "LO").action.value == "K"
    notes = [issue for issue in profiles.lint(profile) if issue.code == "deviation"]
    assert len(notes) == 1
    assert "SeriesDescription" in notes[0].message


def test_a_nested_rule_is_compared_with_what_held_there(refused):
    nested = CHILD.replace("tag: SeriesDescription", "tag: RequestAttributesSequence/RequestedProcedureDescription")
    assert refused(nested.replace("do: dummy", "do: check")).code == "rule-weaker-without-reason"


@pytest.mark.parametrize(
    "section",
    [
        "{text: keep}",
        "{person: check}",
        "{uid: keep}",
        "{binary: keep}",
        "{date: clean}",
        "{uid_kept: [FrameOfReferenceUID]}",
        "{binary_kept: [EncryptedContent]}",
    ],
)
def test_a_section_that_lets_more_through_needs_a_reason_and_a_name(refused, section):
    assert refused(f"{CHILD}unlisted: {section}").code == "section-weaker-without-reason"


def test_without_a_parent_the_strict_defaults_are_the_measure(refused):
    own = CHILD.replace("extends: basic", "standard: ps315-2026d")
    assert refused(f"{own}unlisted: {{text: keep}}").code == "section-weaker-without-reason"
    assert refused(own.replace("do: dummy", "do: keep")).code == "rule-weaker-without-reason"


def test_a_weak_parent_does_not_become_strong_by_having_children(tmp_path, refused):
    parent = tmp_path / "parent.yaml"
    parent.write_text(CHILD.replace("do: dummy", "do: keep"), encoding="utf-8")
    child = CHILD.replace("extends: basic", f"extends: {parent}").replace("ward", "child").split("rules:")[0]
    assert refused(child).code == "rule-weaker-without-reason"


def test_profiles_that_extend_each_other_are_refused(tmp_path, refused):
    path = write(tmp_path, CHILD)
    assert refused(CHILD.replace("extends: basic", f"extends: {path}")).code == "profile-circle"


def test_yaml_reads_words_as_words():
    read = strict_yaml.read('{a: off, b: "1", c: 1, d: true, e: 2024-01-01, f: 0012, g: , h: no}')
    assert read == {"a": "off", "b": "1", "c": 1, "d": True, "e": "2024-01-01", "f": "0012", "g": None, "h": "no"}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ProfileError):
        json.dumps(strict_yaml.read(text))


def test_errors_do_not_repeat_the_file_but_for_the_strange_word(refused):
    error = refused(CHILD + "patient: {id: SMITH}")
    assert "SMITH" not in error.message + error.hint
