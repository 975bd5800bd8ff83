"""A local folder of data sets in the layout of the Hugging Face Hub: `<owner>/<name>/README.md`.

What the card and the files' own headers say is enough to describe a set, so nothing is converted
until its rows are asked for. Rows are read by the `datasets` library; no code of a data set runs
and nothing is fetched.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.hub.features import declared_features, label_names, short_types
from tools.hub.layout import BrokenDatasetError, data_layout
from tools.hub.licence_names import card_licence
from tools.hub.peek import Peek, peek, string_classes
from tools.services import DatasetInfo, Json, Progress, ToolError

DESCRIPTION_CHARACTERS = 2_000


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
        self._infos: list[DatasetInfo] | None = None

    def infos(self) -> Sequence[DatasetInfo]:
        """Return one info per config, read once; broken sets are skipped with a warning."""
        if self._infos is None:
            self._infos = [
                info
                for card in sorted(self._root.glob("*/*/README.md"))
                for info in self._read(card.parent)
            ]
        return self._infos

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        """Yield the rows of one split as stored: class labels are integers.

        Raises:
            ToolError: The set is not in this catalogue, or its files turn out to be damaged.
        """
        if info not in self.infos():
            raise ToolError(f"{info.repo_id} is not in the catalogue {self.name}")
        if split not in info.splits:
            raise ToolError(
                f"{info.repo_id} has no split {split!r}; it has {', '.join(info.splits)}"
            )
        return _stream(self._root / info.repo_id, info.config, split, self._cache)

    def _read(self, folder: Path) -> list[DatasetInfo]:
        try:
            return _infos(folder, self._cache)
        except BrokenDatasetError as error:
            reason = " ".join(str(error).split())
            self._warn(f"skipped data set {folder.parent.name}/{folder.name}: {reason}")
            return []


def _stream(folder: Path, config: str, split: str, cache: Path) -> Iterator[Json]:
    """Yield rows by way of Arrow tables, which decode neither labels nor linked media."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetGenerationError
    from pyarrow import ArrowException

    try:
        data = load_dataset(str(folder), config, split=split, streaming=True, cache_dir=str(cache))
        for table in data.with_format("arrow").iter(batch_size=1_000):
            yield from table.to_pylist()
    except (DatasetGenerationError, ArrowException, OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        name = f"{folder.parent.name}/{folder.name}"
        raise ToolError(f"{name} cannot be read ({reason}); choose another data set") from error


def _infos(folder: Path, cache: Path) -> list[DatasetInfo]:
    card, text = _load_card(folder)
    layout = data_layout(folder, card)
    declared = declared_features(card)
    if len(declared) == len(layout) == 1:
        declared = dict(zip(layout, declared.values(), strict=True))
    revision = _revision(folder)
    described = []
    for config, files in layout.items():
        features, counts = declared.get(config, ({}, {}))
        seen = peek(files, partial(_stream, folder, config, cache=cache), counts)
        about = _About(folder, card, text, revision)
        described.append(_info(about, config, features or seen.features, seen))
    return described


def _load_card(folder: Path) -> tuple[Mapping[str, Any], str]:
    """Return the card's metadata and its text."""
    from huggingface_hub import DatasetCard
    from yaml import YAMLError

    try:
        card = DatasetCard.load(folder / "README.md", ignore_metadata_errors=False)
    except (YAMLError, ValueError, TypeError, AttributeError, OSError) as error:
        raise BrokenDatasetError(f"its card cannot be read: {error}") from error
    return card.data.to_dict(), card.text


@dataclass(frozen=True)
class _About:
    """What all configs of a repository share."""

    folder: Path
    card: Mapping[str, Any]
    text: str
    revision: str


def _info(about: _About, config: str, features: Mapping[str, Any], seen: Peek) -> DatasetInfo:
    if set(features) != set(seen.columns):
        differing = ", ".join(sorted(set(features) ^ set(seen.columns)))
        raise BrokenDatasetError(f"card and data differ in the columns {differing}")
    folder, card = about.folder, about.card
    columns = short_types(features)
    return DatasetInfo(
        repo_id=f"{folder.parent.name}/{folder.name}",
        config=config,
        title=str(card.get("pretty_name") or folder.name),
        description=about.text.strip()[:DESCRIPTION_CHARACTERS],
        licence=card_licence(card),
        languages=_strings(card.get("language")),
        tags=_strings(card.get("task_categories")) + _strings(card.get("tags")),
        columns=columns,
        label_names=label_names(features) | string_classes(seen, columns),
        splits=seen.rows,
        samples=seen.samples,
        revision=about.revision,
    )


def _strings(value: object) -> tuple[str, ...]:
    """A card field that may hold nothing, one string, or several; YAML reads `no` as False."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple("no" if item is False else str(item) for item in items)


def _revision(folder: Path) -> str:
    """Hash of the names, sizes and times of all files: cheap, and it changes when they do."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        stat = path.stat()
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
