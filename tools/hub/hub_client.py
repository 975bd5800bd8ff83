"""The requests to the Hugging Face Hub that finding data needs, by way of `huggingface_hub`.

HF_ENDPOINT and HF_TOKEN are honoured as that library honours them.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tools.hub.hub_errors import HubSilentError, asking
from tools.services import Json

LISTED = (
    "cardData", "description", "disabled", "downloads", "gated", "lastModified", "likes",
    "private", "sha", "tags",
)  # fmt: skip
CARD = "README.md"
ANSWER_SECONDS = 10.0
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
T = TypeVar("T")


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
    changed: str


def endpoint() -> str:
    """Return the URL of the Hub or of the mirror in its place."""
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def list_datasets(query: Json, limit: int) -> list[Json]:
    """Return what the Hub lists for a query, the most downloaded first.

    Args:
        query: Arguments of `HfApi.list_datasets`.
        limit: Most repositories to return.

    Raises:
        HubSilentError: The Hub does not answer.
    """
    from huggingface_hub import HfApi

    with asking():
        found = HfApi().list_datasets(
            **query,
            sort="downloads",
            limit=limit,
            expand=list(LISTED),  # type: ignore[arg-type]
        )
        return [_listed(repo) for repo in found if not repo.disabled]


def _listed(repo: Any) -> Json:
    card = repo.card_data.to_dict() if repo.card_data else {}
    kept = ("pretty_name", "license", "license_name", "language", "task_categories", "tags")
    return {
        "id": repo.id,
        "sha": repo.sha,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "gated": bool(repo.gated),
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
        HubError: There is no such repository, or it may not be read.
        HubSilentError: The Hub does not answer.
    """
    from huggingface_hub import HfApi

    repo = patiently(
        lambda: HfApi().dataset_info(
            repo_id, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS
        ),
        repo_id,
    )
    return RepoFacts(
        repo_id=repo.id,
        sha=str(repo.sha),
        sizes={file.rfilename: file.size or 0 for file in repo.siblings or ()},
        downloads=repo.downloads,
        likes=repo.likes,
        gated=bool(repo.gated),
        changed=repo.last_modified.date().isoformat() if repo.last_modified else "",
    )


def download(repo_id: str, sha: str, names: Sequence[str], *, offline: bool) -> list[Path]:
    """Return the paths of files of a repository in the local cache, fetched where need be.

    What was cut off is taken up where it ended.

    Raises:
        HubError: A file may not be read.
        HubSilentError: The Hub does not answer and a file is not in the cache.
    """
    from huggingface_hub import hf_hub_download

    def fetch(name: str) -> str:
        return hf_hub_download(
            repo_id, name, repo_type="dataset", revision=sha, local_files_only=offline
        )

    return [Path(patiently(partial(fetch, name), repo_id)) for name in names]


def patiently(ask: Callable[[], T], repo_id: str) -> T:
    """Ask again where the Hub was busy or an answer was cut off, a few times and ever later.

    Raises:
        HubError: There is no such thing, or it may not be read.
        HubSilentError: The Hub cannot be reached, or is too busy to answer.
    """
    for pause in PAUSES_S:
        try:
            with asking(repo_id):
                return ask()
        except HubSilentError as error:
            if not error.passing:
                raise
            time.sleep(pause)
    with asking(repo_id):
        return ask()


def is_cached(repo_id: str, sha: str, names: Sequence[str]) -> bool:
    """Say whether all these files of a commit are in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    return all(
        isinstance(try_to_load_from_cache(repo_id, name, revision=sha, repo_type="dataset"), str)
        for name in names
    )
