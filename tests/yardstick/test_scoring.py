"""The scorer's rules, each on a value that passes and one that does not; and the set that it scores."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tests.yardstick.answers import Action, Answer, Check, Step
from tests.yardstick.generator import write_set
from tests.yardstick.modes import MODES
from tests.yardstick.objects import KINDS
from tests.yardstick.scoring import Score, leaked, passes, value_at, words
from workbench.profiles import compile_plan, load, shipped_names

NAME = (Step(0x00100010),)
WALK = {"1.2.3": "2.25.7", "P1": "X1"}


def answer() -> Answer:
    return Answer("a", "CT", "1.2", "P1", ("1", "2", "3"))


def holding(value: object, vr: str = "LO", tag: int = 0x00081030) -> Dataset:
    made = Dataset()
    made.add_new(tag, vr, value)
    return made


@pytest.mark.parametrize(
    ("action", "text", "value", "expected"),
    [
        (Action.TAG_RETAINED, "", "", True),
        (Action.TEXT_NOTNULL, "", "", False),
        (Action.TEXT_NOTNULL, "", "x", True),
        (Action.TEXT_RETAINED, "CT of the CHEST", "chest ct", True),
        (Action.TEXT_RETAINED, "CT CHEST", "ct", False),
        (Action.TEXT_REMOVED, "Marlowe, Anna", "CT", True),
        (Action.TEXT_REMOVED, "Marlowe, Anna", "CT marlowes", False),
        (Action.DATE_SHIFTED, "20240102", "", True),
        (Action.DATE_SHIFTED, "20240102", "20240102101112", False),
        (Action.UID_CHANGED, "1.2.3", "2.25.7", True),
        (Action.UID_CHANGED, "1.2.3", "1.2.3.4", False),
        (Action.UID_CONSISTENT, "1.2.3", "2.25.7", True),
        (Action.PATID_CONSISTENT, "P1", "X2", False),
    ],
)
def test_rule(action: Action, text: str, value: str, expected: bool) -> None:
    check = Check((Step(0x00081030),), action, text, "HIPAA-A")
    assert passes(check, holding(value), answer(), WALK) is expected


def test_an_instance_without_output_passes_what_removes_only() -> None:
    for action in Action:
        check = Check((Step(0x00081030),), action, "x", "HIPAA-A")
        assert passes(check, None, answer(), WALK) is (
            action in {Action.TEXT_REMOVED, Action.DATE_SHIFTED, Action.UID_CHANGED, Action.PIXELS_HIDDEN}
        )


def test_paths_lead_into_items_and_private_blocks() -> None:
    inner = Dataset()
    inner.private_block(0x0029, "MAKER", create=True).add_new(0x10, "LO", "here")
    outer = Dataset()
    outer.add_new(0x00400275, "SQ", [inner])
    assert value_at(outer, (Step(0x00400275, item=0), Step(0x00290010, "MAKER"))) == "here"
    assert value_at(outer, (Step(0x00400275, item=1), Step(0x00290010, "MAKER"))) is None
    assert value_at(outer, (Step(0x00400275, item=0), Step(0x00290010, "OTHER"))) is None


def test_the_strict_search_finds_what_moved_elsewhere() -> None:
    key = answer()
    key.identity = {"marlowe", "MR1234567", "77 Larch Row"}
    moved = holding("chart of Márlowe")
    assert leaked(key, moved, b"") == {"marlowe"}
    assert leaked(key, holding("no 123-45.67"), b"") == {"MR1234567"}
    assert leaked(key, holding("clean"), b"...mr1234567...") == {"MR1234567"}
    assert leaked(key, holding("clean"), b"") == set()


def test_the_weighted_score_counts_groups_that_are_there() -> None:
    result = Score()
    result.made.update({("HIPAA-A", "text_removed"): 10, ("TCIA-X", "text_retained"): 10})
    result.passed.update({("HIPAA-A", "text_removed"): 10, ("TCIA-X", "text_retained"): 5})
    assert result.rate == 0.75
    assert result.weighted == pytest.approx((70 + 5) / 80)


def test_the_set_has_every_kind_and_every_instance_its_key(tmp_path: Path) -> None:
    answers = write_set(tmp_path, MODES["research"], 3, patients=2)
    assert len(answers) == 2 * len(KINDS) == len(list(tmp_path.rglob("*.dcm")))
    assert all(len(key.checks) > 20 and key.identity for key in answers)
    assert {check.action for key in answers for check in key.checks} == set(Action) - {Action.PIXELS_HIDDEN}


def test_the_key_asks_of_a_profile_what_its_plan_undertakes() -> None:
    """A mode that drifts from its profile would score something else."""
    assert set(MODES) == set(shipped_names())
    for name, mode in MODES.items():
        plan = compile_plan(load(name))
        assert mode.clean_descriptors == ("clean_descriptors" in plan.options), name
        assert mode.clean_content == ("clean_structured_content" in plan.options), name
        assert mode.clean_graphics == ("clean_graphics" in plan.options), name
        assert mode.characteristics == ("retain_patient_characteristics" in plan.options), name
        assert mode.device == ("retain_device_identity" in plan.options), name
        assert mode.dates == plan.dates.replace("year_only", "year"), name
        assert mode.private_numbers == (plan.private != "remove"), name


def test_words_are_compared_without_stop_words_and_punctuation() -> None:
    assert words("Nodule of the RIGHT lung, 8 mm.") == ["nodule", "right", "lung", "8", "mm"]
