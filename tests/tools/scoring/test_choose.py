import pytest

from tools.scoring.choose import choose_metric
from tools.task import TaskSpec


@pytest.mark.parametrize(
    ("spec", "counts", "name"),
    [
        (TaskSpec(instruction="x", metric="macro_f1"), {"a": 5, "b": 5}, "macro_f1"),
        (TaskSpec(instruction="x", metric="bleu", output_type="text"), {}, "bleu"),
        (TaskSpec(instruction="x", output_type="text"), {"a": 10}, "exact_match"),
        (TaskSpec(instruction="x"), {"a": 80, "b": 20}, "macro_f1"),
        (TaskSpec(instruction="x"), {"a": 79, "b": 21}, "accuracy"),
        (TaskSpec(instruction="x"), {}, "accuracy"),
    ],
)
def test_metric_follows_task_and_labels(spec: TaskSpec, counts: dict[str, int], name: str) -> None:
    assert choose_metric(spec, counts)[0] == name


def test_the_reason_names_the_label_that_dominates() -> None:
    assert "90%" in choose_metric(TaskSpec(instruction="x"), {"ham": 90, "spam": 10})[1]
    assert "'ham'" in choose_metric(TaskSpec(instruction="x"), {"ham": 90, "spam": 10})[1]
