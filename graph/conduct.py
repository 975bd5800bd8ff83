"""When a planner's calls get it nowhere: it is corrected, then replaced by the rules."""

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from graph.state import Json, State

STRIKES = 3
IDLE_CALLS = 12
"""Calls in a row that may bring neither rows nor a round before the rules planner takes over."""
LAST_CHANCE = 44
"""Graph steps in which the rules planner can still search, import, teach, train and evaluate."""
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


def before_it_is_too_late(state: State, train_rows: int) -> Json:
    """Return the update that has the rules planner train a student while there are steps for it."""
    late = state["remaining_steps"] <= LAST_CHANCE
    if state["planner"] == "rules" or state.get("best") or not train_rows or not late:
        return {}
    return replaced("few steps are left and no student yet")


def after_call(before: State, after: State, message: ToolMessage) -> Json:
    """Return the update that a carried-out call makes to how the planner is seen.

    Calls are remembered until the rows or the rounds change; to make one of them again is a
    strike. What else changes, such as the data sets found, may do so back and forth for ever.
    """
    call = _made(after["messages"], message.tool_call_id)
    made = before.get("made", [])
    if _standing(before) != _standing(after):
        return {"made": [call], "strikes": 0, "correction": None}
    update: Json = {"made": [*made, call]}
    if before["planner"] == "rules":
        return update
    if call in made:
        again = f"You made this call of {message.name} before; no rows, no round came of it since."
        return update | strike(before, f"{message.name} called again to no avail", again)
    if len(made) >= IDLE_CALLS:
        return update | replaced(f"{IDLE_CALLS} calls in a row brought nothing")
    return update | {"strikes": 0, "correction": None}


def _made(messages: Sequence[BaseMessage], id_: str) -> str:
    """Return the call with this id as JSON."""
    calls = [c for m in messages if isinstance(m, AIMessage) for c in m.tool_calls]
    found = next(call for call in reversed(calls) if call["id"] == id_)
    return json.dumps([found["name"], found["args"]], sort_keys=True)


def _standing(state: State) -> Json:
    """Return what a useful call changes, sooner or later."""
    round_ = state.get("round")
    return {
        "rounds": len(state.get("rounds", [])),
        "rows": [round_["accepted"], round_["dropped"]] if round_ else [0, 0],
        "imported": sum(sum(i["imported"].values()) for i in state.get("imports", [])),
    }
