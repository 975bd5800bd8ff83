"""The node that asks, once for each version of the task, whether to begin what costs something."""

from typing import Any, Literal

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.hearing import Message, hear
from graph.proposal import proposal
from graph.state import Json, State, Wanted
from graph.wishes import ruled_out
from tools.services import Services
from tools.talk.rules import prose_of
from tools.text import one_line

COSTLY = frozenset({"generate_batch", "transform_rows", "finetune"})
"""Tools that spend money or minutes, which a person approves in a conversation."""
LONGEST_WORDS = 300
"""Characters of what a person said that a planner is told."""
WHAT_ELSE = "Say 'yes' to begin, or say what should be different."


def pending_calls(state: State) -> list[dict[str, Any]]:
    """Return the tool calls of the last AIMessage that have no result yet, in order."""
    answered: set[str] = set()
    for message in reversed(state["messages"]):
        if isinstance(message, ToolMessage):
            answered.add(message.tool_call_id)
        elif isinstance(message, AIMessage):
            return [dict(c) for c in message.tool_calls if c["id"] not in answered]
    return []


def is_costly(call: Json) -> bool:
    """Say whether a planned call spends money or minutes; picking a model does where it races."""
    return call["name"] in COSTLY or bool(call["args"].get("race"))


def must_ask(state: State) -> bool:
    """Say whether a person has still to approve what the planned calls cost."""
    asks = state["mode"] == "chat" and not state.get("approved")
    return asks and any(is_costly(call) for call in pending_calls(state))


def approve(state: State, runtime: Runtime[Services]) -> Json:
    """In a conversation, propose the plan before the first call that spends money or minutes.

    Once it is approved, such calls pass until the task changes. Calls that are not what the person
    wants are answered in their words.
    """
    calls = pending_calls(state)
    if unwanted := {c["id"]: why for c in calls if (why := ruled_out(state, c))}:
        told = [_said(c, unwanted[c["id"]], "error") for c in calls if c["id"] in unwanted]
        return {"messages": told}
    if not must_ask(state):
        return {}
    services = runtime.context
    question = proposal(state, services, calls)
    message = Message.answer(interrupt(question))
    known = hear(state, services, message, question)
    update = known.update | {"reply": known.heard.reply or None}
    if known.wanted:
        undone = [_said(call, _overtaken(state, known.wanted)) for call in calls]
        return update | {"wanted": known.wanted, "messages": undone, "decision": "to be changed"}
    if known.intent in ("agree", "go on"):
        return update | {"approved": True, "decision": "approved"}
    if known.intent == "decline" and message.text and state["planner"] != "rules":
        told = [_said(call, f"The user said: {message.text}") for call in calls]
        return update | {"messages": told}
    return update | {"reply": known.reply(WHAT_ELSE), "decision": "answered"}


def _overtaken(state: State, wanted: Wanted) -> str:
    """Return what a planner is told of calls that a wish has overtaken."""
    words = prose_of(wanted["words"], {"task": state["spec"]})
    said = f", in these words: {one_line(words, LONGEST_WORDS)}" if words else ""
    return f"Not done: the user wants something to be different{said}"


def _said(call: Json, words: str, status: Literal["success", "error"] = "success") -> ToolMessage:
    """Return words in place of the result of a call that is not made."""
    return ToolMessage(words, name=call["name"], tool_call_id=call["id"], status=status)
