"""The node that hears what a person said in the midst of a run, before it goes on."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage
from langgraph.runtime import Runtime

from graph.approve import pending_calls
from graph.hearing import Message, hear
from graph.state import Json, State
from tools.services import Services

GOES_ON = "I go on as before."


def heed(state: State, runtime: Runtime[Services]) -> Json:
    """Hear what was said: a change goes to `specify`, a question is answered, a stop heeded.

    Without a change the run goes on where it was, or comes to its end again.
    """
    said = state.get("said")
    assert said  # the graph comes here with words only
    message = Message(said["text"], said["id"])
    known = hear(state, runtime.context, message)
    update = known.update | {"said": None, "reply": None, "decision": "answered"}
    if known.wanted:
        return update | {
            "wanted": known.wanted,
            "messages": _put_off(state),
            "decision": "to be changed",
        }
    if known.intent in ("stop round", "stop now"):
        return update | {"stop_reason": "user", "decision": "stopped by the person"}
    return update | {"reply": known.heard.reply or GOES_ON}


def _put_off(state: State) -> list[BaseMessage]:
    """Return, for planned calls that wait, that they are planned anew with what was said."""
    return [
        ToolMessage(
            "Not made: the user said something new first.",
            name=call["name"],
            tool_call_id=call["id"],
            status="success",
        )
        for call in pending_calls(state)
    ]


def spoken(
    values: Mapping[str, Any], following: tuple[str, ...], text: str, id_: int
) -> tuple[str, Json]:
    """Return the node to speak as, and the update of the state with which `heed` comes next.

    But a tool's result that `review` has not seen yet is taken in first.

    Args:
        values: The state.
        following: Nodes that come next.
        text: What the person says.
        id_: Id of the message in the mailbox.
    """
    last = values["messages"][-1]
    unseen = following == ("review",) and isinstance(last, ToolMessage)
    return "tools" if unseen else "review", {"said": {"text": text, "id": id_}}
