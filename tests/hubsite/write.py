"""What changes the hub: creating and deleting repositories, uploads, commits."""

import base64
import hashlib
import json

from tests.hubsite.content import Blob
from tests.hubsite.hub import Hub
from tests.hubsite.metadata import findings
from tests.hubsite.repo import Kind, Repo
from tests.hubsite.wire import Json, RefusedError, Request, Response, answer


def account(hub: Hub, request: Request, what: list[str]) -> Response:
    """Answer what concerns no existing repository, or one that is going."""
    content = request.json()
    if what == ["validate-yaml"]:
        errors, warnings = findings(content["content"], content.get("repoType", "model"))
        found = {"errors": errors, "warnings": warnings}
        return answer(found, 400 if errors else 200)
    owner = content.get("organization") or hub.access.whoami(request.token)["name"]
    hub.access.check_write(request.token, owner)
    kind: Kind = content.get("type") or "model"
    repo_id = f"{owner}/{content['name']}"
    if what == ["repos", "create"]:
        return _create(hub, kind, repo_id, content)
    if what == ["repos", "delete"]:
        repo = hub.find(request, kind, repo_id)
        del hub.repos[kind, repo.id]
        return Response(200, b"OK", "text/plain")
    raise RefusedError(404, f"nothing at {request.target}")


def write(hub: Hub, request: Request, repo: Repo, what: list[str]) -> Response:
    """Answer what changes a repository.

    Raises:
        RefusedError: The token may not, or the change makes no sense.
    """
    hub.access.check_write(request.token, repo.owner)
    match what:
        case ["preupload", _]:
            return _preupload(repo, request.json())
        case ["commit", "main"]:
            return _commit(hub, repo, request)
        case ["settings"]:
            settings = request.json()
            repo.private = settings.get("visibility", repo.private) in (True, "private")
            repo.gated = settings.get("gated", repo.gated)
            return answer({})
    raise RefusedError(404, f"nothing at {request.target}")


def batch(hub: Hub, request: Request, repo: Repo) -> Response:
    """Say where LFS files are to be put; those that are there already need not be."""
    hub.access.check_write(request.token, repo.owner)
    present = {blob.sha256 for blob in repo.head.blobs.values() if blob.lfs}
    objects = []
    for wanted in request.json()["objects"]:
        found: Json = {"oid": wanted["oid"], "size": wanted["size"]}
        if wanted["oid"] not in present:
            found["actions"] = {"upload": {"href": f"{hub.url}/lfs/{wanted['oid']}"}}
        objects.append(found)
    return answer({"transfer": "basic", "objects": objects})


def receive(hub: Hub, request: Request, oid: str) -> Response:
    """Take an LFS file.

    Raises:
        RefusedError: It is another file than was announced.
    """
    if hashlib.sha256(request.body).hexdigest() != oid:
        raise RefusedError(400, "the content does not have the announced hash")
    hub.uploaded[oid] = request.body
    return Response(200)


def _create(hub: Hub, kind: Kind, repo_id: str, content: Json) -> Response:
    place = f"{hub.url}/{'datasets/' if kind == 'dataset' else ''}{repo_id}"
    if (kind, repo_id) in hub.repos:
        error = f"You already created this {kind} repo: {repo_id}"
        return answer({"error": error, "url": place}, 409)
    private = content.get("private") is True or content.get("visibility") == "private"
    attributes = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
    hub.add_repo(kind, repo_id, {".gitattributes": attributes}, private=private)
    return answer({"url": place, "name": repo_id, "private": private})


def _preupload(repo: Repo, content: Json) -> Response:
    found = []
    for file in content["files"]:
        path, size = file["path"], file["size"]
        sample = Blob(path, bytes(0)) if size == 0 else Blob(path, base64.b64decode(file["sample"]))
        mode = "lfs" if sample.lfs or size > 10_000_000 else "regular"
        there = repo.head.blobs.get(path)
        oid = there.etag if there else None
        found.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return answer({"files": found, "commitOid": repo.sha})


def _commit(hub: Hub, repo: Repo, request: Request) -> Response:
    """Apply the lines of a commit, all or none."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    files: dict[str, Blob | None] = {}
    title = ""
    for line in lines:
        value = line["value"]
        match line["key"]:
            case "header":
                title = value["summary"]
                if value.get("parentCommit") not in (None, repo.sha):
                    raise RefusedError(
                        412, "A commit has happened since. Please refresh and retry."
                    )
            case "file":
                files[value["path"]] = Blob(value["path"], base64.b64decode(value["content"]))
            case "lfsFile":
                files[value["path"]] = _uploaded(hub, repo, value["path"], value["oid"])
            case "deletedFile" | "deletedFolder":
                files |= _deleted(repo, value["path"])
    commit = repo.change(files, title)
    url = f"{hub.url}/{repo.page}/commit/{commit.sha}"
    return answer({"success": True, "commitOid": commit.sha, "commitUrl": url, "hookOutput": ""})


def _uploaded(hub: Hub, repo: Repo, path: str, oid: str) -> Blob:
    if oid in hub.uploaded:
        return Blob(path, hub.uploaded[oid])
    for blob in repo.head.blobs.values():
        if blob.lfs and blob.sha256 == oid:
            return Blob(path, blob.source)
    raise RefusedError(400, f"LFS object {oid} of {path} was not uploaded")


def _deleted(repo: Repo, path: str) -> dict[str, Blob | None]:
    gone = [p for p in repo.head.blobs if p == path or p.startswith(f"{path.rstrip('/')}/")]
    if not gone:
        raise RefusedError(404, "A file with this name doesn't exist", "EntryNotFound")
    return dict.fromkeys(gone)
