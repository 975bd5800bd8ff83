"""A local folder of data sets in the layout of the Hugging Face Hub: `<owner>/<name>/README.md`.

What the card and the files' own headers say is enough to describe a set, so nothing is converted
until its rows are asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.hub.datafiles import DataFiles
from tools.hub.describe import About, Described, described, folder_revision, read_card
from tools.hub.features import declared_features
from tools.hub.layout import (
    BrokenDatasetError,
    Patterns,
    config_files,
    configs_of,
    options_of,
    refuse_code,
)
from tools.hub.peek import peek
from tools.services import Json, Progress, ToolError
from tools.sources import DatasetInfo


class LocalCatalogue:
    """Every data set below one folder.

    Args:
        root: Folder that holds `<owner>/<name>/`.
        cache: Where the `datasets` library may keep files of its own.
        warn: Told in one line about each data set that has to be skipped.
    """

    def __init__(self, root: Path, cache: Path, warn: Progress) -> None:
        self.name = str(root)
        self._root = root.resolve()
        self._cache = cache
        self._warn = warn
        self._described: dict[tuple[str, str], Described] | None = None

    def infos(self) -> Sequence[DatasetInfo]:
        """Return one info per config, read once; broken sets are skipped with a warning."""
        return [found.info for found in self._all().values()]

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        """Yield the rows of one split as stored: class labels are integers.

        Raises:
            ToolError: The set is not in this catalogue, or its files turn out to be damaged.
        """
        found = self._all().get((info.repo_id, info.config))
        if found is None or found.info != info:
            raise ToolError(f"{info.repo_id} is not in the catalogue {self.name}")
        if split not in info.splits:
            raise ToolError(
                f"{info.repo_id} has no split {split!r}; it has {', '.join(info.splits)}"
            )
        return found.files.rows(split, self._cache)

    def _all(self) -> dict[tuple[str, str], Described]:
        if self._described is None:
            self._described = {
                (found.info.repo_id, found.info.config): found
                for card in sorted(self._root.glob("*/*/README.md"))
                for found in self._read(card.parent)
            }
        return self._described

    def _read(self, folder: Path) -> list[Described]:
        try:
            return _configs(folder, self._cache)
        except BrokenDatasetError as error:
            reason = " ".join(str(error).split())
            self._warn(f"skipped data set {folder.parent.name}/{folder.name}: {reason}")
            return []


def _configs(folder: Path, cache: Path) -> list[Described]:
    card, text = read_card(folder / "README.md")
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    configs = configs_of(card)
    declared = declared_features(card)
    if len(declared) == len(configs) == 1:
        declared = dict(zip(configs, declared.values(), strict=True))
    repo_id = f"{folder.parent.name}/{folder.name}"
    refuse_code(repo_id, names)
    about = About(repo_id, card, text, folder_revision(folder))
    found = []
    for config, said in configs.items():
        features, counts = declared.get(config, ({}, {}))
        files = _data_files(folder, names, said, features)
        found.append(described(about, config, files, peek(files, cache, counts, None)))
    return found


def _data_files(
    folder: Path, names: Sequence[str], config: Json, features: Mapping[str, Any]
) -> DataFiles:
    from datasets.data_files import get_data_patterns

    def guess(base: str) -> Patterns:
        patterns: Patterns = get_data_patterns(str(folder / base))
        return patterns

    files = config_files(names, config, guess)
    for name in (name for paths in files.values() for name in paths):
        if not (folder / name).resolve().is_relative_to(folder):
            raise BrokenDatasetError(f"{name} is a link out of the repository")
    splits = {split: [str(folder / name) for name in paths] for split, paths in files.items()}
    options = options_of(config, next(iter(files.values()))[0])
    return DataFiles(f"{folder.parent.name}/{folder.name}", splits, features, options)
