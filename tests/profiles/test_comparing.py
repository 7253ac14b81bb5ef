"""Two profiles, or two editions, side by side: what is kept more, what less, and why."""

import pytest

from workbench import profiles
from workbench.profiles.comparing import DIRECTIONS, in_words
from workbench.records.errors import ProfileError


def plan(name: str):
    return profiles.compile_plan(profiles.load(name))


def by_keyword(found):
    return {each.keyword or each.name: each for each in found}


@pytest.mark.parametrize("name", profiles.shipped_names())
def test_a_profile_does_not_differ_from_itself(name):
    assert profiles.compare(plan(name), plan(name)) == ()


def test_research_keeps_more_than_basic_and_each_difference_says_why():
    found = profiles.compare(plan("basic"), plan("research"))
    assert [each.direction for each in found] == sorted((each.direction for each in found), key=DIRECTIONS.index)
    named = by_keyword(found)
    for keyword, before, after, words in (
        ("StudyDescription", "X", "C (text)", "Clean Descriptors"),
        ("StudyDate", "Z", "C (date)", "Modified Dates"),
        ("PatientSex", "Z", "K", "Patient Characteristics"),
        ("PatientAge", "X", "C (age)", "Patient Characteristics"),
        ("DeviceSerialNumber", "X/Z/D", "K", "Device Identity"),
        ("StationAETitle", "X", "C (code)", "Device Identity"),
        ("private attributes", "remove (0 attributes)", "numeric", "E.3.10-1"),
        ("dates", "removed", "shift", "mode"),
    ):
        each = named[keyword]
        assert each.direction == "keeps more", keyword
        assert each.before == before
        assert each.after.startswith(after)
        assert words in each.reason
    assert "PatientName" not in named
    assert not [each for each in found if each.direction == "keeps less"]


def test_the_other_way_round_it_keeps_less():
    there = profiles.compare(plan("basic"), plan("teleradiology"))
    back = profiles.compare(plan("teleradiology"), plan("basic"))
    swapped = {"keeps more": "keeps less", "keeps less": "keeps more", "other": "other"}
    assert sorted((each.name, swapped[each.direction]) for each in there) == sorted(
        (each.name, each.direction) for each in back
    )


def test_rules_on_nested_places_and_on_attributes_without_a_row_are_compared(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "profile: own\nversion: 1\ntitle: T\nextends: basic\nrules:\n"
        "  - {tag: RequestAttributesSequence/RequestedProcedureDescription, do: dummy, why: shown in lists}\n"
        "  - {tag: SoftwareVersions, do: remove, why: names a site}\n",
        encoding="utf-8",
    )
    named = by_keyword(profiles.compare(plan("basic"), profiles.compile_plan(profiles.load(str(path)))))
    place = named["RequestAttributesSequence/RequestedProcedureDescription"]
    assert (place.section, place.after, place.direction) == ("place", "D", "other")
    assert (named["SoftwareVersions"].section, named["SoftwareVersions"].direction) == ("attribute", "keeps less")
    assert "names a site" in named["SoftwareVersions"].reason


def test_editions_say_whose_fate_changed_and_why():
    found = by_keyword(profiles.compare_editions(profiles.load("basic"), "2024b"))
    assert "The row was added after 2024b." in found["EthnicGroups"].reason
    assert found["EthnicGroups"].direction == "keeps less"
    assert "DoseCalculationModelName" in found
    assert "RequestingService" not in found  # its basic code did not change
    cleaned = by_keyword(profiles.compare_editions(profiles.load("safe-harbor"), "2024b"))
    assert "options changed" in cleaned["RequestingService"].reason
    (only,) = profiles.compare_editions(profiles.load("basic"), "2026c")
    assert only.keyword == "DoseCalculationModelName"
    assert profiles.compare_editions(profiles.load("basic"), "2026d") == ()


def test_an_edition_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(ProfileError) as caught:
        profiles.compare_editions(profiles.load("basic"), "1999a")
    assert caught.value.code == "unknown-edition"
    assert "2024b" in caught.value.hint


def test_codes_are_said_in_words():
    assert "date mode" in in_words("C (date)")
    assert in_words("X") == "remove"
    assert in_words("year_only") == "year_only"
