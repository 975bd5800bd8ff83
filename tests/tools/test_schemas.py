from typing import Any

import pytest

from tools.schemas import check_schema, following
from tools.services import ToolError

ORDER = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["name", "amount"],
    "additionalProperties": False,
}


def nested(levels: int) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        part = {"type": "object", "properties": {"a": part}}
    return part


def doubling(levels: int) -> dict[str, Any]:
    """A schema of a few lines that is huge once its references are followed."""
    definitions: dict[str, Any] = {"l0": {"type": "string"}}
    for level in range(1, levels):
        inner = {"$ref": f"#/$defs/l{level - 1}"}
        definitions[f"l{level}"] = {"properties": dict.fromkeys("abcdefgh", inner)}
    return {"$ref": f"#/$defs/l{levels - 1}", "$defs": definitions}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "objekt"}, "is invalid at 'type'"),
        ({"properties": {"a": {"pattern": "("}}}, "is invalid at 'properties/a/pattern'"),
        (
            {"properties": {"a": {"$ref": "https://example.org/a.json"}}},
            "references within it only",
        ),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "which it does not have"),
        ({"properties": {"a": {"$ref": "#"}}}, "refers to itself"),
        ({"$defs": {"b": {"items": {"$ref": "#/$defs/b"}}}}, "refers to itself"),
        ({"properties": {f"f{i}": {} for i in range(600)}}, "more than 500 parts"),
        ({"description": "x" * 20_000}, "20,000 characters"),
        (nested(20), "levels deep"),
        (doubling(5), "more than 500 parts"),
    ],
)
def test_schemas_that_cannot_be_used_are_refused_in_one_line(
    schema: dict[str, Any], message: str
) -> None:
    with pytest.raises(ToolError, match=message) as caught:
        check_schema(schema)
    assert "\n" not in str(caught.value)


def test_references_within_a_schema_are_followed() -> None:
    schema = {
        "type": "array",
        "items": {"$ref": "#/$defs/an~1order"},
        "$defs": {"an/order": ORDER},
    }
    check_schema(schema)
    assert following(schema, '[{"amount": 1, "name": "x"}]') == '[{"name": "x", "amount": 1}]'
    assert following(schema, '[{"amount": "1", "name": "x"}]') is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"amount": 3,\n "name": "ü"}', '{"name": "ü", "amount": 3}'),
        ('```json\n{"name": "x", "amount": 3.5}\n```', '{"name": "x", "amount": 3.5}'),
        ("{name: 'x', amount: 3,}", '{"name": "x", "amount": 3}'),
        ('{"name": "x"}', None),
        ('{"name": "x", "amount": 3, "more": 1}', None),
        ('{"name": "x", "amount": NaN}', None),
        ('{"name": "x", "amount": 3', None),
        ("three of x", None),
        ("[" * 100_000, None),
    ],
)
def test_outputs_come_in_one_spelling_or_not_at_all(text: str, expected: str | None) -> None:
    assert following(ORDER, text) == expected


@pytest.mark.parametrize("levels", [600, 9_000])
@pytest.mark.parametrize("schema", [{"type": "array"}, {"type": "array", "uniqueItems": True}])
def test_an_output_of_brackets_is_no_trouble(levels: int, schema: dict[str, Any]) -> None:
    text = "[" * levels + "]" * levels
    # How deep Python goes depends on its version.
    assert following(schema, text) in (None, text)
    assert following(schema, "[[2], [1]]") == "[[2], [1]]"
