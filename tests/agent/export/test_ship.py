"""Exported folders stand for themselves: their program answers as the student does."""

import io
import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.request import Request

import pytest
import yaml

from agent.cli import main
from agent.errors import UserError
from agent.export.finished import Finished
from agent.export.measured import answers
from agent.export.ship import export
from agent.runs import Run
from tests.agent.export.test_students import code_of, printed, trained
from tests.tools.shipping.places import tells_of_this_machine
from tests.tools.shipping.test_ship import WRITE, converter
from tests.tools.students.material import material, tiny_bert
from tests.tools.students.text.small import byte_tokenizer, llama, save
from tools.examples import Example, ExampleStore, Scored
from tools.students import METHODS, resolve
from tools.students.text.form import Form

TEST = [
    Example(text, label, "test", "a/b", "mit", "retrieved", id=10_000 + i)
    for i, (text, label) in enumerate(zip(*material(12, seed=1), strict=True))
]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def probe(done: Finished, base: Path, tmp_path: Path) -> Finished:
    """The run as if a probe on n-grams had come of it, and answered test rows of its own."""
    asked = {"features": "ngrams", "C": 10.0}
    found = trained(done, tmp_path / "student", "probe", str(base), asked)
    student = found.student.model_copy(update={"student": tmp_path.name.replace("_", "")})
    given = resolve(METHODS["probe"])().load(found.model).predict([e.input for e in TEST])
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        scored = [
            Scored(e.id, a.output, a.confidence, a.margin) for e, a in zip(TEST, given, strict=True)
        ]
        store.save_predictions(student.student, "test", scored)
    report = found.report | {"test": done.report["test"] | {"metric": "accuracy", "n": len(TEST)}}
    return replace(found, student=student, report=report, rows=done.rows | {"test": TEST})


def test_a_folder_that_stands_for_itself(
    probe: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out" / "mine"
    assert export(probe, "onnx-int8", folder) == [str(folder)]
    assert "the same answer as the student on 12 of 12 test rows" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENCES.md", "README.md", "command_line.py", "model.json", "model.onnx", "ngrams.json",
        "ngrams.py", "onnx_session.py", "predict.py", "requirements.txt", "tasksmith.json",
    ]  # fmt: skip
    measured = json.loads((folder / "tasksmith.json").read_text())["measured"]
    assert (measured["rows"], measured["same"], measured["difference"]) == (12, 12, 0.0)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert yaml.safe_load(card.split("---")[1])["library_name"] == "onnx"
    assert "| rows with the same answer | 12 of 12 |" in card
    assert f"**{measured['value']:.3f}** (95% interval" in card
    assert "python predict.py" in card
    assert "None" not in card
    licences = (folder / "LICENCES.md").read_text(encoding="utf-8")
    assert "| hotelgast/reviews_sentiment | cc-by-4.0 |" in licences
    assert not tells_of_this_machine(folder, tmp_path, probe.run.folder)


CODE = """import sys
sys.path.insert(0, sys.argv[1])
import predict
print(next(iter(predict.Model(sys.argv[1]).predict(["pin chip"])))["output"])
print({"tools", "agent", "torch", "transformers"} & sys.modules.keys() or "nothing")
"""


def test_the_program_needs_nothing_of_this_project(probe: Finished, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(probe, "onnx", folder)
    alone = subprocess.run(
        [sys.executable, "-E", "-c", CODE, str(folder)],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert alone.stdout.split() == ["card", "nothing"]
    line = [sys.executable, str(folder / "predict.py")]
    for bad in ([], ["--file", str(tmp_path / "none")]):
        ran = subprocess.run([*line, *bad], capture_output=True, text=True)
        assert ran.returncode == 2
        assert "Traceback" not in ran.stderr
    (folder / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(UserError, match="the exported model does not answer: ") as caught:
        answers(folder, ["text"])
    assert "\n" not in str(caught.value)


ECHO = """import json, sys
sys.stdout.reconfigure(encoding="utf-8")
for line in open(sys.argv[2], encoding="utf-8"):
    print(json.dumps({"output": json.loads(line)["input"]}, ensure_ascii=False))
"""


def test_an_answer_may_hold_any_character(tmp_path: Path) -> None:
    (tmp_path / "predict.py").write_text(ECHO, encoding="utf-8")
    texts = ["one", "two\u2028lines", "\x85", "a\r\nb\x0c\x1c", ""]
    assert answers(tmp_path, texts) == texts


def test_without_test_rows_training_rows_tell(
    probe: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    untested = probe.report["test"] | {"value": None, "metric": None, "ci95": None, "n": 0}
    rows = [replace(example, split="train") for example in TEST]
    bare = replace(
        probe, rows={"train": rows, "validation": [], "test": []},
        report=probe.report | {"test": untested},
    )  # fmt: skip
    export(bare, "onnx", tmp_path / "out")
    assert "on 12 of 12 training rows" in capsys.readouterr().err
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "the same answer as the student it was made from on 12 of 12 training rows" in card


def test_nothing_of_someone_elses_is_overwritten_and_nothing_half_done_stays(
    probe: Finished, tmp_path: Path
) -> None:
    mine = tmp_path / "out" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UserError, match="holds something else"):
        export(probe, "onnx", mine.parent)
    assert mine.read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write to"):
        export(probe, "onnx", tmp_path / "file" / "out")
    (probe.model / "head.safetensors").unlink()
    with pytest.raises(UserError, match="is damaged"):
        export(probe, "onnx", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".*"))


def test_gguf_tells_how_to_ask(
    done: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tokenizer = byte_tokenizer()
    form = Form("causal", "plain", "Say it in `two` words.", (), None, 60, 12)
    student = save(llama(tokenizer), tokenizer, form, tmp_path / "student")
    (tmp_path / "tools").mkdir()
    converter(tmp_path / "tools", WRITE)
    monkeypatch.setenv("LLAMA_CPP", str(tmp_path / "tools"))
    export(replace(done, model=student), "gguf", tmp_path / "out")
    assert "not re-evaluated" in capsys.readouterr().err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "LICENCES.md", "README.md", "form.json", "model.gguf", "tasksmith.json",
    }  # fmt: skip
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "llama-server -m model.gguf" in card
    assert "has not been scored in this form" in card
    asked: list[Request] = []

    def answer(request: Request) -> io.BytesIO:
        asked.append(request)
        return io.BytesIO(b'{"content": " lost card"}')

    monkeypatch.setattr("urllib.request.urlopen", answer)
    (code,) = code_of(tmp_path / "out")
    assert printed(code, "my card", capsys) == "lost card"
    sent = asked[0].data
    assert isinstance(sent, bytes)
    body = json.loads(sent)
    assert body["prompt"] == form.prompt(tokenizer, "my card")
    assert body["n_predict"] == 12


def refused(run: Run, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What `tasksmith export` says on stderr when it refuses, in one line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["tasksmith", "export", str(run.folder), *more])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code in (1, 2)
    shown = capsys.readouterr()
    assert not shown.out
    (line,) = shown.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("", "--to hub --repo NAME publishes the model"),
        ("--to hub", "add --repo NAME"),
        ("--to hub --repo a --format onnx", "give one of the two"),
        ("--format onnx --repo a", "publishes nothing: leave out"),
        ("--format onnx --public", "publishes nothing: leave out"),
        ("--format onnx --with-my-rows", "no row goes into onnx"),
        ("--format floppy", "none of the formats: safetensors, onnx, onnx-int8, gguf, space"),
        ("--format onnx", "only its method knows how it answers"),
    ],
)
def test_flags_that_make_no_sense(
    run: Run, capsys: pytest.CaptureFixture[str], flags: str, words: str
) -> None:
    assert words in refused(run, capsys, *flags.split())
    assert not (run.folder / "export").exists()
