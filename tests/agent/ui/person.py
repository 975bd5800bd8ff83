"""A person at the page in a browser, and the page as the process that the command line starts."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[3]
TASKSMITH = (sys.executable, "-c", "from agent.cli import main; main()")
PATIENCE_MS = 60_000
"""The longest that a person waits for a step of the run."""


class Server:
    """A page that `tasksmith` serves while it is entered.

    Args:
        arguments: `ui` or `demo`, and its options.
        environment: Variables beside those of this process.
    """

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._command = [*TASKSMITH, *arguments]
        self._environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
        self._process: subprocess.Popen[str] | None = None
        self._place: list[str] = []
        self.address = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it; where it was before, if it was."""
        self._process = subprocess.Popen(
            self._command + self._place,
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr
        told = ""
        for line in self._process.stderr:
            told += line
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.address, self._place = found[0], ["--port", found[1]]
                return
        raise AssertionError(told)

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process
        assert self._process.stderr
        self._process.kill()
        self._process.wait(10)
        self._process.stderr.close()


class Person:
    """Clicks and types, and waits until the page shows what it should."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        page.set_default_timeout(PATIENCE_MS)

    def turn_to(self, tab: str) -> None:
        """Turn to a tab."""
        self.page.get_by_role("tab", name=tab, exact=True).click()

    def say(self, text: str) -> None:
        """Say something in Chat."""
        box = self.page.get_by_role("textbox", name="Message")
        box.fill(text)
        box.press("Enter")

    def press(self, name: str) -> None:
        """Press a button that is in sight."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str) -> "Locator":
        """Wait until a text is in sight, and return where."""
        one = self.page.get_by_text(text).first
        one.wait_for()
        return one

    def compare_all(self) -> "Locator":
        """Choose all models in Models, and return what is shown of them side by side."""
        box = self.page.locator("#ts-compared input")
        box.click()
        options = self.page.get_by_role("option")
        options.first.wait_for()
        for name in options.all_inner_texts():
            options.filter(has_text=name).click()
        box.press("Tab")
        side = self.page.get_by_role("region", name="Models side by side")
        side.wait_for()
        return side

    def said(self) -> list[str]:
        """Return the ids of the messages that are shown."""
        shown = self.page.locator(".ts-message")
        return [one.get_attribute("data-id") or "" for one in shown.all()]
