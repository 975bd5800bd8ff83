import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import UserError
from agent.runs import Run, write_manifest
from agent.ui.traces_tab import Viewer, open_span
from tests.agent.traces.spans import span, span_id, write
from tools.trace_names import DECISION, KEPT, PURPOSE, ROUND, TOOL_CALL

Json = dict[str, Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "parcels")
    run.folder.mkdir()
    write_manifest(run, "Sort.", {})
    run.update(status="done")
    return run


def viewer(run: Run) -> Viewer:
    def find(name: str) -> Run:
        if name != run.id:
            raise UserError("this run is gone; choose another one above")
        return run

    return Viewer(find)


def a_trace(run: Run, calls: int = 400) -> None:
    chats = (span(n + 100, 3, n, n + 2, name="chat big", kind="chat") for n in range(calls))
    write(run.folder, *chats)
    tool = span(3, 2, name="execute_tool generate_batch", kind="tool", told={TOOL_CALL: "call-1"})
    closed = {DECISION: "round 1 (start): 0.8", KEPT: True, ROUND: 1}
    write(
        run.folder, tool, span(2, 1, name="tools"), span(4, 1, 500, 501, name="review", told=closed)
    )
    write(run.folder, span(1, None, 0, 600, kind="run"))


def names(answer: Json) -> list[str]:
    return [row["name"] for row in answer["rows"]]


def test_rows_unfold_bit_by_bit(run: Run) -> None:
    a_trace(run)
    page = viewer(run)
    given: Json = {"run": run.id, "count": 50}
    first = page.rows(given)
    assert names(first) == ["session of work", "Round 1"]
    assert (first["rows"][1]["note"], first["spans"], first["total"]) == ("(start): 0.8", 404, 2)
    given["toggled"] = [first["rows"][1]["id"]]
    second = page.rows(given)
    assert names(second) == ["session of work", "Round 1", "tools", "review"]
    assert [row["above"] for row in second["rows"]] == [-1, 0, 1, 1]
    assert [row["unfolded"] for row in second["rows"]] == [True, True, False, False]


def test_never_more_than_some_hundred_rows(run: Run) -> None:
    a_trace(run)
    answer = viewer(run).rows({"run": run.id, "count": 10**9, "everything": True})
    assert (answer["total"], len(answer["rows"])) == (405, 300)


def test_reveals_a_step(run: Run) -> None:
    a_trace(run)
    page = viewer(run)
    answer = page.rows({"run": run.id, "count": 20, "seek": span_id(400), "reveal": True})
    assert answer["rows"][answer["seek"] - answer["first"]]["id"] == span_id(400)
    assert {span_id(3), span_id(2)} < set(answer["toggled"])
    again = page.rows({"run": run.id, "count": 20, "toggled": answer["toggled"]})
    assert again["total"] == answer["total"] == 405


def test_lists_what_is_looked_for(run: Run) -> None:
    a_trace(run)
    write(
        run.folder, span(5, 3, failed=True, name="chat big", kind="chat", told={PURPOSE: "judge"})
    )
    page = viewer(run)
    answer = page.rows({"run": run.id, "count": 9, "errors": True})
    assert (names(answer), answer["flat"]) == (["judge"], True)
    assert answer["rows"][0]["note"] == "big — Round 1 › tools › generate_batch"
    slowest = page.rows({"run": run.id, "count": 2, "slowest": True, "kind": "chat"})
    assert [row["seconds"] for row in slowest["rows"]] == [2, 2]
    sought = page.rows({"run": run.id, "count": 2, "kind": "chat", "seek": span_id(5)})
    assert sought["seek"] == 0
    assert page.rows({"run": run.id, "count": 2, "errors": True, "seek": span_id(3)})["seek"] == -1


def test_is_told_only_what_is_new(run: Run) -> None:
    a_trace(run, 1)
    page = viewer(run)
    given: Json = {"run": run.id, "count": 9}
    given["known"] = page.rows(given)["version"]
    assert page.rows(given)["same"]
    write(run.folder, span(9))
    assert page.rows(given)["spans"] == 6


@pytest.mark.parametrize(
    "given",
    [
        {"count": "x", "first": -3, "text": 5, "toggled": "abc", "seek": None},
        {"count": 5, "toggled": [None, "0x", span_id(77)], "seek": "../", "kind": "nothing"},
        {"count": True, "first": 10**30, "known": []},
    ],
)
def test_nonsense_is_taken_as_not_given(run: Run, given: Json) -> None:
    a_trace(run, 1)
    answer = viewer(run).rows({"run": run.id, **given})
    assert json.loads(json.dumps(answer, allow_nan=False))["spans"] == 5


def test_troubles_are_lines(run: Run) -> None:
    page = viewer(run)
    assert page.rows({"run": "../x"}) == {"trouble": "this run is gone; choose another one above"}
    assert page.rows({"run": run.id, "count": 5})["total"] == 0
    assert "not in the trace" in page.detail({"run": run.id, "id": "x"})["trouble"]
    assert "not in the trace" in page.whole({"run": run.id, "id": "x", "block": "0"})["trouble"]
    (run.folder / "trace.jsonl").mkdir()
    assert "cannot be read" in page.rows({"run": run.id, "count": 5})["trouble"]


def test_leads_from_a_tool_call_to_its_span(run: Run) -> None:
    a_trace(run, 3)
    assert open_span(run, "call-1") == span_id(3)
    assert open_span(run, "call-2") is None
