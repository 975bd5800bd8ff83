from typing import Any

from tests.tools.teachers.desk import asked
from tools.llm.prompt import Reply
from tools.task import Label, TaskSpec
from tools.teachers.grid import ANY_TASK, Attribute
from tools.teachers.variety import read_attributes, read_subjects, read_variety, variety_prompts

GOOD = {"name": "who", "values": ["a  cook", "a | pilot", "a cook", "", 3, "x" * 200]}


def test_attributes_are_taken_only_as_far_as_usable() -> None:
    found: list[Any] = [None, {"name": "n"}, {"name": "one", "values": ["a"]}, GOOD, "x"]
    assert read_attributes(found) == (Attribute("who", ("a cook", "a / pilot")),)
    assert len(read_attributes([GOOD] * 9)) == 2


def test_subjects_are_taken_only_as_far_as_usable() -> None:
    found: list[Any] = [
        None,
        {"label": "Ham", "values": 3},
        {"label": " HAM", "values": GOOD["values"]},
        {"label": "ham", "values": ["later"]},
        {"label": "eggs", "values": ["fried"]},
        {"values": ["of none"]},
    ]
    assert read_subjects(found, ["ham", "spam"]) == {"ham": ("a cook", "a / pilot")}


def test_many_labels_are_divided_among_prompts_near_ones_together() -> None:
    names = [f"{kind} {i}" for i in range(8) for kind in ("car", "boat")]
    spec = TaskSpec(instruction="s", labels=tuple(Label(name=name) for name in names))
    first, *others = variety_prompts(spec, names, 500)
    assert asked(first) == {"attributes": {"labels": names}}
    parts = [asked(prompt)["subjects"]["labels"] for prompt in others]
    assert [len(part) for part in parts] == [12, 4]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert {name.split()[0] for name in parts[1]} == {"boat"}
    told = [Reply({"subjects": [{"label": p[0], "values": ["a"]}]}) for p in parts]
    variety = read_variety(names, [Reply(None), *told])
    assert variety.attributes == ANY_TASK
    assert variety.subjects == {parts[0][0]: ("a",), parts[1][0]: ("a",)}


def test_a_text_task_has_subjects_as_a_whole() -> None:
    spec = TaskSpec(instruction="s", output_type="text")
    _, subjects = variety_prompts(spec, [], 20)
    assert subjects.schema["properties"] == {
        "subjects": {"type": "array", "items": {"type": "string"}}
    }
    variety = read_variety([], [Reply(None), Reply({"subjects": ["tea", 3, "rope"]})])
    assert variety.subjects == {"": ("tea", "rope")}


def test_subjects_are_not_asked_for_where_none_would_come_up_twice() -> None:
    names = [f"label {i}" for i in range(77)]
    spec = TaskSpec(instruction="sort")
    assert [prompt.name for prompt in variety_prompts(spec, names, 50)] == ["attributes"]
