"""How far the stores of a run had come at a step, so that they can be taken back there."""

from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.messages import ToolMessage
from langgraph.runtime import Runtime

from graph.state import Json, Mark, State
from tools.services import Services


def mark(services: Services) -> Mark:
    """Return how far the store's journal and the book of LLM calls have come."""
    book = services.book.position() if services.book else 0
    return {"data": services.store.position(), "book": book}


def marked(node: Callable[[State, Runtime[Services]], Json]) -> Callable[..., Json]:
    """Return a node that notes in the state how far the stores have come when it is done."""

    def run(state: State, runtime: Runtime[Services]) -> Json:
        return node(state, runtime) | {"mark": mark(runtime.context)}

    return run


def mark_of(values: Mapping[str, Any]) -> Mark | None:
    """Return the mark of a step from its state; None where an earlier version took the step.

    A tool's result brings its own, since the state is brought up to date by the step after it.
    """
    kept: Mark | None = values.get("mark")
    last = (values.get("messages") or [None])[-1]
    brought = (last.artifact or {}).get("mark") if isinstance(last, ToolMessage) else None
    if kept is None or brought is None:
        return kept
    # Positions only grow, so the later of the two is the larger one.
    return {"data": max(kept["data"], brought["data"]), "book": max(kept["book"], brought["book"])}
