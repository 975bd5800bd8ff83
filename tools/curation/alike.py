"""Which of many texts are most like one, without an index: for looking at a row, not for curating.

Of every text it is counted, roughly and fast, how many of its shingles are shingles of the one.
Those counts are never too low, so that whatever is similar enough is among the texts that are then
compared exactly.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tools.curation.duplicates import SHINGLE, SHORTEST, SIMILAR, shingles, similarity
from tools.text import folded

if TYPE_CHECKING:
    import numpy as np

COMPARED = 200
"""Texts compared exactly where the nearest are looked for: those that seem most similar."""
LOOKED_AT = 5_000
"""Characters of a text that are compared; texts of more that begin alike count as alike."""
_BLOCK = 500_000
"""Characters that are counted at once, about."""
_BITS = 16
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
_END = "\n" * SHINGLE
"""What ends a text in a block; no folded text has a line break."""


def repeated(texts: Sequence[str], rows: Iterable[tuple[int, str]]) -> list[int | None]:
    """Return of each text the id of a row that it equals or nearly equals, by curation's measure.

    Args:
        texts: What to look for.
        rows: Ids and texts to look among.
    """
    asked = [_Asked(text) for text in texts]
    found: list[int | None] = [None] * len(texts)
    for block in _blocks(rows):
        for number, one in enumerate(asked):
            if found[number] is None:
                found[number] = next(_repeating(one, block), None)
    return found


def _repeating(one: "_Asked", block: "_Block") -> Iterator[int]:
    import numpy as np

    likely = np.flatnonzero(block.shared(one) >= max(1, int(SIMILAR * len(one.grams))))
    for place in likely.tolist():
        id_, other = block.rows[place]
        if one.may_be(other) and similarity(one.grams, shingles(other)) >= SIMILAR:
            yield id_


def nearest(text: str, rows: Iterable[tuple[int, str]], n: int) -> list[tuple[int, float]]:
    """Return the ids of the `n` rows most like a text, with their Jaccard similarity, best first.

    Args:
        text: What to compare with.
        rows: Ids and texts.
        n: How many at most; rows that have nothing in common with it are none.
    """
    one = _Asked(text)
    seem: list[tuple[float, int, str]] = []
    for block in _blocks(rows):
        seem = heapq.nlargest(COMPARED, [*seem, *_seeming(one, block)])
    scored = ((similarity(one.grams, shingles(other)), -id_) for _, id_, other in seem)
    best = heapq.nlargest(n, (pair for pair in scored if pair[0] > 0))
    return [(-negative, score) for score, negative in best]


def _seeming(one: "_Asked", block: "_Block") -> Iterator[tuple[float, int, str]]:
    import numpy as np

    shared = block.shared(one)
    seem = shared / (len(one.grams) + np.maximum(block.sizes - shared, 0))
    for place in np.argsort(-seem, kind="stable")[:COMPARED].tolist():
        if shared[place]:
            yield (float(seem[place]), *block.rows[place])


class _Asked:
    """A text that others are compared with.

    Attributes:
        grams: Its shingles.
        table: 1 at the codes of its characters, 0 elsewhere.
    """

    def __init__(self, text: str) -> None:
        import numpy as np

        plain = _plain(text)
        self.grams = shingles(plain)
        self.table = np.zeros(1 << _BITS, np.int16)
        # A short text is its only shingle, of any length; so it is found by its end, too.
        self.table[_codes(plain) if len(plain) >= SHORTEST else _codes(plain + _END)[:-1]] = 1

    def may_be(self, other: str) -> bool:
        """Say whether a folded text holds so many of the shingles that it may be similar."""
        left = len(self.grams) - int(SIMILAR * len(self.grams))
        for gram in self.grams:
            if gram not in other:
                left -= 1
                if left < 0:
                    return False
        return True


class _Block:
    """Some of the texts that are looked through.

    Attributes:
        rows: Ids and folded texts.
        sizes: Shingles of each, repeated ones too.
    """

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        import numpy as np

        self.rows = rows
        lengths = np.array([len(text) for _, text in rows])
        self.sizes = np.maximum(lengths - SHINGLE + 1, 1)
        self._codes = _codes("".join(f"{text}{_END}" for _, text in rows))
        self._starts = np.cumsum(lengths + len(_END)) - lengths - len(_END)

    def shared(self, one: _Asked) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
        """Return how many shingles of each text are the other's, at least."""
        import numpy as np

        counts: np.ndarray[tuple[int], np.dtype[np.int16]] = np.add.reduceat(
            one.table[self._codes], self._starts
        )
        return counts


def _plain(text: str) -> str:
    return folded(text[:LOOKED_AT])[:LOOKED_AT]


def _codes(text: str) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Return a number of `_BITS` bits for every three characters in a row, equal for equal ones."""
    import numpy as np

    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    last = len(points) - SHINGLE + 1
    parts = [points[i : last + i] * np.uint32(factor) for i, factor in enumerate(_FACTORS)]
    mixed = parts[0] + parts[1] + parts[2]
    codes: np.ndarray[tuple[int], np.dtype[np.intp]] = (mixed >> np.uint32(32 - _BITS)).astype(
        np.intp
    )
    return codes


def _blocks(rows: Iterable[tuple[int, str]]) -> Iterator[_Block]:
    some: list[tuple[int, str]] = []
    size = 0
    for id_, text in rows:
        some.append((id_, _plain(text)))
        size += len(text)
        if size >= _BLOCK:
            yield _Block(some)
            some, size = [], 0
    if some:
        yield _Block(some)
