"""Whose is it: who is asked, what is shown, and what an answer orders."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Screen
from tests.app.fakes import HOSTILE, SECRET, FakeDesk
from workbench.flow.shown import HoldRow, UnknownRow
from workbench.records.errors import WrongState


def _script() -> None:
    from typing import Any  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415 - the framework runs this function's source alone

    from workbench.app import frame  # noqa: PLC0415
    from workbench.app.room import Room  # noqa: PLC0415
    from workbench.app.views import identity  # noqa: PLC0415

    desk: Any = frame.desk_of("")
    actor = desk.actor(st.session_state["who"])
    view = desk.views["WB-000007"]
    if view.questions:
        identity.ask(Room(desk=desk, actor=actor, now=desk.clock()), view.questions[0])


@pytest.fixture
def asked(desk: FakeDesk):
    def go(who="petra"):
        test = AppTest.from_function(_script, default_timeout=20)
        test.session_state["who"] = who
        return Screen(test).run()

    return go


def test_only_who_may_answer_is_offered_to(visit):
    assert "Answer ID-000001" in visit("petra", "study", study="WB-000007").text
    assert "Answer ID-000001" not in visit("tess", "study", study="WB-000007").text


@pytest.mark.parametrize("who", ["tess", "petra", "arno"])
def test_the_quarantine_lists_what_is_asked(visit, who):
    screen = visit(who)
    screen.test.button_group(key="queue-state").set_value("quarantined")
    screen.run()
    assert "Whose is it?" in screen.text
    assert "ID-000001" in screen.table


def test_both_patients_are_shown_only_when_asked_for_and_only_as_text(asked, desk):
    screen = asked()
    assert SECRET not in screen.markup
    assert desk.revealed == []
    screen.press("compare")
    assert SECRET in screen.markup
    assert HOSTILE not in screen.markup
    assert desk.revealed == [("petra", "ID-000001", "compare")]


@pytest.mark.parametrize(("option", "same"), [("same", True), ("different", False)])
def test_an_answer_needs_a_choice_and_a_reason(asked, desk, option, same):
    screen = asked()
    assert screen.locked("confirm")
    screen.test.radio(key="answer-ID-000001").set_value(option)
    screen.run()
    screen.press("confirm")
    assert "A reason is needed." in screen.text
    assert desk.orders == []
    screen.test.text_area(key="reason").set_value(" asked the ward ")
    screen.press("confirm")
    assert desk.orders == [("answer", "petra", "ID-000001", {"same": same, "reason": "asked the ward"})]


def test_a_refused_answer_is_shown_with_its_next_step(asked, desk):
    screen = asked()
    screen.test.radio(key="answer-ID-000001").set_value("same")
    screen.test.text_area(key="reason").set_value("because")
    screen.run()
    desk.failing = WrongState("not-acceptable", "Name and birth date both contradict.", "Answer different.")
    screen.press("confirm")
    assert "Name and birth date both contradict. Answer different." in screen.text


def test_a_version_says_what_it_follows_what_it_is_for_and_why_it_needs_a_successor(visit, desk):
    view = desk.views["WB-000002"]
    hold = HoldRow("US-1", "ultrasound", 0, 4, accepted=True, accepted_by="petra", before=1)
    version = replace(
        view.preparation, law="treatment", follows=1, unchanged=114, touched="Two patients are one.", holds=(hold,)
    )
    desk.views["WB-000002"] = replace(view, preparation=version)
    text = visit("petra", "study", study="WB-000002").text
    assert "114 of them are byte for byte those of version 1." in text
    assert "Two patients are one. It has to be prepared again." in text
    assert "PHI for treatment. Protected health information, pseudonymised, for treatment" in text
    assert "Accepted by petra in version 1, unchanged since." in text
    assert "de-identified under" not in text.lower()


def test_what_was_not_understood_is_counted_and_listed_before_a_decision(visit, desk):
    view = desk.views["WB-000002"]
    unknowns = (
        UnknownRow("pixels-not-examined", "the pixels", "(7FE0,0010)", "Nobody looked.", 4),
        UnknownRow("waveform-not-examined", "the waveforms", "(5400,0100)", "Nobody listened.", 2),
    )
    version = replace(view.preparation, unknowns=unknowns, references_left_out=3, referring=1)
    desk.views["WB-000002"] = replace(view, preparation=version)
    screen = visit("petra", "study", study="WB-000002")
    assert "1 thing not understood; 3 references to instances that are not in this version." in screen.text
    screen.press("do-approve")
    assert "1 thing not understood; 3 references" in screen.text


def test_an_approved_version_that_needs_a_successor_leads_to_preparing_it_again(visit, desk):
    view = desk.views["WB-000006"]
    desk.views["WB-000006"] = replace(view, preparation=replace(view.preparation, touched="Two patients are one."))
    screen = visit("tess", "study", study="WB-000006")
    assert "Two patients are one. It has to be prepared again." in screen.text
    assert "release create" not in screen.text
