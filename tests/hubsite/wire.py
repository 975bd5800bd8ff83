"""Requests as the site sees them, and what it answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One request; of its headers only those that the site goes by.

    Attributes:
        target: Path and query as sent.
        token: What was sent as `Authorization: Bearer`.
        span: The `Range` header.
        known: The `If-None-Match` header.
    """

    method: str
    target: str
    body: bytes = b""
    token: str | None = field(default=None, repr=False)
    span: str | None = None
    known: str | None = None

    @property
    def segments(self) -> list[str]:
        """The path, cut at its slashes and unquoted: a quoted slash does not cut."""
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @property
    def query(self) -> dict[str, list[str]]:
        """Every parameter with all its values; `expand[]` and `expand` are one."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name.removesuffix("[]"): values for name, values in found.items()}

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        """Say whether a parameter is set and true."""
        return self.one(name).lower() in {"1", "true"}

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            RefusedError: It is none.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise RefusedError(400, "Invalid JSON in request body") from error


@dataclass(frozen=True)
class Response:
    """What to answer.

    Attributes:
        body: The content, or what reads bytes `[start, end)` of it where it is long.
        length: Bytes to send.
        start: Offset that `body` is read from.
        manner: `cut` closes the connection after half of the body, `hang` never answers.
        pause_s: Time before answering, or for which `hang` lasts.
    """

    status: int
    body: bytes | Callable[[int, int], bytes] = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int = 0
    start: int = 0
    manner: str = ""
    pause_s: float = 0.0

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.length

    def piece(self, start: int, end: int) -> bytes:
        """Return bytes `[start, end)` of what is to be sent."""
        if isinstance(self.body, bytes):
            return self.body[start:end]
        return self.body(self.start + start, self.start + end)


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    raw = json.dumps(content, ensure_ascii=False, default=str).encode()
    return Response(status, raw, headers=headers or {})


class RefusedError(Exception):
    """The request is answered with an error, the way the Hub does it: also in the headers."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        named = {"X-Error-Message": message.replace("\n", " ").encode("ascii", "replace").decode()}
        if code:
            named["X-Error-Code"] = code
        self.status = status
        self.response = answer({"error": message}, status, {**named, **(headers or {})})


def paged(request: Request, url: str, items: list[Any], size: int) -> tuple[list[Any], Json]:
    """Return one page, and the `Link` header to the next one where there is one.

    Args:
        url: Of the site, which a link begins with.
        items: Everything that could be listed.
        size: Items of a page.
    """
    start = int(request.one("cursor", "0") or 0)
    page = items[start : start + size]
    if start + size >= len(items):
        return page, {}
    bare = "&".join(p for p in urlsplit(request.target).query.split("&") if not _is_cursor(p))
    follow = f"{bare}&cursor={start + size}".lstrip("&")
    return page, {"Link": f'<{url}{urlsplit(request.target).path}?{follow}>; rel="next"'}


def _is_cursor(parameter: str) -> bool:
    return parameter.startswith("cursor=")
