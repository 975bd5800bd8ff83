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
    """Texts that several others are compared with.

    Args:
        rows: Ids and texts.
    """

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        self._rows = [(id_, text.casefold()) for id_, text in rows]

    def repeated(self, text: str) -> int | None:
        """Return the id of a row that a text equals or nearly equals, by curation's own measure."""
        return next((id_ for id_, _ in _nearest(text, self._rows, 1, SIMILAR)), None)


def nearest(text: str, rows: Iterable[tuple[int, str]], n: int) -> list[tuple[int, float]]:
    """Return the ids of the `n` rows most like a text, with their Jaccard similarity, best first.

    Args:
        text: What to compare with.
        rows: Ids and texts.
        n: How many at most; rows that have nothing in common with it are none.
    """
    return _nearest(text, ((id_, other.casefold()) for id_, other in rows), n, 0.0)


def _nearest(
    text: str, rows: Iterable[tuple[int, str]], n: int, at_least: float
) -> list[tuple[int, float]]:
    grams = shingles(folded(text[:LOOKED_AT]))
    probes = _probes(grams)
    # Of a row that is similar enough, twice as many probes are expected.
    fewest = max(1, int(at_least * len(probes) / 2))
    held = ((sum(map(other.__contains__, probes)), id_, other) for id_, other in rows)
    likely = heapq.nlargest(COMPARED, (row for row in held if row[0] >= fewest))
    scored = (
        (similarity(grams, shingles(folded(other[:LOOKED_AT]))), -id_) for _, id_, other in likely
    )
    best = heapq.nlargest(n, (pair for pair in scored if pair[0] > 0 and pair[0] >= at_least))
    return [(-negative, score) for score, negative in best]


def _probes(grams: frozenset[str]) -> list[str]:
    """Return some shingles, spread over all; those across white space only where there are few."""
    whole = sorted(gram for gram in grams if " " not in gram) or sorted(grams)
    return whole[:: max(1, len(whole) // PROBES)][:PROBES]
