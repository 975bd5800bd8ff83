"""The JSON that a task wants its outputs to be: a schema in a code fence, or fields in words."""

import json
import re
from collections.abc import Sequence
from typing import Any

from tools.llm.asking import closed
from tools.schemas import check_schema
from tools.services import Json, ToolError

_FENCE = re.compile(
    r"```[ \t]*(?:json\w*)?[ \t]*\n(.*?)\n[ \t]*```[ \t]*", re.DOTALL | re.IGNORECASE
)
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_VOCABULARY = frozenset(
    ("$schema", "$id", "$defs", "definitions", "title", "description", "type", "items", "enum")
    + ("properties", "required", "additionalProperties", "minItems", "maxItems", "pattern")
)
_LOOKS_LIKE_ONE = re.compile(r'"properties"\s*:\s*\{')
_IN_WORDS = re.compile(
    r"\b(?:(?:as|into|to|als|zu)(?: (?:a|an|one|ein|einem))?(?: (?:valid|single|flat))?|"
    r"(?:return|output|answer|respond|reply|produce|give|write|emit|antworte|gib)\b[^.;:\n]{0,30}?)"
    r"\s+JSON\b(?:[ -]?(?:object|objekt)s?)?[^.;:\n]{0,40}?"
    r"\b(?:fields?|keys?|properties|feldern?|schlüsseln?)\b\s*:?\s*(?P<fields>[^.;:\n]+)",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"""(?:(?:the|a|an|die|der|das|den)\s+)?["'“„`]?(?P<name>\w+)["'”“`]?
    (?:\s*\(\s*(?:(?:a|an|as|ein|eine)\s+)?(?P<type>[^()]+?)\s*\))?""",
    re.VERBOSE | re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*,\s*(?:(?:and|und)\s+)?(?![^(]*\))|\s+(?:and|und)\s+(?![^(]*\))")
_NAMED_TYPES = {
    "number": "number", "float": "number", "decimal": "number", "zahl": "number",
    "integer": "integer", "int": "integer", "whole number": "integer", "ganzzahl": "integer",
    "boolean": "boolean", "bool": "boolean", "true or false": "boolean", "yes or no": "boolean",
    "string": "string", "text": "string", "date": "string", "datum": "string",
}  # fmt: skip
_LISTS = re.compile(r"(?:list|array|liste)(?: (?:of|von) (?P<of>\w+?)e?[sn]?)?", re.IGNORECASE)
_CALLED = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
}


def take_schema(prompt: str) -> tuple[Json | None, str]:
    """Return the JSON Schema in a code fence of a task, and the task without it.

    Raises:
        ToolError: The schema cannot be used, or looks like one and is no JSON.
    """
    for match in _FENCE.finditer(prompt):
        found = _parsed(match[1])
        if found is None and _LOOKS_LIKE_ONE.search(match[1]):
            raise ToolError("the JSON Schema in the task is not valid JSON; correct it")
        if isinstance(found, dict) and _is_schema(found):
            check_schema(found)
            return found, f"{prompt[: match.start()].rstrip()}\n\n{prompt[match.end() :].lstrip()}"
    return None, prompt


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_schema(value: Json) -> bool:
    if isinstance(value.get("properties"), dict):
        return True
    return value.get("type") in _TYPES and value.keys() <= _VOCABULARY


def schema_in_words(prose: str, outputs: Sequence[str]) -> Json | None:
    """Return the schema of an object whose fields the prose names; None where it names none.

    Fields without a type have those of the demonstrations, or else are texts.

    Args:
        prose: The task in words.
        outputs: Those of the demonstrations.
    """
    match = _IN_WORDS.search(prose)
    parts = _SEPARATOR.split(match["fields"].strip()) if match else []
    named = [field for field in map(_FIELD.fullmatch, parts) if field]
    if not named or len(named) < len(parts):
        return None
    shown = [value for value in map(_parsed, outputs) if isinstance(value, dict)]
    fields = {field["name"]: _type(field["name"], field["type"], shown) for field in named}
    return closed(fields)


def _type(name: str, said: str | None, shown: Sequence[Json]) -> Json:
    seen = [_kind(value[name]) for value in shown if name in value]
    if said is None and seen:
        kinds = list(dict.fromkeys(seen))
        return {"type": kinds[0] if len(kinds) == 1 else kinds}
    listed = _LISTS.fullmatch(said or "")
    if listed:
        of = _NAMED_TYPES.get((listed["of"] or "text").casefold(), "string")
        return {"type": "array", "items": {"type": of}}
    return {"type": _NAMED_TYPES.get((said or "text").casefold(), "string")}


def _kind(value: Any) -> str:
    """Return the JSON Schema type of a value; whole numbers are numbers like others."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "string")


def said_of(schema: Json) -> str:
    """Return a sentence that tells the user what every output has to be."""
    fields = schema.get("properties")
    if not fields:
        return "Every output has to follow the JSON Schema that the task gives."
    named = ", ".join(f"{name}{_called(part)}" for name, part in fields.items())
    return f"I took every output to be JSON with {named}."


def _called(part: Any) -> str:
    said = part.get("type", []) if isinstance(part, dict) else []
    kinds = [
        _CALLED.get(str(kind), str(kind)) for kind in ([said] if isinstance(said, str) else said)
    ]
    return f" ({' or '.join(kinds)})" if kinds else ""
