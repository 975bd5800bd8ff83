"""Spans as a run writes them, made by hand, and indices over them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.traces.index import TraceIndex
from tools.trace_names import KIND

BEGAN = 1_790_000_000.0
Json = dict[str, Any]


def span_id(number: int) -> str:
    return f"0x{number:016x}"


def span(
    number: int,
    above: int | None = None,
    start: float = 0.0,
    end: float | None = 1.0,
    *,
    name: str = "plan",
    kind: str = "node",
    failed: bool = False,
    told: Json | None = None,
) -> Json:
    """A span; times in seconds since the trace began, None while it is under way."""
    return {
        "name": name,
        "context": {"trace_id": "0x" + "1" * 32, "span_id": span_id(number), "trace_state": "[]"},
        "kind": "SpanKind.INTERNAL",
        "parent_id": None if above is None else span_id(above),
        "start_time": _iso(start),
        "end_time": None if end is None else _iso(end),
        "status": {"status_code": "ERROR" if failed else "UNSET"},
        "attributes": {KIND: kind} | (told or {}),
        "events": [],
        "links": [],
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(BEGAN + seconds, UTC).isoformat(timespec="microseconds")


def write(folder: Path, *spans: Json, to: str = "trace.jsonl") -> None:
    """Append spans to a file of a run directory."""
    with (folder / to).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in spans)


def read(folder: Path, *, alive: bool = False) -> TraceIndex:
    """An index that has read all of a trace."""
    index = TraceIndex(folder)
    index.refresh(alive=alive)
    while index.behind:
        index.refresh(alive=alive)
    return index


def tree(index: TraceIndex) -> list[tuple[int, str]]:
    """Depth and name of all spans, from top to bottom."""
    layout = index.layout
    return [
        (depth, index.columns.name(span))
        for depth, span in zip(layout.depths, layout.spans, strict=True)
    ]
