"""Good answers made bad: what models do to the JSON that was asked of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.standin.wire import Answer, Json

UNKNOWN_LABEL = "none of the above, strictly speaking"
_BABBLE = "申し訳ありませんが、この件についてもう一度確認していただけますか"


def _broken_json(answer: Answer, number: int) -> Answer:
    """Leave the words and take away all that could tell where a value begins or ends."""
    del number
    return _each_text(answer, lambda text: text.translate(str.maketrans("", "", '{}[]":,')))


def _bent_json(answer: Answer, number: int) -> Answer:
    """Bend it in one of four ways that can be undone."""
    bends: list[Callable[[str], str]] = [
        lambda text: text.rstrip().removesuffix("}"),
        lambda text: text.replace("}", ",}"),
        _single_quoted,
        lambda text: text.replace("}, {", "} {"),
    ]
    return _each_text(answer, bends[number % len(bends)])


def _single_quoted(text: str) -> str:
    value = _object(text)
    return text if value is None else repr(value)


def _object(text: str | None) -> Json | None:
    """Return the object that `text` is; None if it is prose or was cut off."""
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _said(answer: Answer, before: str, after: str) -> Answer:
    """Put words around what is said; a tool call has none."""
    if answer.content is None:
        return answer
    return replace(answer, content=f"{before}{answer.content}{after}")


def _each_text(answer: Answer, change: Callable[[str], str]) -> Answer:
    calls = tuple(replace(call, arguments=change(call.arguments)) for call in answer.tool_calls)
    content = answer.content if answer.content is None else change(answer.content)
    return replace(answer, content=content, tool_calls=calls)


def _fenced(answer: Answer, number: int) -> Answer:
    del number
    return _said(answer, "```json\n", "\n```")


def _chatty(answer: Answer, number: int) -> Answer:
    del number
    return _said(answer, "Sure! Here is the JSON you asked for:\n\n", "")


def _ignore_schema(answer: Answer, number: int) -> Answer:
    """Wrap the JSON in prose that has a brace and a quote of its own."""
    del number
    before = 'I thought about {your request} first. My "answer" would be '
    return _said(answer, before, " - tell me if you want more.")


def _truncated(answer: Answer, number: int) -> Answer:
    """Stop in the middle of the last item."""
    del number
    if answer.content is None:
        return answer
    text = answer.content
    end = (text.rfind("{") + len(text)) // 2
    return replace(answer, content=text[:end], finish="length")


def _wrong_labels(answer: Answer, number: int) -> Answer:
    del number
    return _each_value(answer, "output", lambda _: UNKNOWN_LABEL)


def _wrong_language(answer: Answer, number: int) -> Answer:
    """Write every input in Japanese, each a little different."""
    return _each_value(answer, "input", lambda i: f"{_BABBLE}、{number}の{i}番です。")


def _each_value(answer: Answer, name: str, new: Callable[[int], str]) -> Answer:
    value = _object(answer.content)
    if value is None:
        return answer
    items: list[Any] = [item for v in value.values() if isinstance(v, list) for item in v]
    for i, item in enumerate(items):
        if isinstance(item, dict) and name in item:
            item[name] = new(i)
    return replace(answer, content=json.dumps(value, ensure_ascii=False))


def _ignore_tools(answer: Answer, number: int) -> Answer:
    del number
    if not answer.tool_calls:
        return answer
    return Answer("Let me think about what would be best here. Should I go on?")


SPOILS: Mapping[str, Callable[[Answer, int], Answer]] = {
    "wrong_labels": _wrong_labels,
    "wrong_language": _wrong_language,
    "broken_json": _broken_json,
    "bent_json": _bent_json,
    "fenced": _fenced,
    "chatty": _chatty,
    "ignore_schema": _ignore_schema,
    "truncated": _truncated,
    "ignore_tools": _ignore_tools,
}
"""Name of a fault to what it makes of an answer and the number of its request.

The order is that in which several are applied: those that need whole JSON come first.
"""
