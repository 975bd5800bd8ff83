"""What the API says about a repository, in lists and by itself."""

from collections.abc import Callable, Collection
from datetime import datetime

from tests.hubsite.cards import description
from tests.hubsite.repo import Commit, Repo
from tests.hubsite.wire import Json, RefusedError

_BOTH = (
    "author", "cardData", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated",
    "lastModified", "likes", "private", "sha", "siblings", "tags", "trendingScore", "usedStorage",
)  # fmt: skip
EXPANDABLE = {
    "dataset": frozenset((*_BOTH, "citation", "description", "mainSize", "paperswithcode_id",
        "resourceGroup")),
    "model": frozenset((*_BOTH, "baseModels", "childrenModelCount", "config", "evalResults", "gguf",
        "inference", "inferenceProviderMapping", "library_name", "mask_token", "model-index",
        "pipeline_tag", "resourceGroup", "safetensors", "securityRepoStatus", "spaces",
        "transformersInfo", "widgetData")),
}  # fmt: skip
"""What may be asked for by `expand`."""

LISTED = {
    "dataset": ("author", "disabled", "gated", "lastModified", "likes", "trendingScore", "private",
        "sha", "description", "downloads", "tags", "createdAt"),
    "model": ("likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag",
        "library_name", "createdAt"),
}  # fmt: skip
FULL = {
    "dataset": ("cardData", "siblings", "citation", "paperswithcode_id"),
    "model": ("author", "gated", "disabled", "lastModified", "sha", "siblings"),
}
SINGLE = {
    "dataset": (*LISTED["dataset"], *FULL["dataset"], "usedStorage"),
    "model": (*LISTED["model"], *FULL["model"], "config", "cardData", "transformersInfo",
        "safetensors", "usedStorage"),
}  # fmt: skip


def about(repo: Repo, commit: Commit, names: Collection[str], *, blobs: bool = False) -> Json:
    """Return some properties of a repository.

    Args:
        names: Those wanted; what the repository has nothing to say on is left out.
        blobs: Whether files come with size and hashes.
    """
    found: Json = {"_id": repo.id.encode().hex()[:24], "id": repo.id}
    if repo.kind == "model":
        found["modelId"] = repo.id
    for name in names:
        value = _PROPERTIES[name](repo, commit) if name in _PROPERTIES else None
        if value is not None:
            found[name] = value
    if "siblings" in names and blobs:
        found["siblings"] = _siblings(commit, whole=True)
    return found


def expanded(repo: Repo, commit: Commit, names: list[str]) -> Json:
    """Return exactly the properties asked for.

    Raises:
        RefusedError: There is no such property.
    """
    unknown = sorted(set(names) - EXPANDABLE[repo.kind])
    if unknown:
        allowed = ", ".join(sorted(EXPANDABLE[repo.kind]))
        raise RefusedError(400, f'"expand" must be one of [{allowed}], not {", ".join(unknown)}')
    return about(repo, commit, names)


def stamp(date: datetime) -> str:
    """Return a time as the Hub writes it."""
    return date.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _siblings(commit: Commit, *, whole: bool = False) -> list[Json]:
    if not whole:
        return [{"rfilename": path} for path in commit.blobs]
    found = []
    for path, blob in commit.blobs.items():
        entry: Json = {"rfilename": path, "size": blob.size, "blobId": blob.oid}
        if blob.lfs:
            pointer = len(blob.pointer)
            entry["lfs"] = {"sha256": blob.sha256, "size": blob.size, "pointerSize": pointer}
        found.append(entry)
    return found


def _storage(_: Repo, commit: Commit) -> int:
    return sum(blob.size for blob in commit.blobs.values())


_PROPERTIES: dict[str, Callable[[Repo, Commit], object]] = {
    "author": lambda repo, _: repo.owner,
    "cardData": lambda _, commit: commit.card.data or None,
    "createdAt": lambda repo, _: stamp(repo.created),
    "disabled": lambda repo, _: repo.disabled,
    "downloads": lambda repo, _: repo.downloads,
    "downloadsAllTime": lambda repo, _: repo.downloads,
    "gated": lambda repo, _: repo.gated,
    "lastModified": lambda repo, _: stamp(repo.last_modified),
    "likes": lambda repo, _: repo.likes,
    "private": lambda repo, _: repo.private,
    "sha": lambda _, commit: commit.sha,
    "siblings": lambda _, commit: _siblings(commit),
    "tags": lambda repo, commit: commit.tags(repo.kind),
    "trendingScore": lambda repo, _: repo.likes,
    "usedStorage": _storage,
    "mainSize": _storage,
    "description": lambda repo, commit: description(
        commit.card, f"https://huggingface.co/{repo.page}"
    ),
    "config": lambda _, commit: commit.model_facts["config"] or None,
    "library_name": lambda _, commit: commit.model_facts["library_name"],
    "pipeline_tag": lambda _, commit: commit.model_facts["pipeline_tag"],
    "safetensors": lambda _, commit: commit.model_facts["safetensors"],
    "transformersInfo": lambda _, commit: commit.model_facts["transformersInfo"],
}
