"""The dataset viewer: splits, types, sizes and first rows, worked out when asked for."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from tests.hubsite.hub import Hub
from tests.hubsite.layout import Configs, UnreadableError, layout
from tests.hubsite.repo import Commit, Repo
from tests.hubsite.tables import MOST_ROWS, Table, partial, table, truncated
from tests.hubsite.wire import Json, RefusedError, Request, Response, answer

FEWEST_ROWS = 10
MOST_BYTES = 1_000_000
FEWEST_CELL_BYTES = 100


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
        preview, whole = True, not partial(commit.blobs.values())
    except UnreadableError:
        preview = whole = False
    return {"preview": preview} | dict.fromkeys(("viewer", "search", "filter", "statistics"), whole)


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
    for config, files in configs.items():
        named = {"dataset": repo.id, "config": config}
        seen = _tables(commit, configs, config)
        parts = [
            {**named, "split": split, **_split_size(part, _stored(commit, files[split]))}
            for split, part in seen.items()
        ]
        splits += parts
        columns = {"num_columns": parts[0]["num_columns"]}
        totals.append({**named, **_summed(parts), **columns})
    whole = {"dataset": repo.id, **_summed(totals)}
    size = {"dataset": whole, "configs": totals, "splits": splits}
    return {"size": size, "pending": [], "failed": [], "partial": partial(commit.blobs.values())}


def _split_size(seen: Table, stored: int) -> Json:
    """Return sizes; data of another format is taken to be as large in parquet."""
    return {
        "num_bytes_parquet_files": stored,
        "num_bytes_memory": seen.memory,
        "num_rows": seen.rows,
        "num_columns": len(seen.features),
        "estimated_num_rows": seen.estimated,
    }


def _summed(parts: list[Json]) -> Json:
    sums = {key: sum(part[key] for part in parts) for key in _SUMMED}
    estimates = [part["estimated_num_rows"] for part in parts]
    guessed = [part["estimated_num_rows"] or part["num_rows"] for part in parts]
    return {
        "num_bytes_original_files": sums["num_bytes_parquet_files"],
        **sums,
        "estimated_num_rows": sum(guessed) if any(estimates) else None,
    }


_SUMMED = ("num_bytes_parquet_files", "num_bytes_memory", "num_rows")


def _info(request: Request, repo: Repo, configs: Configs) -> Json:
    infos = {config: _dataset_info(repo, configs, config) for config in configs}
    wanted = request.one("config")
    cut = partial(repo.head.blobs.values())
    if not wanted:
        return {"dataset_info": infos, "pending": [], "failed": [], "partial": cut}
    if wanted not in infos:
        raise RefusedError(404, "Not found.", "ResponseNotFound")
    return {"dataset_info": infos[wanted], "partial": cut}


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
