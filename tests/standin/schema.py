"""The smallest value that a JSON schema asks for, around what there is to say."""

from typing import Any

from tests.standin.wire import Json

_EMPTY: Json = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "null": None}


def conform(value: Any, schema: Json, root: Json | None = None) -> Any:
    """Return `value` with the properties of `schema` and no others; made up where it has none."""
    root = root or schema
    if "$ref" in schema:
        return conform(value, _resolved(schema["$ref"], root), root)
    if "anyOf" in schema:
        return conform(value, _chosen(value, schema["anyOf"], root), root)
    if "enum" in schema:
        return value if value in schema["enum"] else schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if isinstance(kind, list):
        return conform(value, _chosen(value, [{"type": k} for k in kind], root), root)
    if kind == "object" and "properties" in schema:
        had = value if isinstance(value, dict) else {}
        return {k: conform(had.get(k), s, root) for k, s in schema["properties"].items()}
    if kind == "array":
        items = value if isinstance(value, list) else []
        return [conform(item, schema.get("items", {}), root) for item in items]
    return _EMPTY.get(str(kind), {} if kind == "object" else "") if value is None else value


def _resolved(reference: str, root: Json) -> Json:
    found = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _chosen(value: Any, options: list[Json], root: Json) -> Json:
    """Return null where there is no value and that is allowed, else what is not null."""
    options = [_resolved(o["$ref"], root) if "$ref" in o else o for o in options]
    nulls = [option for option in options if option.get("type") == "null"]
    others = [option for option in options if option.get("type") != "null"]
    return (nulls or others)[0] if value is None else (others or nulls)[0]


def enum_of(schema: Json, name: str) -> list[str]:
    """Return the values that the property `name` may have, wherever in the schema it stands."""
    if isinstance(enum := schema.get("properties", {}).get(name, {}).get("enum"), list):
        return enum
    nested = [s for s in _inner(schema) if isinstance(s, dict)]
    return next((found for s in nested if (found := enum_of(s, name))), [])


def _inner(schema: Json) -> list[Any]:
    named = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    return [*named, schema.get("items"), *schema.get("anyOf", [])]
