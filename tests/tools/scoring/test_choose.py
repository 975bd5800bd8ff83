from pathlib import Path

import pytest

from tests.small_task import make_call, rows
from tools.examples import Example
from tools.scoring.choose import choose_metric, metric_of, others
from tools.services import Call
from tools.task import TaskSpec

TEXT = TaskSpec(instruction="x", output_type="text")
SCHEMA = TEXT.model_copy(update={"output_schema": {"type": "object"}})


@pytest.mark.parametrize(
    ("spec", "counts", "name"),
    [
        (TaskSpec(instruction="x", metric="macro_f1"), {"a": 5, "b": 5}, "macro_f1"),
        (TaskSpec(instruction="x", metric="bleu", output_type="text"), {}, "bleu"),
        (TEXT, {"a": 10}, "exact_match"),
        (SCHEMA, {"a": 10}, "json_f1"),
        (TaskSpec(instruction="x"), {"a": 80, "b": 20}, "macro_f1"),
        (TaskSpec(instruction="x"), {"a": 79, "b": 21}, "accuracy"),
        (TaskSpec(instruction="x"), {}, "accuracy"),
    ],
)
def test_metric_follows_task_and_labels(spec: TaskSpec, counts: dict[str, int], name: str) -> None:
    assert choose_metric(spec, counts)[0] == name


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("word {}", "token_f1"),
        ("a longer text of more words than six {}", "chrF++"),
        ('{{"a": "{}"}}', "json_f1"),
        ("yes", "exact_match"),
    ],
)
def test_metric_of_texts_follows_the_outputs(output: str, name: str) -> None:
    pairs = [(f"input {letter}", output.format(letter)) for letter in "abcdefghijkl"]
    assert choose_metric(TEXT, {}, pairs)[0] == name


def test_the_reason_names_the_label_that_dominates() -> None:
    assert "90%" in choose_metric(TaskSpec(instruction="x"), {"ham": 90, "spam": 10})[1]
    assert "'ham'" in choose_metric(TaskSpec(instruction="x"), {"ham": 90, "spam": 10})[1]


@pytest.mark.parametrize(
    ("spec", "output", "names"),
    [
        (TaskSpec(instruction="x", metric="macro_f1"), "a", {"exact_match", "accuracy"}),
        (TEXT, "some words", {"squad_em", "token_f1", "chrF++", "BLEU", "ROUGE-L"}),
        (TEXT, '{"a": 1}', {"exact_match", "squad_em", "token_f1", "chrF++", "BLEU", "ROUGE-L"}
         | {"json_valid"}),
    ],
)  # fmt: skip
def test_other_metrics_are_those_that_say_something(
    tmp_path: Path, spec: TaskSpec, output: str, names: set[str]
) -> None:
    call = Call("c", spec, make_call(tmp_path).services)
    call.services.store.write("a", [Example("x", output, "train", "user", "mit", "gold")] * 3)
    test = [Example("x", output, "test", "user", "mit", "gold")]
    assert others(call, metric_of(call), test).keys() == names
    call.services.store.close()


def test_generated_rows_have_no_say_while_there_are_others(tmp_path: Path) -> None:
    call = make_call(tmp_path)
    call = Call("c", TEXT, call.services)
    call.services.store.write("a", rows(30, "train", 0))
    written = [Example(f"i{n}", f"w{n} " * 9, "train", "t", "mit", "synthetic") for n in range(99)]
    call.services.store.write("b", written)
    assert metric_of(call).name == "exact_match"
    call.services.store.write("a", [])
    assert metric_of(call).name == "chrF++"
    call.services.store.close()
