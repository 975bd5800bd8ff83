"""Metrics of answers in JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tools.scoring.summed import RowMean
from tools.text import folded

Field = tuple[str, str]
"""Where a value is, and the value, spelled so that equal ones are."""
NOTHING = object()
"""What a text that is no JSON holds; `null` is JSON."""


def parsed(text: str) -> Any:
    """Return what a JSON text says, or `NOTHING`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING


def is_structured(text: str) -> bool:
    """Say whether a text is a JSON object or list."""
    return text.lstrip()[:1] in ("{", "[") and isinstance(parsed(text), dict | list)


class JsonValid:
    """Share of answers that are JSON, whatever they say."""

    name = "json_valid"
    proportion = True

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the share of answers that can be parsed; 0 for no rows."""
        pairs = zip(gold, predicted, strict=True)
        valid = sum(parsed(given) is not NOTHING for _, given in pairs)
        return valid / len(gold) if gold else 0.0


class JsonF1(RowMean):
    """Mean F1 of the fields of JSON answers.

    A field is a path with a value. Numbers are equal as numbers, texts but for letter case and
    white space. Values in a list count in any order, objects in a list by their place. What is no
    JSON has no field; where the right answer is none, the answer has to equal it.
    """

    name = "json_f1"

    def row(self, gold: str, given: str) -> float:
        """Return the F1 of one answer."""
        right, answer = parsed(gold), parsed(given)
        if right is NOTHING or answer is NOTHING:
            return float(right is answer and folded(gold) == folded(given))
        wanted, found = Counter(_fields(right)), Counter(_fields(answer))
        return 2 * (wanted & found).total() / (wanted.total() + found.total())


def same_values(gold: str, given: str) -> bool:
    """Say whether two texts are JSON and have the same fields."""
    right, answer = parsed(gold), parsed(given)
    if right is NOTHING or answer is NOTHING:
        return False
    return Counter(_fields(right)) == Counter(_fields(answer))


def _fields(value: Any) -> Iterator[Field]:
    open_ = [("", value)]  # a student may nest deeper than Python calls
    while open_:
        path, value = open_.pop()
        if isinstance(value, dict) and value:
            open_ += [(f"{path}.{json.dumps(key)}", inner) for key, inner in value.items()]
        elif isinstance(value, list) and value:
            for place, inner in enumerate(value):
                nested = isinstance(inner, dict | list)
                open_.append((f"{path}[{place if nested else ''}]", inner))
        else:
            yield path, _spelled(value)


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return f'"{folded(value)}'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value)) if abs(value) < 2**53 else repr(value)
    return json.dumps(value)
