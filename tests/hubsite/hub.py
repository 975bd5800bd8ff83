"""What a Hub holds: repositories, and who may see them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.hubsite.access import Access
from tests.hubsite.content import Blob, Files, Source
from tests.hubsite.repo import Commit, Kind, Repo, folder_files
from tests.hubsite.wire import RefusedError, Request


class Hub:
    """Repositories, and who may see them.

    Attributes:
        access: The tokens.
        page_size: Most items of a page in lists and trees.
        viewer: Whether there is a dataset viewer below `/viewer`.
        moved: Kind and former id of a repository to the id that it is sent on to.
        uploaded: LFS files that came in and are in no commit yet, by their SHA-256.
    """

    def __init__(self, *, viewer: bool = True) -> None:
        self.access = Access()
        self.page_size = 1000
        self.viewer = viewer
        self.uploaded: dict[str, bytes] = {}
        self.repos: dict[tuple[Kind, str], Repo] = {}
        self.moved: dict[tuple[Kind, str], str] = {}
        self.port = 0

    @property
    def url(self) -> str:
        """What HF_ENDPOINT should be."""
        return f"http://127.0.0.1:{self.port}"

    def add_datasets(self, root: Path) -> None:
        """Serve every `<owner>/<name>/` below a folder as a data set."""
        self._add_all("dataset", root)

    def add_models(self, root: Path) -> None:
        """Serve every `<owner>/<name>/` below a folder as a model."""
        self._add_all("model", root)

    def add_repo(self, kind: Kind, repo_id: str, files: Files, **about: Any) -> Repo:
        """Serve files as a repository.

        Args:
            about: Whether it is private or gated, its downloads and so on, see `Repo`.
        """
        repo = Repo(kind, repo_id, files, **about)
        self.repos[kind, repo_id] = repo
        return repo

    def repo(self, kind: Kind, repo_id: str) -> Repo:
        """Return a repository, whose attributes may be changed."""
        return self.repos[kind, repo_id]

    def change(self, repo: Repo, files: Mapping[str, Source | None]) -> Commit:
        """Commit new or changed files; None removes one. Older commits stay."""
        blobs = {path: None if s is None else Blob(path, s) for path, s in files.items()}
        return repo.change(blobs)

    def grant(self, token: str, repo_id: str) -> None:
        """Let a token see a private or gated repository."""
        self.access.grant(token, repo_id)

    def find(self, request: Request, kind: Kind, repo_id: str) -> Repo:
        """Return a repository that the asking one may see.

        Raises:
            RefusedError: It is not there, or as good as, or somewhere else.
        """
        if new := self.moved.get((kind, repo_id)):
            there = request.target.replace(repo_id, new, 1)
            raise RefusedError(307, f"Redirecting to {there}", headers={"Location": there})
        repo = self.repos.get((kind, repo_id))
        if repo is not None and self.access.sees(request.token, repo):
            if repo.disabled:
                raise RefusedError(403, "Access to this resource is disabled.")
            return repo
        if request.token is None:
            raise RefusedError(401, "Invalid username or password.", "RepoNotFound")
        raise RefusedError(404, "Repository not found", "RepoNotFound")

    def _add_all(self, kind: Kind, root: Path) -> None:
        for folder in sorted(root.glob("*/*/")):
            repo_id = f"{folder.parent.name}/{folder.name}"
            if not repo_id.startswith("."):
                self.add_repo(kind, repo_id, folder_files(folder))
