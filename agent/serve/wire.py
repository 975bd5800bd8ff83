"""What goes over the wire: chat completions, their chunks, and errors, as OpenAI has them."""

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class RequestError(Exception):
    """A request that cannot be answered; the client reads status and message.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """An answer to a chat, and what it took.

    Attributes:
        cut: Whether it was cut off for its length.
    """

    model: str
    text: str
    prompt_tokens: int
    completion_tokens: int
    cut: bool


def error(message: str, status: int) -> Json:
    """Return the body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def input_of(request: Json) -> str:
    """Return the text to answer: the last message of the user.

    Others are left alone: what the model is to do it has learned, and it saw one input at a time.

    Raises:
        RequestError: There is none, or it is no text.
    """
    messages = request.get("messages")
    if not isinstance(messages, list):
        raise RequestError("'messages' must be a list of messages")
    users = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    if not users:
        raise RequestError("'messages' must hold a message with the role 'user'")
    content = users[-1].get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    if len(texts) < len(parts) or not all(isinstance(text, str) for text in texts):
        raise RequestError("the 'content' of a message must be text; this model reads nothing else")
    return "\n".join(map(str, texts))


def inputs_of(request: Json, most: int) -> Sequence[str]:
    """Return the texts to answer of a request to `/predict`.

    Raises:
        RequestError: They are no list of texts, or more than `most`.
    """
    inputs = request.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(text, str) for text in inputs):
        raise RequestError("'inputs' must be a list of texts")
    if len(inputs) > most:
        raise RequestError(f"{len(inputs):,} inputs in one request; send at most {most:,}")
    return inputs


def completion(reply: Reply) -> Json:
    """Return a chat completion."""
    message = {"role": "assistant", "content": reply.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(reply)}
    return _frame(reply, "chat.completion") | {"choices": [choice], "usage": _usage(reply)}


def events(reply: Reply, *, usage: bool) -> Iterator[str]:
    """Yield a chat completion as server-sent events, the last one with the usage if asked for."""
    frame = _frame(reply, "chat.completion.chunk")
    for delta, reason in (
        ({"role": "assistant", "content": ""}, None),
        ({"content": reply.text}, None),
        ({}, _reason(reply)),
    ):
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        yield _event(frame | {"choices": [choice]})
    if usage:
        yield _event(frame | {"choices": [], "usage": _usage(reply)})
    yield "data: [DONE]\n\n"


def models(name: str, created: int) -> Json:
    """Return the list of models, which is one."""
    model = {"id": name, "object": "model", "created": created, "owned_by": "tasksmith"}
    return {"object": "list", "data": [model]}


def _frame(reply: Reply, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": reply.model,
    }


def _usage(reply: Reply) -> Json:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


def _reason(reply: Reply) -> str:
    return "length" if reply.cut else "stop"


def _event(value: Json) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
