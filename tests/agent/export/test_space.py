"""Exported pages stand for themselves: they run where there is no Tasksmith."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
import yaml

from agent.errors import UserError
from agent.export.finished import Finished
from agent.export.space import export, shipped_first
from tests.agent.export.test_ship import base, probe
from tests.tools.shipping.places import tells_of_this_machine
from tools.services import ToolError
from tools.shipping.graph import check_packages

__all__ = ["base", "probe"]

ALONE = """import runpy, sys
from pathlib import Path
folder = Path(sys.argv[1])
sys.path = [p for p in sys.path if p and not (Path(p) / "agent" / "cli.py").exists()]
sys.path.insert(0, str(folder))
runpy.run_path(str(folder / "app.py"), run_name="__main__")
"""


@contextmanager
def running(folder: Path, elsewhere: Path) -> Iterator[str]:
    """The page of a folder in a process that knows nothing of this project; its address."""
    command = [sys.executable, "-E", "-B", "-c", ALONE, str(folder)]
    with subprocess.Popen(
        command,
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        text=True,
        env={"HOME": str(elsewhere), "PATH": os.defpath},
    ) as process:
        assert process.stdout
        yield process.stdout.readline().removeprefix("at ").strip().rstrip("/")
        process.terminate()


def test_a_page_that_stands_for_itself(
    probe: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out" / "mine"
    assert export(probe, folder, my_rows=False) == [str(folder)]
    assert "the same answer as the student on 12 of 12 test rows" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENCES.md", "README.md", "about.json", "app.py", "command_line.py", "demo_page.py",
        "demo_parts.py", "model.json", "model.onnx", "ngrams.json", "ngrams.py",
        "onnx_session.py", "predict.py", "requirements.txt", "tasksmith.json", "web_guard.py",
    ]  # fmt: skip
    needed = (folder / "requirements.txt").read_text().splitlines()
    assert needed[-1] == f"gradio=={version('gradio')}"
    assert not [line for line in needed if line.startswith("torch")]
    assert not tells_of_this_machine(folder, tmp_path, probe.run.folder)
    told = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    hidden = [row.input for row in probe.rows["train"] if row.source == "user"]
    hidden += [row.input for row in probe.rows["test"]]
    assert told["examples"]
    assert not set(told["examples"]) & set(hidden)
    check_card((folder / "README.md").read_text(encoding="utf-8"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with running(folder, elsewhere) as at:
        assert at.startswith("http://127.0.0.1:")
        asked = httpx.post(f"{at}/gradio_api/call/predict", json={"data": ["pin chip"]})
        event = asked.raise_for_status().json()["event_id"]
        said = httpx.get(f"{at}/gradio_api/call/predict/{event}").text.splitlines()[1]
        (answer,) = json.loads(said.removeprefix("data: "))
        assert answer["output"] == "card"
        assert {one["output"] for one in answer["likely"]} == {"card", "rate", "transfer"}
    assert not list(elsewhere.rglob("*onnxruntime*"))  # where it keeps what it means to send


def check_card(card: str) -> None:
    head = yaml.safe_load(card.split("---")[1])
    assert (head["title"], head["sdk"], head["app_file"]) == ("mine", "gradio", "app.py")
    assert head["sdk_version"] == version("gradio")
    assert head["python_version"] == ".".join(map(str, sys.version_info[:2]))
    assert head["tags"] == ["tasksmith", "text-classification"]
    assert head["license"]
    assert len(head["short_description"]) <= 60
    assert "hf upload OWNER/mine . --repo-type space" in card
    assert "| rows with the same answer | 12 of 12 |" in card
    assert "None" not in card


def test_what_is_no_graph_goes_as_weights(
    probe: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tools.shipping.graph._PACKAGES", ("no_such_package",))
    with pytest.raises(ToolError):
        check_packages()
    place = tmp_path / "out"
    place.mkdir()
    shipped, form = shipped_first(probe, "probe", place)
    assert "not as onnx: writing ONNX needs no_such_package" in capsys.readouterr().err
    assert (shipped.program, form) == ("probe_torch", "safetensors")
    assert (place / "head.safetensors").is_file()
    own = replace(probe, student=probe.student.model_copy(update={"entry": "mine:Own"}))
    with pytest.raises(UserError, match="only its method knows how it answers"):
        export(own, tmp_path / "own", my_rows=False)
    assert not (tmp_path / "own").exists()
