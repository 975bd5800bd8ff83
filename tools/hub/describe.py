"""From a repository's card and files to what a search and an import know of its configs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.hub.datafiles import LONGEST_REASON, DataFiles
from tools.hub.features import label_names, short_types
from tools.hub.layout import BrokenDatasetError
from tools.hub.licence_names import card_licence
from tools.hub.peek import Peek, string_classes
from tools.sources import DatasetInfo
from tools.text import one_line

DESCRIPTION_CHARACTERS = 2_000
LONGEST_NAME = 200
MOST_NAMES = 200


@dataclass(frozen=True)
class About:
    """What all configs of a repository share.

    Attributes:
        card: The card's metadata.
        text: The card's text.
        revision: Commit on the Hub, or a content hash of a local repository.
    """

    repo_id: str
    card: Mapping[str, Any]
    text: str
    revision: str
    downloads: int | None = None
    likes: int | None = None
    gated: bool = False
    private: bool = False
    changed: str = ""


@dataclass(frozen=True)
class Described:
    """A config and where its rows are."""

    info: DatasetInfo
    files: DataFiles


def read_card(path: Path) -> tuple[Mapping[str, Any], str]:
    """Return the metadata and the text of the card in a file.

    Raises:
        BrokenDatasetError: It cannot be read, or its YAML is broken.
    """
    from huggingface_hub import DatasetCard
    from yaml import YAMLError

    try:
        card = DatasetCard.load(path, ignore_metadata_errors=False)
    except (YAMLError, ValueError, TypeError, AttributeError, OSError) as error:
        reason = one_line(str(error), LONGEST_REASON)
        raise BrokenDatasetError(f"its card cannot be read: {reason}") from error
    return card.data.to_dict(), card.text


def described(about: About, config: str, files: DataFiles, seen: Peek) -> Described:
    """Return a config by its card and what was seen in its files.

    Raises:
        BrokenDatasetError: Card and files differ in their columns.
    """
    features = files.features or seen.features
    if set(features) != set(seen.columns):
        differing = one_line(", ".join(sorted(set(features) ^ set(seen.columns))))
        raise BrokenDatasetError(f"card and data differ in the columns {differing}")
    for name in (config, *features):
        if name != one_line(name, LONGEST_NAME):
            raise BrokenDatasetError(f"{one_line(name)!r} is no name for a config or a column")
    columns = short_types(features)
    info = DatasetInfo(
        repo_id=about.repo_id,
        config=config,
        title=title_of(about.card, about.repo_id),
        description=about.text.strip()[:DESCRIPTION_CHARACTERS],
        licence=card_licence(about.card),
        languages=strings(about.card.get("language")),
        tags=strings(about.card.get("task_categories")) + strings(about.card.get("tags")),
        columns=columns,
        label_names={
            column: tuple(one_line(name, LONGEST_NAME) for name in names)
            for column, names in label_names(features).items()
        }
        | string_classes(seen, columns),
        splits=seen.rows,
        samples=seen.samples,
        revision=about.revision,
        downloads=about.downloads,
        likes=about.likes,
        gated=about.gated,
        private=about.private,
        changed=about.changed,
        approximate=seen.approximate,
    )
    return Described(info, replace(files, features=features) if files.kind == "parquet" else files)


def strings(value: object) -> tuple[str, ...]:
    """A card field that may hold nothing, one string, or several; YAML reads `no` as False.

    Whatever else stands there is left out: by its aliases a small card may hold gigabytes.
    """
    items = value if isinstance(value, list) else [value]
    plain = ["no" if item is False else item for item in items[:MOST_NAMES]]
    return tuple(one_line(str(p), LONGEST_NAME) for p in plain if isinstance(p, str | int) and p)


def title_of(card: Mapping[str, Any], repo_id: str) -> str:
    """Return the name for people that a card gives its repository, or the repository's own."""
    return next(iter(strings(card.get("pretty_name"))), repo_id.split("/")[-1])


def folder_revision(folder: Path) -> str:
    """Hash of the names, sizes and times of all files: cheap, and it changes when they do."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        stat = path.stat()
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
