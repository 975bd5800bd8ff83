import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from tests.fakes import KeywordMethod
from tests.small_task import make_call, rows, train
from tools.evaluate import evaluate
from tools.examples import Scored
from tools.services import Call, Fit, Json, Progress, ToolError, TrainingSet
from tools.task import TaskSpec


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    call = make_call(tmp_path)
    yield call
    call.services.store.close()


def test_holdout_scores_validation_rows_and_reads_errors_from_training_rows(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(150, "train", 0) + rows(60, "validation", 1) + rows(60, "test", 2))
    student = train(call)
    text, artifact = evaluate(call, student)

    validation = {e.id for e in store.accepted("validation")}
    training = {e.id for e in store.accepted("train")}
    assert artifact["protocol"] == "holdout"
    assert artifact["metric"] == "accuracy"
    assert artifact["n"] == 60
    assert 0.5 < artifact["ci95"][0] < artifact["value"] < artifact["ci95"][1] <= 1
    assert store.predictions(student, "validation").keys() == validation
    assert store.predictions(student, "oof").keys() == training
    assert not store.predictions(student, "test")
    assert {i for region in artifact["hard"] for i in region["examples"]} <= training
    assert 0 < sum(n for _, _, n in artifact["confusions"]) < len(training)
    assert sum(row["n"] for row in artifact["per_label"]) == 60
    assert (artifact["against"], artifact["p_better"], artifact["gain"]) == (None, None, None)
    assert f"{student}: accuracy {artifact['value']:.3f}" in text
    assert "60 validation rows" in text
    assert "Against" not in text


def test_neither_text_nor_artifact_quote_rows(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(90, "train", 0) + rows(30, "validation", 1) + rows(30, "test", 2))
    text, artifact = evaluate(call, train(call))
    assert "test" not in text
    assert not any(e.input in text + json.dumps(artifact) for e in store.accepted("validation"))


def test_without_validation_rows_training_rows_are_cross_validated(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(60, "train", 0, "gold"))
    store.write("b", rows(60, "train", 1, "synthetic"))
    student = train(call)
    text, artifact = evaluate(call, student)

    real = {e.id for e in store.accepted("train") if e.evidence == "gold"}
    assert artifact["protocol"] == "cross-validation"
    assert store.predictions(student, "validation").keys() == real
    everything = store.predictions(student, "oof")
    assert everything.keys() == {e.id for e in store.accepted("train")}
    assert store.predictions(student, "validation").items() <= everything.items()
    # Words that mark a row only are in the text: answers in fold would all be right.
    assert artifact["value"] < 1
    assert not artifact["synthetic"]
    assert "60 training rows that it had not learned from" in text


class Watched(KeywordMethod):
    """Holds the first rows out for itself, and notes the time it is given."""

    seconds: ClassVar[list[float | None]] = []

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        assert len(data.families) == len(data.texts)
        self.seconds.append(data.seconds)
        fitted = super().fit(data, base, hyperparameters, folder, progress)
        return replace(fitted, held_out=dict(enumerate(self.load(folder).predict(data.texts[:20]))))


def test_rows_that_a_student_watched_do_not_score_it(call: Call) -> None:
    methods = {"keywords": f"{__name__}:Watched"}
    call = replace(call, services=replace(call.services, methods=methods))
    store = call.services.store
    store.write("a", rows(240, "train", 1, "synthetic"))
    store.write("b", rows(12, "train", 0, "gold"))
    student = train(call)
    Watched.seconds.clear()
    text, artifact = evaluate(call, student, seconds_left=1_000)
    real = {e.id for e in store.accepted("train") if e.evidence == "gold"}
    watched = {e.id for e in store.accepted("train")[:20]}
    assert (artifact["n"], artifact["protocol"]) == (12, "cross-validation")
    assert store.predictions(student, "validation").keys() == real
    assert store.predictions(student, "oof").keys() == real | watched
    assert "on 12 training rows that it had not learned from" in text
    assert len(Watched.seconds) == 5
    assert all(100 < (given or 0) <= 600 / 5 for given in Watched.seconds)
    with pytest.raises(ToolError, match="no time is left"):
        evaluate(call, student, seconds_left=0.0)


def test_where_a_teacher_wrote_everything_the_text_says_so(call: Call) -> None:
    call.services.store.write("a", rows(60, "train", 0, "synthetic"))
    text, artifact = evaluate(call, train(call))
    assert artifact["synthetic"]
    assert artifact["n"] == 60
    assert "written by a teacher" in text


def test_a_better_student_is_compared_with_the_best_so_far(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(12, "train", 0, clear=0.3) + rows(200, "validation", 1, clear=1.0))
    old = train(call)
    _, before = evaluate(call, old)
    store.write("b", rows(200, "train", 3, "synthetic"))
    new = train(call)
    text, after = evaluate(replace(call, best=old), new)

    assert after["against"] == old
    assert after["gain"] == pytest.approx(after["value"] - before["value"])
    assert after["gain"] > 0.1
    assert after["p_better"] > 0.95
    assert after["compared"] == 200
    assert f"Against {old}: +" in text
    _, again = evaluate(replace(call, best=new), new)
    assert again["against"] is None


def test_students_are_compared_on_rows_both_answered(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(60, "train", 0, "gold"))
    old = train(call)
    evaluate(call, old)
    store.write("b", rows(30, "train", 1, "gold"))
    _, artifact = evaluate(replace(call, best=old), train(call))
    assert (artifact["n"], artifact["compared"]) == (90, 60)
    _, artifact = evaluate(replace(call, best="never-scored"), train(call))
    assert artifact["against"] is None


def test_failures_of_free_text_are_told_by_kind_of_output(call: Call) -> None:
    call = replace(call, spec=TaskSpec(instruction="name the product", output_type="text"))
    store = call.services.store
    dates = {"card": "2020-01-31", "rate": "P3D", "transfer": "N/A"}
    every = rows(90, "train", 0) + rows(60, "validation", 1)
    store.write("a", [replace(e, output=dates[e.output]) for e in every])
    text, artifact = evaluate(call, train(call))
    assert artifact["metric"] == "exact_match"
    assert artifact["per_label"] == artifact["confusions"] == []
    training = {e.id: e for e in store.accepted("train")}
    assert {region["label"] for region in artifact["hard"]} <= {"9-9-9", "P9D", "N/A"}
    assert {"in the form N/A", "in the form 9-9-9"} & {r["taken_for"] for r in artifact["hard"]}
    assert {i for region in artifact["hard"] for i in region["examples"]} <= training.keys()
    assert {s["name"] for s in artifact["slices"] if s["by"] == "form"} == {"9-9-9", "P9D", "N/A"}
    assert "Why exact_match: Outputs are short, and 100% of them repeat." in text
    assert "Wrong answers to training rows held out: in the form" in text
    assert "Weakest labels" not in text
    json.dumps(artifact)


def test_no_text_of_validation_rows_is_told_of_free_text(call: Call) -> None:
    call = replace(call, spec=TaskSpec(instruction="name the product", output_type="text"))
    secret = [replace(e, output="codeword") for e in rows(60, "validation", 1)]
    call.services.store.write("a", rows(90, "train", 0) + secret)
    text, artifact = evaluate(call, train(call))
    assert "codeword" not in text + json.dumps(artifact)


def test_what_cannot_be_evaluated_is_said(call: Call) -> None:
    with pytest.raises(ToolError, match="no training rows"):
        evaluate(call, "student")
    call.services.store.write("a", rows(30, "train", 0) + rows(30, "validation", 1))
    for name in ("nobody", "../..", ""):
        with pytest.raises(ToolError):
            evaluate(call, name)
    odd = replace(call, spec=TaskSpec(instruction="x", metric="bleurt"))
    with pytest.raises(ToolError, match="'bleurt'.*BLEU.*accuracy, chrF"):
        evaluate(odd, "student")


def test_stored_answers_are_replaced_by_a_second_evaluation(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(60, "train", 0) + rows(30, "validation", 1))
    student = train(call)
    _, first = evaluate(call, student)
    store.save_predictions(student, "oof", [Scored(10_000, "card", 1, 1)])
    _, second = evaluate(call, student)
    assert first == second
    assert 10_000 not in store.predictions(student, "oof")
