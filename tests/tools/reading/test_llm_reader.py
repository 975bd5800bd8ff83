from typing import Any

import pytest

from tests.tools.teachers.desk import Desk, asked
from tools.llm.prompt import Json, Prompt, Reply
from tools.reading.llm_reader import LLMReader
from tools.services import ToolError
from tools.task import TaskSpec

TASK = "Sort messages of tenants into repair, rent or noise."
METRICS = ("accuracy", "macro_f1")
GOOD: Json = {
    "output_type": "label",
    "labels": [
        {"name": "Repair", "meaning": "something is broken", "borderline": "not noise"},
        {"name": "rent", "meaning": "money owed", "borderline": ""},
        {"name": "garden", "meaning": "made up", "borderline": ""},
    ],
    "language": "de",
    "metric": "macro_f1",
    "assumptions": ["Messages are short."],
}


def read(
    answer: Any, task: str = TASK, outputs: tuple[str, ...] = ()
) -> tuple[TaskSpec, list[Prompt]]:
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    desk = Desk(lambda _: reply)
    return LLMReader(desk).read(task, METRICS, outputs), desk.prompts("task")


def test_labels_that_are_named_are_described_and_none_is_added() -> None:
    spec, _ = read(GOOD)
    assert [(label.name, label.meaning) for label in spec.labels] == [
        ("repair", "something is broken"),
        ("rent", "money owed"),
        ("noise", ""),
    ]
    assert spec.labels[0].borderline == "not noise"
    assert (spec.language, spec.metric) == ("de", "macro_f1")
    assert (spec.assumptions, spec.conventions) == (("Messages are short.",), ())
    assert spec.instruction == TASK


def test_what_the_user_says_a_label_means_comes_first() -> None:
    spec, _ = read(GOOD, "Sort into:\n- repair: taps, heating\n- rent: money\n- noise: parties")
    assert [label.meaning for label in spec.labels] == [
        "taps, heating; something is broken",
        "money; money owed",
        "parties",
    ]


def test_outputs_of_examples_settle_the_labels() -> None:
    spec, prompts = read(GOOD, "Classify what tenants write by topic.", ("REPAIR", "rent", "lift"))
    assert [label.name for label in spec.labels] == ["REPAIR", "lift", "rent"]
    assert asked(prompts[0])["task"]["labels"] == ["REPAIR", "lift", "rent"]


def test_outputs_of_a_text_task_are_shown_to_nobody() -> None:
    text = GOOD | {"output_type": "text", "labels": []}
    secret = tuple(f"a secret answer number {i}" for i in range(50))
    spec, prompts = read(text, "Translate what tenants write into English.", secret)
    assert spec.output_type == "text"
    assert spec.conventions == ("Messages are short.",)
    assert "secret" not in prompts[0].user


def test_demonstrations_are_kept_and_not_shown() -> None:
    spec, prompts = read(
        GOOD, TASK + "\n\nInput: my tap drips\nOutput: repair\n\nInput: party\nOutput: noise"
    )
    assert len(spec.demonstrations) == 2
    assert "tap drips" not in prompts[0].user


@pytest.mark.parametrize(
    "answer",
    [
        Reply(None, "malformed answer"),
        Reply(None, "budget"),
        {"labels": []},
        GOOD | {"output_type": "number"},
        GOOD | {"labels": [{"meaning": "x"}]},
    ],
)
def test_rules_read_what_the_model_could_not(answer: Any) -> None:
    spec, _ = read(answer)
    assert spec.label_names == ("repair", "rent", "noise")
    assert "so rules read it" in spec.assumptions[-1]


def test_a_language_or_metric_that_is_none_is_not_taken() -> None:
    spec, _ = read(GOOD | {"language": "gibberish!", "metric": "bleu"})
    assert (spec.language, spec.metric) == ("en", None)


def test_no_task_is_an_error() -> None:
    with pytest.raises(ToolError):
        read(GOOD, " ")


def test_a_language_that_the_task_names_stands() -> None:
    assert read(GOOD, "Sort Spanish messages into repair, rent or noise.")[0].language == "es"


def test_more_labels_than_can_be_described_are_labels_all_the_same() -> None:
    text = GOOD | {"output_type": "text", "labels": []}
    many = tuple(f"intent {i}" for i in range(150))
    spec, prompts = read(text, "Sort questions by intent.", many)
    assert spec.output_type == "label"
    assert asked(prompts[0])["task"]["labels"] == []
