"""Which files of a data set make up which config and split."""

import re
from fnmatch import fnmatchcase
from typing import Any

from tests.hubsite.repo import Commit

SUFFIXES = (".parquet", ".jsonl", ".json", ".csv")
NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
Configs = dict[str, dict[str, list[str]]]
"""Config to split to paths."""


class UnreadableError(Exception):
    """The viewer cannot show a data set; the message goes to whoever asked."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def layout(commit: Commit) -> Configs:
    """Return the files of each config and split, by the card or by their names.

    Raises:
        UnreadableError: There are none, or a script would have to say which.
    """
    scripts = [path for path in commit.blobs if path.endswith(".py") and "/" not in path]
    if scripts:
        text = (
            "The dataset viewer doesn't support this dataset because it runs arbitrary Python code."
        )
        raise UnreadableError(501, "DatasetWithScriptNotSupportedError", text)
    data = [path for path in commit.blobs if path.endswith(SUFFIXES)]
    if not data:
        raise UnreadableError(500, "EmptyDatasetError", "The dataset is empty.")
    configs = commit.card.data.get("configs")
    if not configs:
        return {_only_name(commit): _by_name(data)}
    try:
        return {str(c.get("config_name", "default")): _declared(c, data) for c in configs}
    except (AttributeError, TypeError, KeyError) as error:
        text = "Cannot get the config names for the dataset."
        raise UnreadableError(500, "ConfigNamesError", text) from error


def _only_name(commit: Commit) -> str:
    info = commit.card.data.get("dataset_info")
    return str(info.get("config_name", "default")) if isinstance(info, dict) else "default"


def _by_name(paths: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {split: [] for split in NAMES}
    for path in paths:
        for split, names in NAMES.items():
            if re.search(rf"(^|[^a-z])({'|'.join(names)})([^a-z]|$)", path.lower()):
                found[split].append(path)
    named = {split: files for split, files in found.items() if files}
    return named or {"train": paths}


def _declared(config: dict[str, Any], paths: list[str]) -> dict[str, list[str]]:
    folder = str(config.get("data_dir") or "").strip("./")
    inside = [path for path in paths if path.startswith(f"{folder}/" if folder else "")]
    files = config.get("data_files")
    if files is None:
        return _by_name(inside)
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        files = [{"split": "train", "path": files}]
    found = {}
    for file in files:
        globs = file["path"] if isinstance(file["path"], list) else [file["path"]]
        globs = [f"{folder}/{glob}".strip("/") for glob in globs]
        matches = [path for path in inside if any(_matches(path, glob) for glob in globs)]
        if not matches:
            text = f"Couldn't find any data file matching {globs}"
            raise UnreadableError(500, "ConfigNamesError", text)
        found[str(file["split"])] = matches
    return found


def _matches(path: str, glob: str) -> bool:
    """Match as `datasets` does: one star stays in its folder, two do not."""
    if "**" in glob:
        return fnmatchcase(path, glob.replace("**/", "*")) or fnmatchcase(path, glob)
    return path.count("/") == glob.count("/") and fnmatchcase(path, glob)
