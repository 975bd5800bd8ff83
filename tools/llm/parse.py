"""From the text of an answer to the JSON object that was asked for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.llm.prompt import Json

_DECODER = json.JSONDecoder(strict=False)  # models put raw line breaks into strings
_OPENER = re.compile(r"[{\[]")
_LIKELY_OPENER = re.compile(r"""\{\s*["']|\[\s*[{"]""")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*("|\\?\Z)|[{}\[\]]', re.DOTALL)
_MOST_OPENERS = 20
_MOST_REPAIRED = 8_000  # characters: repairing takes quadratic time
_CLOSER = {"{": "}", "[": "]"}


class MalformedError(Exception):
    """The answer cannot be used; the message says why, in words that a model understands.

    Attributes:
        text: The answer, without reasoning.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


@dataclass(frozen=True)
class Parsed:
    """An answer; `truncated` if it was cut off, so that only its complete items are here."""

    value: Json
    truncated: bool = False


def parse(text: str, schema: Json) -> Parsed:
    """Return the object in `text` that has the properties that `schema` requires.

    Code fences, words around it, reasoning in `<think>` and small slips of syntax are put up with;
    a bare list is taken for the one array of the schema. Items that lack a required property are
    left out.

    Raises:
        MalformedError: There is no such object.
    """
    shape = _Shape(schema)
    text = _without_reasoning(text)
    for value in _decoded(text):
        if (found := shape.fit(value)) is not None:
            return Parsed(_encodable(found))
    opener = _LIKELY_OPENER.search(text) or _OPENER.search(text)
    if opener is None:
        raise MalformedError("there is no JSON object in it", text)
    whole, truncated = _closed(text[opener.start() :])
    value = _strict(whole)
    if value is None:
        whole, shortened = _closed(whole[:_MOST_REPAIRED])
        value, truncated = _repaired(whole), truncated or shortened
    found = shape.fit(value, truncated=truncated)
    if found is None:
        raise MalformedError(f"it is no JSON object with {' and '.join(shape.required)}", text)
    return Parsed(_encodable(found), truncated)


class _Shape:
    """What is checked of a schema: required properties, and those of the items of arrays."""

    def __init__(self, schema: Json) -> None:
        self._definitions = schema.get("$defs", {})
        properties = schema.get("properties", {})
        self.required: list[str] = schema.get("required", list(properties))
        self._items = {
            name: self._resolved(part.get("items", {}))
            for name, part in properties.items()
            if part.get("type") == "array"
        }

    def fit(self, value: Any, *, truncated: bool = False) -> Json | None:
        """Return `value` as an object of this shape, or None if it is none."""
        # An empty list may as well be one within an object that was cut off.
        if isinstance(value, list) and value and len(self._items) == 1:
            value = {next(iter(self._items)): value}
        if not isinstance(value, dict):
            return None
        if truncated:
            value = {**{name: [] for name in self._items}, **value}
        if any(name not in value for name in self.required):
            return None
        arrays = {name: self._fitting(value[name], name) for name in self._items if name in value}
        return None if None in arrays.values() else value | arrays

    def _fitting(self, items: Any, name: str) -> list[Any] | None:
        """Return the items that fit; None if `items` is no list, or none of them fits."""
        if not isinstance(items, list):
            return None
        kept = [item for item in items if self._fits(item, self._items[name])]
        return kept if kept or not items else None

    def _resolved(self, part: Json) -> Json:
        if "$ref" not in part:
            return part
        resolved: Json = self._definitions.get(part["$ref"].rpartition("/")[2], {})
        return resolved

    @staticmethod
    def _fits(item: Any, part: Json) -> bool:
        if part.get("type") == "object":
            return isinstance(item, dict) and all(key in item for key in part.get("required", ()))
        return part.get("type") != "string" or isinstance(item, str)


def _without_reasoning(text: str) -> str:
    """Drop what a reasoning model thought aloud; some templates leave the opening tag out."""
    start = text.lstrip()
    if start.startswith(("{", "[")):
        return text
    if "</think>" in start:
        return start.partition("</think>")[2]
    return "" if start.startswith("<think>") else text


def _decoded(text: str) -> Iterator[Any]:
    """Yield the JSON values in `text`, wherever they begin; not those within others."""
    end = 0
    for _ in range(_MOST_OPENERS):
        opener = _OPENER.search(text, end)
        if opener is None:
            return
        try:
            value, end = _DECODER.raw_decode(text, opener.start())
        except (ValueError, RecursionError):
            end = opener.end()
        else:
            yield value


def _closed(text: str) -> tuple[str, bool]:
    """Return JSON text with its end put right, and whether it was cut off.

    What follows the value is dropped. If the value does not end, it is cut after the last
    complete item of its outermost array, and closed there.
    """
    stack: list[str] = []
    kept = ""
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "{[":
            stack.append(mark)
        elif mark in "}]":
            stack.pop()
            if not stack:
                return text[: token.end()], False
        elif token.group(1) != '"':  # a string without end
            break
        if mark not in "{[" and stack[-1] == "[" and len(stack) == (1 if stack[0] == "[" else 2):
            kept = text[: token.end()] + "".join(_CLOSER[open_] for open_ in reversed(stack))
    return kept, True


def _strict(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _repaired(text: str) -> Any:
    import json_repair

    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError):
        return None


def _encodable(value: Json) -> Json:
    """Replace lone surrogates, which JSON can spell but no file can hold."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        clean: Json = json.loads(text.encode(errors="replace"))
        return clean
    return value
