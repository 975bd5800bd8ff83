"""What stands in front of the page: who may ask, from where, for what, and how much.

Not covered: encryption. Where other machines reach the page, a proxy or the share link does it.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.datastructures import Headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_UPLOADED, MOST_BODY = 100_000_000, 8_000_000
"""Bytes of an uploaded file, and of any other request."""
MCP = "/gradio_api/mcp"
_UPLOAD = "/gradio_api/upload"
_PAGES = frozenset({"/", "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt"})
_PARTS = ("/assets/", "/static/", "/svelte/")
_API = (
    "app_id", "call", "cancel", "component_server", "file=", "heartbeat", "info", "openapi.json",
    "queue", "reset", "run", "startup-events", "theme.css", "upload", "upload_progress",
)  # fmt: skip
"""What the page and clients of its API use. Gradio has more: a proxy, live editing, other people's
files; all of that is closed."""
_WRONG_PASSWORD_S = 0.3
_HEADERS = {
    "content-security-policy": (
        # Gradio's own scripts are inline and make functions of text; nothing else may run, and
        # the browser asks no other host for anything.
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Login:
    """What a person has to show where other machines can reach the page."""

    user: str
    password: str

    def fits(self, header: str) -> bool:
        """Say whether an Authorization header shows it (RFC 7617)."""
        try:
            given = base64.b64decode(header.removeprefix("Basic "), validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, f"{self.user}:{self.password}".encode())


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered, in one line."""

    status: int
    line: str


class Guard:
    """Lets through what the page needs.

    Args:
        app: The page.
        login: What has to be shown; None where only this machine can reach the page.
        mcp: Whether agents may ask through the Model Context Protocol.
    """

    def __init__(self, app: App, login: Login | None, *, mcp: bool) -> None:
        self._app = app
        self._login = login
        self._mcp = mcp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        from starlette.datastructures import Headers
        from starlette.responses import PlainTextResponse

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self._app(scope, _at_most(receive, _room(scope)), _hardened(send))
            return
        if refusal.status == 401:
            await asyncio.sleep(_WRONG_PASSWORD_S)
        ask = {"www-authenticate": 'Basic realm="Tasksmith", charset="UTF-8"'}
        headers = _HEADERS | (ask if refusal.status == 401 else {})
        response = PlainTextResponse(refusal.line + "\n", refusal.status, headers)
        await response(scope, receive, send)

    def _refusal(self, scope: Scope, headers: "Headers") -> Refusal | None:
        if self._login and not self._login.fits(headers.get("authorization", "")):
            return Refusal(401, "user or password is missing or wrong")
        if not _is_own(scope, headers):
            return Refusal(403, "pages of other addresses may not ask here")
        if not self._is_open(scope["path"]):
            return Refusal(404, "there is nothing here")
        if _length(headers) > _room(scope):
            return Refusal(413, f"the request has more than {_room(scope):,} bytes")
        return None

    def _is_open(self, path: str) -> bool:
        if path in _PAGES or path.startswith(_PARTS):
            return True
        if path == MCP or path.startswith(f"{MCP}/"):
            return self._mcp
        name = path.removeprefix("/gradio_api/")
        if name.startswith("file="):  # Gradio would fetch an address that stands here
            return "://" not in name and not name.startswith("file=http")
        return name != path and name.split("/")[0] in _API


def _is_own(scope: Scope, headers: "Headers") -> bool:
    """Say whether a request comes from the page itself, from no page, or only opens the page."""
    origin = headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == headers.get("host") != ""
    site = headers.get("sec-fetch-site", "none")
    opens = scope["method"] == "GET" and scope["path"] == "/"
    return site in ("same-origin", "none") or opens


def _room(scope: Scope) -> int:
    return MOST_UPLOADED if scope["path"].startswith(_UPLOAD) else MOST_BODY


def _length(headers: "Headers") -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isdigit() else 0


def _at_most(receive: Receive, room: int) -> Receive:
    """Hang up on a body that is longer than it said, or said nothing."""
    left = room

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return limited


def _hardened(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message["headers"] = [*message.get("headers", []), *ours]
        await send(message)

    return with_headers
