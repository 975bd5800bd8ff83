import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.llm.rig import SCHEMA, examples
from tools.llm.parse import MalformedError, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WRAPS = [
    "{}",
    "```json\n{}\n```",
    "Sure! Here it is:\n\n{}",
    "{}\n\nI hope [this] {{helps}}.",
    "<think>Is {{}} right?</think>\n{}",
    "Some thoughts.</think>{}",
    "As [1] says:\n```\n{}\n```",
]


def schema_of(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {key: {} for key in value}, "required": list(value)}


@settings(deadline=None)
@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=4), st.sampled_from(WRAPS))
def test_any_object_survives_its_wrapping(value: dict[str, Any], wrap: str) -> None:
    expected = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    found = parse(wrap.format(json.dumps(value)), schema_of(value))
    assert found.value == expected
    assert not found.truncated


@settings(deadline=None)
@given(
    st.lists(st.text(), min_size=1, max_size=5),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "Here:\n```json\n", "<think>a</think>"]),
    st.data(),
)
def test_any_cut_leaves_a_prefix_of_the_items(
    texts: list[str], bare: bool, ascii_only: bool, preface: str, data: st.DataObject
) -> None:
    items = examples(*texts)["examples"]
    text = json.dumps(items if bare else {"examples": items}, ensure_ascii=ascii_only)
    cut = data.draw(st.integers(0, len(text) - 1))
    try:
        found = parse(preface + text[:cut], SCHEMA)
    except MalformedError:
        # No more than the first item may be lost for there to be nothing.
        assert cut <= len(text) - len(json.dumps(items[1:], ensure_ascii=ascii_only))
        return
    kept = found.value["examples"]
    assert kept == json.loads(json.dumps(items))[: len(kept)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(examples("x")["examples"]),
        "{'examples': [{'input': 'x', 'output': 'a'},]}",
        '{examples: [{input: "x", output: "a"}]}',
        '{"examples": [{"input": "x", "output": "a"}, {"input": "y"}, 7]}',
        '{"examples": [{"input": "x", "output": "a"}]',
        '{"examples": [{"input": "x", "output": "a"}, {"input": "y", "outp',
        'The {set}: {"examples": [{"input": "x", "output": "a"}, {"inp',
    ],
)
def test_slips_are_put_right(text: str) -> None:
    assert parse(text, SCHEMA).value == examples("x")


def test_line_breaks_in_strings_and_lone_surrogates() -> None:
    found = parse('{"examples": [{"input": "a\nb\\ud800", "output": "a"}]}', SCHEMA)
    assert found.value == examples("a\nb?")


def test_references_in_a_schema_are_followed() -> None:
    items = {"$ref": "#/$defs/Item"}
    schema = {
        "properties": {"examples": {"type": "array", "items": items}},
        "required": ["examples"],
        "$defs": {"Item": SCHEMA["properties"]["examples"]["items"]},
    }
    assert parse('[{"input": "x", "output": "a"}, {"output": "a"}]', schema).value == examples("x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        "<think>hm {",
        '{"other": 1}',
        '{"examples": 5}',
        "[1, 2]",
        "[" * 9999,
        '{"a":' * 9999,
        '{"examples": [{"inp',
        '{"examples": ["x", "y"]}',
    ],
)
def test_what_cannot_be_used_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text, SCHEMA)


def test_long_garbage_takes_no_time() -> None:
    start = time.process_time()
    for part in ('{"a" ', '"x'):
        with pytest.raises(MalformedError):
            parse('{"examples": [' + part * 20_000, SCHEMA)
    assert time.process_time() - start < 5


def test_a_long_answer_with_a_slip_keeps_its_first_items() -> None:
    text = json.dumps(examples(*map(str, range(1000))))
    found = parse(text.replace('"500",', "'500',"), SCHEMA)
    kept = found.value["examples"]
    assert found.truncated
    assert kept == examples(*map(str, range(len(kept))))["examples"]
    assert len(kept) > 100
