"""Repositories: what is in them, at every commit so far."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from tests.hubsite.cards import Card, dataset_tags, model_facts, model_tags, read_card
from tests.hubsite.content import Blob, Files
from tests.hubsite.wire import Json, RefusedError

Kind = Literal["dataset", "model"]
Gated = Literal["auto", "manual", False]
BORN = datetime(2025, 1, 1, tzinfo=UTC)
SHORTEST_SHA = 7


class Commit:
    """One state of a repository.

    Args:
        named: Name of the repository, so that two with the same files differ.
        blobs: Path to file.
    """

    def __init__(self, named: str, blobs: dict[str, Blob], title: str, date: datetime) -> None:
        self.blobs = dict(sorted(blobs.items()))
        self.title = title
        self.date = date
        self._named = named

    @cached_property
    def sha(self) -> str:
        """Hash of all contents, worked out when first asked for."""
        digest = hashlib.sha1(self._named.encode())
        for path, blob in self.blobs.items():
            digest.update(f"\0{path}\0{blob.oid}".encode())
        return digest.hexdigest()

    @cached_property
    def card(self) -> Card:
        """Its README."""
        return read_card(self.blobs)

    @cached_property
    def model_facts(self) -> Json:
        """What the files say about a model."""
        return model_facts(self.card, self.blobs)

    def tags(self, kind: Kind) -> list[str]:
        """Return the tags that the Hub gives it."""
        if kind == "dataset":
            return dataset_tags(self.card, self.blobs)
        return model_tags(self.card, self.model_facts)


class Repo:
    """A repository; its attributes may be changed at any time."""

    def __init__(
        self,
        kind: Kind,
        repo_id: str,
        files: Files,
        *,
        private: bool = False,
        gated: Gated = False,
        downloads: int = 0,
        likes: int = 0,
        last_modified: datetime = BORN,
        created: datetime = BORN,
    ) -> None:
        self.kind = kind
        self.id = repo_id
        self.private = private
        self.gated = gated
        self.disabled = False
        self.downloads = downloads
        self.likes = likes
        self.last_modified = last_modified
        self.created = created
        blobs = {path: Blob(path, source) for path, source in files.items()}
        self.commits = [Commit(f"{kind}s/{repo_id}", blobs, "Initial commit", last_modified)]
        self.names: dict[str, Commit] = {}
        """Tags and branches but `main`."""

    @property
    def owner(self) -> str:
        """The namespace."""
        return self.id.split("/", maxsplit=1)[0]

    @property
    def head(self) -> Commit:
        """What `main` is."""
        return self.commits[-1]

    @property
    def sha(self) -> str:
        """Commit hash of `main`."""
        return self.head.sha

    @property
    def page(self) -> str:
        """Path of its page, which paths of files begin with."""
        return f"datasets/{self.id}" if self.kind == "dataset" else self.id

    def change(self, files: dict[str, Blob | None], title: str = "Change") -> Commit:
        """Commit files over the present ones; None removes one."""
        merged = {**self.head.blobs, **files}
        blobs = {path: blob for path, blob in merged.items() if blob is not None}
        self.last_modified += timedelta(hours=1)
        self.commits.append(Commit(f"{self.kind}s/{self.id}", blobs, title, self.last_modified))
        return self.head

    def at(self, revision: str) -> Commit:
        """Return the commit of a branch, a tag, or a hash that may be cut short.

        Raises:
            RefusedError: There is none.
        """
        if revision in ("main", "refs/heads/main"):
            return self.head
        if revision in self.names:
            return self.names[revision]
        if len(revision) >= SHORTEST_SHA:
            for commit in reversed(self.commits):
                if commit.sha.startswith(revision):
                    return commit
        raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def folder_files(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their path in it; hidden folders are left out."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not _hidden(path.relative_to(folder).parts[:-1])
    }


def _hidden(folders: tuple[str, ...]) -> bool:
    return any(name.startswith(".") for name in folders)
