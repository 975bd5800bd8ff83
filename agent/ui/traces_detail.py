"""One span with everything that is written of it, as the Traces tab shows it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from math import isnan
from typing import Any

from agent.traces.columns import KINDS, clean, number
from agent.traces.curves import read_lines
from agent.traces.index import TraceIndex
from agent.traces.lookup import Span, value
from agent.ui.figures import ending
from agent.ui.safe import shown
from agent.ui.traces_messages import Block, conversation, laid_out
from agent.ui.traces_rows import label
from tools.trace_names import (
    ACCEPTED,
    ANSWERED,
    ANSWERED_BY,
    ARGUMENTS,
    ASKED,
    CACHED,
    CACHED_CALLS,
    CALLS,
    CURVE,
    DECISION,
    ERROR,
    FINISH,
    GAIN,
    INPUT,
    KEPT,
    MESSAGE,
    MODEL,
    OUTPUT,
    P_BETTER,
    PURPOSE,
    RESULT,
    RETRIES,
    ROUND,
    STOP_REASON,
    STUDENT,
)

FIRST = 4_000
"""Characters of a text that are sent with the detail."""
PIECE = 500_000
"""Characters that are sent at once when the whole is asked for."""
Json = dict[str, Any]


def detail(index: TraceIndex, id_: str) -> Json | None:
    """Return what is shown of a span; None where it is not in the trace any more.

    Raises:
        OSError: A file cannot be read.
    """
    number = index.columns.find(id_)
    if number is None:
        return None
    columns, layout = index.columns, index.layout
    span = index.span(number)
    path = [layout.spans[place] for place in layout.path(layout.places[number])]
    return {
        "id": columns.hex(number),
        "name": _sent(label(index, number)),
        "kind": KINDS[columns.kinds[number]],
        "start": columns.starts[number],
        "end": columns.starts[number] + index.seconds(number),
        "under_way": isnan(columns.ends[number]),
        "path": [{"id": columns.hex(n), "name": _sent(label(index, n))} for n in path[:-1]],
        "facts": [[name, _sent(text)] for name, text in _facts(index, number, span)],
        "blocks": [
            {
                "title": _sent(block.title),
                "text": _sent(block.text[:FIRST]),
                "length": len(block.text),
                "next": _next(block, FIRST),
                "style": block.style,
                "folded": block.folded,
            }
            for block in _blocks(index, number, span)
        ],
        "curves": _curves(index, span),
    }


def whole(index: TraceIndex, id_: str, block: int, first: int) -> Json:
    """Return the next `PIECE` characters of a text of the detail, and where to go on.

    Raises:
        OSError: A file cannot be read.
    """
    number = index.columns.find(id_)
    blocks = [] if number is None else list(_blocks(index, number, index.span(number)))
    if not 0 <= block < len(blocks) or first < 0:
        return {"text": "", "next": None}
    text = blocks[block].text[first : first + PIECE]
    return {"text": _sent(text), "next": _next(blocks[block], first + PIECE)}


def _sent(text: str) -> str:
    """Return a text as JSON can hold it and a person may see it."""
    return shown(clean(text))


def _next(block: Block, first: int) -> int | None:
    return first if first < len(block.text) else None


def _facts(index: TraceIndex, number_: int, span: Span | None) -> Iterator[tuple[str, str]]:
    columns, layout = index.columns, index.layout
    began = datetime.fromtimestamp(columns.starts[number_])
    yield "Began", began.isoformat(" ", "milliseconds")
    under_way = isnan(columns.ends[number_])
    yield ("So far" if under_way else "Took"), f"{index.seconds(number_):,.3f} s"
    known: Json = span["attributes"] if span else {}
    if number(known.get(INPUT)) + number(known.get(OUTPUT)):
        counts = [f"{number(known.get(key)):,.0f}" for key in (INPUT, OUTPUT)]
        yield "Tokens", f"{counts[0]} sent, {counts[1]} received"
    elif tokens := layout.tokens[layout.places[number_]]:
        yield "Tokens", f"{tokens:,} in all calls of it"
    if known.get(CACHED) is True:
        yield "Cost", "nothing: the answer had been paid for earlier"
    elif usd := layout.usd[layout.places[number_]]:
        yield "Cost", f"{usd:,.6f} USD"
    yield from _told(known)


def _told(known: Json) -> Iterator[tuple[str, str]]:
    if model := known.get(MODEL):
        answered = known.get(ANSWERED_BY)
        other = answered and answered != model
        yield "Model", f"{model}, answered by {answered}" if other else str(model)
    names = {
        PURPOSE: "Asked by",
        RETRIES: "Sent again",
        FINISH: "Ended with",
        CALLS: "Calls paid for",
        CACHED_CALLS: "Calls answered from the book",
        ACCEPTED: "Rows accepted",
        STUDENT: "Student",
        ROUND: "Round",
    }
    for key, name in names.items():
        if known.get(key) not in (None, ""):
            told = known[key]
            yield name, ", ".join(map(str, told)) if isinstance(told, list) else str(told)


def _blocks(index: TraceIndex, number_: int, span: Span | None) -> Iterator[Block]:
    if span is None:
        yield from _made(index, number_)
        return
    folder, known = index.folder, span["attributes"]
    if index.columns.failed[number_]:
        kind = clean(str(known.get(ERROR) or span["status"].get("description") or "failed"))
        yield Block(f"Error: {kind}", value(folder, known, MESSAGE) or kind, "error")
    said = ("Decision", value(folder, known, DECISION)), ("Why", " ".join(_reasons(known)))
    yield from (Block(title, text, "say") for title, text in said if text)
    values = ("Arguments", ARGUMENTS), ("Result", RESULT)
    yield from (laid_out(title, value(folder, known, key)) for title, key in values if key in known)
    for key, title in ((ASKED, "Messages sent"), (ANSWERED, "Answer")):
        yield from conversation(title, value(folder, known, key))
    if span.get("events"):
        yield Block("Events", _pretty(span["events"]), "code", folded=True)
    yield Block("As it is written", _pretty(span), "code", folded=True)


def _made(index: TraceIndex, number_: int) -> Iterator[Block]:
    columns = index.columns
    if KINDS[columns.kinds[number_]] == "lost":
        yield Block("Cut off", "This step ended before it could be written down.", "say")
    elif decision := columns.decisions.get(number_):
        yield Block("How it ended", decision, "say")


def _reasons(known: Json) -> Iterator[str]:
    """Say in words what a review's decision rests on."""
    if KEPT in known:
        if GAIN in known:
            sure = f", better with a probability of {number(known.get(P_BETTER)):.2f}"
            yield f"Against the best so far on validation: {float(known[GAIN]):+.3f}{sure}."
        yield "The round's data stays." if known[KEPT] else "The round's data is taken out again."
    if reason := known.get(STOP_REASON):
        yield f"The loop ends. {ending(str(reason))}"


def _pretty(data: object) -> str:
    return clean(json.dumps(data, ensure_ascii=False, indent=2))


def _curves(index: TraceIndex, span: Span | None) -> list[list[Json]]:
    """Return the lines of each chart: those that measure the same share one."""
    name = span["attributes"].get(CURVE) if span else None
    charts: dict[str, list[Json]] = defaultdict(list)
    for line in read_lines(index.folder, name) if isinstance(name, str) else []:
        charts[line.measure].append({"name": _sent(line.name), "points": line.points})
    return list(charts.values())
