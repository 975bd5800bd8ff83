"""What a person says in the midst of a run, and what it changes in the state."""

from collections.abc import Mapping
from typing import Any, cast

from langchain_core.messages import HumanMessage, ToolMessage

from graph.approve import pending_calls
from graph.state import Json, State

Values = Mapping[str, Any]


def heard(values: Values, words: str, following: tuple[str, ...]) -> tuple[str, Json]:
    """Return the node to speak as, and the update of the state that a person's words make.

    The planner plans anew with them. But a tool's result that `review` has not seen yet stays the
    last message, and what was planned after that call is still done.

    Args:
        values: The state.
        words: What the person says.
        following: Nodes that come next.
    """
    update: Json = {"said": words, "stop_reason": None, "made": [], "strikes": 0}
    if following == ("review",) and isinstance(values["messages"][-1], ToolMessage):
        return "tools", update
    put_off = [
        ToolMessage(
            "Not made: the user said something new first.",
            name=call["name"],
            tool_call_id=call["id"],
            status="success",
        )
        for call in pending_calls(cast(State, values))
    ]
    return "review", update | {"messages": [*put_off, HumanMessage(words)]}
