import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest

from agent.chat.mailbox import Message
from agent.errors import UserError
from agent.settings import Settings
from agent.ui.chat_tab import LONGEST_MESSAGE, send, show, view_for
from agent.ui.context import Context
from agent.ui.conversation import view_of
from agent.ui.page import TABS
from agent.ui.runs_tab import listing, now_html, rounds_html, stands_of, stop, usable
from agent.ui.standing import standing
from tests.agent.ui.pages import begun, built, finished, mailbox, talked

KEPT: Any = gr.skip()
"""What leaves a component as it is, the message box above all."""


@pytest.fixture
def context(tmp_path: Path) -> Context:
    nothing = cast(Any, None)
    return Context(Settings(out=tmp_path / "runs"), nothing, nothing, nothing)


def said(context: Context, name: str | None, text: str, asked: int | None = None) -> list[Any]:
    return send(context, name, {"text": text, "files": []}, asked, (5, 30, 6))


def question_of(context: Context, name: str) -> Message:
    question = standing(context.find(name)).talk.question
    assert question is not None
    return question


@pytest.mark.parametrize(
    "name", ["../runs", "..", ".", "", "/etc", "no-such-run", "a/../x", "x\0y"]
)
def test_only_runs_of_the_page_are_found(context: Context, name: str) -> None:
    begun(context.settings.out)
    with pytest.raises(UserError, match="this run is gone"):
        context.find(name)


def test_a_run_outside_is_not_reached_by_a_path(context: Context, tmp_path: Path) -> None:
    outside = begun(tmp_path / "other")
    begun(context.settings.out)
    for name in (str(outside.folder), f"../other/{outside.id}"):
        with pytest.raises(UserError, match="this run is gone"):
            context.find(name)


def test_all_events_of_the_page_are_its_own(context: Context) -> None:
    page = built(context.settings)
    assert {f.api_visibility for f in page.fns.values() if f.api_name != "predict"} == {"private"}
    names = [block.label for block in page.blocks.values() if isinstance(block, gr.Tab)]
    assert names == [*TABS]


def test_controls_have_names(context: Context) -> None:
    page = built(context.settings)
    for block in page.blocks.values():
        if isinstance(block, (gr.Textbox, gr.Dropdown, gr.Number, gr.File, gr.MultimodalTextbox)):
            assert block.label


def test_an_answer_goes_to_its_question_once(context: Context) -> None:
    run = talked(begun(context.settings.out))
    asked = question_of(context, run.id).id
    with run.lock():  # no process of its own is started while the run is held
        first = said(context, run.id, "yes", asked)
        second = said(context, run.id, "no, not like this", asked)
    assert first[1:] == [None, ""]
    assert second[1] == KEPT
    assert "answered meanwhile" in second[2]
    with closing(mailbox(run)) as box:
        assert [m.text for m in box.after() if m.answers == asked] == ["yes"]


def test_what_cannot_be_said_stays_in_the_box(context: Context, tmp_path: Path) -> None:
    run = talked(begun(context.settings.out))
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG\0")
    with run.lock():
        for answer, line in (
            (said(context, run.id, "x" * (LONGEST_MESSAGE + 1)), "100,001 characters"),
            (said(context, run.id, " \n "), "Write something first"),
            (said(context, "gone", "hello"), "this run is gone"),
            (send(context, run.id, {"text": "", "files": [str(picture)]}, None, ()), "cat.png"),
        ):
            assert answer[1] == KEPT
            assert line in answer[2]
    with closing(mailbox(run)) as box:
        assert [m.text for m in box.after() if m.who == "user"][2:] == []


def test_the_page_changes_only_what_has_changed(context: Context) -> None:
    run = talked(begun(context.settings.out))
    first = view_for(context, run.id)
    assert show(first, first)[:6] == [KEPT] * 6
    with closing(mailbox(run)) as box:
        box.post("said", "news", "news")
    changed = show(view_for(context, run.id), first)
    assert "news" in changed[0]
    assert changed[1:6] == [KEPT] * 5
    assert show(view_of(None), first)[0] != KEPT


def test_a_run_deleted_while_it_is_looked_at_is_one_line(context: Context) -> None:
    run = talked(begun(context.settings.out))
    shutil.rmtree(run.folder)
    assert "this run is gone" in view_for(context, run.id).talk
    assert stands_of(context, run.id) is None
    assert "Choose a run" in now_html(None)
    assert "this run is gone" in stop(context, run.id, "round")


def test_runs_are_found_by_words_and_status(context: Context) -> None:
    finished(context.settings.out, task="Sort mail by topic")
    waits = talked(begun(context.settings.out, "Translate dates"))
    html = listing(context, waits.id)
    assert html.index("Translate") < html.index("Sort mail")
    assert html.count('aria-current="true"') == 1
    assert "0.875" in html
    assert "Sort mail" not in listing(context, None, "dates TRANSLATE")
    assert "Translate" not in listing(context, None, status="done")
    assert "No run fits" in listing(context, None, "zebra")


def test_hundreds_of_runs_are_listed_in_part(context: Context) -> None:
    run = begun(context.settings.out)
    for number in range(129):
        shutil.copytree(run.folder, run.folder.with_name(f"run-{number}"))
    html = listing(context, None)
    assert html.count("data-run=") == 100
    assert "30 more" in html


def test_a_run_shows_its_rounds_its_costs_and_its_end(context: Context) -> None:
    run = finished(context.settings.out)
    stands = stands_of(context, run.id)
    html = rounds_html(stands)
    assert html.count("<circle") == 3
    assert "0.720 to 0.850" in html
    now = now_html(stands)
    assert "Validation has stopped improving." in now
    assert "0.06 USD" in now
    assert "3 min 5 s" in now


def test_buttons_are_there_when_they_make_sense(context: Context) -> None:
    out = context.settings.out

    def which(name: str) -> list[bool]:
        return [bool(button.interactive) for button in usable(stands_of(context, name))]

    running = begun(out, status="running")
    assert which(running.id) == [False, False, True]
    with running.lock():
        assert which(running.id) == [True, True, False]
        assert "It stops when" in stop(context, running.id, "round")
        assert standing(running).talk.stop == "round"
    assert which(finished(out).id) == [False] * 3
    waiting = talked(begun(out))
    assert which(waiting.id) == [False] * 3
    assert "say whether it may go ahead" in now_html(stands_of(context, waiting.id))
