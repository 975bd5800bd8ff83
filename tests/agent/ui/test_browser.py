from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.agent.ui.pages import begun, serving, talked
from tests.agent.ui.test_safe import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@pytest.fixture
def page() -> Iterator["Page"]:
    """A phone's browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def test_the_page_works_in_a_browser(tmp_path: Path, page: "Page") -> None:
    run = talked(begun(tmp_path, HOSTILE), proposed=False)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    with serving(tmp_path) as address:
        page.goto(address)
        page.get_by_role("button", name="Yes, that's right").wait_for()
        for name in ("Chat", "Runs", "Models"):
            page.get_by_role("tab", name=name, exact=True).wait_for()
        reached = set()
        for _ in range(30):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        assert {"Run", "Message", "Conversation"} <= reached
        page.get_by_role("tab", name="Runs", exact=True).click()
        page.get_by_role("button", name=run.id).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert f"run={run.id}" in page.url
    assert wrong == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
