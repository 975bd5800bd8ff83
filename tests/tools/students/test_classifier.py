from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.tools.students.material import material, tiny_bert
from tools.services import Json, StudentMethod, ToolError, TrainingSet, silent
from tools.students.asking import Weighing
from tools.students.classifier import Classifier, settle
from tools.students.curve import Curve

FAST: Json = {"epochs": 20, "learning_rate": 3e-3, "batch_size": 8}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("base"))


def test_moves_all_weights_and_learns(base: Path, tmp_path: Path) -> None:
    texts, labels = material(60)
    heard: list[str] = []
    method: StudentMethod = Classifier()
    curve = tmp_path / "student.curve.jsonl"
    given = TrainingSet(texts, labels, curve=curve)
    fitted = method.fit(given, str(base), FAST, tmp_path, heard.append)
    assert fitted.hyperparameters == {**FAST, "warmup": 0.1}
    assert heard[-1].startswith("epoch 20 of 20, step 160 of 160, loss ")
    points = Curve(curve).points()
    assert [point["step"] for point in points] == list(range(1, 161))
    assert points[-1]["loss"] < points[0]["loss"]
    before = load_file(base / "model.safetensors")
    after = load_file(tmp_path / "model.safetensors")
    for name, weights in before.items():
        assert not np.array_equal(weights, after[f"bert.{name}"]), name
    held_out, gold = material(60, seed=1)
    student = method.load(tmp_path)
    answers = student.predict(held_out)
    assert isinstance(student, Weighing)
    best = [likely[0] for likely in student.likely(held_out, 1)]
    assert [label for label, _ in best] == [answer.output for answer in answers]
    assert [p for _, p in best] == pytest.approx([answer.confidence for answer in answers])
    assert np.mean([a.output == g for a, g in zip(answers, gold, strict=True)]) > 0.9
    assert all(0 <= a.margin <= a.confidence <= 1 for a in answers)


def test_the_same_seed_gives_the_same_student(base: Path, tmp_path: Path) -> None:
    texts, labels = material(30)
    weights = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        folder = tmp_path / name
        folder.mkdir()
        data = TrainingSet(texts, labels, seed=seed)
        Classifier().fit(data, str(base), {**FAST, "epochs": 1}, folder, silent)
        weights.append((folder / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_settings_follow_the_size_of_data_and_model() -> None:
    assert settle({}, 50, 20_000_000).epochs > settle({}, 10_000, 20_000_000).epochs
    large, small = settle({}, 50, 300_000_000), settle({}, 50, 20_000_000)
    assert large.learning_rate < small.learning_rate


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"depth": 3}, "no hyperparameter 'depth'"),
        ({"epochs": 0}, "at least 1"),
        ({"epochs": 1.5}, "epochs must be a number like"),
        ({"learning_rate": "fast"}, "learning_rate must be a number like"),
    ],
)
def test_refuses_impossible_settings(asked: Json, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        settle(asked, 100, 1_000)


def test_says_what_it_cannot_train_on(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="all training examples have label 'x'"):
        Classifier().fit(TrainingSet(["a"], ["x"]), str(base), {}, tmp_path, silent)
