"""One instance and its pixels: what holds it back, and what becomes of it when the examination fails."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from tests.pixels.images import described, layout, picture, save
from workbench.deid.engine import Engine
from workbench.deid.pseudonyms import Pseudonyms
from workbench.flow.pixel_findings import pixel_findings
from workbench.flow.step import Look, Prepared, Refusal, prepare_file
from workbench.pixels.cleaning import Cleaned, Cleaning
from workbench.pixels.examining import Examined, NotChecked
from workbench.pixels.proposing import HeaderRules
from workbench.profiles import compile_plan, load
from workbench.records.errors import InstanceRefused, UsageError
from workbench.records.redaction import Box4, KeptRegion, Redaction
from workbench.records.region import Region, RegionDecision, RegionSource

LEFT = KeptRegion((1,), Box4(1, 1, 5, 5), RegionSource.TEXT, 0.9, RegionDecision.REDACT, "text")
MARK = KeptRegion((1,), Box4(1, 1, 5, 5), RegionSource.TEXT, 0.9, RegionDecision.KEEP, "a mark")
FOUND = Region((1,), 4, 5, 20, 9, RegionSource.TEXT, 0.9, "DOE", RegionDecision.REDACT, "text")


class Failing:
    """A port that fails."""

    def __init__(self, error: Exception, *, leave: bool = False) -> None:
        self.error = error
        self.leave = leave

    def clean(
        self, source: Path, scratch: Path, *, examined: Examined | None = None, extra: Sequence[Region] = ()
    ) -> Cleaned:
        if self.leave:
            (scratch / "half").write_bytes(b"original pixels")
        raise self.error


class Says:
    """A detector that says the same of whatever it looks at."""

    def __init__(self, *answers: Examined) -> None:
        self.answers = list(answers)

    def look(self, path: Path, *, black: object = None) -> Examined:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    data_set = described(layout(40, 60), StudyInstanceUID="2.25.2", SeriesInstanceUID="2.25.3", PatientID="4711")
    data_set.BurnedInAnnotation = "YES"
    data_set.PixelData = picture(40, 60).tobytes()
    (tmp_path / "in").mkdir()
    return save(data_set, tmp_path / "in" / "a.dcm")


def prepared(source: Path, tmp_path: Path, look: Look) -> Prepared | Refusal:
    engine = Engine(compile_plan(load("basic")), Pseudonyms(b"k" * 32, scope="test"))
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "0.dcm"
    outcome = prepare_file(engine, source, target, 0, sceptic=None, look=look, keep_changes=True)
    written = [each.name for each in (tmp_path / "out").iterdir()]
    assert written == (["0.dcm"] if isinstance(outcome, Prepared) and not outcome.findings else [])
    return outcome


def cleaning(*answers: Examined, mode: str = "clean") -> Look:
    return Look(Cleaning(mode, lambda: Says(*answers), HeaderRules(shipped=False)))  # type: ignore[arg-type]  # a mode by name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InstanceRefused("frame-damaged", "A frame is damaged.", "h"), "frame-damaged"),
        (UsageError("models-other", "m", "h"), "models-other"),
        (OSError(28, "DOE^JANE"), "file-not-readable"),
        (MemoryError("DOE^JANE"), "memory-limit"),
        (ValueError("DOE^JANE"), "unexpected"),
        (KeyError("DOE^JANE"), "unexpected"),
    ],
)
def test_an_examination_that_fails_leaves_no_output_and_no_copy(
    source: Path, tmp_path: Path, error: Exception, code: str
) -> None:
    outcome = prepared(source, tmp_path, Look(Failing(error, leave=True)))
    assert isinstance(outcome, Refusal)
    assert outcome.code == code
    assert "DOE" not in outcome.message + outcome.hint


def test_what_was_found_is_gone_and_claimed(source: Path, tmp_path: Path) -> None:
    outcome = prepared(source, tmp_path, cleaning(Examined((FOUND,), (), 1), Examined((), (), 1)))
    assert isinstance(outcome, Prepared)
    assert outcome.findings == ()
    made = pydicom.dcmread(tmp_path / "out" / "0.dcm")
    assert (made.pixel_array[5:14, 4:24] == picture(40, 60).min()).all()
    assert made.BurnedInAnnotation == "NO"
    assert outcome.redaction is not None
    assert outcome.redaction.rounds == 1
    assert outcome.regions == (FOUND,)
    assert '"code":"113101"' in outcome.pixel_evidence
    assert "DOE" not in outcome.pixel_evidence


@pytest.mark.parametrize(
    ("mode", "answers", "check"),
    [
        ("flag", [Examined((FOUND,), (), 1)], "pixels-flagged"),
        ("flag", [Examined((), (NotChecked((), "frame-damaged", "m"),), 0)], "pixels-not-checked"),
        ("clean", [Examined((), (NotChecked((1,), "frame-damaged", "m"),), 0)], "pixels-not-checked"),
        ("clean", [Examined((), (), 0)], "pixels-not-checked"),
        ("clean", [Examined((replace(FOUND, x=4 * n),), (), 1) for n in range(9)], "second-look"),
    ],
)
def test_what_holds_an_instance_back(
    source: Path, tmp_path: Path, mode: str, answers: list[Examined], check: str
) -> None:
    outcome = prepared(source, tmp_path, cleaning(*answers, mode=mode))
    assert isinstance(outcome, Prepared)
    assert [finding.check for finding in outcome.findings] == [check]
    assert outcome.pixel_evidence == ""


def test_flag_lets_through_what_shows_nothing_and_claims_nothing(source: Path, tmp_path: Path) -> None:
    outcome = prepared(source, tmp_path, cleaning(Examined((), (), 1), mode="flag"))
    assert isinstance(outcome, Prepared)
    assert (outcome.findings, outcome.pixel_evidence) == ((), "")


@pytest.mark.parametrize(
    ("redaction", "checks"),
    [
        (Redaction("clean", "d", 1, complete=True, kept=(MARK,)), []),
        (Redaction("flag", "d", 1, complete=True, kept=(MARK,)), []),
        (Redaction("clean", "d", 0, complete=True), []),
        (Redaction("clean", "d", 1, complete=True, kept=(LEFT,)), ["pixels-measured"]),
        (Redaction("clean", "d", 1, complete=True, rounds=3, kept=(LEFT,)), ["second-look"]),
        (Redaction("flag", "d", 1, complete=True, kept=(LEFT,)), ["pixels-flagged"]),
        (
            Redaction("clean", "d", 1, complete=False, not_checked=(("a", "b"), ("c", "d")), kept=(LEFT,)),
            ["pixels-not-checked", "pixels-not-checked"],
        ),
    ],
)
def test_a_finding_for_each_reason(redaction: Redaction, checks: list[str]) -> None:
    found = list(pixel_findings(redaction, 3))
    assert [finding.check for finding in found] == checks
    assert {finding.instance for finding in found} <= {3}
