"""Whole runs with a student that cannot be had or trained: one line says why, and what to do."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.app import run
from agent.compose import Parts
from agent.settings import Settings
from agent.terminal import watch
from tests.fakes import InlineExecutor, LetterEncoder
from tests.hubsite.content import big_safetensors
from tests.hubsite.site import Site
from tests.tools.students.hub_models import add_model, files_of
from tests.tools.students.material import tiny_bert
from tests.tools.students.text import bases, real

PARTS = Parts(executor=InlineExecutor(), encoder=LetterEncoder())
CODE = {"model_type": "strange", "auto_map": {"AutoModelForCausalLM": "run.Model"}}
WHOLE: dict[str, Any] = {"library_name": "transformers"}


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [bases.INSTRUCTION, "system user assistant", *bases.task(50)[0]]
    return real.qwen3(tmp_path_factory.mktemp("qwen"), lines)


@pytest.fixture
def fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Have a student asked for; return what was said in the end, after a run without a model."""
    monkeypatch.setenv("COLUMNS", "400")

    def ask(student: str, code: int = 1, lengthen: int = 1) -> str:
        texts, outputs = bases.task(30)
        pairs = zip(texts, outputs, strict=True)
        rows = [{"input": text, "output": " ".join([word] * lengthen)} for text, word in pairs]
        file = tmp_path / "examples.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        settings = Settings(out=tmp_path / "runs", cache=tmp_path / "cache", student=student)
        events = run(bases.INSTRUCTION, settings, examples=file, services=PARTS)
        assert watch(events, as_json=False) == code
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err + shown.out
        first, following = shown.out.splitlines()
        assert following.startswith("Next: tasksmith trace ")
        return first.removeprefix("No model: ")

    return ask


def test_what_the_hub_has_and_cannot_be_used(
    hub_site: Site, qwen: Path, tmp_path: Path, fails: Callable[..., str]
) -> None:
    def bare(more: Mapping[str, Any]) -> dict[str, Any]:
        files = files_of(qwen, **WHOLE)
        return {name: files[name] for name in files if name != "model.safetensors"} | {**more}

    add_model(hub_site, "lab/gated", qwen, gated="manual", **WHOLE)
    add_model(hub_site, "lab/code", qwen, config=CODE, **WHOLE)
    hub_site.add_repo("model", "lab/pickle", bare({"pytorch_model.bin": b"x"}))
    giant = big_safetensors(70_000_000_000, "BF16")
    hub_site.add_repo("model", "lab/giant", bare({"model.safetensors": giant}))
    add_model(hub_site, "lab/bert", tiny_bert(tmp_path / "bert"))
    assert "no base 'lab/absent' on the Hub, or it is private" in fails("lab/absent")
    assert "lab/gated is gated: accept its terms at http" in fails("lab/gated")
    assert "lab/code needs remote code, which is never run; choose" in fails("lab/code")
    assert "lab/pickle has no safetensors, and pickled weights are" in fails("lab/pickle")
    assert "lab/giant is too large for this machine: sft would" in fails("lab/giant")
    assert "needs a base of kind causal or seq2seq; choose" in fails("lab/bert")
    assert hub_site.requests.bytes_of("/cdn/") < 1_000_000


def test_a_base_of_no_table_tells_its_context_once_it_is_here(
    hub_site: Site, qwen: Path, fails: Callable[..., str]
) -> None:
    add_model(hub_site, "lab/short", qwen, config={"max_position_embeddings": 128}, **WHOLE)
    assert "choose a base with a longer context" in fails("lab/short", lengthen=90)


def test_what_is_here_and_cannot_be_used(
    qwen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[..., str]
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def copy(name: str, leave: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for path in qwen.iterdir():
            if not path.name.startswith(leave):
                (folder / path.name).write_bytes(path.read_bytes())
        return str(folder)

    wordless, pickled = copy("wordless", "tokenizer"), copy("pickled", "model")
    monkeypatch.setattr("tools.students.text.models.find_spec", lambda _: None)
    spelt = copy("spelt", "tokenizer")
    (Path(spelt) / "spiece.model").touch()
    assert "is spiece.model alone, which takes a package more: pip install" in fails(spelt)
    (Path(pickled) / "pytorch_model.bin").touch()
    assert "has no tokenizer; get its tokenizer files, too" in fails(wordless)
    assert "has no safetensors, and pickled weights are never loaded" in fails(pickled)
    assert "others need the Hub, which is switched off or out of reach" in fails("lab/qwen")
    assert "probe gives labels, and the task asks for text; use " in fails("probe")
    assert "seq2seq needs the name of a base, such as google/flan-t5" in fails("seq2seq")
