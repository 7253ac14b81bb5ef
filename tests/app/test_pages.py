"""Which page shows what to whom."""

from dataclasses import replace

import pytest

from tests.app.fakes import HOSTILE, NOW, PEOPLE, SECRET
from workbench.flow.shown import LogVerdict, ReleaseLine
from workbench.records.errors import IntegrityBroken, NotPermitted
from workbench.records.states import ReleaseState, StudyState

STUDY_PEOPLE = {"tess", "petra", "arno"}
TRAIL_PEOPLE = {"petra", "arno", "adam"}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("page", "allowed"), [("studies", STUDY_PEOPLE), ("study", STUDY_PEOPLE)])
def test_study_pages_exist_only_for_those_who_may_see_studies(visit, who, page, allowed):
    screen = visit(who, page, study="WB-000002")
    seen = "WB-000002" in screen.text + (screen.table if screen.test.get("bidi_component") else "")
    assert seen == (who in allowed)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_audit_trail_exists_only_for_those_who_may_verify_it(visit, who):
    screen = visit(who, "audit-trail")
    assert screen.has("verify") == (who in TRAIL_PEOPLE)


@pytest.mark.parametrize(
    ("who", "title"),
    [("tess", "Studies"), ("petra", "Studies"), ("arno", "Studies"), ("rita", "Deliveries"), ("adam", "Audit trail")],
)
def test_everybody_lands_on_a_page_that_is_theirs(visit, who, title):
    assert title in visit(who).text


def test_a_session_that_is_over_shows_nothing(visit):
    screen = visit("nobody", "study", study="WB-000002")
    assert screen.text == "Your session has ended Reload this page to sign in again."


def test_a_role_that_was_taken_away_is_gone_at_the_next_click(visit, desk):
    screen = visit("petra", "study", study="WB-000002")
    assert not screen.locked("do-approve")
    desk.door.roles["petra"] = frozenset()
    assert "WB-000002" not in screen.run().text


def test_the_queue_counts_by_state_and_filters(visit):
    screen = visit("petra")
    options = [option.content for option in screen.test.get("button_group")[0].proto.options]
    assert options[:2] == ["All  7", "Submitted  2"]
    screen.test.text_input(key="search").set_value("mr")
    assert screen.run().table.count('"id"') == 2
    assert "2 studies." in screen.text


def test_a_search_that_finds_nothing_can_be_cleared(visit):
    screen = visit("petra")
    screen.test.text_input(key="search").set_value("xyz")
    assert "Nothing matches" in screen.run().text
    assert "7 studies." in screen.press("clear").text


def test_refused_files_are_listed_with_the_quarantine(visit):
    screen = visit("petra")
    assert "The file is not DICOM." not in screen.table
    screen.test.session_state["queue-state"] = "quarantined"
    assert "The file is not DICOM." in screen.run().table


def test_an_empty_workbench_says_how_studies_come_in(visit, desk):
    desk.views.clear()
    assert "No studies yet" in visit("tess").text


def test_what_was_typed_into_the_search_is_not_put_into_the_address(visit):
    screen = visit("petra")
    screen.test.text_input(key="search").set_value("12345678")
    assert "search" not in dict(screen.run().test.query_params)


@pytest.mark.parametrize("study", ["", "WB-999999", "../../x", "<b>", "WB-000002' OR 1=1"])
def test_a_study_that_is_not_there_is_said_so(visit, study):
    text = visit("petra", "study", study=study).text.lower()
    assert "no such study" in text or "no study with that number" in text


def test_before_values_are_concealed_in_what_goes_to_the_browser(visit):
    screen = visit("petra", "study", study="WB-000001")
    assert SECRET not in screen.table
    assert "••••••" in screen.table


def test_revealing_a_value_is_an_order_with_a_purpose_and_leaves_no_trace_on_the_server(visit, desk):
    screen = visit("petra", "study", study="WB-000001")
    screen.test.session_state["reveal-asked"] = "c1"
    screen.run()
    assert desk.revealed == [("petra", "c1", "check-removal")]
    assert SECRET in screen.table
    assert SECRET not in repr(screen.test.session_state)
    assert SECRET not in screen.run().table
    assert len(desk.revealed) == 1


@pytest.mark.parametrize("asked", ["c999", "<script>"])
def test_only_what_is_on_the_page_can_be_revealed(visit, desk, asked):
    screen = visit("petra", "study", study="WB-000001")
    screen.test.session_state["reveal-asked"] = asked
    screen.run()
    assert desk.revealed == []


def test_an_auditor_sees_no_way_to_reveal(visit, desk):
    screen = visit("arno", "study", study="WB-000001")
    screen.test.session_state["reveal-asked"] = "c1"
    screen.run()
    assert desk.revealed == []
    assert '"mayReveal": false' in screen.table


def test_hostile_values_stay_text(visit, desk):
    row = desk.views["WB-000001"]
    desk.views["WB-000001"] = type(row)(row.row, row.preparation, (), (), row.story, (HOSTILE,), HOSTILE)
    screen = visit("petra", "study", study="WB-000001")
    assert "<img" not in screen.markup
    assert HOSTILE in screen.text


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("WB-000001", ("Pixels were not checked", "No privacy issue was found", "Submitted by tess")),
        ("WB-000002", ("4 instances held", "Accept US-2")),
        ("WB-000003", ("1 privacy issue", "A searched identifier is still there.", "left out")),
        ("WB-000004", ("Not prepared yet",)),
        ("WB-000006", ("Approved by petra",)),
        ("WB-000007", ("quarantine", "parsers-disagree")),
    ],
)
def test_the_study_page_says_what_speaks_for_and_against_it(visit, study, words):
    text = visit("petra", "study", study=study).text
    for word in words:
        assert word in text


def test_after_the_approval_the_next_step_is_named_and_then_the_packages(visit, desk):
    officer, auditor = (visit(who, "study", study="WB-000006").text for who in ("petra", "arno"))
    assert "Nothing has left yet." in officer
    assert "workbench release create WB-000006" in officer
    assert "A technician or a privacy officer makes the package." in auditor
    line = ReleaseLine("RL-000004", "Trial 7", ReleaseState.ACKNOWLEDGED, NOW)
    desk.views["WB-000006"] = replace(desk.views["WB-000006"], releases=(line,))
    text = visit("arno", "study", study="WB-000006").text
    assert "Package RL-000004 for Trial 7: opened, its receipt is here." in text
    assert "Nothing has left yet." not in text


@pytest.mark.parametrize(("study", "label"), [("WB-000001", "Note:"), ("WB-000005", "Reason given:")])
def test_what_was_written_last_is_called_what_it_is(visit, desk, study, label):
    desk.views[study] = replace(desk.views[study], note="Second visit.")
    assert f"{label} Second visit." in visit("petra", "study", study=study).text


def test_the_queue_points_to_what_was_refused(visit):
    assert "Something is in quarantine." in visit("petra").text


def test_the_page_says_why_a_decision_is_locked(visit):
    screen = visit("tess", "study", study="WB-000001")
    assert screen.locked("do-approve")
    assert "This step is for: Privacy officer." in screen.text


def test_who_prepared_cannot_decide_and_is_told(visit, desk):
    desk.door.roles["tess"] = PEOPLE["tess"] | PEOPLE["petra"]
    screen = visit("tess", "study", study="WB-000001")
    assert screen.locked("do-approve")
    assert "a second person decides" in screen.text


def test_an_auditor_can_do_nothing(visit):
    for study in ("WB-000001", "WB-000003", "WB-000006"):
        screen = visit("arno", "study", study=study)
        assert all(button.disabled for button in screen.test.button if button.key.startswith("do-"))


def test_holds_are_offered_to_the_approver_only(visit):
    assert visit("petra", "study", study="WB-000002").test.checkbox[0].label == "Accept US-2"
    assert not visit("tess", "study", study="WB-000002").test.checkbox


def test_a_refusal_is_shown_in_words_and_an_accident_by_number_only(visit, desk, caplog):
    desk.failing = NotPermitted("x", "This is not for you.", "Ask Petra.")
    assert "This is not for you. Ask Petra." in visit("petra").text
    desk.failing = ValueError(SECRET)
    text = visit("petra").text
    assert "tell your administrator the number of this incident" in text
    assert SECRET not in text + caplog.text
    assert "ValueError" in caplog.text


def test_the_log_is_verified_on_request(visit, desk):
    screen = visit("petra", "audit-trail")
    assert "Not verified in this window yet." in screen.text
    screen.press("verify")
    assert "The log is intact." in screen.text
    assert ("verify", "petra") in desk.orders


def test_a_broken_log_is_said_plainly(visit, desk):
    desk.verdict = LogVerdict(
        ok=False, entries=212, checkpoints=9, problems=("Entry 17 was altered.", "The head is old.")
    )
    text = visit("arno", "audit-trail").press("verify").text
    assert "The log is broken." in text
    assert "First sign: Entry 17 was altered." in text
    assert "The head is old." in text
    assert "intact" not in text


def test_a_check_that_cannot_be_made_is_not_a_success(visit, desk):
    screen = visit("adam", "audit-trail")
    desk.failing = IntegrityBroken("no-witness", "The witness file is not there.", "Bring it back.")
    text = screen.press("verify").text
    assert "The witness file is not there." in text
    assert "intact" not in text.replace("verify that the log is intact", "")


def test_an_administrator_verifies_but_reads_nothing(visit):
    screen = visit("adam", "audit-trail")
    assert not screen.test.get("bidi_component")


def test_the_trail_can_be_narrowed_to_a_study(visit):
    screen = visit("arno", "audit-trail")
    screen.test.text_input(key="search").set_value("wb-000003")
    table = screen.run().table
    assert "WB-000003" in table
    assert "WB-000001" not in table
    screen.test.text_input(key="search").set_value("Doe^Jane")
    assert "not a study number" in screen.run().text


def test_signing_out_ends_the_session_and_shows_nothing_more(visit, desk):
    screen = visit("petra")
    text = screen.press("sign-out").text
    assert ("sign-out", "petra") in desk.orders
    assert "You are signed out" in text
    assert "WB-" not in text


def test_a_remote_reader_is_promised_nothing_that_is_not_there(visit):
    screen = visit("rita")
    assert "This page cannot list or download it yet." in screen.text
    assert [button.key for button in screen.test.button] == ["sign-out"]


def test_every_state_has_a_page(visit, desk):
    for study in desk.views:
        for who in ("tess", "petra", "arno"):
            assert study in visit(who, "study", study=study).text
    assert {view.row.state for view in desk.views.values()} | {StudyState.DISCARDED} == set(StudyState)
