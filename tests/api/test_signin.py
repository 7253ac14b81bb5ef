"""Signing in, out, and guessing."""

import asyncio

import pytest

from tests.api.asgi import world
from tests.app.fakes import PASSWORD
from workbench.api.gate import GateSettings


def run(test):
    return asyncio.run(test())


def test_signing_in_leads_to_the_app_with_a_cookie_that_scripts_cannot_read():
    async def test():
        here = world()
        browser = here.browser()
        answer = await browser.sign_in()
        assert (answer.status, answer.header("location")) == (303, "/")
        line = next(line for line in answer.all("set-cookie") if line.startswith("workbench="))
        assert "HttpOnly" in line
        assert "SameSite=Strict" in line
        assert "Path=/" in line
        assert (await browser.open("/")).status == 200

    run(test)


def test_over_a_network_cookies_need_https_and_so_do_passwords():
    async def test():
        here = world(GateSettings(secure=True))
        plain = here.browser()
        assert (await plain.open("/sign-in")).status == 403
        assert (await plain.post("/sign-in", {"name": "petra", "password": PASSWORD})).status == 403
        browser = here.browser(scheme="https", host="workbench.example")
        answer = await browser.sign_in()
        line = next(line for line in answer.all("set-cookie") if line.startswith("__Host-workbench="))
        assert "Secure" in line
        assert answer.header("strict-transport-security").startswith("max-age=")

    run(test)


@pytest.mark.parametrize(("name", "password"), [("petra", "wrong"), ("nobody", PASSWORD), ("", ""), ("a" * 300, "b")])
def test_a_refusal_does_not_say_which_was_wrong(name, password):
    async def test():
        here = world()
        browser = here.browser()
        answer = await browser.sign_in(name, password)
        assert answer.status == 403
        assert b"Name and password do not match." in answer.body
        assert "workbench" not in browser.cookies

    run(test)


def test_what_was_typed_comes_back_escaped():
    async def test():
        here = world()
        answer = await here.browser().sign_in('"><script>alert(1)</script>', "x")
        assert b"<script" not in answer.body

    run(test)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "http://evil.example"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": "null", "sec_fetch_site": ""},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_a_form_of_another_site_signs_nobody_in(headers):
    async def test():
        here = world()
        assert (await here.browser().sign_in(**headers)).status == 403
        assert here.door.sign_ins == 0

    run(test)


@pytest.mark.parametrize("field", ["", "0" * 64, "ü"])
def test_a_form_without_our_field_signs_nobody_in(field):
    async def test():
        here = world()
        browser = here.browser()
        await browser.form()
        answer = await browser.post("/sign-in", {"form": field, "name": "petra", "password": PASSWORD})
        assert answer.status == 403
        assert here.door.sign_ins == 0

    run(test)


def test_a_field_of_another_visitor_signs_nobody_in():
    async def test():
        here = world()
        stolen = await here.browser().form()
        browser = here.browser()
        await browser.form()
        answer = await browser.post("/sign-in", {"form": stolen, "name": "petra", "password": PASSWORD})
        assert answer.status == 403

    run(test)


@pytest.mark.parametrize("body", [b"x" * 9000, b"\xff=\xff", b"a=1&" * 40])
def test_what_is_not_a_form_is_refused(body):
    async def test():
        here = world()
        answer = await here.browser().ask("/sign-in", "POST", body=body, origin="http://localhost:8501")
        assert answer.status == 403

    run(test)


def test_browsers_that_hide_the_origin_from_us_can_sign_in():
    async def test():
        here = world()
        assert (await here.browser().sign_in(origin="null", sec_fetch_site="same-origin")).status == 303

    run(test)


def test_a_planted_cookie_is_worth_nothing_after_sign_in():
    """Session fixation: the token that the attacker knows must not become the victim's session."""

    async def test():
        here = world()
        attacker = here.browser()
        await attacker.sign_in("rita")
        planted = attacker.cookies["workbench"]
        victim = here.browser()
        victim.cookies["workbench"] = planted
        field = await victim.form("/first-account")
        await victim.post("/sign-in", {"form": field, "name": "petra", "password": PASSWORD})
        assert victim.cookies["workbench"] != planted
        assert (await attacker.open("/")).status == 303

    run(test)


def test_a_cookie_that_was_copied_before_sign_out_is_worth_nothing_after():
    async def test():
        here = world()
        browser, thief = here.browser(), here.browser()
        await browser.sign_in()
        thief.cookies = dict(browser.cookies)
        assert (await thief.open("/")).status == 200
        await browser.post("/sign-out", {"form": await browser.form("/sign-out")})
        for path in ("/", "/media/x"):
            assert (await thief.ask(path)).status == 401
        assert (await thief.ask("/session")).status == 204
        assert (await thief.open("/")).status == 303

    run(test)


def test_signing_out_takes_a_form_of_ours():
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        await browser.open("/sign-out")
        await browser.post("/sign-out", {"form": "0" * 64}, origin="http://evil.example", sec_fetch_site="cross-site")
        assert (await browser.open("/")).status == 200

    run(test)


def test_a_disabled_account_is_out_at_the_next_request():
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        here.door.disabled.add("petra")
        assert (await browser.ask("/media/x")).status == 401

    run(test)


def test_idle_and_absolute_limits_hold():
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        for _ in range(59):
            here.clock.forward(minutes=10)
            assert (await browser.open("/")).status == 200
        here.clock.forward(minutes=11)
        assert (await browser.open("/")).status == 303
        again = here.browser()
        await again.sign_in()
        here.clock.forward(minutes=16)
        assert (await again.open("/")).status == 303

    run(test)


def test_what_a_page_fetches_by_itself_does_not_keep_the_session_alive():
    async def test():
        here = world()
        browser = here.browser()
        await browser.sign_in()
        for _ in range(4):
            here.clock.forward(minutes=4)
            last = await browser.ask("/session")
        assert last.status == 204

    run(test)


def test_guessing_is_slowed_down_by_name_and_forgiven_later():
    async def test():
        here = world()
        for _ in range(5):
            assert (await here.browser().sign_in("petra", "guess")).status == 403
        blocked = await here.browser().sign_in("PETRA", PASSWORD)
        assert blocked.status == 429
        assert int(blocked.header("retry-after")) >= 1
        assert here.door.sign_ins == 5
        here.clock.forward(minutes=31)
        assert (await here.browser().sign_in("petra")).status == 303

    run(test)


def test_guessing_many_names_is_slowed_down_by_address():
    async def test():
        here = world()
        for number in range(20):
            await here.browser().sign_in(f"name{number}", "guess")
        assert (await here.browser().sign_in("petra")).status == 429

    run(test)


def test_the_first_account_takes_the_code_and_is_slowed_down_too():
    async def test():
        here = world()
        browser = here.browser()
        fields = {"name": "zoe", "password": PASSWORD}
        for _ in range(5):
            field = await browser.form("/first-account")
            assert (await browser.post("/first-account", {**fields, "form": field, "code": "?"})).status == 403
        field = await browser.form("/first-account")
        assert (await browser.post("/first-account", {**fields, "form": field, "code": "CODE-1"})).status == 429
        here.clock.forward(minutes=31)
        field = await browser.form("/first-account")
        made = await browser.post("/first-account", {**fields, "form": field, "code": "CODE-1"})
        assert b"The account is made" in made.body
        assert (await browser.sign_in("zoe")).status == 303

    run(test)


def test_the_sign_in_page_needs_no_script_and_nobody_else():
    page = asyncio.run(world().browser().open("/sign-in"))
    text = page.body.decode()
    assert "<script" not in text
    assert "http" not in text.replace('method="post"', "")
    assert page.header("content-security-policy").startswith("default-src 'none'")
    assert page.header("cache-control") == "no-store"
    assert 'autocomplete="current-password"' in text
