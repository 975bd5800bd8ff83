"""A chat endpoint on loopback that does as a test tells it."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One response: `cut` closes the connection before its end, `drip_s` sends it byte by byte."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay_s: float = 0.0
    drip_s: float = 0.0
    cut: bool = False


def said(
    content: Any, *, finish: str = "stop", usage: Json | None = None, delay_s: float = 0.0
) -> Step:
    text = content if isinstance(content, str) else json.dumps(content)
    choice = {"index": 0, "finish_reason": finish}
    choice["message"] = {"role": "assistant", "content": text}
    body = {"id": "x", "object": "chat.completion", "model": "m", "choices": [choice]}
    if usage is None:
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return Step(json.dumps(body | {"usage": usage}), delay_s=delay_s)


def refused(status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> Step:
    return Step(json.dumps({"error": {"message": message, **more}}), status, headers or {})


Script = Callable[[int, Json], Step]


class Server:
    """Answers request number `n` (from 0) with what `script(n, body)` gives."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.bodies: list[Json] = []
        self.keys: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> "Server":
        poll = {"poll_interval": 0.02}
        threading.Thread(target=self._http.serve_forever, kwargs=poll, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    owner: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Http

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        owner = self.server.owner
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with owner.lock:
            number = len(owner.bodies)
            owner.bodies.append(body)
            owner.keys.append(self.headers["Authorization"])
            owner.at_once += 1
            owner.most_at_once = max(owner.most_at_once, owner.at_once)
        step = owner.script(number, body)
        if step.delay_s:
            owner.closing.wait(step.delay_s)
        with owner.lock:
            owner.at_once -= 1
        self._send(step, owner)

    def _send(self, step: Step, owner: Server) -> None:
        data = step.body.encode()
        self.send_response(step.status)
        self.send_header("Content-Type", step.content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in step.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if step.cut:
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
        elif step.drip_s:
            for byte in data:
                self.wfile.write(bytes([byte]))
                if owner.closing.wait(step.drip_s):
                    break
        else:
            self.wfile.write(data)
