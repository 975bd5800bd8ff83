from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import jobs
from agent.chat.editor import LeaveError
from agent.chat.orders import ORDERS, obey
from agent.chat.talk import Talk
from agent.errors import UserError
from agent.settings import Settings
from tools.task import Label, TaskSpec


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    """A conversation about a run that somebody else works on."""
    settings = Settings(out=tmp_path / "runs", cache=tmp_path / "cache")
    run = jobs.begin("Sort mails into spam or ham.", settings, mode="chat")
    talk = Talk(settings, run)
    with run.lock():
        yield talk
    talk.close()


def understood(talk: Talk, version: int, *labels: str, changed: tuple[str, ...] = ()) -> None:
    spec = TaskSpec(instruction="Sort mails.", labels=tuple(Label(name=n) for n in labels))
    data = {"version": version, "spec": spec.model_dump(mode="json"), "changed": list(changed)}
    talk.mailbox.post("understood", "Is this right?", f"ask:{version}", data)


def reported(talk: Talk, number: int, value: float) -> None:
    test: dict[str, Any] = {"metric": "accuracy", "value": value, "ci95": [0.5, 0.9], "n": 40}
    talk.mailbox.post("report", "Done.", f"report:{number}", {"test": test})


def test_versions_are_listed_and_compared_with_their_scores(talk: Talk) -> None:
    understood(talk, 1, "spam", "ham")
    reported(talk, 1, 0.7)
    understood(talk, 2, "spam", "ham", "eggs", changed=("New label: eggs.",))
    assert "eggs" in obey(talk, "/spec")
    first, second = obey(talk, "/versions").splitlines()
    assert "as first understood" in first
    assert "0.700 (0.500 to 0.900, n = 40)" in first
    assert "New label: eggs." in second
    assert "not measured" in second
    compared = obey(talk, "/compare 1 2")
    assert "eggs" in compared
    assert "1: accuracy 0.700" in compared
    with pytest.raises(UserError, match="known: 1, 2"):
        obey(talk, "/compare 1 7")


def test_status_tells_round_cost_and_what_goes_on(talk: Talk) -> None:
    validation = {"value": 0.81, "ci95": [0.7, 0.9]}
    round_ = {"round": 1, "focus": "cover", "validation": validation, "kept": True}
    spent = {"usd": None, "seconds": 12.0, "teacher_calls": 3}
    talk.mailbox.post("step", "round 1", "step:1", {"round": round_, "spent": spent})
    talk.mailbox.show_progress("training")
    told = obey(talk, "/status")
    assert "running" in told
    assert "Round 1 (cover): 0.810 on validation (0.700 to 0.900), kept." in told
    assert "unknown USD, 12 s, 3 teacher calls" in told
    assert "now: training" in told


def test_stopping_and_pausing_reach_the_run(talk: Talk) -> None:
    obey(talk, "/stop")
    assert talk.mailbox.stop_asked() == "round"
    obey(talk, "/pause")
    assert talk.mailbox.stop_asked() == "now"


def test_a_file_goes_with_the_next_message_only(talk: Talk, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("input,output\na,spam\n", encoding="utf-8")
    obey(talk, f'/file "{file}"')
    assert talk.say("").data["files"]
    assert talk.say("thanks").data["files"] == []
    with pytest.raises(UserError, match=r"gone\.csv"):
        obey(talk, "/file gone.csv")


def test_help_names_every_order_and_unknown_ones_are_said(talk: Talk) -> None:
    told = obey(talk, "/help")
    assert all(name in told for name in ORDERS if name != "/help")
    with pytest.raises(UserError, match="/help"):
        obey(talk, "/frobnicate")
    with pytest.raises(LeaveError):
        obey(talk, "/quit")


def test_an_answer_is_bound_to_a_question_that_was_seen(talk: Talk) -> None:
    understood(talk, 1, "spam", "ham")
    assert talk.say("and be quick").answers is None
    asked = [m for m in talk.news() if m.kind == "understood"][0]
    assert talk.say("yes").answers == asked.id
