"""`tasksmith demo`: what it refuses, and a page as it is served."""

import json
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from agent.demo.answering import answering
from agent.demo.serving import demo
from agent.errors import UserError
from agent.export.finished import Finished
from agent.runs import Run
from agent.web_access import login
from tests.agent.export.test_students import trained
from tests.agent.finished import TASKSMITH
from tests.tools.students.material import material, tiny_bert
from tests.tools.students.text.small import byte_tokenizer, llama, save
from tools.students import METHODS, resolve
from tools.students.loading import load_student
from tools.students.text.form import Form


@pytest.fixture(autouse=True)
def _no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TASKSMITH_UI_PASSWORD", raising=False)
    monkeypatch.delenv("TASKSMITH_UI_USER", raising=False)


def refused(run: Run, host: str = "127.0.0.1", port: int | None = None, **how: bool) -> str:
    with pytest.raises(UserError) as caught:
        demo(run, host, port, lambda _: None, **how)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_others_need_a_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "set TASKSMITH_UI_PASSWORD" in refused(run, "0.0.0.0")
    assert "set TASKSMITH_UI_PASSWORD" in refused(run, "::")
    assert "with --share: set TASKSMITH_UI_PASSWORD" in refused(run, share=True)
    assert login("127.0.0.1", share=False) is None
    assert login("[::1]", share=False) is None
    monkeypatch.setenv("TASKSMITH_UI_PASSWORD", "secret")
    assert login("0.0.0.0", share=True) == ("tasksmith", "secret")
    monkeypatch.setenv("TASKSMITH_UI_USER", "ada")
    assert login("192.0.2.1", share=False) == ("ada", "secret")
    assert login("127.0.0.1", share=False) is None


def test_an_address_that_cannot_be_had(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(run, port=port)
    assert said.startswith(f"cannot listen at 127.0.0.1, port {port} (")
    monkeypatch.setenv("TASKSMITH_UI_PASSWORD", "secret")
    assert refused(run, "192.0.2.1").startswith("cannot listen at 192.0.2.1 (")


def test_a_run_without_a_model(run: Run, tmp_path: Path) -> None:
    bare = Run(tmp_path / "bare")
    bare.folder.mkdir()
    (bare.folder / "run.json").write_bytes((run.folder / "run.json").read_bytes())
    assert "has not ended" in refused(bare)
    failed = {**(run.report or {}), "student": None, "stop_detail": "nothing was found"}
    (bare.folder / "report.json").write_text(json.dumps(failed))
    assert "has no model: nothing was found" in refused(bare)


def test_labels_come_with_their_probabilities(done: Finished, tmp_path: Path) -> None:
    base = tiny_bert(tmp_path / "tiny")
    found = trained(done, tmp_path / "student", "probe", str(base), {"features": "ngrams"})
    student = resolve(METHODS["probe"])().load(found.model)
    texts, _ = material(9, seed=1)
    with answering(found) as likely:
        given = [likely(text) for text in texts]
    for answer, expected in zip(given, student.predict(texts), strict=True):
        assert {label for label, _ in answer} == {"card", "rate", "transfer"}
        assert sum(chance for _, chance in answer) == pytest.approx(1)
        assert answer[0][0] == expected.output
        assert answer[0][1] == pytest.approx(expected.confidence, abs=1e-4)
        assert answer[0][1] - answer[1][1] == pytest.approx(expected.margin, abs=1e-4)


def test_texts_come_from_the_student_itself(done: Finished, tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    form = Form("causal", "plain", "Say it.", (), None, 60, 12)
    home = done.run.folder / "models" / done.student.student
    saved = save(llama(tokenizer), tokenizer, form, tmp_path / "written")
    manifest = done.student.model_copy(update={"entry": METHODS["sft"]})
    (saved / "manifest.json").write_text(manifest.model_dump_json())
    place = Run(tmp_path / "run")
    (place.folder / "models").mkdir(parents=True)
    saved.rename(place.folder / "models" / home.name)
    (place.folder / "report.json").write_text(json.dumps(done.report))
    spec = done.spec.model_copy(update={"output_type": "text"})
    with answering(replace(done, run=place, spec=spec)) as likely:
        given = likely("my card")
    (expected,) = load_student(place.folder / "models" / home.name).predict(["my card"])
    assert given == [(expected.output, expected.confidence)]


def test_a_page_until_it_is_interrupted(run: Run) -> None:
    """The student is of a method that has no program of its own, and answers itself."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*TASKSMITH, "demo", str(run.folder), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        ready = process.stderr.readline()
        assert ready == f"{run.id} at http://127.0.0.1:{port}/; Ctrl-C ends\n"
        config = httpx.get(f"http://127.0.0.1:{port}/config").json()
        assert config["title"].startswith("I run the help desk")
        process.send_signal(signal.SIGINT)
        assert not process.stderr.read()
    assert process.returncode == 0
