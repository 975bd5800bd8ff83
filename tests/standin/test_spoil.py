import ast
import json
from collections.abc import Sequence
from typing import Any

import json_repair
import pytest

from tests.standin.bank import load_bank
from tests.standin.brain import Teacher
from tests.standin.client import ask, said, serving, told
from tests.standin.server import StandIn
from tests.standin.spoil import UNKNOWN_LABEL
from tests.standin.wire import Json

WRITE = {"write": {"music": 2, "weather": 2}}
TOOL = {"type": "function", "function": {"name": "finetune", "parameters": {}}}


def faulty(*faults: str) -> StandIn:
    return StandIn(Teacher(load_bank("tiny")), faults)


def good() -> Json:
    with serving(faulty()) as client:
        return dict(told(client, WRITE))


def texts(fault: str, n: int = 1, extra: Sequence[str] = ()) -> list[str]:
    with serving(faulty(f"{fault}=always", *extra)) as client:
        return [said(client, WRITE) for _ in range(n)]


def test_broken_json_cannot_be_repaired() -> None:
    assert not isinstance(json_repair.loads(texts("broken_json")[0]), dict)


def test_bent_json_can_be_repaired() -> None:
    for text in texts("bent_json", 4):
        with pytest.raises(ValueError, match=r".+"):
            json.loads(text)
        fixed = ast.literal_eval(text) if text.startswith("{'") else json_repair.loads(text)
        assert fixed == good()


@pytest.mark.parametrize("fault", ["fenced", "chatty", "ignore_schema"])
def test_the_json_is_somewhere_inside(fault: str) -> None:
    text = texts(fault)[0]
    start = text.index('{"examples"')
    assert json.loads(text[start : text.rindex("}") + 1]) == good()
    assert start > 0


def test_truncated_in_the_last_item() -> None:
    with serving(faulty("truncated=always")) as client:
        choice = ask(client, WRITE).choices[0]
    assert choice.finish_reason == "length"
    whole = json.dumps(good(), ensure_ascii=False)
    assert whole.startswith(choice.message.content)
    assert choice.message.content.count("{") == 5


def values(fault: str, name: str) -> Sequence[Any]:
    return [example[name] for example in json.loads(texts(fault)[0])["examples"]]


def test_wrong_labels_and_language() -> None:
    assert set(values("wrong_labels", "output")) == {UNKNOWN_LABEL}
    inputs = values("wrong_language", "input")
    assert len(set(inputs)) == 4
    assert not any(text.isascii() for text in inputs)


def test_several_at_once() -> None:
    text = texts("fenced", extra=("wrong_labels=always", "cut=9"))[0]
    assert text.startswith("```json")
    assert UNKNOWN_LABEL in text


def test_answers_that_are_no_json_are_left_as_they_are() -> None:
    answers = [f"{name}=always" for name in ("wrong_labels", "wrong_language", "ignore_tools")]
    with serving(faulty(*answers, "bent_json=2")) as client:
        assert "stand-in" in said(client, {"riddle": 1})
        assert "stand-in" in said(client, {"riddle": 1})


def test_ignored_tools_and_broken_arguments() -> None:
    standing: Json = {"last_error": None, "trained": "s1", "rounds": []}
    with serving(faulty("ignore_tools=1", "broken_json=2")) as client:
        prose = ask(client, standing, tools=[TOOL]).choices[0]
        call = ask(client, standing, tools=[TOOL]).choices[0].message.tool_calls[0]
    assert prose.message.content
    assert prose.message.tool_calls is None
    assert call.function.name == "evaluate"
    with pytest.raises(ValueError, match=r".+"):
        json.loads(call.function.arguments)
