"""The tab in a real browser: drawn, moved in by keys, and no text of a trace ever run."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.runs import Run, write_manifest
from tests.agent.traces.spans import span, write
from tests.agent.ui.pages import serving
from tests.browsers import watched
from tools.trace_names import CURVE, DECISION, KEPT, RESULT, ROUND

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
"""Would change the title of the page if it were markup."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    run = Run(tmp_path / "parcels")
    (run.folder / "models").mkdir(parents=True)
    curve = "".join(
        f'{{"part": "", "step": {n}, "steps": 9, "loss": {9 / n}}}\n' for n in range(1, 9)
    )
    (run.folder / "models/a.curve.jsonl").write_text(curve, encoding="utf-8")
    told = {RESULT: HOSTILE * 30, CURVE: "models/a.curve.jsonl"}
    tool = span(3, 2, 1, 4, name=f"execute_tool {HOSTILE}", kind="tool", told=told)
    closed = {DECISION: f"round 1 ({HOSTILE})", KEPT: True, ROUND: 1}
    write(run.folder, tool, span(2, 1, 1, 5, name="tools"), span(4, 1, 5, 6, told=closed))
    write(run.folder, span(1, None, 0, 6, kind="run"))
    write_manifest(run, "Sort.", {})
    run.update(status="done")
    with serving(tmp_path) as address:
        yield address


def test_moves_by_keys_and_shows_text_as_text(address: str, phone: "Page") -> None:
    from playwright.sync_api import expect

    watch = watched(phone)
    phone.goto(address)
    phone.get_by_role("tab", name="Traces").click()
    rows, listed = phone.locator(".tv-r"), phone.locator(".tv-list")
    expect(rows).to_have_count(2)
    for key in ("Home", "ArrowDown", "ArrowRight"):
        listed.press(key)
    expect(rows).to_have_count(4)
    for key in ("ArrowDown", "ArrowRight"):
        listed.press(key)
    expect(rows).to_have_count(5)
    for key in ("ArrowDown", "Enter"):
        listed.press(key)
    detail = phone.locator(".tv-detail")
    expect(detail.locator("h3")).to_contain_text(HOSTILE)
    expect(detail).to_be_focused()
    expect(detail.locator("polyline")).to_have_count(1)
    detail.get_by_text("Show all of it").first.click()
    expect(detail.locator("pre").first).to_have_text(HOSTILE * 30)
    assert phone.locator("#ts-traces img, #ts-traces script").count() == 0
    assert phone.title() == "Tasksmith"
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert (wide, watch.wrong) == (390, [])
