"""The nodes that talk with the user: specify, approve."""

import time
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.budget import booked
from graph.state import Json, State
from graph.toolbox import is_costly
from tools.reading.reader import read_task
from tools.services import Services
from tools.task import Label, TaskSpec
from tools.teaching import Usage

MOST_LABELS = 200


def specify(state: State, runtime: Runtime[Services]) -> Json:
    """Read the task spec out of the conversation.

    In a conversation it asks where neither the words nor any data say what the labels are; an
    autonomous run lets the data decide and says so.
    """
    start = time.monotonic()
    services = runtime.context
    words = [message.text for message in state["messages"] if isinstance(message, HumanMessage)]
    spec = _read("\n\n".join(words), services)
    no_labels = spec.output_type == "label" and not spec.labels
    if state["mode"] == "chat" and no_labels and not services.sources:
        answer = interrupt({"ask": "labels", "question": "Which labels should there be?"})
        return {"messages": [HumanMessage(answer["text"])], "decision": "asked for the labels"}
    used = services.book.usage("specify") if services.book else Usage()
    return {
        "spec": spec.model_dump(mode="json"),
        "decision": _understood(spec),
    } | booked(state, "specify", time.monotonic() - start, used)


def _read(prompt: str, services: Services) -> TaskSpec:
    """Read the task; what the user's own examples say about its labels counts more than words."""
    counts = services.store.label_counts("train")
    if services.reader:
        spec = services.reader.read(prompt, services.metrics.keys(), list(counts))
    else:
        spec = read_task(prompt, services.metrics.keys())
    if spec.output_type != "label" or spec.labels or not 2 <= len(counts) <= MOST_LABELS:
        return spec
    note = f"The {len(counts)} labels are those of your examples."
    labels = tuple(Label(name=name) for name in sorted(counts))
    return spec.model_copy(update={"labels": labels, "assumptions": (*spec.assumptions, note)})


def _understood(spec: TaskSpec) -> str:
    """Return in a line how the task was read, and what was guessed, for the user to put right."""
    labels = f"{len(spec.labels)} labels" if spec.labels else "labels to come from the data"
    what = "text as output" if spec.output_type == "text" else labels
    read = f"read as a task with {what}, inputs in {spec.language!r}"
    return ". Assumed: ".join(filter(None, (read, " ".join(spec.assumptions))))


def pending_calls(state: State) -> list[dict[str, Any]]:
    """Return the tool calls of the last AIMessage that have no result yet, in order."""
    answered: set[str] = set()
    for message in reversed(state["messages"]):
        if isinstance(message, ToolMessage):
            answered.add(message.tool_call_id)
        elif isinstance(message, AIMessage):
            return [dict(c) for c in message.tool_calls if c["id"] not in answered]
    return []


def approve(state: State) -> Json:
    """In a conversation, let a person refuse the costly ones of the planned calls.

    One interrupt carries the whole list. It is answered with `{"refused": {call id: reason}}`.
    """
    costly = [call for call in pending_calls(state) if is_costly(call)]
    if state["mode"] != "chat" or not costly:
        return {}
    answer = interrupt({"ask": "approve", "calls": costly})
    refused = answer.get("refused", {})
    return {
        "messages": [
            ToolMessage(
                f"The user refused this call: {refused[call['id']]}",
                name=call["name"],
                tool_call_id=call["id"],
                status="success",
            )
            for call in costly
            if call["id"] in refused
        ]
    }
