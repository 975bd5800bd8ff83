import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from openai import AuthenticationError, OpenAI

from agent.errors import UserError
from agent.runs import Run
from agent.serve.server import serve
from tests.agent.finished import TASKSMITH, finished
from tests.tools.students.text.small import byte_tokenizer, llama, save, teach
from tools.services import silent
from tools.students import METHODS
from tools.students.text.form import Form

FORM = Form("causal", "plain", "Say it.", (), None, 100, 12)
PAIRS = {"lost my card": "card lost é", "hi": "hello world"}


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def client(self, key: str = "none") -> OpenAI:
        return OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0)


@contextmanager
def serving(run: Run, *arguments: str, **variables: str) -> Iterator[Served]:
    command = [*TASKSMITH, "serve", str(run.folder), "--port", "0", *arguments]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **variables}
    ) as process:
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"(http://\S+)/v1; Ctrl-C ends", line)
        assert found, line + process.stderr.read()
        try:
            yield Served(found[1], process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def text_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose student writes, and knows PAIRS by heart."""
    folder = tmp_path_factory.mktemp("text")
    tokenizer = byte_tokenizer()
    model = llama(tokenizer)
    teach(model, tokenizer, FORM, PAIRS)
    student = save(model, tokenizer, FORM, folder / "student")
    return finished(folder / "runs" / "writer", student, entry=METHODS["sft"], output_type="text")


@pytest.fixture(scope="module")
def served(text_run: Run) -> Iterator[Served]:
    with serving(text_run) as server:
        yield server


def test_openai_s_client_gets_the_answer_and_what_it_took(served: Served) -> None:
    with served.client() as client:
        for text, output in PAIRS.items():
            answer = client.chat.completions.create(
                model="writer",
                messages=[
                    {"role": "system", "content": "ignored"},
                    {"role": "user", "content": [{"type": "text", "text": text}]},
                ],
                temperature=0.7, top_p=0.5, max_tokens=3, user="me", seed=1, n=1,
                extra_body={"made_up": True},
            )  # fmt: skip
            assert answer.choices[0].message.content == output
            assert answer.choices[0].finish_reason == "stop"
            assert answer.usage
            tokenizer = byte_tokenizer()
            assert answer.usage.prompt_tokens == len(FORM.prompt_ids(tokenizer, text))
            assert answer.usage.completion_tokens == len(FORM.completion_ids(tokenizer, output))
        assert [model.id for model in client.models.list()] == ["writer"]


def test_openai_s_client_gets_a_stream(served: Served) -> None:
    with (
        served.client() as client,
        client.chat.completions.create(
            model="writer",
            messages=[{"role": "user", "content": "lost my card"}],
            stream=True,
            stream_options={"include_usage": True},
        ) as stream,
    ):
        chunks = [*stream]
    parts = [choice for chunk in chunks for choice in chunk.choices]
    assert "".join(part.delta.content or "" for part in parts) == "card lost é"
    assert parts[0].delta.role == "assistant"
    assert [part.finish_reason for part in parts if part.finish_reason] == ["stop"]
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens > 1


def test_predict_and_health(served: Served) -> None:
    answer = httpx.post(f"{served.url}/predict", json={"inputs": [*PAIRS]}, timeout=60).json()
    assert [output["output"] for output in answer["outputs"]] == [*PAIRS.values()]
    assert all(0.5 < output["confidence"] <= 1 for output in answer["outputs"])
    assert httpx.get(f"{served.url}/health").json() == {"status": "ok"}


def test_a_label_student_is_served_with_a_key_and_ends_quietly(tmp_path: Path) -> None:
    run = finished(tmp_path / "labels")
    with serving(run, TASKSMITH_SERVE_KEY="s3cret") as server:
        with server.client("wrong") as client, pytest.raises(AuthenticationError):
            client.models.list()
        with server.client("s3cret") as client:
            answer = client.chat.completions.create(
                model="x", messages=[{"role": "user", "content": "my card"}]
            )
        assert answer.choices[0].message.content == "card"
        server.process.send_signal(signal.SIGINT)
        assert server.process.stderr
        assert server.process.stderr.read() == ""
        assert server.process.wait(30) == 0


def test_what_cannot_be_served_is_one_line(tmp_path: Path) -> None:
    run = finished(tmp_path / "labels")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"^cannot listen at 127\.0\.0\.1, port {port} \("):
            serve(run, "127.0.0.1", port, None, silent)
    with pytest.raises(UserError, match="others can reach 0.0.0.0: set TASKSMITH_SERVE_KEY"):
        serve(run, "0.0.0.0", 0, None, silent)
    with pytest.raises(UserError, match="cannot listen at no.such.host.invalid"):
        serve(run, "no.such.host.invalid", 0, "key", silent)
    (run.folder / "report.json").unlink()
    with pytest.raises(UserError, match="has no model"):
        serve(run, "127.0.0.1", 0, None, silent)
