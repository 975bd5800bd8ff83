"""What is in a commit: folders, files, and what is known about paths."""

import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qs

from tests.hubsite.content import Blob
from tests.hubsite.info import stamp
from tests.hubsite.repo import Commit, Repo
from tests.hubsite.wire import Json, RefusedError, Request, Response, answer, paged

EXPANDED_PAGE = 50


def tree(request: Request, commit: Commit, folder: str, url: str, page_size: int) -> Response:
    """List a folder, or all below it."""
    below = f"{folder}/" if folder else ""
    inside = {path: blob for path, blob in commit.blobs.items() if path.startswith(below)}
    if folder and not inside:
        raise RefusedError(404, f"{folder} does not exist on {commit.sha!r}", "EntryNotFound")
    entries = {path: None for path in _folders(inside) if path.startswith(below)} | inside
    entries.pop(folder, None)
    if not request.flag("recursive"):
        entries = {p: blob for p, blob in entries.items() if "/" not in p.removeprefix(below)}
    expand = request.flag("expand")
    found = [_entry(commit, path, entries[path], expand) for path in sorted(entries)]
    size = min(page_size, EXPANDED_PAGE) if expand else page_size
    page, links = paged(request, url, found, size)
    return answer(page, headers=links)


def paths_info(request: Request, commit: Commit) -> Response:
    """Tell about paths; those that are not there are left out."""
    try:
        form = request.json()
    except RefusedError:
        form = parse_qs(request.body.decode())
    expand = form.get("expand") in (True, ["True"], ["true"])
    entries: Mapping[str, Blob | None] = dict.fromkeys(_folders(commit.blobs)) | commit.blobs
    wanted = [path.strip("/") for path in form.get("paths", [])]
    found = [_entry(commit, p, entries[p], expand) for p in wanted if p in entries]
    return answer(found)


def refs(repo: Repo) -> Response:
    """List branches and tags: all but `main` are taken for tags."""
    tags = [_ref(name, f"refs/tags/{name}", commit) for name, commit in repo.names.items()]
    main = _ref("main", "refs/heads/main", repo.head)
    return answer({"branches": [main], "converts": [], "tags": tags, "pullRequests": []})


def commits(repo: Repo) -> Response:
    """List the commits, latest first."""
    found = [
        {"id": c.sha, "title": c.title, "message": "", "date": stamp(c.date), "authors": []}
        for c in reversed(repo.commits)
    ]
    return answer(found)


def _ref(name: str, ref: str, commit: Commit) -> Json:
    return {"name": name, "ref": ref, "targetCommit": commit.sha}


def _folders(blobs: Mapping[str, Blob]) -> set[str]:
    return {
        "/".join(parts[:depth])
        for parts in (path.split("/") for path in blobs)
        for depth in range(1, len(parts))
    }


def _entry(commit: Commit, path: str, blob: Blob | None, expand: bool) -> Json:
    if blob is None:
        oid = hashlib.sha1(f"{commit.sha}/{path}".encode()).hexdigest()
        entry: Json = {"type": "directory", "oid": oid, "size": 0, "path": path}
    else:
        entry = {"type": "file", "oid": blob.oid, "size": blob.size, "path": path}
        if blob.lfs:
            pointer = len(blob.pointer)
            entry["lfs"] = {"oid": blob.sha256, "size": blob.size, "pointerSize": pointer}
    if expand:
        date = stamp(commit.date)
        entry["lastCommit"] = {"id": commit.sha, "title": commit.title, "date": date}
        if blob is not None:
            safe = {"status": "safe", "avScan": None, "pickleImportScan": None}
            entry["securityFileStatus"] = safe
    return entry
