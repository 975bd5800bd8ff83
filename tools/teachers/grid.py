"""Attributes × labels: what each new example should be like, so that batches differ.

An LLM that is asked for many examples writes the same few over and over. Giving each one a cell of
a grid of attributes, the least used first, spreads them (Yu et al., "Large Language Model as
Attributed Training Data Generator", arXiv 2306.15895).
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_ATTRIBUTES = 2
_MOST_VALUES = 12
_LONGEST_VALUE = 80
_SEPARATOR = " | "


@dataclass(frozen=True)
class Attribute:
    """One way in which inputs differ; every value says by itself what is meant."""

    name: str
    values: tuple[str, ...]


ANY_TASK = (
    Attribute(
        "who writes",
        (
            "someone in a hurry",
            "someone annoyed",
            "someone new to the matter",
            "someone who knows the matter well",
            "someone who tells more than needed",
            "someone who leaves out the obvious",
        ),
    ),
    Attribute(
        "situation",
        (
            "the everyday case",
            "a rare case",
            "with a concrete number or date",
            "with a concrete name or place",
            "several things mentioned, one matters",
            "after something went wrong",
        ),
    ),
)
"""Stands in where an LLM has not named attributes of the task itself."""
ALWAYS = (
    Attribute("length", ("a few words", "shorter than most", "usual length", "longer than most")),
    Attribute(
        "wording",
        ("plain words", "colloquial", "regional or unusual words", "slips or no punctuation"),
    ),
)
DIFFICULTY = Attribute(
    "difficulty", ("clear case", "said indirectly", "right only on a second look")
)


class Grid:
    """Hands out combinations of attribute values, for each label the least used values first.

    Values are balanced one attribute at a time: of whole combinations there are so many that
    nearly all are empty.

    Args:
        attributes: The ways in which inputs differ.
        cells: Cell → number of examples that there are already.
        rng: Decides between values that are used equally often.
    """

    def __init__(
        self, attributes: Sequence[Attribute], cells: Mapping[str, int], rng: random.Random
    ) -> None:
        self._attributes = attributes
        self._rng = rng
        self._used: Counter[tuple[str, str]] = Counter()
        for cell, times in sorted(cells.items()):
            label, *values = cell.split(_SEPARATOR)
            self._used.update({(label, value): times for value in values})

    def draw(self, label: str) -> tuple[str, ...]:
        """Return one value per attribute for the next example of `label`, empty in text tasks."""
        values = tuple(self._least_used(_plain(label), a) for a in self._attributes)
        self._used.update((_plain(label), value) for value in values)
        return values

    def _least_used(self, label: str, attribute: Attribute) -> str:
        fewest = min(self._used[label, value] for value in attribute.values)
        return self._rng.choice([v for v in attribute.values if self._used[label, v] == fewest])


def cell(label: str, values: Sequence[str]) -> str:
    """Return the name under which a combination is stored."""
    return _SEPARATOR.join((_plain(label), *values))


def read_attributes(found: Sequence[Any]) -> tuple[Attribute, ...]:
    """Return the attributes that an LLM named, as far as they are usable."""
    attributes = []
    for item in found:
        if isinstance(item, dict) and isinstance(item.get("values"), list):
            values = (_plain(v) for v in item["values"] if isinstance(v, str))
            usable = tuple(dict.fromkeys(v for v in values if 0 < len(v) <= _LONGEST_VALUE))
            if len(usable) > 1:
                attributes.append(Attribute(str(item.get("name", "")), usable[:_MOST_VALUES]))
    return tuple(attributes[:_MOST_ATTRIBUTES])


def _plain(text: str) -> str:
    """Return `text` on one line and without what separates values in a stored cell."""
    return " ".join(text.replace("|", "/").split())
