"""What a search reads of a data set: a few short texts taken from its card and rows."""

import re
from collections.abc import Sequence

from tools.hub.columns import label_columns, text_columns
from tools.hub.names import normalise
from tools.hub.retrieval import Document
from tools.sources import DatasetInfo

PARAGRAPH_CHARACTERS = 300
SAMPLE_CHARACTERS = 200
CARD_CHARACTERS = 1500
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
    body = _without_headings(card)
    return " ".join(body.split("\n\n")[0].split())[:PARAGRAPH_CHARACTERS]


def _without_headings(card: str) -> str:
    return re.sub(r"^#.*$", "", card, flags=re.MULTILINE).strip()


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


def card_document(info: DatasetInfo) -> Document:
    """Return what is known of a set that nobody has looked into: name, card text and tags."""
    name = normalise(info.repo_id.rpartition("/")[2])
    title = info.title if normalise(info.title) == name else f"{name}. {info.title}"
    body = " ".join(_without_headings(info.description).split())
    tags = normalise(" ".join(_spoken(info.tags)))
    # The name leads its text: by itself it is too short to be compared by meaning.
    views = (f"{title}: {body[:CARD_CHARACTERS]}", *([f"{name} {tags}"] if tags else []))
    return Document(info.repo_id, views, f"{title} {body} {tags}", info.downloads)


def _spoken(tags: Sequence[str]) -> list[str]:
    """Return the tags that say what a set is about; `region:us` and its like do not."""
    parts = [tag.rpartition(":") for tag in tags]
    return [value for kind, _, value in parts if kind in ("", "task_categories", "task_ids")]
