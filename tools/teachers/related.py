"""Sentences of related data sets with the best student's opinion of them."""

from collections.abc import Callable, Iterator
from itertools import islice

from tools.hub.columns import label_columns, obvious_text, text_columns
from tools.hub.licences import is_allowed
from tools.hub.paths import Path
from tools.hub.rows import native_split
from tools.hub.values import Evaluator
from tools.services import Call, Json
from tools.sources import DatasetInfo, DataSource
from tools.students.client import predict
from tools.teaching import RelatedText

MOST = 2_000
_MOST_READ = 20_000
"""Rows of a split that are looked at; reading on would take minutes on large data sets."""


def related_texts(call: Call, held_out: Callable[[str], bool]) -> list[RelatedText]:
    """Return sentences of the data sets that the call names, as far as licences allow.

    None before there is a student to label them, or for text tasks. Test splits are not read.

    Args:
        call: The tool call.
        held_out: Says which texts must not be shown to a teacher.
    """
    if call.best is None or call.spec.output_type != "label":
        return []
    found = [(text, info) for text, info in _sentences(call) if text.strip() and not held_out(text)]
    if not found:
        return []
    answers = predict(call.services, call.best, [text for text, _ in found])
    return [
        RelatedText(text, info.repo_id, info.licence, answer.output, answer.confidence)
        for (text, info), answer in zip(found, answers, strict=True)
    ]


def _sentences(call: Call) -> Iterator[tuple[str, DatasetInfo]]:
    pairs = _allowed(call)
    for source, info in pairs:
        column = _text_column(info)
        if column is not None:
            read = Evaluator(Path(column), info)
            rows = _spread(source, info, MOST // len(pairs))
            yield from ((read.text(row), info) for row in rows)


def _allowed(call: Call) -> list[tuple[DataSource, DatasetInfo]]:
    services = call.services
    known = {
        f"{info.repo_id}@{info.config}": (source, info)
        for source in services.sources
        for info in source.infos()
        if is_allowed(info.licence, services.allowed_licences)
    }
    return [known[name] for name in call.related if name in known]


def _text_column(info: DatasetInfo) -> str | None:
    """Return the column that holds the text; of several the one with the longest samples."""
    texts = text_columns(info, [column.column for column in label_columns(info)])
    longest = max(texts, key=lambda name: _length(info, name), default=None)
    return obvious_text(texts) or longest


def _length(info: DatasetInfo, column: str) -> int:
    read = Evaluator(Path(column), info)
    return sum(len(read.text(row)) for row in info.samples)


def _spread(source: DataSource, info: DatasetInfo, most: int) -> Iterator[Json]:
    """Yield about `most` rows, evenly spread, since stored order is often sorted by label."""
    splits = {name: rows for name, rows in info.splits.items() if native_split(name) != "test"}
    for name, rows in splits.items():
        share = max(1, most // len(splits))
        step = max(1, -(-min(rows, _MOST_READ) // share))
        yield from islice(source.rows(info, name), 0, min(rows, _MOST_READ), step)
