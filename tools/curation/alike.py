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


def nearest(
    text: str, rows: Iterable[tuple[int, str]], n: int, at_least: float = 0.0
) -> list[tuple[int, float]]:
    """Return the ids of the `n` rows most like a text, with their Jaccard similarity, best first.

    Args:
        text: What to compare with.
        rows: Ids and texts.
        n: How many at most.
        at_least: Similarity that a row must have; it must be above zero in any case.
    """
    plain = folded(text[:LOOKED_AT])
    grams = shingles(plain)
    probes = _probes(grams)
    found = ((sum(map(other.casefold().__contains__, probes)), id_, other) for id_, other in rows)
    likely = heapq.nlargest(COMPARED, (row for row in found if row[0]))
    scored = [
        (similarity(grams, shingles(folded(other[:LOOKED_AT]))), -id_) for _, id_, other in likely
    ]
    best = heapq.nlargest(n, (pair for pair in scored if pair[0] > 0 and pair[0] >= at_least))
    return [(-negative, score) for score, negative in best]


def repeated(text: str, rows: Iterable[tuple[int, str]]) -> int | None:
    """Return the id of a row that a text equals or nearly equals, by curation's own measure."""
    return next((id_ for id_, _ in nearest(text, rows, 1, SIMILAR)), None)


def _probes(grams: frozenset[str]) -> list[str]:
    """Return some shingles, spread over all; those across white space only where there are few."""
    whole = sorted(gram for gram in grams if " " not in gram) or sorted(grams)
    return whole[:: max(1, len(whole) // PROBES)][:PROBES]
