"""What a search reads of a data set: a few short texts taken from its card and rows."""

import re

from tools.hub.columns import label_columns, text_columns
from tools.hub.names import normalise
from tools.services import DatasetInfo

PARAGRAPH_CHARACTERS = 300
SAMPLE_CHARACTERS = 200
MOST_NAMES = 40
FEWEST_NAMES = 4
"""Fewer names, such as positive and negative, say nothing about what a set is about."""


def passages(info: DatasetInfo) -> list[str]:
    """Return what the set is about, in three views: description, tags and columns, label names."""
    tags = " ".join([info.title, *info.tags, info.config, *info.columns])
    views = [f"{info.title}. {first_paragraph(info.description)}", re.sub(r"[-_]+", " ", tags)]
    names = [normalise(name) for name in class_names(info)[:MOST_NAMES]]
    return [*views, ", ".join(names)] if len(names) >= FEWEST_NAMES else views


def class_names(info: DatasetInfo) -> tuple[str, ...]:
    """Return the names of the likeliest label column."""
    columns = label_columns(info)
    return columns[0].names if columns else ()


def first_paragraph(card: str) -> str:
    """Return the first paragraph of a card that is not a heading; the rest is about sources."""
    body = re.sub(r"^#.*$", "", card, flags=re.MULTILINE).strip()
    return " ".join(body.split("\n\n")[0].split())[:PARAGRAPH_CHARACTERS]


def sample_texts(info: DatasetInfo) -> list[str]:
    """Return a few inputs as they stand in the data."""
    columns = text_columns(info, [column.column for column in label_columns(info)])
    joined = [" ".join(str(row.get(c) or "") for c in columns) for row in info.samples]
    return [text[:SAMPLE_CHARACTERS] for text in joined if text.strip()]


def full_text(info: DatasetInfo) -> str:
    """Return everything that a search by words looks at."""
    return " ".join(
        [*passages(info), info.repo_id, " ".join(class_names(info)), *sample_texts(info)]
    )
