"""What is kept in memory of every span: numbers in columns, names once each."""

import json
import math
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tools.text import one_line
from tools.trace_names import (
    CACHED,
    DECISION,
    INPUT,
    KEPT,
    KIND,
    OUTPUT,
    PURPOSE,
    ROUND,
    TOOL_CALL,
    USD,
)

KINDS = ("run", "round", "node", "tool", "chat", "other", "lost")
"""`round`: the steps up to the one that closed it; `lost`: a span that others hang from and that no
line tells of, since it was cut off. Neither is ever written."""
WRITTEN = frozenset(KINDS) - {"round", "lost"}
SPAN_ID = re.compile(r"0x[0-9a-f]{16}")
LONGEST_NAME = 160
MOST_TOKENS = 10**12
WRONG = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a line that is no span of ours may raise."""
Json = dict[str, Any]


def clean(text: str) -> str:
    """Return a text that can be sent as JSON: half a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def number(value: object) -> float:
    """Return an attribute's value as a number of at least zero; attributes may be texts."""
    found = float(value) if isinstance(value, int | float | str) and value != "" else 0.0
    return found if math.isfinite(found) and found > 0 else 0.0


def moment(text: str | None) -> float:
    """Return seconds since the epoch; NaN for a step that has not ended."""
    return datetime.fromisoformat(text).timestamp() if text else math.nan


class Texts:
    """Texts that occur over and over, each kept once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, as index into `texts`."""
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return self._numbers[text]

    def holding(self, wanted: str) -> frozenset[int]:
        """Return the numbers of the texts in which a text occurs; upper and lower case alike."""
        found = wanted.casefold()
        return frozenset(n for n, text in enumerate(self.texts) if found in text.casefold())


def _integers() -> "array[int]":
    return array("q")


def _reals() -> "array[float]":
    return array("d")


@dataclass
class Columns:
    """Spans by number, in the order in which they were added.

    Attributes:
        ids: Span ids as integers.
        parents: Those of the spans above; 0 at the top.
        offsets: Where the span's line begins in the file, in bytes; -1 for one in no line.
        lengths: How long that line is, in bytes.
        starts: Seconds since the epoch.
        ends: Likewise; NaN while the step is under way.
        kinds: Indices into `KINDS`.
        failed: 1 for a step that ended with an error.
        cached: 1 for a call that was answered from the book.
        names: Numbers of texts: what the span is called.
        purposes: Likewise: who asks an LLM; the empty text where nobody does.
        tokens: Those sent and received, together.
        usd: Money spent.
        decisions: What a node decided, by the span's number; most have none.
        closed: Which round a review closed, by its number.
        numbers: Span id → number.
        calls: Id of a tool call → number of its span.
    """

    ids: "array[int]" = field(default_factory=lambda: array("Q"))
    parents: "array[int]" = field(default_factory=lambda: array("Q"))
    offsets: "array[int]" = field(default_factory=_integers)
    lengths: "array[int]" = field(default_factory=_integers)
    starts: "array[float]" = field(default_factory=_reals)
    ends: "array[float]" = field(default_factory=_reals)
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    failed: "array[int]" = field(default_factory=lambda: array("B"))
    cached: "array[int]" = field(default_factory=lambda: array("B"))
    names: "array[int]" = field(default_factory=_integers)
    purposes: "array[int]" = field(default_factory=_integers)
    tokens: "array[int]" = field(default_factory=_integers)
    usd: "array[float]" = field(default_factory=_reals)
    decisions: dict[int, str] = field(default_factory=dict)
    closed: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, span: Json, offset: int, length: int) -> bool:
        """Take in a span; return whether it is new.

        Raises:
            Any of `WRONG`: It is no span. Nothing has been taken in.
        """
        id_ = _id(span["context"]["span_id"])
        if id_ in self.numbers:
            return False
        parent = _id(span["parent_id"]) if span["parent_id"] else 0
        attributes: Json = span["attributes"] or {}
        start, end = moment(span["start_time"]), moment(span["end_time"])
        name = one_line(clean(span["name"]), LONGEST_NAME)
        failed = span["status"]["status_code"] == "ERROR"
        used = number(attributes.get(INPUT)) + number(attributes.get(OUTPUT))
        usd = number(attributes.get(USD))
        closed = int(number(attributes[ROUND])) if KEPT in attributes and ROUND in attributes else 0
        said = {key: _said(attributes.get(key)) for key in (DECISION, PURPOSE, TOOL_CALL)}
        kind = attributes.get(KIND)
        self._append(id_, parent, start, end, KINDS.index(kind if kind in WRITTEN else "other"))
        self.offsets.append(offset)
        self.lengths.append(length)
        self.failed.append(failed)
        self.names.append(self.texts.number(name))
        self.purposes.append(self.texts.number(said[PURPOSE]))
        self.cached.append(attributes.get(CACHED) is True)
        self.tokens.append(int(min(used, MOST_TOKENS)))
        self.usd.append(usd)
        self._note(said, closed)
        return True

    def _append(self, id_: int, parent: int, start: float, end: float, kind: int) -> None:
        self.numbers[id_] = len(self.ids)
        self.ids.append(id_)
        self.parents.append(parent)
        self.starts.append(start)
        self.ends.append(end)
        self.kinds.append(kind)

    def _note(self, said: dict[str, str], closed: int) -> None:
        last = len(self.ids) - 1
        if closed:
            self.closed[last] = closed
        if said[DECISION]:
            self.decisions[last] = said[DECISION]
        if said[TOOL_CALL] and KINDS[self.kinds[last]] == "tool":
            self.calls[said[TOOL_CALL]] = last

    def make(self, id_: int, above: int, kind: str, name: str, times: tuple[float, float]) -> int:
        """Add a span that is in no file; return its number."""
        self._append(id_, above, *times, KINDS.index(kind))
        for column in (self.offsets, self.lengths):
            column.append(-1)
        for column in (self.failed, self.cached, self.tokens):
            column.append(0)
        self.names.append(self.texts.number(name))
        self.purposes.append(self.texts.number(""))
        self.usd.append(0.0)
        return len(self.ids) - 1

    def cut(self, kept: int) -> None:
        """Forget the spans that were added after the first `kept`."""
        for id_ in self.ids[kept:]:
            del self.numbers[id_]
        for span in range(kept, len(self.ids)):
            self.decisions.pop(span, None)
            self.closed.pop(span, None)
        self.calls = {call: span for call, span in self.calls.items() if span < kept}
        for column in self._all():
            del column[kept:]

    def _all(self) -> "tuple[array[Any], ...]":
        return (
            *(self.ids, self.parents, self.offsets, self.lengths, self.starts, self.ends),
            *(self.kinds, self.failed, self.cached, self.names, self.purposes, self.tokens),
            self.usd,
        )

    def name(self, span: int) -> str:
        """Return what a span is called."""
        return self.texts.texts[self.names[span]]

    def purpose(self, span: int) -> str:
        """Return who asked an LLM, or the empty text."""
        return self.texts.texts[self.purposes[span]]

    def find(self, id_: str) -> int | None:
        """Return the number of the span of this id, or None."""
        return self.numbers.get(int(id_, 16)) if SPAN_ID.fullmatch(id_) else None

    def hex(self, span: int) -> str:
        """Return a span's id as it is written."""
        return f"0x{self.ids[span]:016x}"


def _id(text: str) -> int:
    if not SPAN_ID.fullmatch(text):
        raise ValueError(text)
    return int(text, 16)


def _said(value: object) -> str:
    return one_line(clean(str(value)), LONGEST_NAME) if value is not None else ""


def add_lines(columns: Columns, lines: Iterable[tuple[int, bytes]]) -> int:
    """Take in the spans of these lines; return how many lines hold none."""
    foreign = 0
    for offset, line in lines:
        try:
            columns.add(json.loads(line), offset, len(line))
        except WRONG:
            foreign += bool(line.strip())
    return foreign
