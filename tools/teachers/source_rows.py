"""Rows of a related data set that a teacher may see in order to rewrite them."""

import random
from collections.abc import Callable, Iterator
from itertools import islice

from tools.examples import ExampleStore, Split
from tools.hub.lookup import Found
from tools.hub.rows import native_split
from tools.services import Call, Json
from tools.sources import DatasetInfo
from tools.teaching import SourceRow
from tools.text import folded

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_MOST_READ = 20_000
"""Rows of a split that are looked at; reading on would take minutes on large data sets."""
_TELLING = 20
"""Characters from which on a value that is part of a held-out input gives it away."""


def source_rows(call: Call, found: Found, held_out: Callable[[str], bool]) -> Iterator[SourceRow]:
    """Yield training rows in random order, without those used before and those that are held out.

    Test splits are not read. A row is held out if a text in it equals or nearly equals a
    validation or test input, or is a part of one.

    Args:
        call: The tool call.
        found: The data set.
        held_out: Says which texts equal or nearly equal a held-out input.
    """
    store = call.services.store
    used = {e.group for split in SPLITS for e in store.accepted(split)}
    secret = _held_out_text(store)
    info = found.info
    rows = list(_training_rows(found))
    random.Random(f"{call.services.seed} {call.id}").shuffle(rows)
    for group, row in rows:
        values = _named(row, info)
        texts = [value for value in values.values() if isinstance(value, str) and value.strip()]
        if (
            texts
            and group not in used
            and not any(_is_part(text, secret) or held_out(text) for text in texts)
        ):
            yield SourceRow(values, info.repo_id, info.licence, group)


def _training_rows(found: Found) -> Iterator[tuple[str, Json]]:
    """Yield every row with the name of its group: the data set, split and number."""
    info = found.info
    for split in info.splits:
        if native_split(split) != "test":
            for number, row in enumerate(islice(found.source.rows(info, split), _MOST_READ)):
                yield f"{info.repo_id}@{info.config}/{split}/{number}", row


def _named(row: Json, info: DatasetInfo) -> Json:
    """Return a row with the names of classes in place of their numbers."""
    values = dict(row)
    for column, names in info.label_names.items():
        number = values.get(column)
        if isinstance(number, int) and 0 <= number < len(names):
            values[column] = names[number]
    return values


def _held_out_text(store: ExampleStore) -> str:
    return "\n".join(
        folded(example.input)
        for split in ("validation", "test")
        for example in store.accepted(split)
    )


def _is_part(text: str, secret: str) -> bool:
    plain = folded(text)
    return len(plain) >= _TELLING and plain in secret
