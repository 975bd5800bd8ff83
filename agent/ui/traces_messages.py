"""Values of a span as a person reads them: messages as a conversation, JSON over several lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agent.traces.columns import WRONG

MOST_LAID_OUT = 1_000_000
"""Characters of JSON that are laid out anew; longer values are shown as they are."""
ROLES = frozenset({"system", "user", "assistant", "tool"})


@dataclass(frozen=True)
class Block:
    """A text of the detail pane.

    Attributes:
        title: What stands above it.
        text: All of it.
        style: How it looks; a message has the role of who speaks.
        folded: Whether it is closed until asked for.
    """

    title: str
    text: str
    style: Literal["plain", "code", "say", "error", "system", "user", "assistant", "tool"] = "plain"
    folded: bool = False


def laid_out(title: str, text: str, *, folded: bool = False) -> Block:
    """Return JSON over several lines, and anything else as it is."""
    data = _parsed(text)
    if not isinstance(data, dict | list):
        return Block(title, text, folded=folded)
    return Block(title, json.dumps(data, ensure_ascii=False, indent=2), "code", folded)


def _parsed(text: str) -> Any:
    if len(text) > MOST_LAID_OUT:
        return None
    try:
        return json.loads(text)
    except WRONG:
        return None


def conversation(title: str, text: str) -> list[Block]:
    """Return messages as blocks, one a part; what is no list of messages is one block.

    The system's message is folded: it is long, and the same in call after call.
    """
    messages = _parsed(text)
    blocks: list[Block] = []
    if isinstance(messages, list):
        for message in messages:
            blocks.extend(_message(message))
    return blocks or [Block(title, text)] * bool(text)


def _message(message: object) -> Iterator[Block]:
    if not isinstance(message, dict):
        return
    role = message.get("role")
    style: Any = role if role in ROLES else "plain"
    parts = message.get("parts")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict):
            title, text = _part(part)
            said = " · ".join(filter(None, (str(role), title)))
            yield Block(said, text, style, folded=role == "system")


def _part(part: dict[str, Any]) -> tuple[str, str]:
    """Return what is said about a part of a message, and its text."""
    kind = part.get("type")
    if kind in ("text", "reasoning"):
        return "" if kind == "text" else "reasoning", _spelled(part.get("content", ""))
    if kind == "tool_call":
        return f"calls {part.get('name')}", _spelled(part.get("arguments"))
    if kind == "tool_call_response":
        return "answer of the tool", _spelled(part.get("response", part.get("result")))
    return str(kind), _spelled(part)


def _spelled(value: object) -> str:
    if isinstance(value, str):
        return laid_out("", value).text
    return json.dumps(value, ensure_ascii=False, indent=2)
