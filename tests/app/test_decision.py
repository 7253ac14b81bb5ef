"""What the decision dialogs order."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Screen
from tests.app.fakes import FakeDesk
from workbench.app.views.decision import going_out
from workbench.flow.shown import HoldRow
from workbench.records.errors import WrongState


def _script() -> None:
    from typing import Any  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415 - the framework runs this function's source alone

    from workbench.app import frame  # noqa: PLC0415
    from workbench.app.room import Room  # noqa: PLC0415
    from workbench.app.views import decision  # noqa: PLC0415
    from workbench.records.actor import Actor, Role  # noqa: PLC0415

    desk: Any = frame.desk_of("")
    who = st.session_state["who"]
    officer = Actor(f"u-{who}", who, frozenset({Role.PRIVACY_OFFICER}), who)
    actor = officer if st.session_state["stale"] else desk.actor(who)
    room = Room(desk=desk, actor=actor, now=desk.clock())
    view = desk.study_view(actor, study=st.session_state["study"])
    decision.ask(room, view, st.session_state["step"], st.session_state["accept"])


@pytest.fixture
def ask(desk: FakeDesk):
    def go(who, step, study, accept=(), *, stale=False):
        test = AppTest.from_function(_script, default_timeout=20)
        for key, value in {"who": who, "step": step, "study": study, "accept": accept, "stale": stale}.items():
            test.session_state[key] = value
        return Screen(test).run()

    return go


def test_approving_names_what_goes_out_and_what_stays(ask, desk):
    screen = ask("petra", "approve", "WB-000002")
    assert "Goes out 114 instances" in screen.text
    assert "Stays behind US-2" in screen.text
    screen.press("confirm")
    assert desk.orders[-1] == ("approve", "petra", "WB-000002", {"accept": (), "note": ""})


def test_accepted_holds_are_named_in_the_order(ask, desk):
    screen = ask("petra", "approve", "WB-000002", ("US-2",))
    assert "You accept by name: US-2" in screen.text
    assert "Goes out 118 instances" in screen.text
    screen.test.text_area(key="note").set_value(" looked at all four ")
    screen.press("confirm")
    assert desk.orders[-1][3] == {"accept": ("US-2",), "note": "looked at all four"}


def test_an_approval_that_lets_nothing_out_cannot_be_given(ask, desk):
    view = desk.views["WB-000002"]
    everything = (HoldRow("US-1", "ultrasound, may show text in the image", 0, 118),)
    desk.views["WB-000002"] = replace(view, preparation=replace(view.preparation, holds=everything))
    screen = ask("petra", "approve", "WB-000002")
    assert "Nothing would go out. Accept what you have looked at, or return the study." in screen.text
    assert screen.locked("confirm")
    assert not ask("petra", "approve", "WB-000002", ("US-1",)).locked("confirm")


def test_preparing_an_approved_study_again_says_what_becomes_of_the_approval(ask):
    assert "has to be approved again" in ask("tess", "prepare", "WB-000006").text
    assert "has to be approved again" not in ask("tess", "prepare", "WB-000004").text


def test_a_profile_is_chosen_from_the_list_and_says_what_it_is_made_for(ask, desk):
    screen = ask("tess", "prepare", "WB-000004")
    assert "No HIPAA class of its own. It stands for no class." in screen.text
    screen.test.selectbox(key="profile").set_value("teleradiology")
    screen.test.text_input(key="scope").set_value("reader")
    screen.run()
    assert "PHI for treatment. A patient's record." in screen.text
    assert "A note." in screen.text
    screen.press("confirm")
    assert desk.orders[-1] == ("prepare", "tess", "WB-000004", {"profile": "teleradiology", "scope": "reader"})


@pytest.mark.parametrize(
    ("who", "step", "study"),
    [
        ("petra", "return", "WB-000001"),
        ("petra", "withdraw", "WB-000006"),
        ("petra", "accept", "WB-000007"),
        ("petra", "discard", "WB-000007"),
        ("tess", "quarantine", "WB-000003"),
    ],
)
def test_steps_that_need_a_reason_do_not_go_without(ask, desk, who, step, study):
    screen = ask(who, step, study)
    screen.test.text_area(key="reason").set_value("   ")
    screen.press("confirm")
    assert "A reason is needed." in screen.text
    assert desk.orders == []
    screen.test.text_area(key="reason").set_value("Wrong scope")
    screen.press("confirm")
    assert desk.orders == [(step, who, study, {"reason": "Wrong scope"})]


def test_submitting(ask, desk):
    ask("tess", "submit", "WB-000003").press("confirm")
    assert desk.orders == [("submit", "tess", "WB-000003", {"note": ""})]


def test_preparing_needs_a_scope_and_says_so(ask, desk):
    screen = ask("tess", "prepare", "WB-000004")
    screen.press("confirm")
    assert "A scope is needed." in screen.text
    screen.test.text_input(key="scope").set_value("second-opinion")
    screen.press("confirm")
    assert desk.orders == [("prepare", "tess", "WB-000004", {"profile": "basic", "scope": "second-opinion"})]


def test_what_becomes_of_text_in_pixels_is_a_choice_and_not_looking_has_a_price(ask, desk):
    screen = ask("tess", "prepare", "WB-000004")
    assert "accepts them by name" not in screen.text
    screen.test.text_input(key="scope").set_value("reader")
    screen.test.selectbox(key="pixels").set_value("off")
    screen.run()
    assert "Images of kinds that often show identity then wait until the approver accepts them by name." in screen.text
    screen.press("confirm")
    assert desk.orders[-1][3] == {"profile": "basic", "scope": "reader", "pixels": "off"}


def test_when_somebody_else_was_faster_the_refusal_is_shown(ask, desk):
    screen = ask("petra", "approve", "WB-000001")
    desk.failing = None
    original = desk.approve

    def late(*_args, **_named):
        raise WrongState("wrong-state", "The study is approved already.", "Reload the page.")

    desk.approve = late
    screen.press("confirm")
    assert "The study is approved already. Reload the page." in screen.text
    desk.approve = original
    assert desk.orders == []


@pytest.mark.parametrize("what", ["over", "roles"])
def test_a_dialog_that_stayed_open_does_not_keep_a_role_alive(ask, desk, what):
    """The dialog was opened by a privacy officer; when it is confirmed, the person is none any more."""
    screen = ask("petra", "approve", "WB-000001", stale=True)
    if what == "over":
        desk.actor = lambda _session: None
    else:
        desk.door.roles["petra"] = frozenset()
    screen.press("confirm")
    assert ("Your session has ended." if what == "over" else "Your roles do not allow this.") in screen.text
    assert desk.orders == []


def test_what_goes_out_is_counted_honestly_when_reasons_overlap():
    holds = [HoldRow("a", "", 0, 4), HoldRow("b", "", 0, 3), HoldRow("c", "", 1, 2)]
    version = FakeDesk().views["WB-000001"].preparation
    assert version is not None
    assert going_out(version, []) == "118 instances"
    assert going_out(version, holds[2:]) == "116 instances"
    assert going_out(version, holds) == "109 to 112 instances"
