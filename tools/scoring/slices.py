"""How a student of free text does on parts of the rows: long and short ones, and by form."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.examples import Example, Scored
from tools.scoring.answers import aligned
from tools.scoring.shapes import shape
from tools.services import Metric

FEWEST = 10
"""Rows of a slice: the score of fewer says next to nothing."""
FORMS = 8


@dataclass(frozen=True)
class Slice:
    """The score on part of the rows.

    Attributes:
        by: What rows are told apart by: `input length`, `output length` or `form`.
        name: Which of them, such as `up to 12 words`.
    """

    by: str
    name: str
    n: int
    value: float


def slices(
    metric: Metric, rows: Sequence[Example], scored: Mapping[int, Scored], forms: Collection[str]
) -> list[Slice]:
    """Score answers by the length of inputs and outputs, in thirds, and by the form of outputs.

    Args:
        metric: What to score by.
        rows: Rows with the right outputs; nothing of their texts is told.
        scored: Example id → answer.
        forms: Forms to tell apart, see `regular`. Those of training rows, since a frequent output
            is a form of its own.
    """
    known = [e for e in rows if e.id in scored]
    parts = {
        "input length": _by_length(known, lambda e: e.input),
        "output length": _by_length(known, lambda e: e.output),
        "form": _by_form(known, forms),
    }
    return [
        Slice(by, name, len(members), metric.score(*aligned(members, scored)))
        for by, groups in parts.items()
        for name, members in groups.items()
        if FEWEST <= len(members) < len(known)
    ]


def _by_length(rows: Sequence[Example], text: Callable[[Example], str]) -> dict[str, list[Example]]:
    """Divide rows into thirds by the number of characters."""
    if not rows:
        return {}
    sizes = np.array([len(text(e)) for e in rows])
    low, high = (int(size) for size in np.quantile(sizes, [1 / 3, 2 / 3]))
    named: dict[str, list[Example]] = {}
    for e, size in zip(rows, sizes, strict=True):
        if size <= low:
            name = f"up to {low} characters"
        else:
            name = f"{low + 1} to {high} characters" if size <= high else f"over {high} characters"
        named.setdefault(name, []).append(e)
    return dict(sorted(named.items(), key=lambda item: len(text(item[1][0]))))


def _by_form(rows: Sequence[Example], forms: Collection[str]) -> dict[str, list[Example]]:
    of = [shape(e.output, forms) for e in rows]
    common = [form for form, _ in Counter(f for f in of if f in forms).most_common(FORMS)]
    return {name: [e for e, form in zip(rows, of, strict=True) if form == name] for name in common}
