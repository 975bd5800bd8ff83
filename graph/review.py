"""What the latest message means for the run: code, not a model.

Folds the artifact of a tool call into the state, charges the budget, keeps the planner to its
business, and decides whether the loop goes on.
"""

from typing import cast

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.runtime import Runtime

from graph.budget import booked, exhausted, with_talk
from graph.conduct import NO_CALL, after_call, before_it_is_too_late, strike
from graph.folds import fold
from graph.plateau import plateaued
from graph.state import NOTHING_SPENT, Json, State, StopReason
from tools.services import Services
from tools.teaching import Usage

FEW_STEPS = 6
"""Graph steps that conclude and its neighbours need; with fewer left the loop ends."""


def review(state: State, runtime: Runtime[Services]) -> Json:
    """Fold the latest message into the state and decide whether to go on."""
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        update = _result(state, last, runtime.context)
    else:
        update = _no_call(state, cast(AIMessage, last))
    if update.get("stop_reason") is None:
        after = cast(State, state | update)
        update |= _limits(after, runtime.context)
        if update["stop_reason"] is None:
            update |= before_it_is_too_late(after, runtime.context.store.count("train"))
    return update


def _no_call(state: State, message: AIMessage) -> Json:
    """Take the rules planner at its word that nothing is left to do; correct a model."""
    if state["planner"] == "rules":
        reason: StopReason = "planner" if state.get("best") else "nothing to train"
        return {"stop_reason": reason, "decision": message.text}
    return strike(state, "the planner made no tool call", state.get("correction") or NO_CALL)


def _result(state: State, message: ToolMessage, services: Services) -> Json:
    artifact = message.artifact
    if artifact is None:
        if message.status == "error":
            return strike(state, f"invalid call of {message.name}", message.text)
        return {"decision": message.text, "strikes": 0, "correction": None}
    usage = Usage(**artifact["usage"])
    update = booked(state, artifact["tool"], artifact["elapsed"], usage)
    update |= with_talk(cast(State, state | update), services)
    update["last_error"] = None
    update |= fold(cast(State, state | update), artifact, services, usage)
    return update | after_call(state, cast(State, state | update), message)


def _limits(state: State, services: Services) -> Json:
    limits, rounds = state["limits"], state.get("rounds", [])
    if state["remaining_steps"] <= FEW_STEPS:
        return {"stop_reason": "steps"}
    new = rounds[state.get("began", 0) :]
    if state.get("round") is None and new:
        best = cast(Json, state["best"])["evaluation"]["value"]
        if limits["target"] is not None and best >= limits["target"]:
            return {"stop_reason": "target"}
        if services.control and services.control.stop_asked() == "round":
            return {"stop_reason": "user"}
        if plateaued(new, limits["patience"], limits["min_gain"]):
            return {"stop_reason": "plateau"}
    return {"stop_reason": exhausted(limits, state.get("spent", NOTHING_SPENT), len(rounds))}
