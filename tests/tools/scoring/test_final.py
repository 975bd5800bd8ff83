import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.small_task import WORDS, make_call, rows, train
from tools.examples import Example
from tools.scoring.baselines import copy, majority, seed_only
from tools.scoring.choose import metric_of
from tools.scoring.final import score_test
from tools.scoring.metrics import METRICS
from tools.services import Call
from tools.task import TaskSpec


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    call = make_call(tmp_path)
    yield call
    call.services.store.close()


def test_generated_rows_do_not_change_the_metric(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(30, "train", 0))
    store.write("b", [replace(e, output="card") for e in rows(900, "train", 1, "synthetic")])
    assert metric_of(call).name == "accuracy"
    store.write("a", [])
    assert metric_of(call).name == "macro_f1"


def test_final_score_is_on_the_test_rows(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(150, "train", 0))
    student = train(call)
    assert score_test(call, student) is None
    store.write("b", rows(60, "test", 2))
    final = score_test(call, student)
    assert final is not None
    assert (final["metric"], final["n"]) == ("accuracy", 60)
    assert final["ci95"][0] < final["value"] < final["ci95"][1]
    assert final["also"].keys() == {"macro_f1", "exact_match"}
    assert store.predictions(student, "test").keys() == {e.id for e in store.accepted("test")}


def test_majority_answers_the_most_frequent_training_label(call: Call) -> None:
    store, metric = call.services.store, METRICS["accuracy"]
    assert majority(call, metric) is None
    store.write("a", rows(30, "train", 0) + [Example("x", "rate", "train", "s", "mit", "gold")])
    store.write("b", rows(30, "test", 0))
    assert majority(call, metric) == pytest.approx(1 / 3)


def test_copying_the_input_is_a_baseline_of_texts_alone(call: Call) -> None:
    store, metric = call.services.store, METRICS["token_f1"]
    text = replace(call, spec=TaskSpec(instruction="x", output_type="text"))
    assert copy(text, metric) is None
    store.write("b", [Example("a long day", "long day", "test", "s", "mit", "gold")])
    assert copy(text, metric) == 1.0
    assert copy(text, METRICS["exact_match"]) == 0.0
    assert copy(call, metric) is None


def test_a_score_on_texts_has_other_metrics_beside_it(call: Call) -> None:
    store = call.services.store
    store.write("a", rows(60, "train", 0) + rows(30, "test", 1))
    text = replace(call, spec=TaskSpec(instruction="x", output_type="text"))
    final = score_test(text, train(text))
    assert final is not None
    assert final["metric"] == "exact_match"
    assert final["also"].keys() == {"squad_em", "token_f1", "chrF++", "BLEU", "ROUGE-L"}
    assert final["also"]["squad_em"] == final["value"]


def test_seed_only_takes_no_longer_than_is_left(call: Call) -> None:
    store, metric, said = call.services.store, METRICS["accuracy"], list[str]()
    store.write("a", rows(200, "train", 0) + rows(100, "test", 1) + rows(9, "train", 2, "gold"))
    best = train(call)
    manifest = call.services.workspace / "models" / best / "manifest.json"
    slow = json.loads(manifest.read_text()) | {"seconds": 1e5}
    manifest.write_text(json.dumps(slow))
    call = replace(call, best=best, services=replace(call.services, progress=said.append))
    assert seed_only(call, metric, 0.0) is None
    assert any("no time left" in line for line in said)
    assert seed_only(call, metric, 1e6) is not None


def test_seed_only_student_learns_from_the_users_examples_alone(call: Call) -> None:
    store, metric = call.services.store, METRICS["accuracy"]
    store.write("a", rows(200, "train", 0) + rows(100, "test", 1))
    best = train(call)
    call = replace(call, best=best)
    assert seed_only(call, metric, 60.0) is None
    mine = rows(9, "train", 2, "gold", clear=1.0)
    store.write("intake", mine[:1])
    assert seed_only(call, metric, 60.0) is None
    store.write("intake", mine)
    value, final = seed_only(call, metric, 60.0), score_test(call, best)
    assert value is not None
    assert final is not None
    assert 1 / 3 < value < final["value"]


def test_seeds_that_cannot_train_are_no_baseline(call: Call) -> None:
    store, said = call.services.store, list[str]()
    store.write("a", rows(60, "train", 0) + rows(30, "test", 1))
    best = train(call)
    blank = [Example("", label, "train", "user", "mit", "gold") for label in WORDS]
    store.write("intake", blank)
    call = replace(call, best=best, services=replace(call.services, progress=said.append))
    assert seed_only(call, METRICS["accuracy"], 60.0) is None
    assert any("no seed-only baseline" in line for line in said)
