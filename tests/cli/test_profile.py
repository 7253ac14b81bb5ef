"""`workbench profile`: what an officer asks, with exit codes and one JSON document."""

import pytest


def test_the_list_says_what_each_profile_is_for(run):
    found = {each["name"]: each for each in run(["profile", "list", "--json"]).document()["profiles"]}
    assert set(found) == {"basic", "safe-harbor", "limited-data-set", "research", "teleradiology"}
    assert found["limited-data-set"]["requires"] == ["agreement"]
    assert found["teleradiology"]["law"] == "treatment"


def test_the_sheet_of_teleradiology_is_honest(run):
    shown = run(["profile", "show", "teleradiology"])
    assert shown.code == 0
    assert "PHI, pseudonymised, for treatment" in shown.out
    assert "Not de-identified under HIPAA" in shown.out
    assert run(["profile", "show", "research", "--json"]).document()["modes"]["dates"].startswith("moved back")


def test_profiles_and_editions_are_compared(run):
    assert "keeps more" in run(["profile", "diff", "basic", "research"]).out
    document = run(["profile", "diff", "basic", "--edition", "2026c", "--json"]).document()
    assert [each["keyword"] for each in document["differences"]] == ["DoseCalculationModelName"]
    assert run(["profile", "diff", "basic"]).error == "nothing-to-compare"
    assert run(["profile", "diff", "basic", "research", "--edition", "2024b"]).error == "nothing-to-compare"
    assert run(["profile", "diff", "basic", "--edition", "1999a"]).error == "unknown-edition"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["safe-harbor"], 0),
        (["limited-data-set"], 0),
        (["research"], 1),
        (["limited-data-set", "--law", "safe-harbor"], 1),
        (["safe-harbor", "--law", "limited-data-set"], 0),
    ],
)
def test_the_check_answers_class_by_class(run, words, code):
    answer = run(["profile", "check", *words, "--json"])
    assert answer.code == code
    assert answer.document()["passed"] is (code == 0)
    assert len(answer.document()["classes"]) in {17, 19}
    shown = run(["profile", "check", *words])
    assert shown.code == code
    assert "by this profile alone" in shown.out or "does not meet" in shown.out


def test_the_check_refuses_other_laws_and_determinations_for_other_profiles(run, tmp_path):
    assert run(["profile", "check", "basic", "--law", "gdpr"]).error == "unknown-law"
    path = tmp_path / "determination.yaml"
    path.write_text(
        f"determination: {{profile_digest: '{'0' * 64}', expert: E, reference: R, expires: '2999-01-01'}}\n",
        encoding="utf-8",
    )
    answer = run(["profile", "check", "research", "--determination", str(path)])
    assert answer.error == "determination-other-profile"
