"""The requests to the Hugging Face Hub that finding data needs, by way of `huggingface_hub`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.hub.access import Kind, api, asking, list_repos, patiently
from tools.services import Json

LISTED = (
    "cardData", "description", "disabled", "downloads", "gated", "lastModified", "likes",
    "private", "sha", "tags",
)  # fmt: skip
CARD = "README.md"
ANSWER_SECONDS = 10.0
THE_LIST = "the list of data sets"
KIND: Kind = "data set"


@dataclass(frozen=True)
class RepoFacts:
    """One repository at one commit.

    Attributes:
        sizes: Path of each file to its size in bytes.
    """

    repo_id: str
    sha: str
    sizes: Mapping[str, int]
    downloads: int | None
    likes: int | None
    gated: bool
    private: bool
    changed: str


def list_datasets(query: Json, limit: int, seconds: float) -> list[Json]:
    """Return what the Hub lists for a query, the most downloaded first.

    Args:
        query: `search` and `filter`, as the Hub's API takes them.
        limit: Most repositories to return.
        seconds: How long to wait for an answer.

    Raises:
        UnreachableError: The Hub does not answer, or not in time.
        ToolError: Its answer cannot be read.
    """
    from huggingface_hub import DatasetInfo

    asked = {**query, "sort": "downloads", "limit": limit, "expand": list(LISTED)}
    found = list_repos("datasets", asked, seconds)
    with asking(THE_LIST, KIND):
        repos = [DatasetInfo(**item) for item in found]  # type: ignore[no-untyped-call]
        return [_listed(repo) for repo in repos if not repo.disabled]


def _listed(repo: Any) -> Json:
    card = repo.card_data.to_dict() if repo.card_data else {}
    kept = ("pretty_name", "license", "license_name", "language", "task_categories", "tags")
    return {
        "id": repo.id,
        "sha": repo.sha,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "gated": bool(repo.gated),
        "private": bool(repo.private),
        "changed": repo.last_modified.date().isoformat() if repo.last_modified else "",
        "description": repo.description or "",
        "tags": list(repo.tags or ()),
        "card": {key: card[key] for key in kept if card.get(key)},
    }


def repo_facts(repo_id: str, revision: str | None) -> RepoFacts:
    """Return a repository's commit and files.

    Args:
        repo_id: `owner/name`.
        revision: Commit; the newest where None.

    Raises:
        ToolError: There is no such repository, or it may not be read.
        UnreachableError: The Hub does not answer.
    """
    repo = patiently(
        lambda: api().dataset_info(
            repo_id, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS
        ),
        repo_id,
        KIND,
    )
    return RepoFacts(
        repo_id=repo.id,
        sha=str(repo.sha),
        sizes={file.rfilename: file.size or 0 for file in repo.siblings or ()},
        downloads=repo.downloads,
        likes=repo.likes,
        gated=bool(repo.gated),
        private=bool(repo.private),
        changed=repo.last_modified.date().isoformat() if repo.last_modified else "",
    )


def download(repo_id: str, sha: str, names: Sequence[str], *, offline: bool) -> list[Path]:
    """Return the paths of files of a repository in the local cache, fetched where need be.

    What was cut off is taken up where it ended.

    Raises:
        ToolError: A file may not be read.
        UnreachableError: The Hub does not answer and a file is not in the cache.
    """
    from huggingface_hub import hf_hub_download

    def fetch(name: str) -> str:
        return hf_hub_download(
            repo_id, name, repo_type="dataset", revision=sha, local_files_only=offline
        )

    return [Path(patiently(partial(fetch, name), repo_id, KIND)) for name in names]


def is_cached(repo_id: str, sha: str, names: Sequence[str]) -> bool:
    """Say whether all these files of a commit are in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    return all(
        isinstance(try_to_load_from_cache(repo_id, name, revision=sha, repo_type="dataset"), str)
        for name in names
    )
