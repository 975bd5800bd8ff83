"""Which address is answered by what."""

from tests.hubsite import tree, viewer, write
from tests.hubsite.files import resolve, stored
from tests.hubsite.hub import Hub
from tests.hubsite.info import SINGLE, about, expanded
from tests.hubsite.listing import listing
from tests.hubsite.repo import Commit, Kind, Repo
from tests.hubsite.wire import RefusedError, Request, Response, answer

KINDS: dict[str, Kind] = {"datasets": "dataset", "models": "model"}
VERBS = (
    "auth-check", "commit", "commits", "paths-info", "preupload", "refs", "resolve", "revision",
    "settings", "tree",
)  # fmt: skip
"""What may stand behind the id of a repository."""


def route(hub: Hub, request: Request) -> Response:
    """Answer a request.

    Raises:
        RefusedError: The answer is an error.
    """
    match request.segments:
        case ["api", "whoami-v2"]:
            return answer(hub.access.whoami(request.token))
        case ["api", ("repos" | "validate-yaml") as what, *verb]:
            return write.account(hub, request, [what, *verb])
        case ["api", ("datasets" | "models") as plural]:
            kind = KINDS[plural]
            repos = [r for r in hub.repos.values() if r.kind == kind]
            seen = [repo for repo in repos if hub.access.sees(request.token, repo)]
            return listing(request, kind, seen, hub.url, hub.page_size)
        case ["api", ("datasets" | "models") as plural, *rest]:
            return _api(hub, request, KINDS[plural], rest)
        case ["viewer", verb] if hub.viewer:
            return viewer.viewer(hub, request, verb)
        case ["lfs", oid] if request.method == "PUT":
            return write.receive(hub, request, oid)
        case segments:
            return _content(hub, request, segments)


def _api(hub: Hub, request: Request, kind: Kind, segments: list[str]) -> Response:
    repo_id, verb, rest = _split(segments)
    repo = hub.find(request, kind, repo_id)
    if request.method in ("POST", "PUT") and verb != "paths-info":
        return write.write(hub, request, repo, [verb, *rest])
    match [verb, *rest]:
        case ["refs"]:
            return tree.refs(repo)
        case ["commits", _]:
            return tree.commits(repo)
        case ["auth-check", *_]:
            hub.access.check_files(request.token, repo)
            return answer({})
        case [""]:
            return _info(request, repo, repo.head)
        case [_, revision, *folder]:
            return _commit(hub, request, repo, verb, repo.at(revision), "/".join(folder))
    raise _nothing(request)


def _commit(
    hub: Hub, request: Request, repo: Repo, verb: str, commit: Commit, folder: str
) -> Response:
    """Answer what is asked about one commit."""
    if verb == "revision":
        return _info(request, repo, commit)
    if verb == "tree":
        return tree.tree(request, commit, folder, hub.url, hub.page_size)
    if verb == "paths-info":
        return tree.paths_info(request, commit)
    raise _nothing(request)


def _content(hub: Hub, request: Request, segments: list[str]) -> Response:
    """Answer outside the API: contents of files and the batches of LFS."""
    store = segments[0] == "cdn"
    segments = segments[1:] if store else segments
    kind: Kind = "dataset" if segments[0] == "datasets" else "model"
    segments = segments[1:] if kind == "dataset" else segments
    if segments[-4:] == ["info", "lfs", "objects", "batch"]:
        repo_id = "/".join(segments[:-4]).removesuffix(".git")
        return write.batch(hub, request, hub.find(request, kind, repo_id))
    if store and len(segments) > 3:
        # Who has the address has access: the repository need not be seen.
        repo = hub.repos.get((kind, "/".join(segments[:2])))
        if repo:
            return stored(request, repo.at(segments[2]), "/".join(segments[3:]))
    repo_id, verb, rest = _split(segments)
    if verb != "resolve" or len(rest) < 2:
        raise _nothing(request)
    repo = hub.find(request, kind, repo_id)
    hub.access.check_files(request.token, repo)
    revision = rest[0]
    return resolve(request, repo, repo.at(revision), "/".join(rest[1:]), hub.port)


def _split(segments: list[str]) -> tuple[str, str, list[str]]:
    """Return the id of a repository, with or without an owner, the verb after it, and the rest."""
    length = 1 if len(segments) == 1 or segments[1] in VERBS else 2
    verb, *rest = [*segments[length:], ""]
    return "/".join(segments[:length]), verb, rest[:-1] if rest else []


def _info(request: Request, repo: Repo, commit: Commit) -> Response:
    if wanted := request.query.get("expand"):
        names = [name for value in wanted for name in value.split(",")]
        return answer(expanded(repo, commit, names))
    return answer(about(repo, commit, SINGLE[repo.kind], blobs=request.flag("blobs")))


def _nothing(request: Request) -> RefusedError:
    return RefusedError(404, f"Sorry, we can't find the page you are looking for: {request.target}")
