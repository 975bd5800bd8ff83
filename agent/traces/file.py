"""Spans on disk, so that a crash loses none that has ended.

trace.jsonl       finished spans, one a line, as `span.to_json(indent=None)` gives them
trace.open.jsonl  spans under way, likewise, with an `end_time` of null; replaced as a whole, twice
                  a second at most, so that some may be in trace.jsonl already
payloads/HASH     all of a value longer than `LONGEST`, written before the line that names it
"""

import hashlib
import json
import logging
import os
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agent.traces.lookup import OPEN, interrupted, spans_in
from agent.traces.secrets import Redact
from agent.traces.spans import Attributes, as_line, hidden, without_texts
from tools.trace_names import REF

TRACE, PAYLOADS = "trace.jsonl", "payloads"
LONGEST = 2_000
"""Characters of a value that a line holds; of longer ones it has the beginning and a path."""
BEGINNING = 400
_HELD_BACK = 1_000
"""Lines that wait in memory while they cannot be written."""
_SECONDS_BETWEEN_LISTS = 0.5
_SPAN_ID = re.compile(rb'"span_id": "(0x[0-9a-f]{16})"')
_log = logging.getLogger("tasksmith")


class FileExporter(SpanExporter):
    """Appends spans to trace.jsonl as they end.

    Where the disk takes no more, it warns once, and goes on when there is room again.

    Args:
        folder: The run directory.
        redact: Hides what is secret in a text.
    """

    def __init__(self, folder: Path, redact: Redact) -> None:
        self._folder = folder
        self._redact = redact
        self._lock = threading.Lock()
        self._lines: deque[bytes] = deque(maxlen=_HELD_BACK)
        self._payloads: set[str] = set()
        self._warned = False
        (folder / PAYLOADS).mkdir(exist_ok=True)
        self._file = os.open(folder / TRACE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        self._cut = _ends_amid_line(self._file)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write spans, and those that could not be written before."""
        with self._lock:
            try:
                for span in spans:
                    self._lines.append(self._line(span))
                self._write()
            except OSError as error:
                self._warn(error)
                return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def add(self, line: str) -> None:
        """Write a line that is in the form of a span already."""
        with self._lock:
            self._lines.append(line.encode() + b"\n")

    def shutdown(self) -> None:
        """Write what waits, if that can be, and close the file."""
        self.export(())
        os.close(self._file)

    def _line(self, span: ReadableSpan) -> bytes:
        return as_line(span, self._kept).encode()

    def _kept(self, attributes: Attributes) -> Attributes:
        """Hide what is secret, and move long values into files of their own."""
        short: Attributes = {}
        for key, value in hidden(attributes, self._redact).items():
            if isinstance(value, str) and len(value) > LONGEST:
                short[key] = value[:BEGINNING]
                with suppress(OSError):  # the line itself will meet the same trouble
                    short[key + REF] = self._payload(value)
            else:
                short[key] = value
        return short

    def _payload(self, text: str) -> str:
        data = text.encode(errors="replace")
        name = hashlib.blake2b(data, digest_size=16).hexdigest()
        path = self._folder / PAYLOADS / name
        if name not in self._payloads and not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
        self._payloads.add(name)
        return f"{PAYLOADS}/{name}"

    def _write(self) -> None:
        """Write all lines that wait; what is written of one before an error is ended as a line."""
        while self._lines:
            data = b"\n" + self._lines[0] if self._cut else self._lines[0]
            written = 0
            while written < len(data):
                # Of a full disk this is told by a part, then by an error.
                written += os.write(self._file, data[written:])
                self._cut = True
            self._cut = False
            self._lines.popleft()

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            where = self._folder / TRACE
            _log.warning("%s cannot be written (%s); the run goes on", where, error.strerror)


def _ends_amid_line(file: int) -> bool:
    """Say whether a crash left the last line unfinished."""
    size = os.fstat(file).st_size
    return size > 0 and os.pread(file, 1, size - 1) != b"\n"


class OpenSpans(SpanProcessor):
    """Keeps trace.open.jsonl: what is under way, for those who follow a run.

    The list is written by a thread of its own, twice a second at most, so that steps that
    come and go by the hundred wait for nothing.

    Args:
        folder: The run directory.
        redact: Hides what is secret in a text.
    """

    def __init__(self, folder: Path, redact: Redact) -> None:
        self._path = folder / OPEN
        self._redact = redact
        self._open: dict[int, Span] = {}
        self._lock = threading.Lock()
        self._changed, self._ended = threading.Event(), threading.Event()
        self._writer = threading.Thread(target=self._keep, name="open spans", daemon=True)
        self._writer.start()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        """Note a span that begins."""
        with self._lock:
            self._open[span.get_span_context().span_id] = span
        self._changed.set()

    def on_end(self, span: ReadableSpan) -> None:
        """Forget a span that has ended."""
        assert span.context
        with self._lock:
            self._open.pop(span.context.span_id, None)
        self._changed.set()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002
        """Write the list now."""
        with self._lock, suppress(OSError):
            # Nothing that follows a run may stop it: the list is written anew in a moment.
            part = self._path.with_suffix(".part")
            part.write_text("".join(map(self._line, self._open.values())), encoding="utf-8")
            part.replace(self._path)
        return True

    def shutdown(self) -> None:
        """Remove the file: nothing is under way any more."""
        self._ended.set()
        self._changed.set()
        self._writer.join()
        self._path.unlink(missing_ok=True)

    def _keep(self) -> None:
        while self._changed.wait() and not self._ended.is_set():
            self._changed.clear()
            self.force_flush()
            self._ended.wait(_SECONDS_BETWEEN_LISTS)

    def _line(self, span: Span) -> str:
        # Of a chat it is enough to know that there is one, and there may be dozens.
        shown = without_texts(span) if span.name.startswith("chat ") else span
        return as_line(shown, lambda told: _beginnings(hidden(told, self._redact)))


def _beginnings(attributes: Attributes) -> Attributes:
    return {k: v[:BEGINNING] if isinstance(v, str) else v for k, v in attributes.items()}


def cut_short(folder: Path) -> Iterator[str]:
    """Yield, as finished spans that failed, what was under way when an earlier process died.

    They end when trace.jsonl or their list was last written to: nothing later is known of them.
    """
    path = folder / OPEN
    if not path.is_file():
        return
    done = _finished(folder / TRACE)
    last = max(file.stat().st_mtime for file in (path, folder / TRACE) if file.exists())
    for span in spans_in(path):
        if span["context"].get("span_id") not in done and (cut := interrupted(span, last)):
            yield json.dumps(cut)


def _finished(path: Path) -> set[str]:
    """Return the ids of the spans in a trace; reading each as JSON would take seconds."""
    if not path.exists():
        return set()
    with path.open("rb") as file:
        found = (_SPAN_ID.search(line) for line in file if line.endswith(b"}\n"))
        return {match[1].decode() for match in found if match}
