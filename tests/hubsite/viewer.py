"""The dataset viewer: splits, types, sizes and first rows, worked out when asked for."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from tests.hubsite.hub import Hub
from tests.hubsite.layout import Configs, UnreadableError, layout
from tests.hubsite.repo import Commit, Repo
from tests.hubsite.tables import MOST_ROWS, Table, table, truncated
from tests.hubsite.wire import Json, RefusedError, Request, Response, answer

FEWEST_ROWS = 10
MOST_BYTES = 1_000_000
FEWEST_CELL_BYTES = 100
CONVERTED_BYTES = 5_000_000_000
"""Data sets above this size are converted to parquet, and so counted, only in part."""


def viewer(hub: Hub, request: Request, verb: str) -> Response:
    """Answer a request to the viewer.

    Raises:
        RefusedError: As the real one words it.
    """
    repo = _repo(hub, request)
    headers = {"X-Revision": repo.sha}
    if verb == "is-valid":
        return answer(_validity(repo.head), headers=headers)
    if verb not in _VERBS:
        raise RefusedError(404, "Not found.", "ResponseNotFound")
    try:
        return answer(_VERBS[verb](request, repo, layout(repo.head)), headers=headers)
    except UnreadableError as error:
        raise RefusedError(error.status, str(error), error.code, headers) from error


def _repo(hub: Hub, request: Request) -> Repo:
    repo = hub.repos.get(("dataset", _wanted(request, "dataset")))
    if repo is not None:
        closed = repo.private or repo.gated
        if not closed or hub.access.opens(request.token, repo):
            return repo
    what = "The dataset does not exist, or is not accessible"
    if request.token is None:
        text = f"{what} without authentication (private or gated)."
        raise RefusedError(401, text, "ExternalUnauthenticatedError")
    text = f"{what} with the current credentials (private or gated)."
    raise RefusedError(404, text, "ExternalAuthenticatedError")


def _wanted(request: Request, name: str) -> str:
    value = request.one(name)
    if not value:
        raise RefusedError(422, f"Parameter '{name}' is required", "MissingRequiredParameter")
    return value


def _validity(commit: Commit) -> Json:
    try:
        for config, splits in layout(commit).items():
            for paths in splits.values():
                table(commit, config, tuple(paths))
        preview, whole = True, not _partial(commit)
    except UnreadableError:
        preview = whole = False
    return {"preview": preview} | dict.fromkeys(("viewer", "search", "filter", "statistics"), whole)


def _partial(commit: Commit) -> bool:
    return _stored(commit, list(commit.blobs)) > CONVERTED_BYTES


def _stored(commit: Commit, paths: list[str]) -> int:
    return sum(commit.blobs[path].size for path in paths)


def _splits(_: Request, repo: Repo, configs: Configs) -> Json:
    found = [
        {"dataset": repo.id, "config": config, "split": split}
        for config, splits in configs.items()
        for split in splits
    ]
    return {"splits": found, "pending": [], "failed": []}


def _tables(commit: Commit, configs: Configs, config: str) -> dict[str, Table]:
    splits = configs[config].items()
    return {split: table(commit, config, tuple(paths)) for split, paths in splits}


def _size(_: Request, repo: Repo, configs: Configs) -> Json:
    commit = repo.head
    splits: list[Json] = []
    totals: list[Json] = []
    for config in configs:
        for split, seen in _tables(commit, configs, config).items():
            named = {"dataset": repo.id, "config": config, "split": split}
            stored = _stored(commit, configs[config][split])
            splits.append({**named, **_sizes(stored, seen.memory, seen.rows, seen)})
        own = [item for item in splits if item["config"] == config]
        stored, memory, rows = (sum(item[key] for item in own) for key in _SUMMED)
        sizes = _sizes(stored, memory, rows, seen)
        original = {"num_bytes_original_files": stored}
        totals.append({"dataset": repo.id, "config": config, **original, **sizes})
    whole = {key: sum(t[key] for t in totals) for key in ("num_bytes_original_files", *_SUMMED)}
    size = {"dataset": {"dataset": repo.id, **whole}, "configs": totals, "splits": splits}
    return {"size": size, "pending": [], "failed": [], "partial": _partial(commit)}


_SUMMED = ("num_bytes_parquet_files", "num_bytes_memory", "num_rows")


def _sizes(stored: int, memory: int, rows: int, seen: Table) -> Json:
    """Sizes of a split or config; data that is no parquet is taken to be as large as if it were."""
    return dict(
        zip((*_SUMMED, "num_columns"), (stored, memory, rows, len(seen.features)), strict=True)
    )


def _info(request: Request, repo: Repo, configs: Configs) -> Json:
    infos = {config: _dataset_info(repo, configs, config) for config in configs}
    wanted = request.one("config")
    partial = _partial(repo.head)
    if not wanted:
        return {"dataset_info": infos, "pending": [], "failed": [], "partial": partial}
    if wanted not in infos:
        raise RefusedError(404, "Not found.", "ResponseNotFound")
    return {"dataset_info": infos[wanted], "partial": partial}


def _dataset_info(repo: Repo, configs: Configs, config: str) -> Json:
    seen = _tables(repo.head, configs, config)
    paths = [path for files in configs[config].values() for path in files]
    kind = PurePosixPath(paths[0]).suffix.removeprefix(".")
    return {
        "description": "", "citation": "", "homepage": "", "license": "",
        "features": next(iter(seen.values())).features,
        "builder_name": {"jsonl": "json"}.get(kind, kind),
        "dataset_name": repo.id.split("/")[-1],
        "config_name": config,
        "version": {"version_str": "0.0.0", "major": 0, "minor": 0, "patch": 0},
        "splits": {
            split: {"name": split, "num_bytes": s.memory, "num_examples": s.rows,
                "dataset_name": None}
            for split, s in seen.items()
        },
        "download_size": _stored(repo.head, paths),
        "dataset_size": sum(s.memory for s in seen.values()),
    }  # fmt: skip


def _first_rows(request: Request, repo: Repo, configs: Configs) -> Json:
    config, split = _wanted(request, "config"), _wanted(request, "split")
    if split not in configs.get(config, {}):
        raise RefusedError(404, "Not found.", "ResponseNotFound")
    seen = table(repo.head, config, tuple(configs[config][split]))
    features = [
        {"feature_idx": number, "name": name, "type": kind}
        for number, (name, kind) in enumerate(seen.features.items())
    ]
    rows, cut = truncated(seen.head, MOST_BYTES, FEWEST_ROWS, FEWEST_CELL_BYTES)
    named: dict[str, Any] = {"dataset": repo.id, "config": config, "split": split}
    return {**named, "features": features, "rows": rows, "truncated": cut or seen.rows > MOST_ROWS}


_VERBS: dict[str, Callable[[Request, Repo, Configs], Json]] = {
    "splits": _splits,
    "size": _size,
    "info": _info,
    "first-rows": _first_rows,
}
