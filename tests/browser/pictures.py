"""Makes the pictures of the README anew: `python -m tests.browser.pictures`. Needs Chromium, and takes a minute.

They are of the demo: an ultrasound loop before and after, side by side, and the page on which it is reviewed. What is
seen there is invented and drawn by the project itself.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from workbench.flow.demo import ACCOUNTS_FILE, run_demo
from workbench.flow.folder import FolderJob, deidentify_folder
from workbench.pixels.picture import outlined
from workbench.synthetic import measured

TARGET = Path(__file__).parents[2] / "docs" / "img"
KIND = "us-kidney-measured"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        run_demo(home)
        people = json.loads((home / ACCOUNTS_FILE).read_text("utf-8"))
        kinds = json.loads((home / "demo-studies.json").read_text("utf-8"))
        study = next(name for name, facts in kinds.items() if facts["kind"] == KIND)
        _before_and_after(home / "studies" / KIND / measured.FILE, Path(folder) / "out")
        _page(home, study, people["officer"]["password"])


def _before_and_after(source: Path, target: Path) -> None:
    deidentify_folder(FolderJob(source=(source,), target=target, pixels="clean"))
    (output,) = target.rglob("*.dcm")
    before, after = (Image.open(BytesIO(outlined(path, 1))) for path in (source, output))
    both = Image.new("RGB", (before.width + after.width + 16, before.height), "white")
    both.paste(before, (0, 0))
    both.paste(after, (before.width + 16, 0))
    both.save(TARGET / "cine-before-after.png", optimize=True)


def _page(home: Path, study: str, password: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.browser.server", str(home), str(port)]
    with subprocess.Popen(command, cwd=TARGET.parents[1]) as server, sync_playwright() as playwright:
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            chromium = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or "chromium-browser"
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_context(viewport={"width": 1440, "height": 1120}, color_scheme="light").new_page()
            visit(page, f"http://127.0.0.1:{port}", study, password)
            page.screenshot(path=TARGET / "study-review.png")
            browser.close()
        finally:
            server.terminate()


def visit(page: Page, address: str, study: str, password: str) -> None:
    """Sign in as the officer and open the section on pixels of a study."""
    page.goto(f"{address}/sign-in")
    page.fill("input[name=name]", "officer")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)
    page.click(f"tr[data-id='{study}']")
    page.wait_for_selector(f"h1:has-text('{study}')", timeout=60_000)
    page.click("[data-testid=stButtonGroup] >> text=Pixels")
    page.wait_for_selector("img.wb-frame", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    page.wait_for_timeout(1_000)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    main()
