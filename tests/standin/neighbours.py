"""Nearest neighbour over character n-grams, small enough to start at once."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from tools.text import folded

N = 3


def _grams(text: str) -> Counter[str]:
    padded = f" {folded(text)} "
    return Counter(padded[i : i + N] for i in range(max(1, len(padded) - N + 1)))


class Neighbours:
    """Finds the most similar of some texts by cosine of tf-idf weighted character trigrams."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [_grams(text) for text in texts]
        frequency = Counter(gram for grams in counts for gram in grams)
        self._idf = {gram: math.log(1 + len(texts) / n) for gram, n in frequency.items()}
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, grams in enumerate(counts):
            weights = {gram: n * self._idf[gram] for gram, n in grams.items()}
            norm = math.hypot(*weights.values())
            for gram, weight in weights.items():
                self._postings[gram].append((number, weight / norm))

    def nearest(self, text: str, allowed: frozenset[int] | None = None) -> int:
        """Return the number of the most similar text, of those `allowed`; the first if none is."""
        scores: defaultdict[int, float] = defaultdict(float)
        for gram, n in _grams(text).items():
            weight = n * self._idf.get(gram, 0.0)
            for number, other in self._postings.get(gram, ()):
                scores[number] += weight * other
        candidates = scores if allowed is None else scores.keys() & allowed
        first = 0 if allowed is None else min(allowed)
        return min(candidates, key=lambda number: (-scores[number], number), default=first)
