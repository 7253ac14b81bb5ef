"""Reading request heads, whatever a client sends."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from workbench.api.forms import same_site
from workbench.api.wire import cookie, read_form, read_head, without_cookies

HIDDEN = frozenset({"workbench", "workbench-form"})
PAIR = st.tuples(
    st.sampled_from(["workbench", "workbench-form", "Workbench", "_xsrf", "", " workbench", "workbench "]),
    st.text(st.characters(codec="latin-1"), max_size=12),
)


@given(st.lists(st.lists(PAIR, max_size=5), max_size=3))
def test_no_cookie_of_ours_gets_through(lines):
    headers = [(b"Cookie", "; ".join(f"{name}={value}" for name, value in line).encode("latin-1")) for line in lines]
    inward = read_head({"type": "http", "headers": without_cookies(headers, HIDDEN)}).cookies
    assert not HIDDEN & set(inward)


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=40)), max_size=10))
def test_any_headers_can_be_read(headers):
    head = read_head({"type": "http", "headers": headers})
    assert same_site(head) in {True, False}


def test_two_headers_of_one_name_are_worth_none():
    headers = [(b"host", b"localhost"), (b"host", b"evil.example"), (b"origin", b"http://evil.example")]
    head = read_head({"type": "http", "headers": headers})
    assert head.host == ""
    assert not same_site(head)


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_any_body_is_a_form_or_not(chunks):
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    pending = iter(messages)

    async def receive():
        return next(pending)

    form = asyncio.run(read_form(receive))
    assert form is None or sum(len(value) for value in form.values()) <= 8_192


def test_a_body_that_breaks_off_is_no_form():
    async def receive():
        return {"type": "http.disconnect"}

    assert asyncio.run(read_form(receive)) is None


def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites():
    name, value = cookie("workbench", "abc", secure=True, max_age=0)
    assert name == "set-cookie"
    for part in ("workbench=abc", "HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=0"):
        assert part in value
    assert "Domain" not in value
