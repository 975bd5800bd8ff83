"""Weights of character n-grams: TF-IDF as scikit-learn has it for `char_wb` and `sublinear_tf`."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LENGTHS = range(1, 5)


class NGrams:
    """The n-grams that a model knows.

    Args:
        path: JSON object of n-gram → inverse document frequency; their order numbers them.
    """

    def __init__(self, path: Path) -> None:
        known: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        self._number = {term: number for number, term in enumerate(known)}
        self._idf = list(known.values())

    def weigh(self, text: str) -> tuple[list[int], list[float]]:
        """Return numbers and weights of the n-grams in a text; the squares of weights add to 1."""
        counts = Counter(self._number[term] for term in _terms(text) if term in self._number)
        weights = [(1 + math.log(n)) * self._idf[number] for number, n in counts.items()]
        length = math.hypot(*weights)
        # A model takes one at least, and a weight of nothing says nothing.
        return list(counts) or [0], [weight / length for weight in weights] or [0.0]


def _terms(text: str) -> Iterator[str]:
    """Yield all n-grams of a text that lie within a word, a space on either side included."""
    for word in re.sub(r"\s\s+", " ", text.lower()).split():
        padded = f" {word} "
        for length in LENGTHS:
            yield padded[:length]
            yield from (padded[i : i + length] for i in range(1, len(padded) - length + 1))
            if length >= len(padded):
                break  # the whole word, once
