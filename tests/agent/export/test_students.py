"""Published students of Tasksmith's own methods: their cards' code runs, without Tasksmith too."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import snapshot_download

from agent.errors import UserError
from agent.export.finished import Finished, Request
from agent.export.hub import export
from tests.hubsite.site import Site
from tests.tools.students.material import material, tiny_bert
from tools.services import StudentMethod, TrainingSet, silent
from tools.students import METHODS, resolve
from tools.students.manifest import MANIFEST

BASE = "tester/tiny-bert"
TEXTS, LABELS = material(60)
HELD_OUT, _ = material(12, seed=1)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model in it, in the layout of the Hub."""
    root = tmp_path_factory.mktemp("models")
    tiny_bert(root / BASE)
    return root


def trained(
    done: Finished, folder: Path, method: str, base: str, asked: dict[str, Any]
) -> Finished:
    """The run as if a student of this method had come of it."""
    trainer: StudentMethod = resolve(METHODS[method])()
    folder.mkdir()
    fit = trainer.fit(TrainingSet(TEXTS, LABELS), base, asked, folder, silent)
    student = done.student.model_copy(
        update={
            "method": method,
            "entry": METHODS[method],
            "base": base,
            "hyperparameters": fit.hyperparameters,
            "labels": tuple(sorted(set(LABELS))),
        }
    )
    (folder / MANIFEST).write_text(student.model_dump_json(), encoding="utf-8")
    about = {"method": method, "base": base, "hyperparameters": fit.hyperparameters}
    licence = done.report["data"]["licence"]
    base_of = None if asked.get("features") == "ngrams" else {"name": base, "licence": "mit"}
    report = done.report | {
        "student": done.report["student"] | about,
        "data": done.report["data"] | {"licence": licence | {"base": base_of}},
    }
    return replace(done, report=report, model=folder, student=student)


def published(done: Finished, folder: Path) -> Path:
    """Publish the model, and return a download of it."""
    export(done, Request("mini", yes=True, folder=folder, data=False))
    return Path(snapshot_download("tester/mini"))


def code_of(folder: Path) -> list[str]:
    card = (folder / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", card, re.DOTALL)


def printed(code: str, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the code of a card as it stands, but for the text."""
    assert "some text" in code
    capsys.readouterr()
    exec(code.replace("some text", text), {"__name__": "card"})
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("features", ["ngrams", "encoder", "both"])
def test_the_code_of_a_probe(
    done: Finished, hub: Site, tiny: Path, tmp_path: Path, features: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hub.add_models(tiny)
    snapshot_download(BASE)
    asked = {"features": features, "C": 100.0}
    probe = trained(done, tmp_path / "student", "probe", BASE, asked)
    folder = published(probe, tmp_path / "out")
    assert all(p.suffix in (".json", ".safetensors", ".md", "") for p in folder.iterdir())
    alone, with_tasksmith = code_of(folder)
    assert "tools." not in alone
    answers = resolve(METHODS["probe"])().load(tmp_path / "student").predict(HELD_OUT)
    for text, answer in list(zip(HELD_OUT, answers, strict=True))[:4]:
        assert printed(alone, text, capsys) == f"['{answer.output}']"
        assert printed(with_tasksmith, text, capsys) == answer.output


@pytest.mark.usefixtures("hub")
def test_the_code_of_a_classifier(
    done: Finished, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = str(tiny / BASE)
    asked = {"epochs": 2, "learning_rate": 1e-3}
    classifier = trained(done, tmp_path / "student", "classifier", base, asked)
    folder = published(classifier, tmp_path / "out")
    for path in folder.iterdir():
        assert str(tiny).encode() not in path.read_bytes(), path
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "library_name: transformers" in card
    assert "on tiny-bert" in card
    alone, with_tasksmith = code_of(folder)
    (answer,) = resolve(METHODS["classifier"])().load(tmp_path / "student").predict(HELD_OUT[:1])
    assert f"'label': '{answer.output}'" in printed(alone, HELD_OUT[0], capsys)
    assert printed(with_tasksmith, HELD_OUT[0], capsys) == answer.output


def test_a_probe_that_nobody_else_could_load(done: Finished, tiny: Path, tmp_path: Path) -> None:
    asked = {"features": "encoder", "C": 1.0}
    probe = trained(done, tmp_path / "student", "probe", str(tiny / BASE), asked)
    with pytest.raises(UserError, match="which the Hub does not have"):
        export(probe, Request("mini", dry_run=True, folder=tmp_path / "out"))
