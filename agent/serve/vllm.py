"""Where vLLM is installed and there is a GPU, it runs the students that write free text."""

import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from tools.services import Prediction
from tools.students.text.form import FORM, Form
from tools.students.text.writer import tokens

if TYPE_CHECKING:
    import httpx

_LOOPBACK = "127.0.0.1"
_START_S = 600.0
_ANSWER_S = 600.0
_END_S = 15.0
_TERMINATED = 128 + signal.SIGTERM


def can_run(folder: Path) -> bool:
    """Tell whether vLLM is here, and right for the student in `folder`.

    Labels and schemas stay with the writer: vLLM constrains answers, too, but the probabilities
    that it tells are those without the constraint.
    """
    if shutil.which("vllm") is None or not (folder / FORM).is_file():
        return False
    import torch

    form = Form.load(folder)
    free = not form.labels and form.schema is None
    return torch.cuda.is_available() and form.kind == "causal" and free


@contextmanager
def vllm(folder: Path) -> Iterator["VllmStudent"]:
    """Run `vllm serve` on a port that only this machine can reach, as long as it is needed.

    Raises:
        UserError: It ended, or was not ready in time.
    """
    import httpx
    from transformers import AutoTokenizer

    form = Form.load(folder)
    with socket.create_server((_LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    command = ["vllm", "serve", str(folder), "--host", _LOOPBACK, "--port", str(port)]
    longest = form.longest_prompt + form.longest_completion
    command += ["--served-model-name", "student", "--max-model-len", str(longest)]
    command += ["--load-format", "safetensors", "--generation-config", "vllm"]
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    with (
        _ending(command) as process,
        httpx.Client(base_url=f"http://{_LOOPBACK}:{port}", timeout=_ANSWER_S) as client,
    ):
        _wait(process, client)
        yield VllmStudent(client, tokenizer, form)


@contextmanager
def _ending(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command that ends when this process does, also where that is told to."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _leave) if main else None
    # A session of its own: Ctrl-C is for this process to answer.
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            # With the processes that it has begun: they hold the GPU's memory.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if main:
            signal.signal(signal.SIGTERM, before)


def _leave(_number: int, _frame: object) -> None:
    """Take SIGTERM for a reason to leave in order, which uvicorn hands on when it has ended."""
    sys.exit(_TERMINATED)


def _wait(process: "subprocess.Popen[bytes]", client: "httpx.Client") -> None:
    import httpx

    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise UserError("vLLM does not start with this model; run `vllm serve` on it to see why", 1)


class VllmStudent:
    """Satisfies `tools.services.Student`: sends prompts in the student's own form, as tokens."""

    def __init__(self, client: "httpx.Client", tokenizer: Any, form: Form) -> None:
        self._client = client
        self._tokenizer = tokenizer
        self._form = form
        self._stops = [form.completion_ids(tokenizer, "")[-1], tokenizer.eos_token_id]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order."""
        answer = self._client.post(
            "/v1/completions",
            json={
                "model": "student",
                "prompt": [self._form.prompt_ids(self._tokenizer, text) for text in texts],
                "max_tokens": self._form.longest_completion,
                "temperature": 0,
                "stop_token_ids": self._stops,
                "logprobs": 2,
            },
        )
        answer.raise_for_status()
        choices = sorted(answer.json()["choices"], key=lambda choice: int(choice["index"]))
        return [_prediction(choice) for choice in choices]

    def count(self, text: str, output: str) -> tuple[int, int, bool]:
        """Return what `tools.students.text.writer.count` does."""
        return tokens(self._form, self._tokenizer, text, output)


def _prediction(choice: dict[str, Any]) -> Prediction:
    scores = choice["logprobs"]["token_logprobs"]
    leads = [
        math.exp(first) - math.exp(second)
        for first, second in (
            sorted(likeliest.values(), reverse=True)[:2]
            for likeliest in choice["logprobs"]["top_logprobs"]
        )
    ]
    confidence = math.exp(sum(scores) / max(1, len(scores)))
    return Prediction(choice["text"].strip(), confidence, min(leads, default=1.0))
