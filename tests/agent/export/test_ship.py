"""Exported folders stand for themselves: their program answers as the student does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.export.finished import Finished
from agent.export.ship import export
from tests.agent.export.test_students import BASE, trained
from tests.tools.students.material import material, tiny_bert
from tools.examples import Example

TEST = [
    Example(text, label, "test", "a/b", "mit", "retrieved", id=i)
    for i, (text, label) in enumerate(zip(*material(12, seed=1), strict=True), 1)
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("base") / BASE)


def test_a_classifier_in_integers(done: Finished, base: Path, tmp_path: Path) -> None:
    asked = {"epochs": 2, "learning_rate": 1e-2}
    student = trained(done, tmp_path / "student", "classifier", str(base), asked)
    student = replace(student, rows=student.rows | {"test": TEST})
    (folder,) = export(student, "onnx-int8", tmp_path / "out")
    about = json.loads((tmp_path / "out" / "tasksmith.json").read_text())
    assert about["exported"] == "onnx-int8"
    assert about["measured"]["rows"] == len(TEST)
