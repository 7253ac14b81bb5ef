"""Pages run on a desk in memory, for a chosen person."""

import json
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.app.fakes import FakeDesk
from workbench.app import frame
from workbench.app.serve import MAIN


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.inert = 0

    def handle_starttag(self, tag, attrs):
        self.inert += tag == "style"

    def handle_endtag(self, tag):
        self.inert -= tag == "style"

    def handle_data(self, data):
        if not self.inert:
            self.parts.append(data)


class Screen:
    """What somebody sees, and may press."""

    def __init__(self, test: AppTest) -> None:
        self.test = test

    @property
    def markup(self) -> str:
        return "\n".join(element.proto.body for element in self.test.get("html"))

    @property
    def text(self) -> str:
        parser = _Text()
        parser.feed(self.markup)
        widgets = [widget.label for widget in (*self.test.button, *self.test.checkbox)]
        return " ".join(" ".join([*parser.parts, *widgets]).split())

    @property
    def table(self) -> str:
        """The data of the page's table, as it goes to the browser."""
        data = [json.loads(element.proto.json) for element in self.test.get("bidi_component")]
        return json.dumps(data, ensure_ascii=False)

    def press(self, key: str) -> "Screen":
        button = self.test.button(key=key)
        assert not button.disabled, f"{key} is locked"
        button.click()
        return self.run()

    def run(self) -> "Screen":
        self.test.run()
        assert not self.test.exception
        return self

    def has(self, key: str) -> bool:
        return any(button.key == key for button in self.test.button)

    def locked(self, key: str) -> bool:
        return bool(self.test.button(key=key).disabled)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    made = FakeDesk()
    monkeypatch.setattr(frame, "desk_of", lambda _home: made)
    monkeypatch.setattr(frame, "home", lambda: "nowhere")
    return made


@pytest.fixture
def visit(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Screen]:
    """Open a page as somebody, as a deep link would."""

    def go(who: str, page: str = "", **query: str) -> Screen:
        monkeypatch.setattr(frame, "session_id", lambda: who)
        test = AppTest.from_file(str(MAIN), default_timeout=20)
        for name, value in query.items():
            test.query_params[name] = value
        if page:
            test._page_hash = calc_hash(page)
        return Screen(test).run()

    return go
