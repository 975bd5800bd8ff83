from pathlib import Path
from typing import TYPE_CHECKING

from agent.ui.page import TABS
from tests.agent.ui.pages import begun, serving, talked
from tests.agent.ui.test_safe import HOSTILE
from tests.browsers import watched

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_page_works_on_a_phone(tmp_path: Path, phone: "Page") -> None:
    run = talked(begun(tmp_path, HOSTILE), proposed=False)
    watch = watched(phone)
    with serving(tmp_path) as address:
        phone.goto(address)
        phone.get_by_role("button", name="Yes, that's right").wait_for()
        for name in TABS:
            tab = phone.get_by_role("tab", name=name, exact=True)
            tab.click()
            assert tab.get_attribute("aria-selected") == "true"
            assert phone.evaluate("document.documentElement.scrollWidth") == 390
        phone.get_by_role("tab", name="Runs", exact=True).click()
        phone.get_by_role("button", name=run.id).wait_for()
        assert f"run={run.id}" in phone.url
        phone.get_by_role("tab", name="Chat", exact=True).click()
        reached = set()
        for _ in range(30):
            phone.keyboard.press("Tab")
            reached.add(phone.evaluate("document.activeElement.getAttribute('aria-label')"))
        assert {"Run", "Message", "Conversation"} <= reached
    assert watch.wrong == []
    assert watch.elsewhere(address) == []


def test_all_tabs_are_in_one_line_on_a_narrow_phone(tmp_path: Path, phone: "Page") -> None:
    phone.set_viewport_size({"width": 360, "height": 640})
    with serving(tmp_path) as address:
        phone.goto(address)
        tabs = [phone.get_by_role("tab", name=name, exact=True) for name in TABS]
        boxes = [box for tab in tabs if (box := tab.bounding_box())]
    assert len(boxes) == len(TABS)
    assert len({box["y"] for box in boxes}) == 1
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 360
