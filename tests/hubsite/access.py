"""Who may see what: tokens, private and gated repositories."""

import hashlib

from tests.hubsite.repo import Repo
from tests.hubsite.wire import Json, RefusedError, Request

USER = "tester"


class Access:
    """The tokens that are valid and what they open.

    Attributes:
        token: May write, and sees everything of `namespaces`.
        namespaces: Owners under which the token may create repositories.
    """

    def __init__(self) -> None:
        self.token = self._new_token(0)
        self.namespaces = {USER}
        self._granted: dict[str, set[str]] = {self.token: set()}

    def new_token(self) -> str:
        """Return a token of somebody else: it may read what is public or granted to it."""
        token = self._new_token(len(self._granted))
        self._granted[token] = set()
        return token

    def grant(self, token: str, repo_id: str) -> None:
        """Let a token see a private or gated repository."""
        self._granted[token].add(repo_id)

    def check_token(self, request: Request) -> None:
        """Refuse tokens that nobody has given out.

        Raises:
            RefusedError: The token is not valid.
        """
        if request.token is not None and request.token not in self._granted:
            raise RefusedError(401, "Invalid credentials in Authorization header")

    def opens(self, token: str | None, repo: Repo) -> bool:
        """Say whether a token opens a private or gated repository."""
        if token is None:
            return False
        own = token == self.token and repo.owner in self.namespaces
        return own or repo.id in self._granted[token]

    def sees(self, token: str | None, repo: Repo) -> bool:
        """Say whether a repository is there at all for a token."""
        return not repo.private or self.opens(token, repo)

    def check_files(self, token: str | None, repo: Repo) -> None:
        """Refuse the files of a gated repository to those it was not granted to.

        Raises:
            RefusedError: As the Hub words it, 401 without a token and 403 with one.
        """
        if not repo.gated or self.opens(token, repo):
            return
        raise gated_error(repo.kind, repo.id, token)

    def check_write(self, token: str | None, owner: str) -> None:
        """Refuse writing to all but the one token, in its namespaces.

        Raises:
            RefusedError: It may not.
        """
        if token is None:
            raise RefusedError(401, "Invalid username or password.")
        if token != self.token or owner not in self.namespaces:
            reason = f'You don\'t have the rights to write under the namespace "{owner}"'
            raise RefusedError(403, reason)

    def whoami(self, token: str | None) -> Json:
        """Return what the Hub says about the owner of a token."""
        if token is None:
            raise RefusedError(401, "Invalid username or password.")
        writes = token == self.token
        name = USER if writes else "visitor"
        role = {"displayName": "tests", "role": "write" if writes else "read"}
        orgs = [{"type": "org", "name": n} for n in sorted(self.namespaces - {name})]
        about = {"type": "user", "id": name, "name": name, "fullname": name, "orgs": orgs}
        return {**about, "auth": {"type": "access_token", "accessToken": role}}

    @staticmethod
    def _new_token(number: int) -> str:
        return "hf_" + hashlib.sha256(f"hubsite {number}".encode()).hexdigest()[:34]


def gated_error(kind: str, repo_id: str, token: str | None) -> RefusedError:
    """Return the error for files of a gated repository."""
    restricted = f"Access to {kind} {repo_id} is restricted"
    if token is None:
        text = f"{restricted}. You must have access to it and be authenticated to access it."
        return RefusedError(401, f"{text} Please log in.", "GatedRepo")
    text = f"{restricted} and you are not in the authorized list."
    return RefusedError(403, f"{text} Visit its page to ask for access.", "GatedRepo")
