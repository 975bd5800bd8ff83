"""A stand-in for an OpenAI-compatible endpoint: a real HTTP server on loopback.

with StandIn(Teacher(load_bank("tiny")), faults=["rate_limit=0.2"]) as url: ...
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Semaphore, Thread
from types import TracebackType

from tests.standin.brain import Brain
from tests.standin.faults import Arrived, Fault, Faults, hinder, refuse, spoil
from tests.standin.log import Entry, Log
from tests.standin.loopback import Loopback
from tests.standin.wire import Answer, RefusedError, Response, completion, dumps, stream

MODEL = "standin"


class StandIn:
    """Serves while it is entered as a context, which gives its base URL.

    Attributes:
        log: What was asked so far.

    Args:
        brain: What answers.
        faults: Lines as in `faults.py`.
        seed: What the rates of the faults are drawn by.
        latency_s: Time an answer takes, from when it is its turn.
        slots: Number of requests worked on at once; the others wait.
        log_file: Answers are appended to it, in the form that `Replay` reads.
    """

    def __init__(
        self,
        brain: Brain,
        faults: Iterable[str] = (),
        *,
        seed: int = 0,
        latency_s: float = 0.0,
        slots: int = 1000,
        port: int = 0,
        log_file: Path | None = None,
    ) -> None:
        self.log = Log(log_file)
        self._brain = brain
        self._faults = Faults(faults, seed)
        self._latency_s = latency_s
        self._slots = Semaphore(slots)
        self._server = Loopback(port, self._get, self._post)

    def __enter__(self) -> str:
        serve = self._server.serve_forever
        self._thread = Thread(target=serve, args=(0.05,), daemon=True, name="stand-in")
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End every connection and stop serving."""
        self._server.stop()
        self._thread.join(timeout=5)

    def _get(self, path: str) -> Response:
        if path == "/stats":
            return Response(200, dumps(self.log.stats()))
        if path == "/v1/models":
            model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "tests"}
            return Response(200, dumps({"object": "list", "data": [model]}))
        return RefusedError(404, f"nothing at {path}").response

    @contextmanager
    def _post(self, path: str, raw: bytes, api_key: str) -> Iterator[Response]:
        """Give the response to a request that is in flight until the context is left."""
        if path != "/v1/chat/completions":
            yield RefusedError(404, f"nothing at {path}").response
            return
        with self.log.in_flight():
            try:
                entry = self.log.arrive(raw, json.loads(raw))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                yield RefusedError(400, f"not a chat request: {error!r}").response
                return
            try:
                response = self._respond(entry, api_key)
            except RefusedError as refused:
                response = refused.response
            entry.status = response.status
            yield response

    def _respond(self, entry: Entry, api_key: str) -> Response:
        faults = self._faults.of(entry.number)
        for fault in faults:
            entry.faults.append(fault.name)
            refuse(fault, Arrived(entry.body, entry.number, api_key))
        answers = self._answers(entry, faults)
        usage = self.log.bill(entry, answers)
        if any(fault.name == "empty_choices" for fault in faults):
            answers = []
        model = entry.body.get("model", MODEL)
        # No clock, so that a test may compare whole responses.
        head = {"id": f"chatcmpl-{entry.number}", "created": 0, "model": model}
        if entry.body.get("stream"):
            wanted = (entry.body.get("stream_options") or {}).get("include_usage")
            events = stream(head, answers, usage if wanted else None)
            response = Response(200, events, "text/event-stream")
        else:
            response = Response(200, completion(head, answers, usage))
        for fault in faults:
            response = hinder(fault, response)
        return response

    def _answers(self, entry: Entry, faults: list[Fault]) -> list[Answer]:
        body = entry.body
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        answers = []
        with self._turn():
            for index in range(body.get("n") or 1):
                answer = self._brain.answer(body, f"{entry.hash}.{index}").limited(most)
                for fault in faults:
                    answer = spoil(fault, answer, entry.number)
                answers.append(answer)
        return answers

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for a slot, then for as long as an answer takes."""
        while not self._slots.acquire(timeout=0.5):
            if self._server.closing.is_set():
                raise RefusedError(503, "the server is closing")
        try:
            self._server.closing.wait(self._latency_s)
            yield
        finally:
            self._slots.release()
