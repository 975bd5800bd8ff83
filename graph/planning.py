"""The node in which a chat model, or the rules in its place, picks the next tool call."""

import json
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)
from langgraph.runtime import Runtime

from graph.budget import booked, fund, uncharged
from graph.conduct import replaced
from graph.standing import standing
from graph.state import Json, State
from graph.toolbox import TOOLS
from prompts import render
from tools.services import BudgetError, Services
from tools.teaching import Usage

RECENT_MESSAGES = 12
LONGEST_NEW, LONGEST_RESULT = 12_000, 2_000
"""Characters of a tool result that the planner is shown, when it is new and again later."""
USD = "usd"
"""Key of an answer's `response_metadata` under which its price is, where that is known."""


PLANNER = "planner"
"""What a planner books its calls under."""


class UnfitPlannerError(Exception):
    """The planner's model cannot plan, such as one that takes no tools; the rules take over."""


def make_plan(planner: BaseChatModel, fallback: BaseChatModel) -> Callable[..., Json]:
    """Return the node in which the planner, or the fallback in its place, picks the next call."""
    bound = {"given": planner.bind_tools(TOOLS), "rules": fallback.bind_tools(TOOLS)}

    def plan(state: State, runtime: Runtime[Services]) -> Json:
        start = time.monotonic()
        update: Json = {}
        fund(runtime.context, state)
        try:
            answer = bound[state["planner"]].invoke(_prompt(state, runtime.context))
        except (BudgetError, UnfitPlannerError) as error:
            update = replaced(str(error))
            after = cast(State, state | update)
            answer = bound["rules"].invoke(_prompt(after, runtime.context))
        if answer.invalid_tool_calls:
            names = ", ".join(str(call["name"]) for call in answer.invalid_tool_calls)
            update["correction"] = f"The arguments of {names} were no valid JSON; call it again."
        update["messages"] = [_legible(answer, state["messages"])]
        used = _usage(state, runtime.context, answer)
        return update | booked(state, "plan", time.monotonic() - start, used)

    return plan


def _prompt(state: State, services: Services) -> list[BaseMessage]:
    """Return what the planner is sent: its length does not grow with that of the run."""
    where = standing(state, services)
    corrected = state.get("correction")
    return [
        SystemMessage(render("planner")),
        # The task's prose only: examples pasted into it may have become test rows.
        HumanMessage(where["instruction"]),
        *_recent(state["messages"]),
        *([HumanMessage(corrected, name="correction")] if corrected else []),
        HumanMessage(json.dumps(where, ensure_ascii=False), name="standing"),
    ]


def _recent(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Return the latest calls with their results, no result without its call."""
    recent = [m for m in messages if not isinstance(m, HumanMessage)][-RECENT_MESSAGES:]
    while recent and isinstance(recent[0], ToolMessage):
        recent.pop(0)
    calls = [i for i, message in enumerate(recent) if isinstance(message, AIMessage)]
    newest = calls[-1] if calls else 0
    return [
        _shortened(message, LONGEST_NEW if place > newest else LONGEST_RESULT)
        for place, message in enumerate(recent)
    ]


def _shortened(message: BaseMessage, most: int) -> BaseMessage:
    if not isinstance(message, ToolMessage) or len(message.text) <= most:
        return message
    return message.model_copy(update={"content": message.text[:most] + " …"})


def _legible(answer: AIMessage, earlier: Sequence[BaseMessage]) -> AIMessage:
    """Return an answer that can be sent to any server again.

    Calls that could not be read go, an empty answer gets words, and ids of calls, by which rows
    are stored, get to be unique: some servers count them anew in every answer.
    """
    taken = {c["id"] for m in earlier if isinstance(m, AIMessage) for c in m.tool_calls}
    calls = []
    for call in answer.tool_calls:
        fresh = (f"call_{number}" for number in count(len(taken) + 1))
        id_ = call["id"]
        if not id_ or id_ in taken:
            id_ = next(name for name in fresh if name not in taken)
        taken.add(id_)
        calls.append(ToolCall(name=call["name"], args=call["args"], id=id_))
    words = answer.text or ("" if calls else "(no answer)")
    return AIMessage(words, tool_calls=calls, usage_metadata=answer.usage_metadata)


def _usage(state: State, services: Services, answer: AIMessage) -> Usage:
    """Return what the planner has cost that is not charged yet.

    The book knows lost requests too, and servers that count no tokens; the answer, which serves
    where there is no book, tells neither.
    """
    if services.book:
        return uncharged(state, services, PLANNER, "plan")
    used = answer.usage_metadata
    if not used:
        return Usage()
    return Usage(
        calls=1,
        prompt_tokens=used["input_tokens"],
        completion_tokens=used["output_tokens"],
        usd=answer.response_metadata.get(USD),
    )
