import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.standin.bank import load_bank
from tests.standin.brain import Planner, Teacher
from tests.standin.client import ask, serving, told
from tests.standin.schema import conform, enum_of
from tests.standin.server import StandIn
from tests.standin.wire import Json, forms_of, last_object

TOOLS = [{"type": "function", "function": {"name": "evaluate", "parameters": {}}}]
STANDING: Json = {
    "task": {"output_type": "label", "language": "en"},
    "instruction": "sort requests",
    "labels": ["weather", "music"],
    "rows": {"train": 0, "validation": 0, "test": 0},
    "sources": 1,
    "searched": False,
    "datasets": [],
    "tried": [],
    "imported": [],
    "bases": [],
    "failed_bases": [],
    "asked_student": None,
    "trained": None,
    "best": None,
    "round": None,
    "rounds": [],
    "last_error": None,
}


def closed(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def items(**properties: Json) -> Json:
    return {"type": "array", "items": closed(**properties)}


def answered(request: Json, schema: Json | None = None) -> Any:
    format_ = {
        "type": "json_schema",
        "json_schema": {"name": "x", "schema": schema, "strict": True},
    }
    with serving(StandIn(Teacher(load_bank("tiny")))) as client:
        return told(client, request, response_format=format_ if schema else {"type": "json_object"})


def test_inputs() -> None:
    labels = {"enum": ["Weather", "Music"]}
    schema = closed(outputs=items(id={"type": "string"}, output=labels))
    request = {"inputs": {"1": "Skip this song", "2": "will there be rain tomorrow"}}
    outputs = answered(request, schema)["outputs"]
    assert outputs == [{"id": "1", "output": "Music"}, {"id": "2", "output": "Weather"}]


def test_rows() -> None:
    rows = {"1": {"id": "7", "text": "Play a song of theirs please"}, "2": {"id": 8}}
    examples = answered({"rows": rows})["examples"]
    assert examples == [{"row": "1", "input": "Play a song of theirs please", "output": "music"}]


def test_attributes_subjects_and_plan() -> None:
    attributes = answered({"attributes": {"labels": ["music"]}})["attributes"]
    assert all(a["name"] and len(a["values"]) > 1 for a in attributes)
    named = answered({"subjects": {"labels": ["music", "weather"]}})["subjects"]
    assert [item["label"] for item in named] == ["music", "weather"]
    assert not set(named[0]["values"]) & set(named[1]["values"])
    assert all(isinstance(s, str) for s in answered({"subjects": {"labels": []}})["subjects"])
    assert "title, body" in answered({"plan": {"columns": ["title", "body"]}})["plan"]


def test_task_in_the_form_that_the_schema_asks_for() -> None:
    label = {"name": {"type": "string"}, "borderline": {"type": "string"}}
    metric = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = closed(output_type={"enum": ["label", "text"]}, labels=items(**label), metric=metric)
    task = answered({"task": {"text": "Is it music or weather?", "labels": []}}, schema)
    assert task == {
        "output_type": "label",
        "labels": [{"name": n, "borderline": ""} for n in ("weather", "music")],
        "metric": None,
    }
    assert answered({"task": {"text": "Add up", "labels": []}})["output_type"] == "text"


def test_something_else() -> None:
    assert answered({"riddle": 1}, closed(answer={"type": "integer"})) == {"answer": 0}


def test_planner_takes_the_steps_of_the_rules() -> None:
    with serving(StandIn(Planner())) as client:
        search = ask(client, STANDING, "Where the run stands:", tools=TOOLS).choices[0]
        evaluate = ask(client, STANDING | {"trained": "s1"}, tools=TOOLS).choices[0]
        failed = {"tool": "finetune", "message": "it failed"}
        end = ask(client, STANDING | {"last_error": failed}, tools=TOOLS).choices[0]
    call = search.message.tool_calls[0]
    assert search.finish_reason == "tool_calls"
    assert (call.id, call.function.name) == ("call_1", "search_hf_datasets")
    assert json.loads(call.function.arguments)["query"] == "sort requests"
    assert evaluate.message.tool_calls[0].function.name == "evaluate"
    assert end.message.content == "it failed"
    assert end.finish_reason == "stop"


@given(
    st.text(st.characters(exclude_characters="}")),
    st.dictionaries(st.text(), st.dictionaries(st.text(), st.text())),
)
def test_last_object_is_found_after_any_words(words: str, value: Json) -> None:
    text = json.dumps(value)
    assert last_object(f"{words}\n{text}\n") == value
    pretty = json.dumps(value, indent=1)
    assert last_object(f"words {pretty}") == value


def test_no_object_at_the_end() -> None:
    assert last_object('{"a": 1} is what I mean') is None
    assert last_object("} no }") is None


def test_conform_follows_references() -> None:
    schema = {
        "$defs": {"Item": closed(n={"type": ["integer", "null"]}, kind={"const": "k"})},
        **closed(items={"type": "array", "items": {"$ref": "#/$defs/Item"}}),
    }
    made = conform({"items": [{"n": 3, "extra": 1}, {}], "more": 1}, schema)
    assert made == {"items": [{"n": 3, "kind": "k"}, {"n": None, "kind": "k"}]}
    assert enum_of(schema, "output") == []


def test_forms_are_read_from_the_prompt() -> None:
    prompt = 'Forms\n{"form": "A", "wanted": 2, "outputs": ["N/A"]}\n{"write": 2}'
    assert forms_of({"messages": [{"role": "user", "content": prompt}]}) == [(("N/A",), 2)]
