"""When a planner's calls get it nowhere: it is corrected, then replaced by the rules."""

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from graph.state import Json, State

STRIKES = 3
IDLE_CALLS = 10
"""Calls in a row that may change nothing before the rules planner takes over."""
NO_CALL = "Answer with a tool call; when the run ends is decided for you."


def strike(state: State, what: str, correction: str) -> Json:
    """Return the update that corrects the planner, or replaces it the third time running."""
    strikes = state.get("strikes", 0) + 1
    if strikes < STRIKES:
        text = f"{what} ({strikes} of {STRIKES})"
        return {"strikes": strikes, "correction": correction, "decision": text}
    return replaced(f"{what} {STRIKES} times running")


def replaced(why: str) -> Json:
    """Return the update that has the rules planner go on, free of what the other got wrong."""
    return {
        "strikes": 0,
        "planner": "rules",
        "correction": None,
        "last_error": None,
        "decision": f"{why}: the rules planner takes over",
    }


def after_call(before: State, after: State, message: ToolMessage) -> Json:
    """Return the update that a carried-out call makes to how the planner is seen.

    A call that changes nothing is remembered until one does; to make it again is a strike.
    """
    call = _made(after["messages"], message.tool_call_id)
    made = before.get("made", [])
    if _standing(before) != _standing(after):
        return {"made": [call], "strikes": 0, "correction": None}
    update: Json = {"made": [*made, call]}
    if before["planner"] == "rules":
        return update
    if call in made:
        again = f"You made this call of {message.name} before, and nothing has changed since."
        return update | strike(before, f"{message.name} called again to no avail", again)
    if len(made) >= IDLE_CALLS:
        return update | replaced(f"{IDLE_CALLS} calls in a row changed nothing")
    return update | {"strikes": 0, "correction": None}


def _made(messages: Sequence[BaseMessage], id_: str) -> str:
    """Return the call with this id as JSON."""
    calls = [c for m in messages if isinstance(m, AIMessage) for c in m.tool_calls]
    found = next(call for call in reversed(calls) if call["id"] == id_)
    return json.dumps([found["name"], found["args"]], sort_keys=True)


def _standing(state: State) -> Json:
    """Return what a useful call changes."""
    round_ = state.get("round")
    return {
        "datasets": state.get("datasets"),
        "imports": len(state.get("imports", [])),
        "bases": state.get("bases"),
        "trained": state.get("trained") and state["trained"]["student"],  # type: ignore[index]
        "rounds": len(state.get("rounds", [])),
        "rows": round_ and [round_["accepted"], round_["dropped"]],
    }
