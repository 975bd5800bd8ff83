import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from agent.engine import Event
from agent.runs import Run, create, write_manifest
from agent.terminal import exit_code, runs_table, watch

HOSTILE = "[/bold] [link=x]{braces} <b>html</b>"
REPORT: dict[str, Any] = {
    "run": "r1",
    "run_dir": "runs/r1",
    "status": "failed",
    "stop_reason": "nothing to train",
    "stop_detail": HOSTILE,
}


def events() -> Generator[Event, None, dict[str, Any]]:
    yield Event("note", HOSTILE)
    yield Event("progress", HOSTILE)
    yield Event("step", HOSTILE + " again")
    return REPORT


def test_texts_of_data_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(events(), as_json=False) == 1
    shown = capsys.readouterr()
    assert HOSTILE in " ".join(shown.err.split())
    assert HOSTILE in " ".join(shown.out.split())


def test_json_is_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    watch(events(), as_json=True)
    assert json.loads(capsys.readouterr().out) == REPORT


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [("done", "minutes", 0), ("failed", "minutes", 3), ("failed", "nothing to train", 1)],
)
def test_exit_codes(status: str, reason: str, code: int) -> None:
    assert exit_code({"status": status, "stop_reason": reason}) == code


def test_a_list_of_runs_fits_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    runs: list[Run] = []
    for task in (HOSTILE, "Sort " + "very long words " * 20):
        run = create(tmp_path, task)
        write_manifest(run, task, {})
        runs.append(run)
    runs_table(runs)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
    assert all(run.id in line for run, line in zip(runs, lines[1:], strict=True))
