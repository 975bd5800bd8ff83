"""The OpenAI chat-completion protocol as the stand-in speaks it: requests, answers, errors."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

KINDS = ("write", "inputs", "attributes", "subjects", "rows", "plan", "task", "hear", "imagine")
"""Keys of the request objects that prompts end with."""
BYTES_PER_TOKEN = 4
_PIECE = 40
"""Characters of a streamed chunk."""


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `arguments` is JSON unless a fault broke it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Answer:
    """What a chat model says to one request."""

    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = "stop"

    @property
    def tokens(self) -> int:
        said = (self.content or "") + "".join(c.name + c.arguments for c in self.tool_calls)
        return tokens_of(said)

    def limited(self, max_tokens: int | None) -> "Answer":
        """Return it cut off at `max_tokens`, as a server would."""
        if max_tokens is None or self.tokens <= max_tokens or self.content is None:
            return self
        cut = self.content.encode()[: max_tokens * BYTES_PER_TOKEN].decode(errors="ignore")
        return replace(self, content=cut, finish="length")


@dataclass(frozen=True)
class Response:
    """What is sent back, and how.

    Attributes:
        manner: `cut`: half the body, then the connection ends. `drip`: a byte every `pause_s`.
            `hang`: nothing for `pause_s`, then the connection ends.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: str = "whole"
    pause_s: float = 0.0


class RefusedError(Exception):
    """A request that is answered by an HTTP error."""

    def __init__(self, status: int, message: str, code: str = "", **headers: str) -> None:
        super().__init__(message)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        error: Json = {"message": message, "type": "stand_in_error", "code": code or None}
        self.response = Response(status, dumps({"error": error}), headers=named)


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def tokens_of(text: str) -> int:
    return max(1, len(text.encode()) // BYTES_PER_TOKEN)


def prompt_of(body: Json) -> str:
    """Return what the prompt tokens are counted on: messages, tools and schema."""
    keys = ("messages", "tools", "response_format")
    return json.dumps([body[k] for k in keys if k in body], ensure_ascii=False)


def key_of(raw: bytes) -> str:
    """Return a hash under which equal request bodies are equal."""
    return hashlib.sha256(raw).hexdigest()[:16]


def text_of(message: Json) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def last_object(text: str) -> Json | None:
    """Return the JSON object that `text` ends with, whatever stands before it."""
    text = text.rstrip()
    start = text.find("{", text.rfind("\n") + 1)
    for first in (start, 0):
        while first >= 0 and text.endswith("}"):
            first = text.find("{", first)
            try:
                return dict(json.loads(text[first:])) if first >= 0 else None
            except ValueError:
                first += 1
    return None


def request_object(body: Json, keys: Sequence[str] = KINDS) -> Json:
    """Return the latest object with one of `keys` that a message ends with; empty if none does."""
    for message in reversed(body["messages"]):
        found = last_object(text_of(message)) if message["role"] != "assistant" else None
        if found and any(key in found for key in keys):
            return found
    return {}


def forms_of(body: Json) -> list[tuple[tuple[str, ...], int]]:
    """Return the forms of output that a prompt lists: outputs that have it, how many are wanted."""
    lines = [line for message in body["messages"] for line in text_of(message).splitlines()]
    listed = [last_object(line) for line in lines if line.startswith('{"form": ')]
    return [(tuple(form["outputs"]), form["wanted"]) for form in listed if form]


def kind_of(body: Json) -> str:
    """Return what a request asks for: `planner`, a key of a request object, or `other`."""
    if body.get("tools"):
        return "planner"
    asked = request_object(body)
    return next((kind for kind in KINDS if kind in asked), "other")


def schema_of(body: Json) -> Json:
    """Return the JSON schema that the answer must follow; empty if there is none."""
    format_ = body.get("response_format") or {}
    return dict(format_.get("json_schema", {}).get("schema", {}))


def completion(head: Json, answers: Sequence[Answer], usage: Json) -> bytes:
    """Return the body of a response that is not streamed."""
    choices: list[Json] = [
        {"index": i, "message": {"role": "assistant"} | _said(a), "finish_reason": a.finish}
        for i, a in enumerate(answers)
    ]
    return dumps({**head, "object": "chat.completion", "choices": choices, "usage": usage})


def stream(head: Json, answers: Sequence[Answer], usage: Json | None) -> bytes:
    """Return the body of a streamed response: server-sent events, `usage` last where asked for."""
    chunks: list[Json] = []
    for index, answer in enumerate(answers):
        deltas: list[Json] = [{"role": "assistant", "content": ""}]
        text = answer.content or ""
        deltas += [{"content": text[i : i + _PIECE]} for i in range(0, len(text), _PIECE)]
        for i, call in enumerate(_said(answer).get("tool_calls", [])):
            deltas.append({"tool_calls": [{"index": i, **call}]})
        choices: list[Json] = [{"index": index, "delta": d, "finish_reason": None} for d in deltas]
        choices.append({"index": index, "delta": {}, "finish_reason": answer.finish})
        chunks += [{"choices": [choice]} for choice in choices]
    if usage:
        chunks.append({"choices": [], "usage": usage})
    events = [dumps({**head, "object": "chat.completion.chunk", **chunk}) for chunk in chunks]
    return b"".join(b"data: " + event + b"\n\n" for event in [*events, b"[DONE]"])


def _said(answer: Answer) -> Json:
    if not answer.tool_calls:
        return {"content": answer.content}
    functions = [{"name": c.name, "arguments": c.arguments} for c in answer.tool_calls]
    calls = [
        {"id": call.id, "type": "function", "function": function}
        for call, function in zip(answer.tool_calls, functions, strict=True)
    ]
    return {"content": answer.content, "tool_calls": calls}
