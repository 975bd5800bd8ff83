"""A person goes from a sentence to a better model on the page, in a real browser."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.runs import Run, list_runs
from tests.agent.ui.pages import TASK, finished
from tests.agent.ui.person import ROOT, Person, Server
from tests.browsers import WIDE, opened, watched
from tools.examples import ExampleStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEXT = "the vase I ordered came in a thousand pieces, who do I talk to"
OTHER = "A model made earlier."


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs are: one is there already, for the model to be compared with."""
    out = tmp_path_factory.mktemp("page") / "runs"
    finished(out, task=OTHER)
    return out


@pytest.fixture(scope="module")
def server(out: Path) -> Iterator[Server]:
    """The page, with rules in place of LLMs, and two rounds at most."""
    options = ("--datasets", str(ROOT / "examples/catalogue"), "--budget-minutes", "5")
    rules = ("--planner", "rules", "--teacher", "offline")
    with Server(
        "ui",
        *("--out", str(out), "--port", "0"),
        *options,
        *rules,
        TASKSMITH_MAX_ROUNDS="2",
        TASKSMITH_IDLE_MINUTES="0.1",
        TASKSMITH_CACHE=str(out.parent / "cache"),
        HF_HUB_OFFLINE="1",
    ) as server:
        yield server


def test_from_a_sentence_to_a_better_model(browser: "Browser", server: Server, out: Path) -> None:
    page = opened(browser, WIDE)
    watch = watched(page)
    person = Person(page)
    page.goto(server.address)
    agree_on_the_task(person)
    watch.wrong.clear()  # a page whose server is gone says so in the console
    approve_and_kill_the_page(person, server)
    (run,) = (found for found in list_runs(out) if found.manifest["task"] == TASK)
    two_rounds_are_shown(person)
    row = reject_a_row_and_see_where_it_came_from(person)
    correct_an_answer(person, run)
    have_another_round(person)
    compare_models(person, run)
    assert row not in accepted(run)
    assert watch.wrong == []
    assert watch.elsewhere(server.address) == []
    page.close()


def agree_on_the_task(person: Person) -> None:
    person.press("New task")
    person.say(TASK)
    person.sees("What I understood")
    person.sees("Labels will come from the data.")
    person.say("Measure macro F1.")
    person.sees("measured by macro_f1")
    person.press("Yes, that's right")
    person.sees("What I would do")
    before = person.said()
    person.page.reload()
    person.sees("What I would do")
    assert person.said() == before
    assert "swiftpost/helpdesk_messages" in person.page.locator(".ts-kind-proposal").inner_text()


def approve_and_kill_the_page(person: Person, server: Server) -> None:
    person.press("Go ahead")
    person.page.locator(".ts-live").wait_for()
    address = person.page.url
    server.kill()
    person.page.goto("about:blank")  # else the page would look for its server by itself
    server.start()
    person.page.goto(address)
    person.sees("As many rounds as allowed have been done.")
    kinds = [person.page.locator(f".ts-kind-{kind}").count() for kind in ("report", "trouble")]
    assert kinds == [1, 0]
    for said in ("round 1 (start): macro_f1", "round 2 (hard): macro_f1"):
        assert person.page.get_by_text(said).count() == 1


def two_rounds_are_shown(person: Person) -> None:
    person.turn_to("Runs")
    person.page.locator("#ts-now .ts-is-done").wait_for()
    assert "2 of 2" in person.page.locator("#ts-now").inner_text()
    rounds = person.page.locator("#ts-rounds")
    assert rounds.locator("circle").count() == 2
    assert rounds.locator("tbody tr").count() == 2


def reject_a_row_and_see_where_it_came_from(person: Person) -> int:
    page = person.page
    person.turn_to("Data")
    row = page.locator("#ts-rows .ts-row:not(.ts-out)").first
    id_ = int(row.get_attribute("data-id") or 0)
    row.get_by_role("button", name="Reject").click()
    person.sees("1 row rejected")
    row = page.locator(f"#ts-rows .ts-row[data-id='{id_}']")
    assert "rejected by hand" in row.inner_text()
    row.get_by_role("button", name="Open").click()
    person.press("the step that brought it, in Traces")
    step = page.locator(".tv-detail")
    step.locator("summary").filter(has_text="Arguments").wait_for()
    assert step.locator("h3").inner_text().split()[0] in ("map_columns", "generate_batch")
    assert re.search(r"\?run=\S+#span=0x", page.url)
    return id_


def correct_an_answer(person: Person, run: Run) -> None:
    page = person.page
    person.turn_to("Try it")
    page.get_by_role("textbox", name="Text to answer").fill(TEXT)
    person.press("Ask the model")
    answers = page.locator("#ts-answers")
    answers.locator(".ts-big").wait_for()
    answers.get_by_role("button", name="Damaged parcel", exact=True).click()
    answers.get_by_text("is now training row").wait_for()
    person.turn_to("Data")
    page.get_by_label("Search in inputs and outputs").fill(TEXT[:20])
    person.sees("1 row, 1 to 1")
    row = page.locator("#ts-rows .ts-row").inner_text()
    assert TEXT in row
    assert "by hand" in row
    assert TEXT in accepted(run).values()


def have_another_round(person: Person) -> None:
    person.turn_to("Try it")
    person.press("Another round with my corrections")
    person.sees("asked for; the tab Chat")
    person.turn_to("Chat")
    person.press("Go ahead")
    reports = person.page.locator(".ts-kind-report")
    reports.nth(1).wait_for()
    person.sees("round 3")


def compare_models(person: Person, run: Run) -> None:
    person.turn_to("Models")
    person.sees("Score on each model's own test rows")
    assert run.id in person.compare_all().inner_text()
    person.sees("They were measured differently")


def accepted(run: Run) -> dict[int, str]:
    """The training rows by id."""
    with closing(ExampleStore(run.folder / "data.sqlite")) as store:
        return {row.id: row.input for row in store.accepted("train")}
