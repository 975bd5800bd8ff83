import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.commands.history import fork, history
from agent.errors import UserError
from agent.history import Step, step_at, steps
from agent.runs import Run

NODES = ("plan", "approve", "tools", "review")


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_every_step_has_a_number_and_the_node_that_wrote_it(past: list[Step]) -> None:
    assert [step.number for step in past] == list(range(-1, len(past) - 1))
    assert [step.node for step in past[:3]] == ["input", "input", "specify"]
    assert [step.node for step in past[3:-1]] == [*NODES] * ((len(past) - 4) // 4)
    assert (past[-1].node, past[-1].next) == ("conclude", ())
    assert all(
        before.next == (after.node,) for before, after in zip(past[1:], past[2:], strict=False)
    )


def test_steps_tell_what_was_decided_and_what_there_was(past: list[Step]) -> None:
    report = past[-1].values["report"]
    assert past[-1].decided == f"stopped: {report['stop_reason']}"
    assert past[3].decided.startswith("search_hf_datasets(query=")
    assert past[-1].rows == report["data"]["train"]
    # A round that did not help leaves as many rows as there were before it.
    undone = [r["round"] for r in report["rounds"] if not r["kept"]]
    closed = {s.values["rounds"][-1]["round"]: s.rows for s in past if s.values.get("rounds")}
    assert undone
    assert all(closed[number] == closed[number - 1] for number in undone)
    assert past[-1].as_json() == {
        "step": past[-1].number,
        "node": "conclude",
        "decided": past[-1].decided,
        "next": [],
        "round": len(report["rounds"]),
        "rows": report["data"]["train"],
        "best": max(r["validation"]["value"] for r in report["rounds"]),
        "seconds": report["spent"]["seconds"],
        "usd": 0.0,
        "at": past[-1].at,
    }


@pytest.mark.usefixtures("wide")
def test_the_list_is_a_line_a_step(
    original: Run, past: list[Step], capsys: pytest.CaptureFixture[str]
) -> None:
    history(original.id, out=original.folder.parent)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(past) + 4
    assert lines[2].split()[:2] == ["0", "input"]
    assert "The run has ended." in lines
    history(original.id, out=original.folder.parent, as_json=True)
    assert json.loads(capsys.readouterr().out) == [step.as_json() for step in past]


@pytest.mark.usefixtures("wide")
def test_one_step_is_shown_for_people_and_whole_for_programs(
    original: Run, past: list[Step], capsys: pytest.CaptureFixture[str]
) -> None:
    closing_step = next(s for s in past if s.node == "review" and s.values.get("rounds"))
    history(original.id, at=closing_step.number, out=original.folder.parent)
    shown = capsys.readouterr().out
    assert f"step        {closing_step.number}, written by review" in shown
    assert closing_step.decided in shown
    assert "where_is_my_parcel" in shown
    history(original.id, at=closing_step.number, out=original.folder.parent, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["checkpoint"] == closing_step.checkpoint
    assert told["values"].keys() == closing_step.values.keys()
    assert told["values"]["messages"][-1]["data"]["artifact"]["tool"] == "evaluate"


def test_a_run_that_is_being_written_can_be_looked_at(original: Run, past: list[Step]) -> None:
    with (
        original.lock(),
        closing(sqlite3.connect(original.folder / "state.sqlite")) as one,
        closing(sqlite3.connect(original.folder / "data.sqlite")) as other,
    ):
        for db in (one, other):
            db.execute("BEGIN IMMEDIATE")
        assert [step.checkpoint for step in steps(original)] == [s.checkpoint for s in past]


def test_what_is_not_there_is_said_in_a_line(original: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has no step 999; .* shows -1 to \d+$"):
        step_at(original, 999)
    with pytest.raises(UserError, match="has no step 999 but -1 to"):
        fork(original.id, 999, out=original.folder.parent)
    with pytest.raises(UserError, match="setting max_rounds"):
        fork(original.id, 1, max_rounds=0, out=original.folder.parent)
    with pytest.raises(UserError, match="has not taken a step yet"):
        steps(Run(tmp_path))
