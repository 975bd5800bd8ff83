"""What the columns of a data set are good for: text to read, labels to learn, or neither."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.column_names import CLASS_NAMES, TEXT_NAMES, is_metadata
from tools.services import DatasetInfo


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
        counted = kind in ("bool", "int8", "int32", "int64") and column.casefold() in CLASS_NAMES
        if (stored or counted) and not _tags_tokens(info, column):
            found.append(LabelColumn(column, kind, names))
    return sorted(found, key=_likelihood, reverse=True)


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


def template_of(columns: Sequence[str]) -> str:
    """Return `context: {context} question: {question}` for these columns."""
    return " ".join(f"{column}: {{{column}}}" for column in columns)


def fields(template: str, columns: Mapping[str, str]) -> list[str]:
    """Return the columns that an input names: a column by itself, or a template's fields."""
    if template in columns:
        return [template]
    return [name for name in re.findall(r"\{([^{}]+)\}", template) if name in columns]
