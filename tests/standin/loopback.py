"""The HTTP/1.1 server under the stand-in: a thread per connection, kept alive, stopped for sure."""

import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any

from tests.standin.wire import Response

Get = Callable[[str], Response]
Post = Callable[[str, bytes, str], AbstractContextManager[Response]]


class Loopback(ThreadingHTTPServer):
    """Serves 127.0.0.1.

    Attributes:
        closing: Set when the server is to stop; whoever waits should wait on it.

    Args:
        get: Path to response.
        post: Path, body and API key to response; left when that is sent.
    """

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, get: Get, post: Post) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.get = get
        self.post = post
        self.closing = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._idle = Event()
        self._idle.set()

    def stop(self) -> None:
        """Stop serving and end every connection."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                self._end(connection)
        self._idle.wait(timeout=5)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection before a thread takes it."""
        with self._lock:
            self._open.add(request)
            self._idle.clear()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection that a thread is done with."""
        super().shutdown_request(request)
        with self._lock:
            self._open.discard(request)
            if not self._open:
                self._idle.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away; anything else is a bug to be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    @staticmethod
    def _end(connection: socket.socket) -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The client was faster.
            return


class _Handler(BaseHTTPRequestHandler):
    server: Loopback
    protocol_version = "HTTP/1.1"
    timeout = 120
    # Head and body leave together, at once: without this the client's delayed ACK costs 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:  # noqa: N802
        self._send(self.server.get(self.path))

    def do_POST(self) -> None:  # noqa: N802
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        with self.server.post(self.path, raw, key) as response:
            self._send(response)

    def _send(self, response: Response) -> None:
        if response.manner == "hang":
            self.server.closing.wait(response.pause_s)
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if response.manner == "drip":
            self._drip(response)
        elif response.manner == "cut":
            self.wfile.write(response.body[: len(response.body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(response.body)

    def _drip(self, response: Response) -> None:
        for byte in response.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.closing.wait(response.pause_s):
                self.close_connection = True
                return
