"""The HTTP/1.1 server under the site."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.hubsite.log import Entry, Requests
from tests.hubsite.wire import Request, Response
from tests.standin.loopback import Loopback

PIECE_BYTES = 65_536


class Server(Loopback):
    """Serves 127.0.0.1.

    Args:
        respond: Request to response.
        requests: Every request is noted in it.
    """

    def __init__(
        self, port: int, respond: Callable[[Request], Response], requests: Requests
    ) -> None:
        # The handlers that these two are for give way to one of our own.
        super().__init__(port, get=_unused, post=_unused)
        self.respond = respond
        self.requests = requests

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Speak with one client until it goes."""
        _Handler(request, client_address, self)


def _unused(*_: Any) -> Any:
    raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 120
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:  # noqa: N802
        headers = self.headers
        scheme, _, token = (headers.get("Authorization") or "").partition(" ")
        request = Request(
            self.command,
            self.path,
            self._body(),
            token if scheme == "Bearer" and token else None,
            headers.get("Range"),
            headers.get("If-None-Match"),
        )
        entry = self.server.requests.arrive(request)
        self._send(self.server.respond(request), entry)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, response: Response, entry: Entry) -> None:
        if self.server.closing.wait(response.pause_s) or response.manner == "hang":
            self.close_connection = True
            return
        entry.status = response.status
        self.send_response(response.status)
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(response.size),
            **response.headers,
        }
        if response.status in (204, 304):
            del headers["Content-Length"]
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._pour(response, entry)

    def _pour(self, response: Response, entry: Entry) -> None:
        size = response.size // 2 if response.manner == "cut" else response.size
        for start in range(0, size, PIECE_BYTES):
            piece = response.piece(start, min(start + PIECE_BYTES, size))
            # Noted first, so that whoever has got the bytes finds them counted.
            entry.bytes += len(piece)
            self.wfile.write(piece)
        if response.manner == "cut":
            self.close_connection = True
