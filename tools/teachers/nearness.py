"""Which labels are easily taken for one another: by their rules, by mistakes, by their names."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tools.task import TaskSpec
from tools.teaching import Confusion

_SIDE_BY_SIDE = 3
"""Labels that a prompt has when many examples of each are wanted."""


class Nearness:
    """Says how easily two labels are taken for each other.

    Args:
        spec: The task; a borderline rule that names a label speaks of nearness.
        confusions: Mistakes of a student.
    """

    def __init__(self, spec: TaskSpec, confusions: Iterable[Confusion] = ()) -> None:
        self._close = {frozenset(pair[:2]) for pair in confusions}
        names = {name: _words(name) for name in spec.label_names}
        for label in spec.labels:
            if rule := _words(label.borderline):
                named = {name for name, words in names.items() if _names(rule, words)}
                self._close |= {frozenset((label.name, name)) for name in named - {label.name}}

    def between(self, one: str, other: str) -> float:
        """Return 0 for labels that have nothing to do with each other, up to 2."""
        return _alike(one, other) + (frozenset((one, other)) in self._close)

    def nearest(self, labels: Iterable[str], to: Sequence[str], most: int) -> list[str]:
        """Return those of `labels` that are nearest to any label in `to`, which are left out."""
        others = [label for label in labels if label not in to]
        others.sort(key=lambda label: -max((self.between(label, x) for x in to), default=0.0))
        return others[:most]

    def chained(self, labels: Iterable[str]) -> list[str]:
        """Return all labels in an order in which near ones stand together."""
        left = list(labels)
        chain: list[str] = []
        while left:
            # A neighbourhood of three at a time, so that one prompt holds what is near each other.
            last = chain[len(chain) - len(chain) % _SIDE_BY_SIDE :] or chain[-1:]
            best = self.nearest(left, last, 1)[0]
            left.remove(best)
            chain.append(best)
        return chain


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> float:
    """Return how alike two names look, 0 to 1; every prompt of a task asks about the same ones."""
    from rapidfuzz.fuzz import token_set_ratio

    return float(token_set_ratio(_words(one), _words(other)) / 100)


def _names(rule: str, name: str) -> bool:
    return name in rule and bool(re.search(rf"\b{re.escape(name)}\b", rule))


def _words(text: str) -> str:
    return text.replace("_", " ").casefold()
