"""LangChain's messages, the graph's updates and tools' artifacts in the form that spans hold."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tools import trace_names as names
from tools.students.curve import SUFFIX

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Json = dict[str, Any]
_ROLES = {"human": "user", "ai": "assistant"}


def as_messages(messages: Sequence["BaseMessage"]) -> str:
    """Return messages as JSON, by OpenTelemetry's conventions for generative AI."""
    return json.dumps([_message(message) for message in messages], ensure_ascii=False, default=str)


def _message(message: "BaseMessage") -> Json:
    role = _ROLES.get(message.type, message.type)
    parts: list[Json] = []
    if role == "tool":
        id_ = getattr(message, "tool_call_id", "")
        parts.append({"type": "tool_call_response", "id": id_, "response": message.text})
    elif message.text:
        parts.append({"type": "text", "content": message.text})
    for call in getattr(message, "tool_calls", ()):
        asked = {"id": call["id"], "name": call["name"], "arguments": call["args"]}
        parts.append({"type": "tool_call"} | asked)
    return {"role": role, "parts": parts}


def given(inputs: Json | None, text: str) -> str:
    """Return the arguments of a tool call as JSON, less those left out and the runtime."""
    known = {k: v for k, v in (inputs or {}).items() if k != "runtime" and v is not None}
    return json.dumps(known, ensure_ascii=False, default=str) if known else text


def decided(update: Json) -> Json:
    """Return as attributes what a node decided, and what the end of a round rests on."""
    told: Json = {
        names.DECISION: update.get("decision"),
        names.STOP_REASON: update.get("stop_reason"),
    }
    if update.get("rounds"):
        round_ = update["rounds"][-1]
        told |= {
            names.KEPT: round_["kept"],
            names.GAIN: round_["gain"],
            names.P_BETTER: round_["p_better"],
        }
    return told


def costs(usage: Json | None) -> Json:
    """Return what a step used of the LLMs as attributes; none where it used none."""
    if not usage or not usage["calls"] + usage["cached_calls"]:
        return {}
    used = {names.INPUT: usage["prompt_tokens"], names.OUTPUT: usage["completion_tokens"]}
    keys = {names.CALLS: "calls", names.CACHED_CALLS: "cached_calls", names.USD: "usd"}
    return used | {name: usage[key] for name, key in keys.items()}


def of_artifact(artifact: Json) -> Json:
    """Return as attributes what a tool call used, and the student that it trained."""
    used = costs(artifact.get("usage"))
    if used:
        used[names.ACCEPTED] = artifact.get("accepted")
    if artifact.get("tool") == "finetune" and "student" in artifact:
        student = artifact["student"]
        used |= {names.STUDENT: student, names.CURVE: f"models/{student}{SUFFIX}"}
    return used
