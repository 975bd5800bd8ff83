"""Where the run goes next."""

from typing import Literal

from langchain_core.messages import AIMessage
from langgraph.types import Send

from graph.nodes import pending_calls
from graph.state import State


def after_specify(state: State) -> Literal["plan", "specify"]:
    """Ask again until there is a spec."""
    return "plan" if "spec" in state else "specify"


def after_plan(state: State) -> Literal["approve", "review"]:
    """An answer without a tool call is judged at once."""
    last = state["messages"][-1]
    return "approve" if isinstance(last, AIMessage) and last.tool_calls else "review"


def next_call(state: State) -> list[Send] | Literal["review"]:
    """Run the planned calls one after the other: each may need what the one before it stored."""
    pending = pending_calls(state)
    if not pending:
        return "review"
    call = {"__type": "tool_call_with_context", "tool_call": pending[0], "state": state}
    return [Send("tools", call)]


def after_review(state: State) -> list[Send] | Literal["plan", "conclude"]:
    """Stop, go on with the calls already planned, or plan anew."""
    if state.get("stop_reason"):
        return "conclude"
    sends = next_call(state)
    return "plan" if sends == "review" else sends
