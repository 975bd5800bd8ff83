"""Where data sets come from, as Protocols that any object may satisfy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from tools.task import OutputType

Row = dict[str, Any]
"""One row of a data set: column name to value as stored."""


@dataclass(frozen=True)
class DatasetInfo:
    """One config of one dataset repository, as its card and first rows describe it.

    Attributes:
        repo_id: `owner/name`.
        revision: Commit on the Hub, or a content hash of a local repository.
        licence: Identifier as on the card; `unknown` where the card has none.
        columns: Column name to a short type: `string`, `int64`, `class_label`, `list<int>`,
            `struct<text: list<string>, start: list<int32>>`…
        label_names: Column name to class names, for class-label columns.
        splits: Split name to number of rows.
        samples: A few rows, values as stored.
        downloads: Downloads of the repository in the last 30 days; None where nobody counts.
        likes: Likes of the repository; None where nobody counts.
        gated: Whether its owner has to grant access.
        private: Whether only some may see it at all.
        changed: ISO 8601 date of the last change; empty where unknown.
        approximate: Whether numbers of rows in `splits` are estimates.
    """

    repo_id: str
    config: str
    title: str
    description: str
    licence: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    columns: Mapping[str, str]
    label_names: Mapping[str, tuple[str, ...]]
    splits: Mapping[str, int]
    samples: tuple[Row, ...]
    revision: str
    downloads: int | None = None
    likes: int | None = None
    gated: bool = False
    private: bool = False
    changed: str = ""
    approximate: bool = False


@runtime_checkable
class DataSource(Protocol):
    """A place that data sets come from: a local catalogue, the Hub, a company's store."""

    name: str

    def infos(self) -> Sequence[DatasetInfo]:
        """Return every readable data set config; broken ones are skipped with a warning."""
        ...

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Row]:
        """Yield the rows of one split in stored order."""
        ...


@dataclass(frozen=True)
class Wanted:
    """What a search is for.

    Attributes:
        phrasings: Several ways to say what the data should be about, the planner's own first.
        keywords: The same in a word or two each, best first, for sources that match words only.
        language: BCP 47 tag of the texts.
        output_type: Kind of output that the task has.
    """

    phrasings: tuple[str, ...]
    keywords: tuple[str, ...]
    language: str
    output_type: OutputType


@dataclass(frozen=True)
class SearchResult:
    """What a source found, in no particular order.

    Attributes:
        notes: What could not be looked at and why, a sentence each.
        silent: Whether the source could not be asked, so that another time may bring more.
    """

    infos: Sequence[DatasetInfo]
    notes: tuple[str, ...] = ()
    silent: bool = False


@runtime_checkable
class SearchableSource(DataSource, Protocol):
    """A source that holds too much to be listed; `infos` returns what has been found so far."""

    def search(self, wanted: Wanted) -> SearchResult:
        """Return configs that might fit."""
        ...

    def configs(self, repo_id: str, config: str | None = None) -> Sequence[DatasetInfo]:
        """Return the readable configs of one repository, or the one named; none if it has none.

        Raises:
            ToolError: The repository is there and cannot be used; the message says why.
        """
        ...
