"""The node that asks whether the task is understood, and goes by the answer."""

from typing import cast

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.amend import amend
from graph.hearing import Message, hear
from graph.restate import understood
from graph.state import Json, State
from tools.services import Services

WHAT_ELSE = "What is not right? Say it in your own words, or say 'yes'."


def agree(state: State, runtime: Runtime[Services]) -> Json:
    """Ask whether the draft is what the person means; it becomes the task when they say so."""
    question = understood(state)
    message = Message.answer(interrupt(question))
    services = runtime.context
    known = hear(state, services, message, question)
    update = known.update | {"reply": known.heard.reply or None}
    if known.wanted:
        return update | {"wanted": known.wanted, "decision": "to be changed"}
    draft = state.get("draft")
    if known.intent in ("agree", "go on") and draft:
        return update | amend(cast(State, state | update), services, draft) | {"decision": "agreed"}
    if known.intent == "decline" and draft and (state.get("versions") or state.get("rounds")):
        for call in draft["given"]:
            services.store.write(call, [])  # the examples that came with it, too
        kept = "All right, it stays as it was."
        return update | {"draft": None, "reply": kept, "decision": "left as it was"}
    return update | {"reply": known.reply(WHAT_ELSE), "decision": "answered"}
