"""Lists of repositories: what is searched, filtered, sorted, and how much of each is told."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from tests.hubsite.info import EXPANDABLE, FULL, LISTED, about, expanded
from tests.hubsite.repo import Kind, Repo
from tests.hubsite.wire import Json, RefusedError, Request, Response, answer, paged

SORTS: dict[str, Callable[[Repo], Any]] = {
    "downloads": lambda repo: repo.downloads,
    "likes": lambda repo: repo.likes,
    "trendingScore": lambda repo: repo.likes,
    "lastModified": lambda repo: repo.last_modified,
    "createdAt": lambda repo: repo.created,
}
UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def listing(
    request: Request, kind: Kind, repos: Iterable[Repo], url: str, page_size: int
) -> Response:
    """Answer a list request with one page.

    Args:
        repos: Those that the asking one may see.
    """
    found = _sorted(request, [repo for repo in repos if _fits(request, repo)])
    limit = min(int(request.one("limit") or page_size), page_size)
    page, links = paged(request, url, found, limit)
    return answer([_item(request, kind, repo) for repo in page], headers=links)


def _fits(request: Request, repo: Repo) -> bool:
    """Say whether a repository is looked for.

    As on the Hub, `search` looks into ids only: all its words have to occur there, in any case.
    """
    words = " ".join(request.query.get("search", [])).lower().split()
    if any(word not in repo.id.lower() for word in words):
        return False
    author = request.one("author")
    if author and repo.owner.lower() != author.lower():
        return False
    if request.one("gated") and request.flag("gated") != bool(repo.gated):
        return False
    return _tagged(request, repo) and _sized(request, repo)


def _tagged(request: Request, repo: Repo) -> bool:
    wanted = [tag for value in request.query.get("filter", []) for tag in value.split(",")]
    wanted += [tag for name in ("pipeline_tag", "library") for tag in request.query.get(name, [])]
    tags = set(repo.head.tags(repo.kind)) if wanted else set()
    return all(tag in tags for tag in wanted)


def _sized(request: Request, repo: Repo) -> bool:
    """Say whether a model has as many parameters as `num_parameters=min:1M,max:2B` wants."""
    bounds = request.one("num_parameters")
    if not bounds:
        return True
    weights = repo.head.model_facts["safetensors"]
    for end, number, unit in re.findall(r"(min|max):([\d.]+)([KMBT]?)", bounds):
        bound = float(number) * UNITS[unit]
        if not weights or (weights["total"] < bound if end == "min" else weights["total"] > bound):
            return False
    return True


def _sorted(request: Request, repos: list[Repo]) -> list[Repo]:
    sort = request.one("sort", "trendingScore")
    if sort not in SORTS:
        raise RefusedError(400, f'"sort" must be one of [{", ".join(SORTS)}]')
    repos.sort(key=lambda repo: repo.id)
    return sorted(repos, key=SORTS[sort], reverse=request.one("direction", "-1") == "-1")


def _item(request: Request, kind: Kind, repo: Repo) -> Json:
    if wanted := request.query.get("expand"):
        names = [name for value in wanted for name in value.split(",")]
        return expanded(repo, repo.head, names)
    names = list(LISTED[kind])
    if request.flag("full"):
        names += FULL[kind]
    names += [name for name in ("config", "cardData") if request.flag(name)]
    assert set(names) <= EXPANDABLE[kind]
    return about(repo, repo.head, names)
