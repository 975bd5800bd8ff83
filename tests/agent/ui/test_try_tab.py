import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.ui.answering import Answerer
from agent.ui.try_tab import Tried, TryTab, build_with
from tests.agent.finished import KEYWORDS
from tests.agent.ui.runs import ROW, context, page, with_rows
from tests.fakes import InlineExecutor

ROWS = [ROW, replace(ROW, input="the euro rate", output="rate")]
HELD = replace(ROW, input="when does my new card arrive", split="test")


@pytest.fixture
def answerer() -> Answerer:
    return Answerer(InlineExecutor(), [KEYWORDS])


@pytest.fixture
def tab(tmp_path: Path, answerer: Answerer) -> TryTab:
    with_rows(tmp_path, "run", [*ROWS, HELD], model=True)
    return TryTab(context(tmp_path), answerer)


def rows(folder: Path) -> list[Any]:
    query = "SELECT input, output, source, evidence, split FROM examples WHERE call = 'hand'"
    with closing(sqlite3.connect(folder / "run" / "data.sqlite")) as db:
        return db.execute(query).fetchall()


def correct(tab: TryTab, tried: Tried, number: int, output: str) -> tuple[str, Tried, str]:
    wish = {"what": "correct", "ids": [number], "output": output}
    return tab.act(wish, "run", "typed", tried)


def test_an_answer_is_corrected_with_a_click(tab: TryTab, tmp_path: Path) -> None:
    html, tried = tab.ask("run", "the card with a rate <b>", lines=False)
    assert tried.answers[0].output in ("card", "rate")
    assert 'data-output="rate"' in html
    assert "<b>" not in html
    html, tried, typed = correct(tab, tried, 1, "rate")
    assert "is now training row 4" in html
    assert typed == "typed"
    assert rows(tmp_path) == [("the card with a rate <b>", "rate", "user", "gold", "train")]
    assert "no label of the task" in correct(tab, tried, 1, "none such")[0]


def test_held_out_rows_make_no_examples(tab: TryTab, tmp_path: Path) -> None:
    _, tried = tab.ask("run", HELD.input.upper(), lines=False)
    assert "repeats a test row" in correct(tab, tried, 1, "rate")[0]
    assert rows(tmp_path) == []


def test_many_lines_are_answered_and_corrected_one_by_one(tab: TryTab, tmp_path: Path) -> None:
    html, tried = tab.ask("run", "a card\n\n  \nsome rate\n", lines=True)
    assert [a.text for a in tried.answers] == ["a card", "some rate"]
    _, tried, _ = correct(tab, tried, 2, "card")
    assert list(tried.corrected) == [2]
    assert correct(tab, tried, 3, "card")[1] == tried
    assert [row[0] for row in rows(tmp_path)] == ["some rate"]
    assert "too many" in tab.ask("run", "x\n" * 500, lines=True)[0]


def test_samples_are_training_rows_to_click(tab: TryTab) -> None:
    html, tried = tab.start("run")
    assert ROW.input in html
    assert HELD.input not in html
    _, tried, typed = tab.act({"what": "sample", "ids": [1]}, "run", "", tried)
    assert typed == ROW.input
    assert tried.answers[0].output == "card"
    assert tab.act({"what": "sample", "ids": [9]}, "run", "kept", Tried())[2] == "kept"


def test_what_cannot_be_asked_is_said_in_a_line(tab: TryTab, tmp_path: Path) -> None:
    with_rows(tmp_path, "early", ROWS)
    assert "has no model" in tab.ask("early", "x", lines=False)[0]
    assert "is empty" in tab.ask("run", "  ", lines=False)[0]
    assert "more than 100,000" in tab.ask("run", "x" * 1_000_000, lines=False)[0]
    assert "gone" in tab.ask("../run", "x", lines=False)[0]
    assert "correct an answer first" in tab.another_round("run", Tried())
    stranger = TryTab(context(tmp_path), Answerer(InlineExecutor()))
    assert "not built in" in stranger.ask("run", "x", lines=False)[0]


def test_agents_are_told_the_answer_or_what_is_wrong(tab: TryTab) -> None:
    import gradio as gr

    told = tab.predict("last", "my card")
    assert told == tab.predict("run", "my card")
    assert told["output"] == "card"
    assert 0.5 < told["confidence"] <= 1
    for run, text in (("none", "x"), ("..", "x"), ("run", "")):
        with pytest.raises(gr.Error):
            tab.predict(run, text)


def test_questions_at_once_share_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def slow(*_given: object) -> object:
        both.wait(0.2)  # gives the other time to come here, too
        made.append(object())
        return made[-1]

    both = threading.Event()
    monkeypatch.setattr("agent.ui.answering.LocalExecutor", slow)
    answerer = Answerer()
    with ThreadPoolExecutor(2) as pool:
        got = [pool.submit(answerer._process) for _ in range(2)]
    assert [one.result() for one in got] == made * 2


def test_only_predict_has_a_name_in_the_api(tmp_path: Path, answerer: Answerer) -> None:
    blocks = page(tmp_path, lambda made: build_with(made, answerer))[1]
    named = [fn for fn in blocks.fns.values() if fn.api_name == "predict"]
    assert len(named) == 1
    assert "small model" in (named[0].fn.__doc__ or "")
