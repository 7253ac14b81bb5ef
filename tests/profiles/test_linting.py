"""Each lint finds its fault, and says what to do next."""

import pytest

from workbench import profiles
from workbench.records.errors import ProfileError


@pytest.fixture
def issues(tmp_path):
    def lint(text: str):
        path = tmp_path / "own.yaml"
        path.write_text(f"profile: own\nversion: 1\ntitle: T\n{text}\n", encoding="utf-8")
        found = profiles.lint(profiles.load(str(path)))
        assert all(issue.hint and issue.message for issue in found)
        return {(issue.code, issue.severity) for issue in found}

    return lint


SHIFT = "extends: basic\ndates: {mode: shift}\noptions: [retain_longitudinal_modified_dates"


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        # both date options, and a mode that says something else
        (
            (
                "extends: basic\ndates: {mode: full}\n"
                "options: [retain_longitudinal_full_dates, retain_longitudinal_modified_dates]"
            ),
            "dates-contradict",
            "error",
        ),
        ("extends: basic\ndates: {mode: shift}", "dates-contradict", "error"),
        # private attributes
        ("extends: basic\noptions: [retain_safe_private]", "private-contradicts", "error"),
        ("extends: basic\nprivate: {mode: listed}", "private-contradicts", "error"),
        # weaker without an answer; with one it is a deviation that is shown
        ("extends: basic\nrules:\n  - {tag: PatientSex, do: keep, why: w}", "rule-weaker-without-reason", "error"),
        ("extends: basic\nrules:\n  - {tag: PatientSex, do: keep, why: w, signed: me}", "deviation", "note"),
        ("extends: basic\nunlisted: {text: keep}", "section-weaker-without-reason", "error"),
        # options that are claimed and not done
        ("extends: basic\noptions: [clean_recognizable_visual_features]", "option-not-available", "error"),
        ('extends: basic\noptions: [clean_pixel_data]\npixels: "off"', "pixels-contradict", "error"),
        ('extends: basic\npixels: "off"', "pixels-not-examined", "note"),
        (
            (
                "extends: basic\noptions: [retain_patient_characteristics]\n"
                "rules:\n  - {tag: PatientSex, do: empty, why: w}"
            ),
            "option-undone",
            "error",
        ),
        (f"{SHIFT}]\nrules:\n  - {{tag: StudyDate, do: empty, why: w}}", "option-undone", "error"),
        (f"{SHIFT}]\nrules:\n  - {{tag: StudyDate, do: empty, why: w, signed: me}}", "option-narrowed", "note"),
        # verbs that a value, a sequence or a mode does not have
        ("extends: basic\nrules:\n  - {tag: ContentSequence, do: dummy, why: w}", "verb-not-for-sequence", "error"),
        ("extends: basic\nrules:\n  - {tag: StudyDescription, do: remap, why: w}", "remap-not-uid", "error"),
        ("extends: basic\nrules:\n  - {tag: Rows, do: clean, why: w}", "verb-not-for-value", "error"),
        ("extends: basic\nrules:\n  - {tag: StudyDate, do: cap_age, why: w}", "verb-not-for-value", "error"),
        ("extends: basic\nrules:\n  - {tag: PatientName, do: shift, why: w}", "verb-not-for-value", "error"),
        ("extends: basic\nrules:\n  - {tag: StudyDate, do: code, why: w}", "verb-not-for-value", "error"),
        ("extends: basic\nrules:\n  - {tag: StudyDate, do: shift, why: w}", "verb-not-for-mode", "error"),
        (f"{SHIFT}]\nrules:\n  - {{tag: StudyDate, do: year, why: w}}", "verb-not-for-mode", "error"),
        (
            "extends: basic\npatient: {age_cap: 0}\nrules:\n  - {tag: PatientAge, do: cap_age, why: w}",
            "verb-not-for-mode",
            "error",
        ),
        # devices without a choice on dates
        ("extends: basic\noptions: [retain_device_identity]", "device-without-dates", "error"),
        # ages
        (
            "extends: basic\noptions: [retain_patient_characteristics]\npatient: {age_cap: 0}",
            "age-uncapped",
            "warning",
        ),
        # laws
        ("extends: basic\nlaw: safe-harbor", "law-not-met", "error"),
        ("extends: research\nlaw: limited-data-set\nrequires: [agreement]", "law-not-met", "error"),
        ("extends: basic\nlaw: expert-determination", "law-not-met", "error"),
        # rules without effect or reason
        ("extends: basic\nrules:\n  - {tag: FileSetID, do: empty, why: w}", "rule-without-effect", "warning"),
    ],
)
def test_each_fault_is_found(issues, text, code, severity):
    assert (code, severity) in issues(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("extends: basic\nrules:\n  - {tag: NoSuchKeyword, do: keep, why: w}", "unknown-keyword"),
        ("extends: basic\nrules:\n  - {tag: PatientSex, do: forget, why: w}", "profile-invalid"),
        (
            'extends: basic\nrules:\n  - {private: ["0019", "", "0C"], do: keep, why: w, signed: me}',
            "private-rule-without-creator",
        ),
        ("extends: basic\npatient: {age_cap: 95}", "profile-invalid"),
        ("extends: basic\npatient: {pseudonyms: guessed}", "profile-invalid"),
        ("extends: basic\nlaw: gdpr", "profile-invalid"),
        ("extends: basic\nrequires: [luck]", "profile-invalid"),
        ("extends: basic\nrules:\n  - {tag: PatientSex, do: empty, unless: [luck], why: w}", "profile-invalid"),
    ],
)
def test_what_does_not_load_is_refused(issues, text, code):
    with pytest.raises(ProfileError) as caught:
        issues(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("extends: basic\nrules:\n  - {tag: StudyDate, do: shift, why: w, signed: me}", "verb-not-for-mode"),
        ("extends: basic\noptions: [retain_device_identity]", "device-without-dates"),
        ("extends: research\nrules:\n  - {tag: PatientSex, do: empty, why: w}", "option-undone"),
        ("extends: basic\nlaw: safe-harbor", "law-not-met"),
    ],
)
def test_a_profile_with_an_error_does_not_compile(tmp_path, text, code):
    path = tmp_path / "own.yaml"
    path.write_text(f"profile: own\nversion: 1\ntitle: T\n{text}\n", encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        profiles.compile_plan(profiles.load(str(path)))
    assert caught.value.code == code


@pytest.mark.parametrize("name", profiles.shipped_names())
def test_shipped_profiles_have_neither_errors_nor_warnings(name):
    assert not [issue for issue in profiles.lint(profiles.load(name)) if issue.severity != "note"]


def test_a_rule_is_silent_under_an_option_that_decides_better(issues, tmp_path):
    basic, research = (profiles.load(name) for name in ("basic", "research"))
    label = next(rule for rule in basic.rules if rule.path == "DocumentTitle")
    assert label.unless == ("clean_descriptors",)
    assert label in basic.speaking
    assert label not in research.speaking
    assert research.rules[: len(basic.rules)] == basic.rules
    assert not {code for code, severity in issues("extends: research") if severity != "note"}
