"""The nodes that talk: specify, plan, approve."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.budget import charge
from graph.standing import standing
from graph.state import NOTHING_SPENT, Json, State
from graph.toolbox import COSTLY, TOOLS
from prompts import render
from tools.reading.reader import read_task
from tools.services import Services, Usage
from tools.task import Label, TaskSpec

RECENT_MESSAGES = 12
MOST_LABELS = 200


def specify(state: State, runtime: Runtime[Services]) -> Json:
    """Read the task spec out of the conversation.

    In a conversation it asks where neither the words nor any data say what the labels are; an
    autonomous run lets the data decide and says so.
    """
    words = [message.text for message in state["messages"] if isinstance(message, HumanMessage)]
    spec = read_task("\n\n".join(words), runtime.context.metrics.keys())
    counts = runtime.context.store.label_counts("train")
    if spec.output_type == "label" and not spec.labels and 2 <= len(counts) <= MOST_LABELS:
        note = f"The {len(counts)} labels are those of your examples."
        labels = tuple(Label(name=name) for name in sorted(counts))
        spec = spec.model_copy(update={"labels": labels, "assumptions": (*spec.assumptions, note)})
    no_labels = spec.output_type == "label" and not spec.labels
    if state["mode"] == "chat" and no_labels and not runtime.context.sources:
        answer = interrupt({"ask": "labels", "question": "Which labels should there be?"})
        return {"messages": [HumanMessage(answer["text"])], "decision": "asked for the labels"}
    return {
        "spec": spec.model_dump(mode="json"),
        "decision": _understood(spec),
    }


def _understood(spec: TaskSpec) -> str:
    """Return in a line how the task was read."""
    if spec.output_type == "text":
        return f"read as a task with text as output, inputs in {spec.language!r}"
    labels = f"{len(spec.labels)} labels" if spec.labels else "labels to come from the data"
    return f"read as a task with {labels}, inputs in {spec.language!r}"


def make_plan(planner: BaseChatModel, fallback: BaseChatModel) -> Callable[..., Json]:
    """Return the node in which the planner, or the fallback in its place, picks the next call."""
    bound = {"given": planner.bind_tools(TOOLS), "rules": fallback.bind_tools(TOOLS)}

    def plan(state: State, runtime: Runtime[Services]) -> Json:
        start = time.monotonic()
        where = standing(state, runtime.context)
        # The task's prose only: examples pasted into it may have become test rows.
        prompt = [
            SystemMessage(render("planner")),
            HumanMessage(where["instruction"]),
            *_recent(state["messages"]),
            HumanMessage(json.dumps(where, ensure_ascii=False), name="standing"),
        ]
        answer = bound[state["planner"]].invoke(prompt)
        used = _usage(answer)
        spent = charge(state.get("spent", NOTHING_SPENT), time.monotonic() - start, used)
        return {"messages": [answer], "spent": spent}

    return plan


def _usage(answer: AIMessage) -> Usage:
    """Return the tokens of a planner's answer; what they cost is not known here."""
    if not answer.usage_metadata:
        return Usage()
    return Usage(
        prompt_tokens=answer.usage_metadata["input_tokens"],
        completion_tokens=answer.usage_metadata["output_tokens"],
        usd=None,
    )


def _recent(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Return the latest calls with their results, no result without its call."""
    recent = [m for m in messages if not isinstance(m, HumanMessage)][-RECENT_MESSAGES:]
    while recent and isinstance(recent[0], ToolMessage):
        recent.pop(0)
    return recent


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
    costly = [call for call in pending_calls(state) if call["name"] in COSTLY]
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
