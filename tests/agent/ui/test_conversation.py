from contextlib import closing
from pathlib import Path

import pytest

from agent.settings import Settings
from agent.ui.conversation import MOST_MESSAGES, models_line, view_of
from agent.ui.standing import standing
from tests.agent.ui.pages import begun, finished, mailbox, talked
from tests.agent.ui.test_safe import HOSTILE


def test_without_a_run_the_page_asks_for_a_task() -> None:
    view = view_of(None)
    assert "Say what the model should do" in view.talk
    assert (view.question, view.yes, view.live) == (None, None, "")


def test_what_was_understood_is_a_card_with_a_button(tmp_path: Path) -> None:
    view = view_of(standing(talked(begun(tmp_path), proposed=False)))
    assert view.yes == "Yes, that's right"
    for told in (
        "A parcel has not come.",
        "It never came, I want my money",
        "imagined",
        "version 1",
    ):
        assert told in view.talk
    assert "Is a parcel that came late but is here now `late`?" in view.talk


def test_a_plan_says_what_it_costs_and_what_is_unknown(tmp_path: Path) -> None:
    view = view_of(standing(talked(begun(tmp_path))))
    assert view.yes == "Go ahead"
    for told in ("cc-by-sa-4.0", "0.12 USD", "5.00 USD", "30 min", "Write examples of what is mis"):
        assert told in view.talk
    assert "<dd>not known " in view.talk  # nobody knows how long it takes


def test_all_that_is_said_is_text(tmp_path: Path) -> None:
    run = begun(tmp_path)
    spec = {"instruction": HOSTILE, "output_type": "label", "language": HOSTILE, "labels": [
        {"name": HOSTILE, "meaning": HOSTILE}]}  # fmt: skip
    told = {"version": 1, "spec": spec, "questions": [HOSTILE], "changed": [HOSTILE],
            "examples": [{"input": HOSTILE, "output": HOSTILE, "from": HOSTILE}]}  # fmt: skip
    plan = {"steps": [HOSTILE], "datasets": [{"id": HOSTILE, "licence": HOSTILE, "rows": 1}]}
    with closing(mailbox(run)) as box:
        box.say(HOSTILE, files=[f"inbox/{HOSTILE}"])
        box.post("understood", HOSTILE, "1", told)
        box.post("proposal", HOSTILE, "2", plan)
        for number, kind in enumerate(("said", "question", "step", "report", "trouble"), 3):
            box.post(kind, HOSTILE, str(number), {"node": HOSTILE})  # type: ignore[arg-type]
        box.show_progress(HOSTILE)
    with run.lock():
        run.update(status="running")
        view = view_of(standing(run))
    for html in (view.talk, view.live):
        assert "&lt;script&gt;" in html
        assert "<script" not in html
        assert "<b>" not in html
        assert "\u202e" not in html


def test_long_messages_are_folded_and_old_ones_left_out(tmp_path: Path) -> None:
    run = begun(tmp_path)
    with closing(mailbox(run)) as box:
        for number in range(MOST_MESSAGES + 5):
            box.post("said", f"line {number}.", str(number))
        box.say("x" * 50_000)
    view = view_of(standing(run))
    assert "6 earlier messages" in view.talk
    assert "line 5." not in view.talk
    assert "All 50,000 characters" in view.talk


def test_a_run_that_stands_still_says_why(tmp_path: Path) -> None:
    paused = view_of(standing(begun(tmp_path, status="running")))
    assert "Paused." in paused.live
    assert view_of(standing(finished(tmp_path))).live == ""


def test_without_an_llm_the_page_says_how_to_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    line = models_line(Settings())
    assert line is not None
    assert "No LLM as planner and teacher" in line
    assert "set OPENAI_API_KEY" in line
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert models_line(Settings()) is None
    assert "as teacher:" in (models_line(Settings(teacher="offline")) or "")
