"""Which of many texts are most like one, without an index: for looking at a row, not for curating.

A few of the text's shingles are looked for in every other text, which is fast; only the texts that
hold most of them are compared exactly.
"""

import heapq
from collections.abc import Iterable

from tools.curation.duplicates import SIMILAR, shingles, similarity
from tools.text import folded

PROBES = 12
COMPARED = 200
"""Texts compared exactly: those that hold the most of the probes."""
LOOKED_AT = 5_000
"""Characters of a text that are compared; texts of more that begin alike count as alike."""


class Texts:
    """Texts that others are compared with.

    Args:
        rows: Ids and texts.
    """

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        self._rows = [(id_, text, text.casefold()) for id_, text in rows]

    def nearest(self, text: str, n: int, at_least: float = 0.0) -> list[tuple[int, float]]:
        """Return the ids of the `n` rows most like a text, with their Jaccard similarity.

        Args:
            text: What to compare with.
            n: How many at most, best first.
            at_least: Similarity that a row must have; it must be above zero in any case.
        """
        plain = folded(text[:LOOKED_AT])
        grams = shingles(plain)
        probes = _probes(grams)
        # Of a row that is similar enough, twice as many probes are expected.
        fewest = max(1, int(at_least * len(probes) / 2))
        held = ((sum(map(lower.__contains__, probes)), id_, t) for id_, t, lower in self._rows)
        likely = heapq.nlargest(COMPARED, (row for row in held if row[0] >= fewest))
        scored = [
            (similarity(grams, shingles(folded(t[:LOOKED_AT]))), -id_) for _, id_, t in likely
        ]
        best = heapq.nlargest(n, (pair for pair in scored if pair[0] > 0 and pair[0] >= at_least))
        return [(-negative, score) for score, negative in best]

    def repeated(self, text: str) -> int | None:
        """Return the id of a row that a text equals or nearly equals, by curation's own measure."""
        return next((id_ for id_, _ in self.nearest(text, 1, SIMILAR)), None)


def _probes(grams: frozenset[str]) -> list[str]:
    """Return some shingles, spread over all; those across white space only where there are few."""
    whole = sorted(gram for gram in grams if " " not in gram) or sorted(grams)
    return whole[:: max(1, len(whole) // PROBES)][:PROBES]
