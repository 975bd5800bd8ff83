import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.hub.makers import Row, call_on, class_card, write_set
from tests.tools.teachers.desk import Desk, asked
from tools.examples import Example
from tools.llm.prompt import Prompt, Reply
from tools.map_columns import map_columns
from tools.services import Call, ToolError
from tools.teachers.llm import LLMTeacher
from tools.transform_rows import transform_rows

WORDS = ["apple", "brick", "cloud", "dance", "eagle", "flame", "grape", "horse", "igloo", "jelly"]


def texts(start: int, count: int) -> list[str]:
    return [
        f"{WORDS[i % 10]} {WORDS[i // 10 % 10]} {WORDS[i * 7 % 10]} {i * i:05d}"
        for i in range(start, start + count)
    ]


def rows(start: int, count: int) -> list[Row]:
    return [{"text": text, "kind": i % 2} for i, text in enumerate(texts(start, count))]


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    card = class_card("text", "kind", ["ham", "spam"])
    write_set(tmp_path / "c", "me/mail", {"train": rows(0, 60), "test": rows(200, 20)}, card)
    card = class_card("text", "kind", ["ham", "spam"], license="cc-by-nc-4.0")
    write_set(tmp_path / "c", "me/closed", {"train": rows(0, 60)}, card)
    made = call_on(tmp_path / "c", tmp_path, ["ham", "spam"])
    yield made
    made.services.store.close()


def taught(call: Call, desk: Desk) -> Call:
    return replace(call, services=replace(call.services, teacher=LLMTeacher(desk)))


def shown(desk: Desk) -> str:
    return "\n".join(prompt.user for wave in desk.waves for prompt in wave)


def test_rows_become_training_examples_under_the_licence_of_the_data_set(call: Call) -> None:
    desk = Desk()
    text, artifact = transform_rows(taught(replace(call, round=2), desk), "me/mail", 20)
    stored = call.services.store.written_by("c1")
    assert len(stored) == 20
    assert {(e.split, e.source, e.licence, e.evidence, e.round) for e in stored} == {
        ("train", "me/mail", "mit", "synthetic", 2)
    }
    assert {e.output for e in stored} == {"ham", "spam"}
    assert len({e.group for e in stored}) == 20
    assert artifact == {
        "tool": "transform_rows",
        "focus": "transform",
        "dataset": "me/mail",
        "requested": 20,
        "accepted": 20,
        "rejected": {},
        "dropped": 0,
        "diagnosis": None,
        "call": "c1",
    }
    assert text == "20 of 20 examples accepted out of 20 rows."


def test_a_repeated_call_asks_the_same_and_stores_the_same(call: Call) -> None:
    desks = [Desk(), Desk()]
    results = [transform_rows(taught(call, desk), "me/mail", 20) for desk in desks]
    assert results[0] == results[1]
    assert desks[0].waves == desks[1].waves
    assert call.services.store.count("train") == 20


def test_rows_already_used_are_not_shown_again(call: Call) -> None:
    for name in ("c1", "c2"):
        transform_rows(taught(replace(call, id=name), Desk()), "me/mail", 30)
    stored = call.services.store.accepted("train")
    assert len({e.group for e in stored}) == len(stored) == 60


def test_nothing_held_out_is_shown_to_the_teacher(call: Call) -> None:
    train = texts(0, 60)
    near = f"{train[1]}!"
    held = [
        Example(train[0], "ham", "validation", "me/mail", "mit", "retrieved"),
        Example(near, "ham", "test", "me/mail", "mit", "retrieved"),
        Example(f"text: {train[2]} kind of it: {train[3]}", "ham", "test", "u", "", "gold"),
    ]
    leak = replace(held[0], split="train")
    call.services.store.write("import", [*held, leak])
    desk = Desk()
    transform_rows(taught(call, desk), "me/mail", 60)
    told = shown(desk)
    assert not [text for text in [*train[:4], near, *texts(200, 20)] if text in told]
    assert sum(text in told for text in train) == 56


def test_waves_grow_with_what_is_missing_up_to_twice_the_rows(call: Call) -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        if prompt.name != "rewritten":
            return None
        first = asked(prompt)["rows"]["1"]["text"]
        return Reply({"examples": [{"row": "1", "input": f"so {first}", "output": "ham"}]})

    desk = Desk(spoil)
    text, artifact = transform_rows(taught(call, desk), "me/mail", 20)
    assert artifact["accepted"] == 6
    assert artifact["diagnosis"] == "Stopped: all 40 rows that may be shown were tried."
    assert text.startswith("6 of 20 examples accepted out of 40 rows.")


def test_rejected_drafts_are_stored_with_their_reason(call: Call) -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        items = [{"row": "1", "input": f"odd {prompt.seed} one", "output": "loan"}]
        return Reply({"examples": items}) if prompt.name == "rewritten" else None

    _, artifact = transform_rows(taught(call, Desk(spoil)), "me/mail", 20)
    assert artifact["rejected"] == {"label not in task": 3}
    assert artifact["diagnosis"] == "Stopped: of 20 rows none became an accepted example."
    stored = call.services.store.written_by("c1")
    assert [e.reason for e in stored] == ["label not in task"] * 3


def test_the_end_of_the_budget_keeps_what_came(call: Call) -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        late = prompt.name == "rewritten" and prompt is not desk.prompts("rewritten")[0]
        return Reply(None, "budget") if late else None

    desk = Desk(spoil)
    _, artifact = transform_rows(taught(call, desk), "me/mail", 20)
    assert artifact["accepted"] == 8
    assert artifact["diagnosis"] == "Stopped: the budget in USD allows no further call."


def test_text_tasks(call: Call) -> None:
    text = call.spec.model_copy(update={"output_type": "text", "labels": ()})
    _, artifact = transform_rows(taught(replace(call, spec=text), Desk()), "me/mail", 10)
    assert artifact["accepted"] == 10


def test_labels_are_shown_by_name(call: Call) -> None:
    desk = Desk()
    transform_rows(taught(call, desk), "me/mail", 5)
    values = asked(desk.prompts("rewritten")[0])["rows"].values()
    assert {value["kind"] for value in values} <= {"ham", "spam"}
    assert "ham" in json.dumps(desk.prompts("rewritten")[0].schema)


@pytest.mark.parametrize(
    ("dataset", "n", "message"),
    [
        ("me/mail", 0, "n is 0"),
        ("me/mial", 5, "nearest are me/mail"),
        ("me/closed", 5, "--allow-license cc-by-nc-4.0"),
    ],
)
def test_wrong_arguments_are_answered_with_advice(
    call: Call, dataset: str, n: int, message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        transform_rows(taught(call, Desk()), dataset, n)


def test_only_a_language_model_can_rewrite(call: Call) -> None:
    with pytest.raises(ToolError, match="silent cannot rewrite rows, which needs an LLM teacher"):
        transform_rows(call, "me/mail", 5)


def test_labels_must_be_known(call: Call) -> None:
    unknown = call.spec.model_copy(update={"labels": ()})
    with pytest.raises(ToolError, match="no labels are known yet"):
        transform_rows(taught(replace(call, spec=unknown), Desk()), "me/mail", 5)


def test_a_data_set_that_the_teacher_has_seen_can_no_longer_be_imported(call: Call) -> None:
    transform_rows(taught(call, Desk()), "me/mail", 10)
    with pytest.raises(ToolError, match="were shown to the teacher"):
        map_columns(replace(call, id="c2"), "me/mail")


def test_rows_whose_rewritings_are_held_out_are_not_shown_again(call: Call) -> None:
    first, second = Desk(), Desk()
    transform_rows(taught(call, first), "me/mail", 55)
    transform_rows(taught(replace(call, id="c2"), second), "me/mail", 5)
    store = call.services.store
    assert store.count("test") > 0
    held = {e.input for e in [*store.accepted("test"), *store.accepted("validation")]}
    assert not [text for text in held if text in shown(second)]
