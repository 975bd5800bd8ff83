import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tools.shipping.places import tells_of_this_machine
from tests.tools.students.material import material, tiny_bert
from tools.services import Prediction, StudentMethod, TrainingSet, silent
from tools.shipping.graph import quantise
from tools.shipping.ship import Kind, ship
from tools.shipping.templates import classifier_torch, labels_onnx, probe_torch
from tools.students import METHODS, resolve

TEXTS, LABELS = material(150)
ASKED, _ = material(20, seed=1)
ODD = ["card", "CARD  Card\n", "zzz", "ü x", "the " * 300]
SETTINGS = {"classifier": {"epochs": 6, "learning_rate": 1e-2}, "probe": {"C": 10.0}}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def students(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A classifier, and probes on each kind of features."""
    folders = {}
    for name in ("classifier", "encoder", "ngrams", "both"):
        method = "classifier" if name == "classifier" else "probe"
        asked = SETTINGS[method] | ({} if name == "classifier" else {"features": name})
        folder = tmp_path_factory.mktemp(name)
        trainer: StudentMethod = resolve(METHODS[method])()
        trainer.fit(TrainingSet(TEXTS, LABELS), str(base), asked, folder, silent)
        folders[name] = folder
    return folders


def kind(name: str) -> Kind:
    return "classifier" if name == "classifier" else "probe"


def answers(students: dict[str, Path], name: str) -> list[Prediction]:
    student = resolve(METHODS[kind(name)])().load(students[name])
    return [student.predict([text])[0] for text in [*ASKED, *ODD]]


def close(folder: Path, program: type, expected: Sequence[Prediction], within: float) -> None:
    texts = [*ASKED, *ODD][: len(expected)]
    given = list(program(folder).predict(texts))
    assert [answer["input"] for answer in given] == texts
    assert [answer["output"] for answer in given] == [answer.output for answer in expected]
    assert [answer["confidence"] for answer in given] == pytest.approx(
        [answer.confidence for answer in expected], abs=within
    )


@pytest.mark.parametrize("name", ["classifier", "both"])
def test_graphs_answer_as_the_student_does(
    students: dict[str, Path], base: Path, tmp_path: Path, name: str
) -> None:
    ship(students[name], kind(name), "onnx", tmp_path)
    expected = answers(students, name)
    close(tmp_path, labels_onnx.Model, expected, 1e-3)
    assert not tells_of_this_machine(tmp_path, base, students[name], tmp_path)
    graph = tmp_path / "model.onnx"
    before = graph.stat().st_size
    quantise(graph)
    close(tmp_path, labels_onnx.Model, expected[: len(ASKED)], 0.1)
    assert graph.stat().st_size < 0.8 * before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["classifier", "both", "ngrams", "encoder"])
def test_weights_answer_as_the_student_does(
    students: dict[str, Path], base: Path, tmp_path: Path, name: str
) -> None:
    shipped = ship(students[name], kind(name), "safetensors", tmp_path)
    program = classifier_torch.Model if name == "classifier" else probe_torch.Model
    close(tmp_path, program, answers(students, name), 1e-3)
    assert not tells_of_this_machine(tmp_path, base, students[name], tmp_path)
    assert {path.name for path in tmp_path.glob("*.py")} == {
        "predict.py", *(f"{module}.py" for module in shipped.beside)
    }  # fmt: skip
    pins = (tmp_path / "requirements.txt").read_text().split()
    assert [pin.split("==")[0] for pin in pins] == list(shipped.packages)
    assert json.loads((tmp_path / "model.json").read_text())["format"] == 1
