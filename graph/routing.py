"""Where the run goes next."""

from typing import Literal

from langchain_core.messages import AIMessage
from langgraph.types import Send

from graph.approve import must_ask, pending_calls
from graph.state import State


def after_specify(state: State) -> Literal["plan", "agree", "specify", "__end__"]:
    """Work on the task, ask about it, or wait for what the person says next."""
    if "spec" not in state:
        return "__end__" if state.get("reply") and not _asked_for_labels(state) else "specify"
    if state.get("draft"):
        return "agree"
    return _plan_or_rest(state)


def _asked_for_labels(state: State) -> bool:
    return state.get("decision") == "asked for the labels"


def _plan_or_rest(state: State) -> Literal["plan", "__end__"]:
    """Only what changes the task sets a run going again that has come to its end."""
    return "__end__" if state.get("stop_reason") else "plan"


def after_agree(state: State) -> Literal["plan", "agree", "specify", "__end__"]:
    """Take in what was said, ask again, or go on with what was agreed to."""
    if state.get("wanted"):
        return "specify"
    return "agree" if state.get("draft") else _plan_or_rest(state)


def after_plan(state: State) -> Literal["approve", "review"]:
    """An answer without a tool call is judged at once."""
    last = state["messages"][-1]
    return "approve" if isinstance(last, AIMessage) and last.tool_calls else "review"


def after_approve(state: State) -> list[Send] | Literal["review", "approve", "specify"]:
    """Take in what was said, ask again, or make the planned calls."""
    if state.get("wanted"):
        return "specify"
    return "approve" if must_ask(state) else next_call(state)


def next_call(state: State) -> list[Send] | Literal["review"]:
    """Run the planned calls one after the other: each may need what the one before it stored."""
    pending = pending_calls(state)
    if not pending:
        return "review"
    call = {"__type": "tool_call_with_context", "tool_call": pending[0], "state": state}
    return [Send("tools", call)]


def after_review(state: State) -> list[Send] | Literal["plan", "conclude", "heed"]:
    """Hear the person, stop, go on with the calls already planned, or plan anew."""
    if state.get("said"):
        return "heed"
    if state.get("stop_reason"):
        return "conclude"
    sends = next_call(state)
    return "plan" if sends == "review" else sends


def after_heed(state: State) -> Literal["specify", "agree", "approve", "plan", "conclude"]:
    """Take in what was said, or go on where the run was."""
    if state.get("wanted"):
        return "specify"
    if state.get("draft"):
        return "agree"
    if state.get("stop_reason"):
        return "conclude"
    return "approve" if pending_calls(state) else "plan"
