"""Contents of files: directly, or by way of another host where they are kept outside git."""

import hashlib
import re
from mimetypes import guess_type
from urllib.parse import quote

from tests.hubsite.content import Blob
from tests.hubsite.repo import Commit, Repo
from tests.hubsite.wire import RefusedError, Request, Response

STORE_HOST = "localhost"
"""Another name of this machine, so that clients take the store of large files for a third party."""


def resolve(request: Request, repo: Repo, commit: Commit, path: str, port: int) -> Response:
    """Answer a request for a file: small ones at once, large ones by a redirect to the store."""
    named = {"X-Repo-Commit": commit.sha}
    if path not in commit.blobs:
        raise RefusedError(404, "Entry not found", "EntryNotFound", named)
    blob = commit.blobs[path]
    if not blob.lfs:
        return send(request, blob, {**named, "Accept-Ranges": "bytes"})
    target = f"/cdn/{repo.page}/{commit.sha}/{quote(path)}?signature={_signature(blob)}"
    headers = {
        **named,
        "Location": f"http://{STORE_HOST}:{port}{target}",
        "X-Linked-Etag": f'"{blob.sha256}"',
        "X-Linked-Size": str(blob.size),
        "ETag": f'"{blob.sha256}"',
    }
    return Response(302, headers=headers)


def stored(request: Request, commit: Commit, path: str) -> Response:
    """Answer a request to the store: whoever has the address may read, a token is not wanted."""
    blob = commit.blobs.get(path)
    if request.token is not None or not blob or request.one("signature") != _signature(blob):
        raise RefusedError(403, "Access denied")
    return send(request, blob, {"Accept-Ranges": "bytes"})


def send(request: Request, blob: Blob, headers: dict[str, str]) -> Response:
    """Answer with the whole content or a range of it."""
    kind = guess_type(blob.path)[0] or "application/octet-stream"
    headers = {"ETag": f'"{blob.etag}"', **headers}
    if request.known in (f'"{blob.etag}"', f'W/"{blob.etag}"'):
        return Response(304, content_type=kind, headers=headers)
    span = _span(request.span, blob.size)
    if span is None:
        return Response(200, blob.read, kind, headers, blob.size)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{blob.size}"
    return Response(206, blob.read, kind, headers, end - start, start)


def _span(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the bytes `[start, end)` of a Range header; None stands for all.

    Raises:
        RefusedError: It begins after the end.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", (header or "").replace(" ", ""))
    if not match or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        raise RefusedError(
            416, "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"}
        )
    return start, end


def _signature(blob: Blob) -> str:
    return hashlib.sha256(f"signed {blob.sha256}".encode()).hexdigest()[:32]
