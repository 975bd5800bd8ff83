"""What the graph and its trace cost a step, measured on a whole run with a light student."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.calls_setting import Line, fresh
from tests.agent.light_run import main as light_run
from tools.trace_names import KIND

WORKING = frozenset({"specify", "conclude"})
"""Nodes that do the work themselves, as tools do: they read the task, and score the test rows."""


def overhead(times: int) -> list[Line]:
    """Take the time of the run less that of its tools, by step."""
    light_run(fresh(), "run")  # imports
    runs = [_one() for _ in range(times)]
    measured = (
        f"median {median(ms for ms, _ in runs):.1f} ms, at most {max(ms for ms, _ in runs):.1f} "
        f"({runs[0][1]} steps, {times} runs)"
    )
    return [("graph and trace, per step", "< 20 ms", measured)]


def _one() -> tuple[float, int]:
    """Return milliseconds a step, and the number of steps."""
    out = fresh()
    light_run(out, "run")
    (folder,) = (out / "runs").glob("*/")
    lines = (folder / "trace.jsonl").read_text(encoding="utf-8").splitlines()
    spans = [json.loads(line) for line in lines]
    nodes = [span for span in spans if span["attributes"].get(KIND) == "node"]
    steps = [node for node in nodes if node["name"] not in WORKING]
    own = sum(_seconds(node) for node in nodes if node["name"] in WORKING)
    # From the first step to the end of the last: what comes before is set-up.
    whole = max(_at(n, "end_time") for n in nodes) - min(_at(n, "start_time") for n in nodes)
    return (whole - own - _tools(folder)) / len(steps) * 1000, len(steps)


def _tools(folder: Path) -> float:
    """Return the seconds that the tools say they took."""
    from langchain_core.messages import ToolMessage
    from langgraph.checkpoint.sqlite import SqliteSaver

    connection = sqlite3.connect(folder / "state.sqlite")
    saved = SqliteSaver(connection).get_tuple({"configurable": {"thread_id": folder.name}})
    connection.close()
    messages = saved.checkpoint["channel_values"]["messages"] if saved else []
    return sum(float(m.artifact["elapsed"]) for m in messages if isinstance(m, ToolMessage))


def _seconds(span: dict[str, Any]) -> float:
    return _at(span, "end_time") - _at(span, "start_time")


def _at(span: dict[str, Any], when: str) -> float:
    return datetime.fromisoformat(span[when]).timestamp()
