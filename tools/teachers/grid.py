"""Labels × subjects × attributes: what each new example should be like, so that batches differ.

An LLM that is asked for many examples writes the same few over and over. Giving each one a cell of
a grid, the least used first, spreads them (Yu et al., "Large Language Model as Attributed Training
Data Generator", arXiv 2306.15895).
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_SEPARATOR = " | "


@dataclass(frozen=True)
class Attribute:
    """One way in which inputs differ; every value says by itself what is meant."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Variety:
    """In what the inputs of a task differ.

    Attributes:
        attributes: Differences that go with every label.
        subjects: Label → subjects that fall under it; those of a text task are under "".
    """

    attributes: Sequence[Attribute]
    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
BRIEF = "a few words"
MANNERS: Mapping[str, int] = {
    "clear case": 9,
    BRIEF: 2,
    "longer than most": 2,
    "colloquial": 2,
    "slips or no punctuation": 2,
    "said indirectly": 3,
}
"""Manner → how many of 20 examples have it.

Most are plain: where half of the examples were hard, a student learned less from as many of them
(docs/benchmarks.md). Contrasts are what focus hard is for.
"""


class Grid:
    """Hands out combinations, for each label the least used subjects and attribute values first.

    Values are balanced one by one: of whole combinations there are so many that nearly all are
    empty. Manners are dealt like cards instead, since some should be rarer than others.

    Args:
        variety: In what inputs differ.
        cells: Cell → number of examples that there are already.
        rng: Decides between values that are used equally often.
    """

    def __init__(self, variety: Variety, cells: Mapping[str, int], rng: random.Random) -> None:
        self._variety = variety
        self._rng = rng
        self._manners = _dealt(MANNERS, rng)
        self._used: Counter[tuple[str, str]] = Counter()
        for cell, times in sorted(cells.items()):
            label, *values = cell.split(_SEPARATOR)
            self._used.update({(label, value): times for value in values})

    def draw(self, label: str) -> tuple[str, tuple[str, ...]]:
        """Return the subject, empty if none is known, and the traits of the next example.

        A text of a few words has no room for another trait.

        Args:
            label: What it is for; empty in text tasks.
        """
        manner = next(self._manners)
        traits = () if manner == BRIEF else self._trait(label)
        return self._subject(label), (*traits, manner)

    def draw_plain(self, label: str) -> tuple[str, tuple[str, ...]]:
        """Return the same without a manner, for texts that are to be hard in a way of their own."""
        return self._subject(label), self._trait(label)

    def _subject(self, label: str) -> str:
        return self._least_used(label, self._variety.subjects.get(label, ()))

    def _trait(self, label: str) -> tuple[str, ...]:
        """Return a value of the attribute that the label has used least."""
        name = plain(label)
        uses = [
            sum(self._used[name, value] for value in attribute.values)
            for attribute in self._variety.attributes
        ]
        least = [a for a, n in zip(self._variety.attributes, uses, strict=True) if n == min(uses)]
        return (self._least_used(label, self._rng.choice(least).values),) if least else ()

    def _least_used(self, label: str, values: Sequence[str]) -> str:
        if not values:
            return ""
        name = plain(label)
        fewest = min(self._used[name, value] for value in values)
        chosen = self._rng.choice([v for v in values if self._used[name, v] == fewest])
        self._used[name, chosen] += 1
        return chosen


def _dealt(times: Mapping[str, int], rng: random.Random) -> Iterator[str]:
    """Yield without end: all cards in a random order, then all again in another."""
    while True:
        cards = [value for value, n in times.items() for _ in range(n)]
        rng.shuffle(cards)
        yield from cards


def cell(label: str, values: Sequence[str]) -> str:
    """Return the name under which a combination is stored."""
    return _SEPARATOR.join((plain(label), *filter(None, values)))


def plain(text: str) -> str:
    """Return `text` on one line and without what separates values in a stored cell."""
    return " ".join(text.replace("|", "/").split())
