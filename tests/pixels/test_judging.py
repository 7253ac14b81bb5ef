import pytest

from workbench.pixels.judging import Judge
from workbench.pixels.reading import Line
from workbench.records.known import KnownKind, KnownValue
from workbench.records.region import RegionDecision

JUDGE = Judge([KnownValue(KnownKind.PATIENT, "KNEE^MARY"), KnownValue(KnownKind.IDENTIFIER, "47110815")])


@pytest.mark.parametrize(
    ("line", "decision", "said"),
    [
        (Line("KNEE, M", 0.9), RegionDecision.REDACT, "agrees with the patient in the header"),
        (Line("KNEE", 0.9), RegionDecision.REDACT, "agrees with the patient in the header"),  # a clinical word besides
        (Line("SUPINE", 0.95), RegionDecision.KEEP, "a mark of the examination"),
        (Line("SUPINE", 0.6), RegionDecision.REDACT, "not known to be harmless"),
        (Line("12.03.1956", 0.9), RegionDecision.REDACT, "reads like a date"),
        (Line("Tel 555 555 0123", 0.9), RegionDecision.REDACT, "reads like"),
        (Line("ROSSI", 0.9), RegionDecision.REDACT, "not known to be harmless"),
        (Line("+", 0.99), RegionDecision.KEEP, "a mark of the examination"),  # a caliper
        (Line("-/-", 0.99), RegionDecision.REVIEW, "could not be read"),
        (Line("SUPINE", 0.3), RegionDecision.REVIEW, "could not be read"),
        (Line("", 0.0), RegionDecision.REVIEW, "could not be read"),
    ],
)
def test_only_what_is_known_to_be_harmless_stays(line, decision, said):
    judgement = JUDGE.judge(line)
    assert judgement.decision is decision
    assert said in judgement.explanation


@pytest.mark.parametrize("text", ["KNEE MARY", "47110815", "ROSSI", "12.03.1956", "MERCY CLINIC"])
def test_an_explanation_repeats_nothing(text):
    said = JUDGE.judge(Line(text, 0.9)).explanation.lower()
    assert not any(word.lower() in said for word in text.split())


def test_a_code_never_stays():
    assert JUDGE.judge_code("SUPINE").decision is RegionDecision.REDACT
    assert "an identifier" in JUDGE.judge_code("P47110815X").explanation
