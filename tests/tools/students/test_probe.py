from pathlib import Path

import numpy as np
import pytest

from tests.tools.students.material import material, tiny_bert
from tools.services import Fit, Json, Student, StudentMethod, ToolError, TrainingSet, silent
from tools.students.asking import Weighing
from tools.students.features import NGrams
from tools.students.probe import Probe


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_bert(tmp_path_factory.mktemp("base")))


def fit(
    data: TrainingSet, base: str, folder: Path, asked: Json | None = None
) -> tuple[Fit, Student]:
    method: StudentMethod = Probe()
    fitted = method.fit(data, base, asked or {}, folder, silent)
    return fitted, method.load(folder)


@pytest.mark.parametrize("features", ["encoder", "ngrams", "both"])
def test_learns_and_loads_with_any_features(base: str, tmp_path: Path, features: str) -> None:
    texts, labels = material(60)
    data = TrainingSet(texts, labels)
    fitted, student = fit(data, base, tmp_path, {"features": features, "C": 100.0})
    assert fitted.hyperparameters == {"features": features, "C": 100.0}
    assert fitted.notes == ()
    held_out, gold = material(60, seed=1)
    answers = student.predict(held_out)
    assert np.mean([a.output == g for a, g in zip(answers, gold, strict=True)]) > 0.9
    assert all(0 <= a.margin <= a.confidence <= 1 for a in answers)
    assert student.predict([]) == []
    assert isinstance(student, Weighing)
    for answer, likely in zip(answers, student.likely(held_out, 2), strict=True):
        assert likely[0][0] == answer.output
        assert likely[0][1] == pytest.approx(answer.confidence)
        assert answer.margin == pytest.approx(likely[0][1] - likely[1][1], abs=1e-6)
    assert student.likely([], 2) == []
    assert not list(tmp_path.glob("*.pkl"))
    assert (tmp_path / "base.json").exists() == (features != "ngrams")


def test_chooses_what_cross_validation_favours_and_settles_on_it(base: str, tmp_path: Path) -> None:
    texts, labels = material(60)
    fitted, student = fit(TrainingSet(texts, labels), base, tmp_path)
    assert "chosen by cross-validation" in fitted.notes[0]
    again = tmp_path / "again"
    again.mkdir()
    resolved, same = fit(TrainingSet(texts, labels), base, again, fitted.hyperparameters)
    assert resolved.notes == ()
    assert same.predict(texts) == student.predict(texts)


def test_two_labels_and_a_label_with_one_example(base: str, tmp_path: Path) -> None:
    texts, labels = material(60)
    two = TrainingSet(["a card", "a pin", "euro", "dollar"], ["card", "card", "rate", "rate"])
    _, student = fit(two, base, tmp_path, {"features": "ngrams"})
    assert [a.output for a in student.predict(["card", "dollars"])] == ["card", "rate"]
    rare = TrainingSet([*texts, "weather forecast for tomorrow"], [*labels, "other"])
    _, student = fit(rare, base, tmp_path, {"features": "ngrams"})
    assert student.predict(["weather forecast for tomorrow"])[0].output == "other"


def test_says_what_it_cannot_train_on(base: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="all training examples have label 'x'; a classifier"):
        fit(TrainingSet(["a", "b"], ["x", "x"]), base, tmp_path)
    two = TrainingSet(["a", "b"], ["x", "y"])
    for asked, message in (
        ({"depth": 3}, "no hyperparameter 'depth'"),
        ({"features": "words"}, "features must be one of"),
        ({"C": -1}, "C must be a number above 0"),
        ({"C": "big"}, "C must be a number above 0"),
    ):
        with pytest.raises(ToolError, match=message):
            fit(two, base, tmp_path, asked)
    with pytest.raises(ToolError, match="no features in the training texts"):
        fit(TrainingSet([" ", ""], ["x", "y"]), base, tmp_path, {"features": "ngrams"})


def test_ngrams_survive_saving_in_any_script(tmp_path: Path) -> None:
    texts = ["日本語のテキスト", "東京都に住む", "Grüße aus Köln", "plain words"]
    ngrams = NGrams.fit(texts)
    ngrams.save(tmp_path)
    before, after = ngrams.transform(texts), NGrams.load(tmp_path).transform(texts)
    np.testing.assert_allclose(before.toarray(), after.toarray(), rtol=1e-6)
