"""Small pieces that every page is made of."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import streamlit as st

from workbench.app.html import Markup, chip, join, tag
from workbench.app.settings import pinned
from workbench.app.words import STATE_TONES, STATES
from workbench.records.states import StudyState

_COLOUR = re.compile(r"(?<!^)(?=[A-Z])")


def icon(name: str) -> Markup:
    """Return one of our line icons (ok, warn, bad, wait, lock); the words beside it carry the meaning."""
    return tag("i", cls=f"wb-i wb-i-{name}", aria_hidden="true")


def style() -> None:
    """Put the product's styles on the page, with the theme's colours as variables for light and dark."""
    st.html(f"<style>{_variables()}{files('workbench.app').joinpath('theme.css').read_text('utf-8')}</style>")


@cache
def _variables() -> str:
    """Return the theme's colours under the names that the framework gives them inside components."""
    options = pinned()
    lines = []
    for key, light in options.items():
        name = key.removeprefix("theme.light.")
        if name != key and name.endswith("Color"):
            variable = _COLOUR.sub("-", name).lower()
            lines.append(f"--st-{variable}:light-dark({light},{options[f'theme.dark.{name}']});")
    fonts = f"--st-font:{options['theme.font']};--st-code-font:{options['theme.codeFont']};"
    return f":root{{{''.join(lines)}{fonts}}}"


def put(*content: str) -> None:
    """Put markup on the page; what is not Markup is escaped."""
    st.html(tag("div", *content, cls="wb"))


def heading(title: str, lead: str, *extra: Markup) -> None:
    """Put a page's title and the one sentence that says what the page is for."""
    put(tag("div", tag("h1", title, cls="wb-title"), *extra, cls="wb-line"), tag("p", lead, cls="wb-lead"))


def state_chip(state: StudyState) -> Markup:
    """Return the chip of a study's state."""
    return chip(STATES[state], STATE_TONES[state])


def note(text: str, tone: str, strong: str = "") -> Markup:
    """Return a note. `tone` is red for stopped, orange for what needs a human, green, blue or gray."""
    role = "alert" if tone == "red" else "status"
    return tag("div", *([tag("b", strong), " "] if strong else []), text, cls=f"wb-note wb-{tone}", role=role)


def empty(title: str, *sentences: str) -> None:
    """Put the designed emptiness of a list."""
    st.html(tag("div", tag("h3", title), *(tag("p", sentence) for sentence in sentences), cls="wb wb-empty"))


def facts(pairs: Iterable[tuple[str, str]], *, cls: str = "") -> Markup:
    """Return a list of names and values; `cls` styles the values."""
    rows = (join(tag("dt", name), tag("dd", value, cls=cls)) for name, value in pairs)
    return tag("dl", *rows, cls="wb-facts")


def checks(lines: Sequence[tuple[str, str]]) -> Markup:
    """Return a check list; each line is ok, warn, bad or wait, and a sentence."""
    return tag(
        "ul", *(tag("li", icon(kind), tag("span", text), cls=f"wb-{kind}") for kind, text in lines), cls="wb-checks"
    )


def lock(sentence: str) -> Markup:
    """Return why something is locked."""
    return tag("div", icon("lock"), tag("span", sentence), cls="wb-lock")


def flash(text: str) -> None:
    """Keep a sentence for the next run, when the page shows what has become of an order."""
    st.session_state["flash"] = text


def show_flash() -> None:
    """Show the sentence that `flash` kept, once."""
    text = st.session_state.pop("flash", "")
    if text:
        st.toast(text)
