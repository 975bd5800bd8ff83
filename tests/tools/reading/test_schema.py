import json
from typing import Any

import pytest

from tests.tools.reading.test_llm_reader import GOOD, read
from tools.reading.reader import read_task
from tools.services import ToolError

FENCE = """Read orders. {more}
```json
{schema}
```

Examples:
Input: two teas please
Output: {{"item": "tea", "count": 2}}

Input: a bun
Output: {{"item": "bun", "count": 1}}
"""
SCHEMA = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["item", "count"],
}


def fields(task: str) -> dict[str, Any] | None:
    schema = read_task(task).output_schema
    return schema["properties"] if schema else None


def test_a_schema_in_a_fence_is_taken_out_of_the_task() -> None:
    spec = read_task(FENCE.format(schema=json.dumps(SCHEMA, indent=1), more="Answer by this:"))
    assert spec.output_type == "text"
    assert spec.output_schema == SCHEMA
    assert spec.labels == ()
    assert [pair.output for pair in spec.demonstrations] == [
        '{"item": "tea", "count": 2}',
        '{"item": "bun", "count": 1}',
    ]
    assert "properties" not in spec.instruction
    assert "I took every output to be JSON with item (text), count (whole number)." in (
        spec.assumptions
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ('{"properties": {"a": }}', "not valid JSON"),
        ('{"properties": {"a": {"$ref": "http://example.org/a"}}}', "references within it only"),
        ('{"type": "object", "properties": {"a": {"$ref": "#"}}}', "refers to itself"),
    ],
)
def test_a_schema_that_cannot_be_used_is_an_error(schema: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        read_task(FENCE.format(schema=schema, more=""))


@pytest.mark.parametrize(
    ("task", "types"),
    [
        (
            "Read invoices. Answer as JSON with the fields name, date and amount (number).",
            {"name": "string", "date": "string", "amount": "number"},
        ),
        (
            'Return a JSON object with the keys "item", "count" (an integer), and gift (boolean).',
            {"item": "string", "count": "integer", "gift": "boolean"},
        ),
        (
            "Lies die Rechnung und antworte als JSON mit den Feldern name und betrag (Zahl).",
            {"name": "string", "betrag": "number"},
        ),
        ("Extract orders as JSON with the fields item and tags (list of strings).",
         {"item": "string", "tags": "array"}),
        ("Summarise JSON records with the fields name and date.", None),
        ("Extract people. Answer as JSON with the fields first name and last name.", None),
        ("Convert JSON files into YAML with the same fields.", None),
        ("Write a short reply to each review.", None),
    ],
)  # fmt: skip
def test_fields_in_words_make_a_schema(task: str, types: dict[str, str] | None) -> None:
    found = fields(task)
    assert (found and {name: part["type"] for name, part in found.items()}) == types


def test_demonstrations_say_what_the_words_leave_open() -> None:
    task = (
        "Extract people. Answer as JSON with the fields name and age.\n\n"
        'Bob is 3 -> {"name": "Bob", "age": 3}\nAda came -> {"name": "Ada", "age": null}'
    )
    assert fields(task) == {"name": {"type": "string"}, "age": {"type": ["number", "null"]}}


TEXT = GOOD | {"output_type": "text", "labels": []}


def test_a_model_may_read_a_schema_out_of_the_task() -> None:
    answer = TEXT | {"output_schema": json.dumps(SCHEMA)}
    spec, _ = read(answer, "Turn orders into records.", ('{"item": "tea", "count": 2}',))
    assert spec.output_schema == SCHEMA
    assert any("whole number" in line for line in spec.assumptions)


@pytest.mark.parametrize(
    ("schema", "outputs"),
    [
        (SCHEMA, ("two teas",)),
        ({"properties": {"a": {"$ref": "http://example.org/a"}}}, ()),
        ("not JSON", ()),
        ("", ()),
    ],
)
def test_a_schema_of_a_model_that_does_not_hold_is_left_out(
    schema: Any, outputs: tuple[str, ...]
) -> None:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    spec, _ = read(TEXT | {"output_schema": text}, "Turn orders into records.", outputs)
    assert spec.output_schema is None


def test_the_users_own_schema_wins_over_a_models() -> None:
    task = "Turn orders into records. Answer as JSON with the fields item and count."
    spec, _ = read(GOOD | {"output_schema": '{"type": "array"}'}, task)
    assert spec.output_type == "text"
    assert spec.output_schema is not None
    assert list(spec.output_schema["properties"]) == ["item", "count"]
    assert spec.assumptions[0].startswith("I took every output to be JSON with item")
