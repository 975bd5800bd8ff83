"""Finding a data set by its id.

An id is compared with those that folders list, or asked for at the Hub; it never becomes a path.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.hub.languages import languages_of
from tools.language import base_language
from tools.services import ToolError
from tools.sources import DatasetInfo, DataSource, SearchableSource

NEAREST = 3


@dataclass(frozen=True)
class Found:
    """A config of a data set and where its rows come from."""

    source: DataSource
    info: DatasetInfo
    why: tuple[str, ...] = ()


def find(sources: Sequence[DataSource], dataset: str, config: str | None, language: str) -> Found:
    """Return the config that `dataset` names, as `owner/name` or `owner/name@config`.

    Where no config is named, the one in the task's language is taken, and of several with the
    same columns the largest.

    Raises:
        ToolError: No such data set or config, one that may not be used, or several that differ.
    """
    repo, _, named = dataset.strip().partition("@")
    config = config or named or None
    listed = [Found(source, info) for source in sources for info in source.infos()]
    same, refusals = _same(sources, listed, repo, config)
    if not same:
        raise (
            refusals[0]
            if refusals
            else ToolError(f"no data set {repo!r}; {_nearest(repo, listed)}")
        )
    if config is not None:
        chosen = [found for found in same if found.info.config.casefold() == config.casefold()]
        if not chosen:
            raise ToolError(f"{repo} has no config {config!r}; {_configs(same)}")
        return chosen[0]
    return _closely(same[0] if len(same) == 1 else _choose(same, language))


def _closely(found: Found) -> Found:
    """Look at a config again now that it is chosen: of several, a source takes but a glance."""
    if not isinstance(found.source, SearchableSource):
        return found
    (info,) = found.source.configs(found.info.repo_id, found.info.config)
    return Found(found.source, info, found.why)


def _same(
    sources: Sequence[DataSource], listed: Sequence[Found], repo: str, config: str | None
) -> tuple[list[Found], list[ToolError]]:
    """Return the configs of a repository, out of a folder where one has it, and refusals."""
    same = [
        found
        for found in listed
        if found.info.repo_id.casefold() == repo.casefold()
        and not isinstance(found.source, SearchableSource)
    ]
    refusals: list[ToolError] = []
    for source in sources:
        if same or not isinstance(source, SearchableSource):
            continue
        try:
            same = [Found(source, info) for info in source.configs(repo, config)]
        except ToolError as error:
            refusals.append(error)
    return same, refusals


def _choose(same: Sequence[Found], language: str) -> Found:
    spoken = [f for f in same if base_language(language) in languages_of(f.info)]
    if len(spoken) == 1:
        return _because(spoken[0], f"the one in the task's language, {language}")
    left = spoken or same
    if len({tuple(f.info.columns.items()) for f in left}) > 1 or len(left) > NEAREST:
        raise ToolError(f"{same[0].info.repo_id} has several configs; {_configs(same)}")
    largest = max(left, key=lambda f: sum(f.info.splits.values()))
    others = ", ".join(f.info.config for f in left if f is not largest)
    return _because(largest, f"the largest; others: {others}")


def _because(found: Found, reason: str) -> Found:
    return Found(found.source, found.info, (f"config: `{found.info.config}` ({reason})",))


def _configs(same: Sequence[Found]) -> str:
    return "name one with config=: " + ", ".join(f.info.config for f in same)


def _nearest(repo: str, everything: Sequence[Found]) -> str:
    from rapidfuzz import process

    known = sorted({found.info.repo_id for found in everything})
    near = [name for name, _, _ in process.extract(repo, known, limit=NEAREST)]
    return f"the nearest are {', '.join(near)}" if near else "no data sets are available"
