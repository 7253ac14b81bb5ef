"""Chromium, a server and a home. Skipped, with the reason, where there is no Chromium."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, sync_playwright

from tests.browser.house import PASSWORD, House, build

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install Debian's chromium, or name one in WORKBENCH_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> House:
    return build(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def address(house: House) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.browser.server", str(house.home), str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, "the server did not start"
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not answer within a minute")


class Visitor:
    """Somebody at a browser. Everything that the page asks for and complains about is watched."""

    def __init__(self, browser: Browser, address: str, pictures: Path, scheme: str) -> None:
        self.address = address
        self.pictures = pictures
        self.scheme = scheme
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.page: Page = self.context.new_page()
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, f"blob:{self.address}", "data:")):
            self.outside.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location}")

    def settle(self) -> "Visitor":
        self.page.wait_for_selector(IDLE, timeout=30_000)
        self.page.wait_for_timeout(600)
        return self

    def sign_in(self, name: str) -> "Visitor":
        self.page.goto(f"{self.address}/sign-in")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        return self.settle()

    def sign_out(self) -> "Visitor":
        self.page.click(".st-key-who button")
        self.page.click(".st-key-sign-out button")
        self.page.wait_for_url(re.compile("/sign-in"), timeout=5_000)
        return self

    def open_study(self, study: str) -> "Visitor":
        self.page.click(f"tr[data-id='{study}']")
        self.page.wait_for_selector(f"h1:has-text('{study}')")
        return self.settle()

    def press(self, key: str) -> "Visitor":
        self.page.click(f".st-key-{key} button")
        return self

    def sees(self, text: str, timeout: int = 20_000) -> "Visitor":
        try:
            self.page.wait_for_selector(f"text={text}", timeout=timeout)
        except Error:
            self.picture("not-seen")
            raise
        return self

    def picture(self, name: str) -> "Visitor":
        self.page.screenshot(path=self.pictures / f"{name}-{self.scheme}.png")
        return self


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the screenshots go: `WORKBENCH_SCREENSHOTS`, or a folder of this run."""
    named = os.environ.get("WORKBENCH_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def visitor(chromium: Browser, address: str, pictures: Path, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    made = Visitor(chromium, address, pictures, getattr(request, "param", "light"))
    yield made
    made.context.close()
    assert made.outside == [], "a page asked somebody else"
    assert made.complaints == [], "a page complained"
