from pathlib import Path

import pytest

from tests.tools.reading.prompts import CASES, Case
from tools.reading.metric import BUILT_IN
from tools.reading.reader import read_task
from tools.scoring.metrics import METRICS
from tools.services import ToolError

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_prompt(case: Case) -> None:
    spec = read_task(case.prompt)
    assert (
        spec.output_type,
        spec.label_names,
        spec.language,
        len(spec.demonstrations),
        spec.metric,
    ) == (case.kind, case.labels, case.language, case.demonstrations, case.metric)


def test_demonstrations_leave_the_prose() -> None:
    spec = read_task(next(case.prompt for case in CASES if case.name == "fenced json lines"))
    assert spec.instruction == "Summarise meeting notes in one sentence.\n\nKeep it short."
    assert spec.demonstrations[0].input == "A: {x}\nB"


def test_meanings_are_kept() -> None:
    spec = read_task(next(case.prompt for case in CASES if case.name == "bullets with meanings"))
    assert [label.meaning for label in spec.labels] == [
        "asks for money back",
        "something is broken, e.g. a crash",
        "is happy",
    ]


def test_missing_labels_are_said() -> None:
    spec = read_task("Sort messages of bank customers into intents.")
    assert "No labels are named, so they will come from the data." in spec.assumptions


def test_weak_guess_of_the_kind_is_said() -> None:
    spec = read_task("Something for our forum.")
    assert spec.assumptions[0].startswith("I took the task to be classification because")


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Metric: saved_cost", "saved_cost"),
        ("metric: `Saved_Cost`, not accuracy", "saved_cost"),
        ("Use saved_cost as the metric.", "saved_cost"),
        ("Metrik: accuracy", "accuracy"),
        ("A saved_cost is mentioned in some of them.", None),
        ("Metric: saved_costs", None),
    ],
)
def test_own_metrics_can_be_named(sentence: str, name: str | None) -> None:
    prompt = f"Sort mails into spam and ham.\n{sentence}"
    assert read_task(prompt, {"accuracy", "saved_cost"}).metric == name


def test_only_metrics_that_there_are_count() -> None:
    assert set(BUILT_IN) == set(METRICS)
    assert read_task("Sort mails by accuracy.").metric == "accuracy"
    assert read_task("Sort mails by accuracy.", ["macro_f1"]).metric is None


@pytest.mark.parametrize("prompt", ["", "  \n\t"])
def test_empty_prompt(prompt: str) -> None:
    with pytest.raises(ToolError, match="^the task is empty; [^\n]+$"):
        read_task(prompt)


@pytest.mark.parametrize(
    ("folder", "language", "first", "count"),
    [("parcels", "en", "where_is_my_parcel", 8), ("rezepte", "de", "lob", 6)],
)
def test_bundled_examples(folder: str, language: str, first: str, count: int) -> None:
    spec = read_task((EXAMPLES / folder / "task.md").read_text(encoding="utf-8"))
    assert (spec.output_type, spec.language, len(spec.labels)) == ("label", language, count)
    assert spec.labels[0].name == first
    assert all(label.meaning for label in spec.labels)
