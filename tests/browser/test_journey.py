"""From sign-in to approval, as people do it; and what a browser sees of sessions that end."""

import re

import pytest

from tests.browser.conftest import Visitor
from tests.browser.house import PASSWORD, House
from workbench.flow import accounts, reviewing
from workbench.flow.home import open_home
from workbench.records.actor import Role

pytestmark = pytest.mark.browser


def test_from_sign_in_to_approval(visitor: Visitor, house: House):
    """A technician prepares and submits an ultrasound study, a privacy officer accepts its holds and approves it."""
    study = house.studies[-1]
    page = visitor.page
    page.goto(visitor.address)
    page.wait_for_url(re.compile("/sign-in"))
    visitor.picture("sign-in")

    visitor.sign_in("tess").open_study(study).sees("Not prepared yet").picture("arrived")
    visitor.press("do-prepare").sees("The scope is the recipient")
    page.fill(".st-key-scope input", "second-opinion")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    visitor.press("confirm").sees("Submit for approval", timeout=60_000).settle()
    page.keyboard.press("s")
    visitor.sees("A privacy officer who did not take part")
    visitor.press("confirm").sees("This step is for: Privacy officer.").settle().picture("submitted")
    assert page.locator(".st-key-do-approve button").is_disabled()
    visitor.sign_out().sees("Your session has ended")

    visitor.sign_in("petra").picture("studies")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{study}')")
    visitor.settle().sees("Held instances")
    assert page.title() == f"{study} · Workbench"
    for box in page.locator("[data-testid=stCheckbox] label").all():
        box.click()
        visitor.settle()
    visitor.press("do-approve")
    visitor.sees("You accept by name").settle().picture("approve")
    visitor.press("confirm").sees("Approved by petra").settle().picture("approved")

    page.click("text=Audit trail")
    visitor.settle().press("verify").sees("The log is intact.").settle().picture("audit-trail")
    page.click("tr[data-id='1']")
    visitor.sees("Hash of the entry").picture("entry")


@pytest.mark.parametrize("visitor", ["light", "dark"], indirect=True)
def test_reviewing_header_changes(visitor: Visitor, house: House):
    """Values are concealed until asked for; what was asked for is recorded, and gone with the page."""
    page = visitor.page
    visitor.sign_in("petra").picture("queue")
    visitor.open_study(house.studies[1]).picture("study")
    page.fill(".st-key-search input", "Patient's Name")
    page.keyboard.press("Enter")
    visitor.sees("(0010,0010)").settle()
    row = page.locator("tr:has-text('(0010,0010)')").first
    assert "^" not in row.inner_text()
    row.locator("button.reveal").click()
    page.wait_for_function("() => true")
    row.locator("span.before:has-text('^')").wait_for(timeout=10_000)
    visitor.picture("revealed")
    assert "^" not in page.title() + page.url
    for section in ("Privacy issues", "What the profile did", "History"):
        page.click(f"[data-testid=stButtonGroup] >> text={section}")
        visitor.settle().picture(section.lower().replace(" ", "-"))
    page.click("[data-testid=stButtonGroup] >> text=Header changes")
    visitor.settle()
    assert page.locator("span.before:has-text('^')").count() == 0
    page.click("text=Audit trail")
    visitor.settle().sees("An original value was shown.").picture("trail")


def test_the_keyboard_reaches_search_and_rows(visitor: Visitor):
    page = visitor.page
    visitor.sign_in("arno")
    page.keyboard.press("/")
    page.keyboard.type("CT")
    page.keyboard.press("Enter")
    visitor.sees("1 study.").settle()
    page.keyboard.press("Escape")
    page.locator("h1").first.click()
    page.keyboard.press("j")
    assert page.evaluate("() => document.activeElement.shadowRoot.activeElement.tagName") == "TR"


def test_the_queue_shows_what_others_do_without_a_reload(visitor: Visitor, house: House):
    page = visitor.page
    study = house.studies[2]
    visitor.sign_in("arno")
    line = page.locator(f"tr[data-id='{study}']")
    assert "Prepared" in line.inner_text()
    with open_home(house.home) as workbench:
        tess = accounts.sign_in(workbench, name="tess", password=PASSWORD).actor
        reviewing.quarantine(workbench, tess, study=study, reason="wrong patient")
    line.locator("text=Quarantined").wait_for(timeout=15_000)


def test_the_tab_key_passes_the_changes_in_two_steps(visitor: Visitor, house: House):
    """Whoever has no mouse must not walk through every value on the way to the decision."""
    page = visitor.page
    visitor.sign_in("petra").open_study(house.studies[0])
    focused = """() => {
        const at = document.activeElement;
        return (at.shadowRoot ? at.shadowRoot.activeElement : at).tagName;
    }"""
    page.keyboard.press("j")
    page.keyboard.press("j")
    seen = []
    for _ in range(3):
        seen.append(page.evaluate(focused))
        page.keyboard.press("Tab")
    assert seen[0] == "TR"
    assert "TR" not in seen[1:]
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.shadowRoot") is None, "the table is left"


def test_a_stolen_cookie_is_worth_nothing_after_sign_out(visitor: Visitor, chromium):
    visitor.sign_in("arno")
    cookies = visitor.context.cookies()
    ours = [cookie for cookie in cookies if cookie["name"].startswith("workbench")]
    assert ours
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Strict" for cookie in ours)
    with chromium.new_context() as thief:
        thief.add_cookies([{"name": c["name"], "value": c["value"], "url": visitor.address} for c in cookies])
        page = thief.new_page()
        page.goto(visitor.address)
        assert "/sign-in" not in page.url
        visitor.sign_out()
        page.wait_for_url(re.compile("/sign-in"), timeout=3_000)
        page.goto(f"{visitor.address}/studies")
        assert "/sign-in" in page.url


def test_a_disabled_account_is_off_the_page_within_a_second(visitor: Visitor, house: House):
    with open_home(house.home) as workbench:
        adam = accounts.sign_in(workbench, name="adam", password="correct horse battery staple").actor
        accounts.add_user(
            workbench, adam, name="temp", password="correct horse battery staple", roles=frozenset({Role.AUDITOR})
        )
        visitor.sign_in("temp")
        accounts.disable_user(workbench, adam, name="temp")
        visitor.page.wait_for_url(re.compile("/sign-in"), timeout=1_500)
    assert "WB-" not in visitor.page.content()


def test_a_remote_reader_sees_no_study(visitor: Visitor, house: House):
    visitor.sign_in("rita").picture("deliveries")
    visitor.sees("Packages are not downloaded here.")
    assert "WB-" not in visitor.page.content()
