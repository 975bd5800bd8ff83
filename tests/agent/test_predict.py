import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.errors import UserError
from agent.predict import BATCH, load_model, predict_texts, read_texts
from agent.predict_file import answer_file, predict_into
from agent.runs import Run
from tests.agent.finished import KEYWORDS, TASKSMITH, finished
from tools.services import Prediction, Student, silent
from tools.students import METHODS

TEXTS = [f"{'my card' if n % 3 else 'the rate'} number {n} é" for n in range(3 * BATCH + 40)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return finished(tmp_path / "runs" / "words")


@pytest.fixture
def student(run: Run) -> Student:
    return load_model(run, [KEYWORDS])


def whole(student: Student, folder: Path) -> bytes:
    """What a command that nothing disturbs writes."""
    path = folder / "whole.jsonl"
    assert predict_into(student, iter(TEXTS), path, silent) == len(TEXTS)
    return path.read_bytes()


def test_a_line_for_each_text(student: Student, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in whole(student, tmp_path).splitlines()]
    assert [line["input"] for line in lines] == TEXTS
    assert [line["output"] for line in lines[:3]] == ["rate", "card", "card"]
    assert all(0.5 < line["confidence"] <= 1 for line in lines)


@pytest.mark.parametrize("kept", [0, 5, BATCH, BATCH + 7, len(TEXTS) - 1, len(TEXTS)])
@pytest.mark.parametrize("cut", [0, 3, 20, 45, -1])
def test_it_goes_on_where_it_was(student: Student, tmp_path: Path, kept: int, cut: int) -> None:
    expected = whole(student, tmp_path)
    path = tmp_path / "answers.jsonl"
    lines = expected.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:kept]) + b"".join(lines[kept : kept + 1])[:cut])
    assert predict_into(student, iter(TEXTS), path, silent) == len(TEXTS)
    assert path.read_bytes() == expected


class _Unsure:
    """Another model that answers alike, and is less sure."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [Prediction("card" if "card" in text else "rate", 0.6, 0.2) for text in texts]


def test_it_adds_to_nothing_but_its_own_answers(student: Student, tmp_path: Path) -> None:
    whole(student, tmp_path)
    path = tmp_path / "whole.jsonl"
    before = path.read_bytes()
    for texts, model, words in (
        (["x", *TEXTS], student, "line 1: the answer to another text"),
        (TEXTS[:-1], student, "more lines than there are texts"),
        ([*TEXTS, "more"], _Unsure(), "answers of another model"),
    ):
        with pytest.raises(UserError, match=words):
            predict_into(model, iter(texts), path, silent)
        assert path.read_bytes() == before
    for mine, words in (
        ("my notes\n", "line 1: not an answer of this command"),
        ("my notes", "line 1: holds something else"),
        ('{"mine": "precious"}', "line 1: not an answer of this command"),
        (f'{{"input": "{TEXTS[0]}", "output": "right"}}', "line 1: not an answer of this command"),
        ('{"input": "another text", "outp', "line 1: holds something else"),
    ):
        path.write_text(mine, encoding="utf-8")
        with pytest.raises(UserError, match=words):
            predict_into(student, iter(TEXTS), path, silent)
        assert path.read_text(encoding="utf-8") == mine


def test_an_output_that_cannot_be_written_is_one_line(
    run: Run, student: Student, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="cannot write .*Is a directory"):
        predict_into(student, iter(TEXTS), tmp_path, silent)
    with pytest.raises(UserError, match="--output is for the answers to --file"):
        answer_file(run, iter(["a"]), None, tmp_path / "o", silent)
    file = tmp_path / "texts.txt"
    file.write_text("a\n")
    with pytest.raises(UserError, match="is the file with the texts"):
        answer_file(run, read_texts(None, file), file, file, silent)


def test_no_code_runs_because_a_file_names_it(run: Run) -> None:
    manifest = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(manifest | {"methods": [KEYWORDS]}))
    with pytest.raises(UserError, match="not built in, .* load it from Python with") as caught:
        load_model(run)
    assert "\n" not in str(caught.value)


def test_texts_that_cannot_be_read_leave_the_output_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "keywords", KEYWORDS)
    wrong, output = tmp_path / "wrong.csv", tmp_path / "answers.jsonl"
    wrong.write_text("id,number\n1,2\n")
    before = b'{"input": "x", "output": "card", "confidence": 0.9}\n'
    for file, words in ((wrong, "name it 'input'"), (tmp_path / "mispelt.txt", "mispelt.txt")):
        output.unlink(missing_ok=True)
        with pytest.raises(UserError, match=words):
            answer_file(run, read_texts(None, file), file, output, silent)
        assert not output.exists()
        output.write_bytes(before)
        with pytest.raises(UserError, match=words):
            answer_file(run, read_texts(None, file), file, output, silent)
        assert output.read_bytes() == before


def test_blank_inputs_of_a_table_keep_their_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("id,text\n1,my card\n2,\n3,the rate\n")
    answers = [*predict_texts(run, read_texts(None, file), [KEYWORDS])]
    assert [answer["input"] for answer in answers] == ["my card", "", "the rate"]


def command(run: Run, *arguments: str | Path, **more: Any) -> subprocess.Popen[bytes]:
    words = [*TASKSMITH, "predict", run.folder, *arguments]
    return subprocess.Popen(
        [*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ, **more
    )


def test_killed_and_begun_again_it_writes_the_same(
    run: Run, student: Student, tmp_path: Path
) -> None:
    texts = [f"{'my card' if n % 3 else 'the rate'} number {n}" for n in range(40_000)]
    file, output = tmp_path / "texts.txt", tmp_path / "answers.jsonl"
    file.write_text("\n".join(texts), encoding="utf-8")
    with command(run, "--file", file, "--output", output) as process:
        while not (output.exists() and output.stat().st_size > 100_000):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert output.stat().st_size < 80 * len(texts)
    with output.open("ab") as cut:
        cut.write(b'{"inp')
    with command(run, "--file", file, "--output", output) as process:
        _, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert b"going on after" in stderr
    expected = tmp_path / "expected.jsonl"
    predict_into(student, iter(texts), expected, silent)
    assert output.read_bytes() == expected.read_bytes()


def test_a_reader_that_has_enough_is_no_trouble(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("my card\n" * 20_000)
    with command(run, "--file", file) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["output"] == "card"
        process.stdout.close()
        assert process.stderr.read() == b""
