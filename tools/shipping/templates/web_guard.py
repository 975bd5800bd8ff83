"""What a small web page takes from whom: sizes, closed routes, names of hosts, foreign pages."""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BYTES = 4_000_000
"""Largest request."""
_CLOSED = re.compile(
    r"/gradio_api/(?:upload|file|proxy|component_server|process_recording|vibe|run-history|dev)"
)
"""Routes of Gradio that a page with nothing but text has no use for."""


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Lets no request through that is too large, for a closed route, or of a foreign page.

    Pages of others can send requests from a visitor's browser, and have a name of their own lead to
    this machine; browsers tell both, in `Origin` and `Host`.

    Args:
        app: An ASGI app.
        origins: Whether pages from elsewhere are refused.
        local: Whether only this machine can reach the address, so that no other name leads there.
    """

    def __init__(self, app: App, *, origins: bool, local: bool) -> None:
        self._app = app
        self._origins = origins
        self._local = local

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        refused = next(self._reasons(scope), None) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, reason = refused
        headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": reason.encode()})

    def _reasons(self, scope: Message) -> Iterator[tuple[int, str]]:
        headers = {name.decode("latin-1"): value.decode("latin-1").lower()
                   for name, value in scope["headers"]}  # fmt: skip
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._local and not is_loopback(_split(f"//{host}").hostname or ""):
            yield 400, "this page is at no such host"
        if self._origins and origin is not None and _split(origin).netloc != host:
            yield 403, "pages from elsewhere may not use this one"
        if _CLOSED.search(scope["path"]):
            yield 404, "there is nothing here"
        if "transfer-encoding" in headers:
            yield 411, "say how long the request is"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            yield 413, f"a request has at most {MOST_BYTES:,} bytes"


def _split(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that hold no address
        return urlsplit("")
