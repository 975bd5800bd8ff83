"""The index of a trace: what is needed to show any part of it at once, however long it is."""

import time
from array import array
from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from threading import RLock

from agent.traces.columns import KINDS, WRONG, Columns, add_lines
from agent.traces.layout import Layout
from agent.traces.lines import Lines
from agent.traces.lookup import Span, open_spans, read_span

TRACE = "trace.jsonl"
HOLDERS = frozenset({"run", "round", "lost"})
"""Take as long as what they hold, which is no news to who looks for what took long."""


@dataclass(frozen=True)
class Wanted:
    """Which spans are looked for; empty values ask for nothing.

    Attributes:
        text: Part of a name, of what asks an LLM, or of a decision; upper and lower case alike.
        kind: One of `KINDS`.
        errors: Only spans that failed.
        slowest: Those that took longest first; else in the order in which they began.
    """

    text: str = ""
    kind: str = ""
    errors: bool = False
    slowest: bool = False


class TraceIndex:
    """Over the trace of one run. Hold `lock` over calls that belong together.

    Attributes:
        folder: The run directory.
        now: When it was looked at last, in seconds since the epoch.
        version: Another number whenever what the index says may have changed.
        columns: The spans, finished ones first.
        layout: The tree of them.
        foreign: Lines that hold no span.
        earlier: Whether the trace was written by a version with other names of attributes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = RLock()
        self.version = 0
        self.now = time.time()
        self._lines = Lines(folder / TRACE)
        self._under_way: list[Span] = []
        self._clear()

    def _clear(self) -> None:
        self.columns = Columns()
        self.layout = Layout(self.columns)
        self.foreign = self._finished = 0

    @property
    def behind(self) -> float:
        """How much of the file has yet to be read, 0 to 1."""
        lines = self._lines
        return 1 - lines.offset / lines.size if lines.behind else 0.0

    @property
    def earlier(self) -> bool:
        """Whether an earlier version wrote the trace, which named kinds of spans otherwise."""
        kinds = self.columns.kinds
        return self._finished > 0 and all(KINDS[kind] in ("other", "lost") for kind in kinds)

    def refresh(self, *, alive: bool) -> None:
        """Take in what has been written since, but no more than a chunk of the file.

        Args:
            alive: Whether a process works on the run, so that steps are under way.

        Raises:
            OSError: The file was there and cannot be read.
        """
        self.now = time.time()
        anew = self._lines.rewritten()
        under_way = open_spans(self.folder, alive=alive)
        if not anew and not self._lines.behind and under_way == self._under_way:
            return
        if anew:
            self._clear()
        self.columns.cut(self._finished)
        self.foreign += add_lines(self.columns, self._lines.fresh())
        self._finished = len(self.columns)
        self._under_way = under_way
        for span in under_way:
            with suppress(*WRONG):
                self.columns.add(span, -1, 0)
        self.layout = Layout(self.columns)
        self.version += 1

    def times(self) -> tuple[float, float]:
        """Return when the first step began and the last one ended, in seconds since the epoch."""
        columns = self.columns
        if not len(columns):
            return self.now, self.now
        last = max(self.now if isnan(end) else end for end in columns.ends)
        return min(columns.starts), last

    def span(self, number: int) -> Span | None:
        """Return all that is written of a span; None for one that stands in no file.

        Raises:
            OSError: The file cannot be read.
        """
        columns = self.columns
        if number >= self._finished:
            id_ = columns.hex(number)
            return next((s for s in self._under_way if s["context"]["span_id"] == id_), None)
        return read_span(self._lines.path, columns.offsets[number], columns.lengths[number])

    def seconds(self, span: int) -> float:
        """Return how long a span took, or has been under way."""
        end = self.columns.ends[span]
        return max(0.0, (self.now if isnan(end) else end) - self.columns.starts[span])

    def find(self, wanted: Wanted) -> "array[int]":
        """Return the places that fit, in the order asked for."""
        chosen = array("l", self._fitting(wanted))
        if not wanted.slowest:
            return chosen
        spans = self.layout.spans
        return array("l", sorted(chosen, key=lambda place: -self.seconds(spans[place])))

    def _fitting(self, wanted: Wanted) -> Iterator[int]:
        columns = self.columns
        text, kind = wanted.text.casefold(), wanted.kind
        texts = columns.texts.holding(text) if text else frozenset()
        for place, span in enumerate(self.layout.spans):
            of_kind = KINDS[columns.kinds[span]]
            if kind and of_kind != kind or wanted.errors and not columns.failed[span]:
                continue
            if wanted.slowest and not kind and of_kind in HOLDERS:
                continue
            if not text or _says(columns, span, text, texts):
                yield place


def _says(columns: Columns, span: int, text: str, texts: Set[int]) -> bool:
    """Say whether a folded text, which these texts hold, occurs in what is known of a span."""
    if columns.names[span] in texts or columns.purposes[span] in texts:
        return True
    return text in columns.decisions.get(span, "").casefold()
