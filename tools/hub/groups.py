"""Which rows belong together and must not part when some are held out."""

from collections import Counter
from collections.abc import Sequence

from tools.examples import text_key
from tools.hub.paths import Expression, columns_of
from tools.services import Json
from tools.sources import DatasetInfo

_NAMES = (
    "group", "group_id", "index_id", "dialogue_id", "dialog_id", "conversation_id", "thread_id",
    "template_id", "passage_id", "context_id", "paragraph_id", "article_id", "doc_id",
    "document_id", "story_id", "source_id", "table_id", "question_id", "promptid", "prompt_id",
    "talk_id", "post_id", "article", "title",
)  # fmt: skip
"""Columns whose values rows share that were made from one source, the surest first."""
_FEWEST = 20
_LARGEST = 0.1
"""Fewer or larger groups than this could not be held out without tearing the set apart."""
_TELLING = 20
"""Characters from which on equal answers are no chance."""


def group_columns(info: DatasetInfo, used: Expression) -> tuple[str, ...]:
    """Return the columns that say which rows have one source, the surest first.

    Args:
        info: The data set.
        used: The input, whose only column is no group of its own.
    """
    known = {column.casefold(): column for column in info.columns}
    inputs = columns_of(used)
    found = [known[name] for name in _NAMES if name in known and (known[name],) != inputs]
    return tuple(c for c in found if not info.columns[c].startswith(("list", "struct")))


def row_keys(
    row: Json, columns: Sequence[str], fields: Sequence[str], answer: str, repo: str
) -> tuple[str, ...]:
    """Return what a row may be grouped by: each group column, the first field, the answer.

    Args:
        row: The row as stored.
        columns: Group columns.
        fields: Texts of the input's fields; the first is shared by rows only if there are more.
        answer: The written answer; empty for labels.
        repo: Data set that the values of the columns belong to.
    """
    explicit = [f"{repo}#{c}={row[c]}" if row.get(c) not in (None, "", -1) else "" for c in columns]
    shared = text_key(fields[0]) if len(fields) > 1 and fields[0] else ""
    return (*explicit, shared, text_key(answer) if len(answer) >= _TELLING else "")


def settle_groups(keys: Sequence[tuple[str, ...]]) -> list[str]:
    """Choose one kind of key for all rows and return each row's; empty where none will do."""
    for kind in zip(*keys, strict=True):
        if _serves(kind):
            return list(kind)
    return [""] * len(keys)


def _serves(keys: Sequence[str]) -> bool:
    counts = Counter(key for key in keys if key)
    if not counts:
        return False
    return len(counts) >= min(_FEWEST, len(keys)) and max(counts.values()) <= max(
        1, _LARGEST * len(keys)
    )
