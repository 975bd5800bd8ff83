"""Chromium for tests, and for pictures of the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
WIDE, PHONE = (1280, 900), (390, 844)


def path() -> str | None:
    """Return where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def lacking() -> str | None:
    """Return why there is no browser to test with; None where there is one.

    Raises:
        RuntimeError: The environment says that this is where everything is tested (`CI=true`).
    """
    if path():
        return None
    reason = f"no {' or '.join(NAMES)} on PATH: the tests in a browser need one"
    if os.environ.get("CI") == "true":
        raise RuntimeError(reason)
    return reason


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Have a browser meanwhile.

    Playwright keeps an event loop in the thread, in which `asyncio.run` refuses to work; so one
    browser for all tests would break others. To start one takes half a second.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=[*ARGUMENTS])
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page has asked for, and what went wrong in it.

    Attributes:
        asked: Addresses.
        wrong: Errors of its scripts and of its console, and dialogs.
    """

    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def elsewhere(self, address: str) -> list[str]:
        """Return the addresses asked for that are not those of the page."""
        return [url for url in self.asked if not url.startswith((address, "data:", "blob:"))]


def watched(page: "Page") -> Watch:
    """Write down from now on what a page asks for, and what goes wrong in it."""
    watch = Watch()
    page.on("request", lambda request: watch.asked.append(request.url))
    page.on("console", lambda line: watch.wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: watch.wrong.append(str(error)))
    page.on("dialog", lambda dialog: watch.wrong.append(dialog.message))
    return watch


def opened(browser: "Browser", size: tuple[int, int]) -> "Page":
    """Return a page of a profile of its own, at a size in pixels."""
    return browser.new_page(viewport={"width": size[0], "height": size[1]})
