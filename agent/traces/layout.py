"""The tree of a trace: which step is part of which, in the order in which they began."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterator, Set
from itertools import count
from math import isnan
from typing import TypeVar

from agent.traces.columns import KINDS, Columns

BEFORE_ROUNDS = frozenset({"specify", "agree"})
HOLD_ROUNDS = frozenset({KINDS.index("run"), KINDS.index("lost")})
T = TypeVar("T", int, float)
Children = dict[int, list[int]]


class Layout:
    """The tree, written out from top to bottom; a *place* is an index into it.

    Adds to `columns` what is in no file: a span for each whose parent was cut off, and one for each
    round that was closed.

    Attributes:
        columns: The spans.
        spans: Number of the span at each place.
        aboves: Place of the span that it hangs from; -1 at the top.
        depths: How many spans are above it.
        ends: The first place after it and all that it holds.
        tokens: Of a span and what it holds, by place: what the span itself says if it does, since
            a step's own figure holds that of its calls; else the sum of the spans in it.
        usd: Likewise, money spent.
        failed: How many spans failed among it and what it holds, by place.
        places: Place of each span, by its number.
        made: How many spans were added.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        written = len(columns)
        _add_lost(columns)
        parents = _parents(columns)
        _add_rounds(columns, parents)
        self.made = len(columns) - written
        self.spans, self.aboves, self.depths = array("l"), array("l"), array("l")
        self.places = array("l", [-1]) * len(columns)
        self._write(_children(columns, parents))
        self.ends = self._find_ends()
        self.failed = array("l", (columns.failed[span] for span in self.spans))
        _add_up(self.failed, self.aboves, range(len(self.spans)))
        self.tokens = array("q", (columns.tokens[span] for span in self.spans))
        self.usd = array("d", (columns.usd[span] for span in self.spans))
        _add_up(self.tokens, self.aboves, _silent(self.tokens))
        _add_up(self.usd, self.aboves, _silent(self.usd))

    def _write(self, children: Children) -> None:
        # What no top leads to hangs from itself in a circle, which no run writes.
        for top in (*children.pop(-1, []), *range(len(self.places))):
            waiting = [(top, -1)]
            while waiting:
                span, above = waiting.pop()
                if self.places[span] >= 0:
                    continue
                place = self.places[span] = len(self.spans)
                self.spans.append(span)
                self.aboves.append(above)
                self.depths.append(self.depths[above] + 1 if above >= 0 else 0)
                waiting.extend((child, place) for child in reversed(children.get(span, [])))

    def _find_ends(self) -> "array[int]":
        ends = array("l", [len(self.spans)]) * len(self.spans)
        path: list[int] = []
        for place, depth in enumerate(self.depths):
            for done in path[depth:]:
                ends[done] = place
            path[depth:] = [place]
        return ends

    def shown(self, toggled: Set[int], everything: bool) -> "array[int]":
        """Return the places that show in the tree, in order.

        Args:
            toggled: Numbers of the spans that are not as they are by themselves.
            everything: Whether spans are unfolded by themselves; else only those at the top are.
        """
        shown = array("l")
        place = 0
        while place < len(self.spans):
            shown.append(place)
            open_ = self.unfolded(place, toggled, everything)
            place = place + 1 if open_ else self.ends[place]
        return shown

    def unfolded(self, place: int, toggled: Set[int], everything: bool) -> bool:
        """Say whether what hangs from a place shows; see `shown`."""
        return (everything or not self.depths[place]) != (self.spans[place] in toggled)

    def path(self, place: int) -> list[int]:
        """Return the places from the top down to this one, itself included."""
        path = [place]
        while self.aboves[path[-1]] >= 0:
            path.append(self.aboves[path[-1]])
        return path[::-1]

    def children(self, place: int) -> Iterator[int]:
        """Yield the places that hang from this one directly, in order."""
        child = place + 1
        while child < self.ends[place]:
            yield child
            child = self.ends[child]

    def round(self, number: int) -> list[int]:
        """Return the places that a round holds, its own first; none where it was not closed."""
        round_ = KINDS.index("round")
        for place, span in enumerate(self.spans):
            columns = self.columns
            if columns.kinds[span] == round_ and columns.name(span) == f"Round {number}":
                return list(range(place, self.ends[place]))
        return []


def _silent(column: "array[T]") -> Set[int]:
    return {place for place, value in enumerate(column) if not value}


def _add_up(column: "array[T]", aboves: "array[int]", into: Container[int]) -> None:
    """Add to these places what the places below them come to."""
    for place in range(len(column) - 1, -1, -1):
        if aboves[place] in into:
            column[aboves[place]] += column[place]


def row_of(shown: "array[int]", place: int) -> int:
    """Return which of the rows shown has this place, or -1."""
    row = bisect_left(shown, place)
    return row if row < len(shown) and shown[row] == place else -1


def _parents(columns: Columns) -> "array[int]":
    """Return by number the number of the span above, -1 at the top."""
    return array("l", (columns.numbers.get(id_, -1) if id_ else -1 for id_ in columns.parents))


def _children(columns: Columns, parents: "array[int]") -> Children:
    """Return what hangs from each span, -1 for the top, in the order in which it began.

    A span is written after those in it, so that of two that began at once the later line is above.
    """
    children: Children = defaultdict(list)
    for span in sorted(reversed(range(len(columns))), key=columns.starts.__getitem__):
        children[parents[span]].append(span)
    return children


def _add_lost(columns: Columns) -> None:
    """Add the spans that others hang from and that no line tells of."""
    lost: dict[int, list[int]] = defaultdict(list)
    for span, id_ in enumerate(columns.parents):
        if id_ and id_ not in columns.numbers:
            lost[id_].append(span)
    for id_, below in lost.items():
        start = min(columns.starts[span] for span in below)
        ends = [columns.ends[span] for span in below if not isnan(columns.ends[span])]
        columns.make(id_, 0, "lost", "cut off", (start, max(ends, default=start)))


def _add_rounds(columns: Columns, parents: "array[int]") -> None:
    """Put a span between a session and the steps of each round that it closed."""
    ids = count(1)
    for top, steps in _children(columns, parents).items():
        if top < 0 or columns.kinds[top] not in HOLD_ROUNDS:
            continue
        round_: list[int] = []
        for step in steps:
            if round_ or columns.name(step) not in BEFORE_ROUNDS:
                round_.append(step)
            if number := columns.closed.get(step):
                id_ = next(id_ for id_ in ids if id_ not in columns.numbers)
                _group(columns, parents, id_, f"Round {number}", round_)
                round_ = []


def _group(columns: Columns, parents: "array[int]", id_: int, name: str, steps: list[int]) -> None:
    times = columns.starts[steps[0]], columns.ends[steps[-1]]
    group = columns.make(id_, 0, "round", name, times)
    columns.decisions[group] = columns.decisions.get(steps[-1], "")
    parents.append(parents[steps[0]])
    for step in steps:
        parents[step] = group
