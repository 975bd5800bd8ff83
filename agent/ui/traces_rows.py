"""What the Traces tab shows of the tree: some hundred rows at a time, as JSON."""

from array import array
from collections.abc import Sequence, Set
from dataclasses import dataclass
from math import isnan
from typing import Any

from agent.traces.columns import KINDS
from agent.traces.index import TraceIndex, Wanted
from agent.traces.layout import row_of
from agent.ui.safe import shown

MOST_ROWS, MOST_TOGGLED = 300, 5_000
Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What the browser wants to see.

    Attributes:
        wanted: What is looked for; the whole tree where nothing is.
        toggled: Ids of the spans that are folded or unfolded otherwise than by themselves.
        everything: Whether spans are unfolded by themselves.
        first: Number of the first row.
        count: How many rows, at most `MOST_ROWS`.
        seek: Id of a span whose row is asked for; empty for none.
        reveal: Whether to unfold what that span is in.
    """

    wanted: Wanted
    toggled: Sequence[str]
    everything: bool
    first: int
    count: int
    seek: str
    reveal: bool


def asked(given: Json) -> Asked:
    """Read what came from a browser; what makes no sense counts as not given."""
    wanted = Wanted(
        text=_text(given, "text").strip(),
        kind=_text(given, "kind"),
        errors=given.get("errors") is True,
        slowest=given.get("slowest") is True,
    )
    toggled = given.get("toggled")
    return Asked(
        wanted=wanted,
        toggled=[str(id_) for id_ in toggled[:MOST_TOGGLED]] if isinstance(toggled, list) else [],
        everything=given.get("everything") is True,
        first=_count(given, "first"),
        count=min(_count(given, "count"), MOST_ROWS),
        seek=_text(given, "seek"),
        reveal=given.get("reveal") is True,
    )


def _text(given: Json, key: str) -> str:
    value = given.get(key)
    return value[:200] if isinstance(value, str) else ""


def _count(given: Json, key: str) -> int:
    value = given.get(key)
    return min(max(value, 0), 10**9) if isinstance(value, int) else 0


def view(index: TraceIndex, asked: Asked) -> Json:
    """Return the rows asked for, and what stands above them."""
    layout, columns = index.layout, index.columns
    toggled = {n for id_ in asked.toggled if (n := columns.find(id_)) is not None}
    sought = columns.find(asked.seek)
    seek = -1 if sought is None else layout.places[sought]
    flat = asked.wanted != Wanted()
    if asked.reveal and seek >= 0:
        toggled ^= _folded(index, seek, toggled, asked)
    places = index.find(asked.wanted) if flat else layout.shown(toggled, asked.everything)
    row = _row_of(places, seek, flat=flat)
    first = max(0, row - asked.count // 2) if asked.reveal and row >= 0 else asked.first
    rows = places[first : first + asked.count]
    return {
        "version": index.version,
        "now": index.now,
        "times": index.times(),
        "spans": len(columns) - layout.made,
        "failed": sum(columns.failed),
        "foreign": index.foreign,
        "earlier": index.earlier,
        "behind": index.behind,
        "flat": flat,
        "total": len(places),
        "first": first,
        "seek": row,
        "toggled": [columns.hex(span) for span in toggled],
        "rows": [
            _row(index, place)
            | (_beside(index, place) if flat else _within(index, place, places, toggled, asked))
            for place in rows
        ],
    }


def label(index: TraceIndex, span: int) -> str:
    """Return what a span is called on the page."""
    name, kind = index.columns.name(span), KINDS[index.columns.kinds[span]]
    if kind == "lost":
        return "not read yet" if index.behind else "cut off"
    if kind == "chat":
        return index.columns.purpose(span) or name
    return "session of work" if kind == "run" else name.removeprefix("execute_tool ")


def note(index: TraceIndex, span: int) -> str:
    """Return what is said beside a span's name: what it decided, or whom it asked."""
    columns = index.columns
    if KINDS[columns.kinds[span]] == "chat" and columns.purpose(span):
        return columns.name(span).removeprefix("chat ")
    decision = columns.decisions.get(span, "")
    in_round = KINDS[columns.kinds[span]] == "round"
    return decision.removeprefix(columns.name(span).lower()).strip() if in_round else decision


def _folded(index: TraceIndex, place: int, toggled: Set[int], asked: Asked) -> set[int]:
    """Return the spans to unfold so that a place shows."""
    layout = index.layout
    above = layout.path(place)[:-1]
    return {layout.spans[p] for p in above if not layout.unfolded(p, toggled, asked.everything)}


def _row_of(places: "array[int]", place: int, *, flat: bool) -> int:
    if flat:
        return places.index(place) if place in places else -1
    return row_of(places, place)


def _row(index: TraceIndex, place: int) -> Json:
    columns, layout = index.columns, index.layout
    span = layout.spans[place]
    end = columns.ends[span]
    return {
        "id": columns.hex(span),
        "name": shown(label(index, span)),
        "kind": KINDS[columns.kinds[span]],
        "start": columns.starts[span],
        "end": None if isnan(end) else end,
        "seconds": index.seconds(span),
        "failed": bool(columns.failed[span]),
        "within": layout.failed[place] - columns.failed[span],
        "cached": bool(columns.cached[span]),
        "tokens": layout.tokens[place],
        "usd": layout.usd[place],
    }


def _within(
    index: TraceIndex, place: int, places: "array[int]", toggled: Set[int], asked: Asked
) -> Json:
    """Return what is said of a row in the tree only."""
    layout = index.layout
    holds = layout.ends[place] - place - 1
    return {
        "depth": layout.depths[place],
        "above": row_of(places, layout.aboves[place]),
        "holds": holds,
        "unfolded": holds > 0 and layout.unfolded(place, toggled, asked.everything),
        "note": shown(note(index, layout.spans[place])),
    }


def _beside(index: TraceIndex, place: int) -> Json:
    """Return what is said of a row in a list only: where in the tree it stands."""
    spans = index.layout.spans
    path = [label(index, spans[above]) for above in index.layout.path(place)[:-1]]
    said = [note(index, spans[place]), " › ".join(path[-3:])]
    beside = " — ".join(filter(None, said))
    return {"depth": 0, "above": -1, "holds": 0, "unfolded": False, "note": shown(beside)}
