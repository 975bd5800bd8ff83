"""Repositories on the Hub: looking at what is there, and committing folders to them."""

import logging
from typing import NoReturn

from httpx2 import HTTPError
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

from agent.errors import UserError
from agent.export.folders import Staged
from agent.export.place import MARK

_KEPT = ".gitattributes"
_WHY = {
    401: "the Hub does not accept the token; log in again with `hf auth login`, or set HF_TOKEN",
    403: "the token may not write to {repo}; use one with write access to it",
    404: "the Hub has no place for {repo}; check the owner's name",
    429: "the Hub asks to wait; repeat the command in a few minutes",
}


class Hub:
    """The Hub with the user's token.

    Raises:
        UserError: There is no token.
    """

    def __init__(self) -> None:
        token = get_token()
        if not token:
            raise UserError(
                "there is no token for the Hub; set HF_TOKEN, or log in with `hf auth login`", 1
            )
        # What its library has to say, the lines of this command say.
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        disable_progress_bars()
        self._api = HfApi(token=token)
        self.endpoint = self._api.endpoint
        self._there: dict[tuple[str, str], list[str]] = {}

    def full_name(self, repo: str) -> str:
        """Return `owner/name`; the owner is the token's where none is given."""
        try:
            owner = self._api.whoami()["name"]
        except (HTTPError, OSError) as error:
            _fail(error, repo)
        return repo if "/" in repo else f"{owner}/{repo}"

    def check(self, staged: Staged, *, public: bool) -> None:
        """Make sure that the repository can be written to, or made.

        Raises:
            UserError: It holds what Tasksmith did not write, or its visibility is another.
        """
        try:
            data = staged.kind == "dataset"
            look = self._api.dataset_info if data else self._api.model_info
            info = look(staged.repo)
        except RepositoryNotFoundError:
            return
        except (HTTPError, OSError) as error:
            _fail(error, staged.repo)
        files = [file.rfilename for file in info.siblings or []]
        if MARK not in files and set(files) - {_KEPT}:
            raise UserError(
                f"{staged.repo} exists and holds files that Tasksmith did not write; choose"
                " another --repo", 1
            )  # fmt: skip
        if bool(info.private) == public:
            now, flag = ("private", "without") if info.private else ("public", "with")
            raise UserError(
                f"{staged.repo} exists and is {now}; run this {flag} --public, or change that on"
                " its page", 1
            )  # fmt: skip
        self._there[staged.kind, staged.repo] = files

    def push(self, staged: Staged, *, public: bool) -> str:
        """Commit a folder, so that the repository holds that and nothing else; return its URL."""
        names = {path.relative_to(staged.folder).as_posix(): path for path in staged.files}
        stale = set(self._there.get((staged.kind, staged.repo), ())) - {*names, _KEPT}
        changes: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationAdd(name, path) for name, path in names.items()
        ]
        changes += [CommitOperationDelete(name) for name in sorted(stale)]
        try:
            url = self._api.create_repo(
                staged.repo, repo_type=staged.kind, private=not public, exist_ok=True
            )
            self._api.create_commit(
                staged.repo, changes, repo_type=staged.kind, commit_message="Published by Tasksmith"
            )
        except (HTTPError, OSError, ValueError) as error:
            _fail(error, staged.repo)
        return str(url)


def _fail(error: Exception, repo: str) -> NoReturn:
    """Raise what a user can act on; nothing of the request, which holds the token, is repeated."""
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        said = f"the Hub answered {status}; repeat the command later, nothing is lost"
        if status == 400:
            said = f"the Hub does not take {repo}: {_line(error.server_message or '')}"
        raise UserError(_WHY.get(status, said).format(repo=repo), 1) from None
    if isinstance(error, OfflineModeIsEnabled):
        raise UserError("HF_HUB_OFFLINE is set; unset it to publish", 1) from None
    if isinstance(error, ValueError):
        raise UserError(f"the Hub does not take {repo}: {_line(str(error))}", 1) from None
    raise UserError(
        f"the Hub cannot be reached ({type(error).__name__}); repeat the command later, nothing"
        " is lost", 1
    ) from None  # fmt: skip


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
