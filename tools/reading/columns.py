"""Which columns of a table are the input and which one is the output, by name and by content."""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.column_names import INPUT_NAMES, OUTPUT_NAMES, is_metadata
from tools.task import Demonstration

CLOSED_SET_LENGTH = 40
"""Longest output, in characters, that still looks like the name of a class."""
_SURROGATE = re.compile("[\ud800-\udfff]")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Columns:
    """The guess: several inputs are joined as `name: value name: value`."""

    inputs: tuple[str, ...]
    output: str
    notes: tuple[str, ...] = ()

    def demonstration(self, row: Row) -> Demonstration:
        """Return the row as a pair; a missing value becomes the empty string."""
        if len(self.inputs) == 1:
            text = row.get(self.inputs[0], "")
        else:
            text = " ".join(f"{name}: {row[name]}" for name in self.inputs if row.get(name))
        return Demonstration(input=text, output=row.get(self.output, ""))


def as_text(value: Any) -> str:
    """Return a JSON or Arrow value as text: missing as "", containers as JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, str):
        plain = value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value
        number = isinstance(plain, int | float) and not isinstance(plain, bool)
        value = str(plain) if number else json.dumps(plain, ensure_ascii=False, default=str)
    # JSON may escape half a surrogate pair, which no UTF-8 consumer accepts.
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)


def role(name: str) -> str | None:
    """Return "input" or "output" for a column or field name that is known, else None."""
    plain = re.sub(r"[\s_]*\d+$", "", name.strip().casefold()).replace(" ", "_")
    if plain in OUTPUT_NAMES:
        return "output"
    return "input" if plain in INPUT_NAMES else None


def is_closed_set(outputs: Sequence[str]) -> bool:
    """Tell whether outputs look like classes: short, and on average seen twice or more."""
    distinct = set(outputs)
    return (
        len(outputs) >= 3
        and 2 * len(distinct) <= len(outputs) + 1
        and max(map(len, distinct)) <= CLOSED_SET_LENGTH
    )


def guess(rows: Sequence[Row], label_names: Collection[str] = ()) -> Columns | None:
    """Choose the columns of `rows`; None where no two columns can be told apart.

    Args:
        rows: The same keys in every row, or some missing.
        label_names: Labels of the task: a column that holds nothing else is the output.
    """
    names = [n for n in dict.fromkeys(key for row in rows for key in row) if _filled(rows, n)]
    output = _output(rows, names, label_names)
    if output is None:
        return None
    rest = [name for name in names if name != output[0]]
    inputs, notes = _inputs(rows, rest)
    if not inputs:
        return None
    unused = [name for name in rest if name not in inputs]
    if unused:
        notes.append(f"Columns not used: {', '.join(map(repr, unused))}.")
    return Columns(tuple(inputs), output[0], (*output[1], *notes))


def _filled(rows: Sequence[Row], name: str) -> list[str]:
    return [row[name] for row in rows if row.get(name, "").strip()]


def _output(
    rows: Sequence[Row], names: Sequence[str], label_names: Collection[str]
) -> tuple[str, list[str]] | None:
    for name in names:
        if label_names and set(_filled(rows, name)) <= set(label_names):
            return name, []
    known = sorted((n for n in names if role(n) == "output"), key=_rank)
    if known:
        return known[0], []
    free = [name for name in names if role(name) != "input" and not is_metadata(name)]
    closed = [name for name in free if is_closed_set(_filled(rows, name))]
    if closed:
        name = min(closed, key=lambda n: len(set(_filled(rows, n))))
        return name, [f"I took {name!r} as the output: it has few distinct short values."]
    if len(names) == 2 and free:
        return free[-1], [f"I took {free[-1]!r} as the output: nothing names it as such."]
    return None


def _rank(name: str) -> int:
    plain = name.strip().casefold().replace(" ", "_")
    return OUTPUT_NAMES.index(plain) if plain in OUTPUT_NAMES else len(OUTPUT_NAMES)


def _inputs(rows: Sequence[Row], names: Sequence[str]) -> tuple[list[str], list[str]]:
    known = [name for name in names if role(name) == "input"]
    if known:
        return known, []
    texts = [name for name in names if not is_metadata(name)]
    if not texts:
        return [], []
    lengths = {name: sum(map(len, _filled(rows, name))) for name in texts}
    longest = max(texts, key=lambda name: lengths[name])
    # A title beside a body is part of the text; a channel, a rating or a date is not.
    chosen = [
        name
        for name in texts
        if name == longest
        or (lengths[name] >= 20 * len(rows) and not is_closed_set(_filled(rows, name)))
    ]
    return chosen, [f"I took {' and '.join(map(repr, chosen))} as the input: the longest text."]
