import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import UserError
from agent.serve.vllm import can_run, vllm
from tests.tools.students.text.small import byte_tokenizer, llama, save
from tools.students.text.form import Form
from tools.students.text.writer import count

FORM = Form("causal", "plain", "Say it.", (), None, 100, 12)

STANDIN = """#!{python}
import json, math, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
assert sys.argv[1] == "serve" and options["--host"] == "127.0.0.1", sys.argv
assert options["--max-model-len"] == "112" and options["--load-format"] == "safetensors"
assert options["--generation-config"] == "vllm"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({{}})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert asked["temperature"] == 0 and asked["max_tokens"] == 12 and asked["logprobs"] == 2
        assert asked["stop_token_ids"] == [1, 1]
        likely = {{"a": math.log(0.5), "b": math.log(0.25)}}
        choices = [
            {{"index": n, "text": f" {{len(ids)}} tokens", "logprobs": {{
                "token_logprobs": [math.log(0.5)] * 3, "top_logprobs": [likely] * 3}}}}
            for n, ids in enumerate(asked["prompt"])
        ]
        self.reply({{"choices": choices[::-1]}})

    def reply(self, value):
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


HTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tokenizer = byte_tokenizer()
    return save(llama(tokenizer), tokenizer, FORM, tmp_path / "student")


def install(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin").mkdir()
    command = folder / "bin" / "vllm"
    command.write_text(script.format(python=sys.executable))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=":")


def test_prompts_go_in_the_student_s_own_form(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(STANDIN, tmp_path, monkeypatch)
    tokenizer = byte_tokenizer()
    with vllm(folder) as student:
        texts = ["hi", "lost my card"]
        answers = student.predict(texts)
        assert count(student, "hi", "ok")[1] == len(FORM.completion_ids(tokenizer, "ok"))
    lengths = [len(FORM.prompt_ids(tokenizer, text)) for text in texts]
    assert [answer.output for answer in answers] == [f"{length} tokens" for length in lengths]
    assert answers[0].confidence == pytest.approx(0.5)
    assert answers[0].margin == pytest.approx(0.25)


STUBBORN = (
    "#!{python}\nimport os, pathlib, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(__file__).with_name('pid').write_text(str(os.getpid()))\n"
)


def test_it_ends_with_this_process_even_if_it_would_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.serve.vllm._END_S", 0.3)
    install(STUBBORN + STANDIN.partition("\n")[2], tmp_path, monkeypatch)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, vllm(folder):
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "bin" / "pid").read_text()), 0)


def test_one_that_does_not_start_is_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("#!{python}\nraise SystemExit(1)\n", tmp_path, monkeypatch)
    with pytest.raises(UserError, match="vLLM does not start"), vllm(folder):
        pass


def test_it_is_for_free_text_on_a_gpu(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not can_run(folder)  # it is not installed
    install(STANDIN, tmp_path, monkeypatch)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert can_run(folder)
    for other in (replace(FORM, labels=("a", "b")), replace(FORM, schema={"type": "object"})):
        other.save(folder)
        assert not can_run(folder)
    assert not can_run(tmp_path)  # no student that writes
