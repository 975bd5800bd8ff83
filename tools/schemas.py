"""JSON Schemas of outputs: which of them may be used, and whether a text follows one."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from tools.llm.parse import MalformedError, parse
from tools.services import Json, ToolError
from tools.text import one_line

MOST_CHARACTERS = 20_000
MOST_PARTS = 500
"""Parts of a schema, each counted as often as it is referred to."""
DEEPEST = 16
MOST_OF_AN_OUTPUT = 20_000
"""Characters of a text that is looked at; longer ones follow no schema."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def check_schema(schema: Json) -> None:
    """Make sure that outputs can be checked against a schema, and made to follow it.

    Raises:
        ToolError: The schema is invalid, refers to another document or to itself, or is huge.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    _check_size(schema)
    if len(json.dumps(schema)) > MOST_CHARACTERS:
        raise _unfit(f"has more than {MOST_CHARACTERS:,} characters", "leave descriptions out")
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its top"
        raise _unfit(f"is invalid at {place!r}: {one_line(error.message, 150)}") from None


def following(schema: Json, text: str) -> str | None:
    """Return `text` as JSON in the one spelling that students learn; None if it breaks the schema.

    Fences, words around an object and small slips of syntax are put right first. Keys stand in the
    order of the schema, on one line, as a constrained model writes them.

    Args:
        schema: One that `check_schema` has passed.
        text: An output.
    """
    from jsonschema.validators import Draft202012Validator, validator_for

    if len(text) > MOST_OF_AN_OUTPUT:
        return None
    value = _value(text)
    if value is _NOTHING:
        return None
    validator = validator_for(schema, default=Draft202012Validator)(schema)
    try:
        if not validator.is_valid(value):
            return None
        return json.dumps(_ordered(value, schema, schema), ensure_ascii=False, allow_nan=False)
    # NaN and infinity are numbers to Python and nothing to JSON; few nest brackets by the hundred.
    except (ValueError, RecursionError):
        return None


_NOTHING = object()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        found = parse(text, {"required": []})
    except MalformedError:
        return _NOTHING
    return _NOTHING if found.truncated else found.value


def _ordered(value: Any, schema: Any, root: Json) -> Any:
    """Return `value` with the keys of every object in the order of its schema."""
    schema = schema if isinstance(schema, dict) else {}
    if isinstance(schema.get("$ref"), str):
        schema = _referred(schema["$ref"], root)
    if isinstance(value, list):
        return [_ordered(one, schema.get("items"), root) for one in value]
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    keys = [key for key in known if key in value] + [key for key in value if key not in known]
    return {key: _ordered(value[key], known.get(key), root) for key in keys}


def _check_size(schema: Json) -> None:
    """Walk through a schema, what is referred to in the place of every reference.

    Raises:
        ToolError: There are too many parts, they are too deep, or a reference leads nowhere.
    """
    left: list[tuple[Any, tuple[str, ...], int]] = [(schema, ("#",), 0)]
    seen = 0
    while left:
        part, within, depth = left.pop()
        seen += isinstance(part, dict)
        if seen > MOST_PARTS:
            raise _unfit(f"has more than {MOST_PARTS} parts", "ask for fewer fields")
        if depth > DEEPEST:
            raise _unfit(f"is more than {DEEPEST} levels deep", "make it flatter")
        left += [(one, within, depth + 1) for one in _inner(part)]
        for reference in _references(part):
            if reference in within:
                raise _unfit(f"refers to itself ({one_line(reference, 60)})", "write it out")
            left.append((_referred(reference, schema), (*within, reference), depth + 1))


def _inner(part: Any) -> Iterable[Any]:
    if isinstance(part, dict):
        return part.values()
    return part if isinstance(part, list) else ()


def _references(part: Any) -> list[str]:
    found = [part.get(name) for name in _REFERENCES] if isinstance(part, dict) else []
    return [reference for reference in found if isinstance(reference, str)]


def _referred(reference: str, root: Json) -> Json:
    """Return the part that a reference within the schema names."""
    found: Any = root
    if reference != "#" and not reference.startswith("#/"):
        raise _unfit(f"refers to {one_line(reference, 60)!r}", "use references within it only")
    for step in reference.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise _unfit(f"refers to {one_line(reference, 60)!r}, which it does not have")
    return found


def _unfit(what: str, advice: str = "correct it") -> ToolError:
    return ToolError(f"the JSON Schema of the task {what}; {advice}, or leave it out")
