"""Single spans in full, with what stands in files of its own."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.traces.columns import WRONG, clean
from tools.trace_names import ERROR, REF

OPEN = "trace.open.jsonl"
Span = dict[str, Any]
"""As OpenTelemetry's `ReadableSpan.to_json` writes it."""
MOST = 4_000_000
"""Bytes of one value that are read."""


def read_span(path: Path, offset: int, length: int) -> Span | None:
    """Return the span in these bytes of a trace; None where the file no longer has it there.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        line = file.read(length)
    try:
        span: Span = json.loads(line)
    except WRONG:
        return None
    return span


def value(folder: Path, attributes: Mapping[str, Any], name: str) -> str:
    """Return all of an attribute's value as text, also where it stands in a file of its own.

    A name that leads out of the run directory, or to no file, is not followed; the beginning is
    all there is then.
    """
    beginning = clean(str(attributes.get(name, "")))
    referred = attributes.get(name + REF)
    if not isinstance(referred, str):
        return beginning
    path = inside(folder, referred)
    if path is None:
        return f"{beginning}\n[the rest is not there: {clean(referred)!r}]"
    with path.open("rb") as file:
        read = file.read(MOST + 1)
    text = read[:MOST].decode("utf-8", "replace")
    return text if len(read) <= MOST else f"{text}\n[cut off here; all of it is in {referred}]"


def inside(folder: Path, name: str) -> Path | None:
    """Return the file of this name in a folder; None where it leads elsewhere or nowhere."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None


def open_spans(folder: Path, *, alive: bool) -> list[Span]:
    """Return the spans of steps under way; calls to LLMs among them may have ended already.

    Args:
        folder: The run directory.
        alive: Whether a process works on the run. If none does, these steps were interrupted when
            their list was last written.
    """
    path = folder / OPEN
    try:
        spans, last = list(spans_in(path)), path.stat().st_mtime
    except OSError:
        return []
    return spans if alive else [cut for span in spans if (cut := interrupted(span, last))]


def spans_in(path: Path) -> Iterator[Span]:
    """Yield the spans of a file, less what is no span, such as half a line."""
    with path.open("rb") as file:
        for line in file:
            try:
                span = json.loads(line)
            except WRONG:
                continue
            if isinstance(span, dict) and isinstance(span.get("context"), dict):
                yield span


def interrupted(span: Span, last: float) -> Span | None:
    """Return a span that was under way as one that failed, when nothing more is known of it.

    Args:
        span: As it stands in the list of those under way.
        last: When that was last written to, in seconds since 1970.
    """
    whole, microseconds = divmod(round(last * 1e6), 1_000_000)
    end = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{microseconds:06d}Z"
    try:
        return span | {
            "end_time": max(span["start_time"], end),
            "status": {"status_code": "ERROR", "description": "interrupted"},
            "attributes": {**span["attributes"], ERROR: "interrupted"},
        }
    except WRONG:
        return None
