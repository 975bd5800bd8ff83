"""What the columns of a data set are good for: text to read, labels to learn, or neither."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.column_names import CLASS_NAMES, GRADE_NAMES, TEXT_NAMES, is_metadata
from tools.hub.types import WHOLE_NUMBERS
from tools.sources import DatasetInfo


@dataclass(frozen=True)
class LabelColumn:
    """A column that could be what a label task asks for.

    Attributes:
        kind: How values are stored: names, numbers of names, or lists of numbers of names.
        names: The classes; empty where they show only in the rows.
    """

    column: str
    kind: str
    names: tuple[str, ...]


def label_columns(info: DatasetInfo) -> list[LabelColumn]:
    """Return the columns that hold one of a few classes, the likeliest first."""
    found = []
    for column, kind in info.columns.items():
        names = tuple(info.label_names.get(column, ()))
        stored = kind in ("class_label", "list<class_label>") or (kind == "string" and names)
        counted = kind in ("bool", *WHOLE_NUMBERS) and column.casefold() in CLASS_NAMES
        if (stored or counted) and not _tags_tokens(info, column):
            found.append(LabelColumn(column, kind, names))
    return sorted(_without_numbers(info, found), key=_likelihood, reverse=True)


def unusual_labels(info: DatasetInfo) -> list[LabelColumn]:
    """Return columns that may hold classes though neither type nor name says so: yes or no, stars.

    For a data set that is to be read for labels anyway; a search would find too much by them.
    """
    return [
        LabelColumn(column, kind, tuple(info.label_names.get(column, ())))
        for column, kind in info.columns.items()
        if kind == "bool" or (kind in WHOLE_NUMBERS and _named(column, GRADE_NAMES))
    ]


def _without_numbers(info: DatasetInfo, found: Sequence[LabelColumn]) -> list[LabelColumn]:
    """Drop a column of bare numbers that another names: `label` beside `label_text`."""
    return [
        c for c in found
        if c.names or not any(o.names and _say_the_same(info, c.column, o.column) for o in found)
    ]  # fmt: skip


def _say_the_same(info: DatasetInfo, a: str, b: str) -> bool:
    """Whether the values of two columns stand for each other in the sample rows."""
    pairs = {(str(row.get(a)), str(row.get(b))) for row in info.samples}
    several = len(pairs) > 1
    return several and len({x for x, _ in pairs}) == len({y for _, y in pairs}) == len(pairs)


def _likelihood(column: LabelColumn) -> tuple[bool, bool]:
    return _named(column.column, CLASS_NAMES), "class_label" in column.kind


def equally_likely(columns: Sequence[LabelColumn]) -> list[LabelColumn]:
    """Return the columns that tie for first place by type and name."""
    return [column for column in columns if _likelihood(column) == _likelihood(columns[0])]


def _named(column: str, names: Sequence[str]) -> bool:
    return column.casefold() in names


def _tags_tokens(info: DatasetInfo, column: str) -> bool:
    """Whether a list of labels has one for every token of another column."""
    tokens = [c for c, kind in info.columns.items() if kind == "list<string>"]
    if not info.columns[column].startswith("list") or not info.samples:
        return False
    return any(all(len(row[column]) == len(row[c]) for row in info.samples) for c in tokens)


def text_columns(info: DatasetInfo, labels: Sequence[str] = ()) -> list[str]:
    """Return the columns that hold text to read, in stored order; token lists where nothing else.

    Args:
        info: The data set.
        labels: Columns that are taken for labels.
    """
    plain = [
        column
        for column, kind in info.columns.items()
        if kind in ("string", "large_string") and column not in labels and _reads(info, column)
    ]
    tokens = [c for c, kind in info.columns.items() if kind == "list<string>" and c not in labels]
    return plain or tokens


def _reads(info: DatasetInfo, column: str) -> bool:
    """Whether values look like language and not like keys."""
    if is_metadata(column) or column in info.label_names:
        return False
    values = [str(row[column]) for row in info.samples if row.get(column)]
    if _named(column, TEXT_NAMES):
        return bool(values)
    spoken = [v for v in values if " " in v.strip() or re.search(r"[\u3040-\u9fff]", v)]
    return len(spoken) * 2 >= len(values) > 0


def obvious_text(columns: Sequence[str]) -> str | None:
    """Return the one column that is the input by itself, or None where that is not clear."""
    if len(columns) == 1:
        return columns[0]
    named = [column for column in columns if _named(column, TEXT_NAMES)]
    return named[0] if len(named) == 1 else None
