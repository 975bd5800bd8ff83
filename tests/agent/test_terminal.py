import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.engine import Event
from agent.runs import Run, create, write_manifest
from agent.terminal import exit_code, print_rounds, runs_table, watch

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


@pytest.mark.parametrize("usd", [12.34567, None])
def test_rounds_show_their_price_and_fit_the_terminal(
    usd: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    round_ = {
        "round": 10,
        "focus": "transform",
        "accepted": 12_345,
        "validation": {"value": 0.9},
        "p_better": 0.5,
        "kept": True,
        "tokens": 9_999_999,
        "usd": usd,
    }
    console = Console(width=80)
    print_rounds(console, {"rounds": [round_], "spent": {"by": {"plan": {}}}})
    _, head, row = capsys.readouterr().out.splitlines()
    assert head.split()[-2:] == ["tokens", "USD"]
    assert row.split()[-2:] == ["9,999,999", "unknown" if usd is None else "12.3457"]
    print_rounds(console, {"rounds": [round_], "spent": {"by": {}}})
    assert "tokens" not in capsys.readouterr().out
