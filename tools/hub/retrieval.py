"""Ranking of descriptions for a query: by meaning, by words, by how much each is used.

Descriptions are encoded and indexed once; a query over thousands then takes milliseconds. Scores
are added, not ranks: how far apart two cosines are says more than which of them is larger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.hub.words import content_words, gist
from tools.services import Encoder

Scores = NDArray[np.float64]
"""One value per document, in the order of the collection."""

WORDS = 0.3
"""What the best match by words is worth, in units of cosine; set on descriptions whose names were
taken out, with the sets they mention as the right answers (`benchmarks/find_cards.py`)."""
POPULARITY = 0.01
"""What ten times the downloads are worth, in units of cosine. From none to a million it is .06,
less than what separates a fitting set from one on another subject."""
_K1, _B = 0.9, 0.4
"""Little is taken off for length: long descriptions are those of sets that matter."""


@dataclass(frozen=True)
class Document:
    """Something that can be found.

    Attributes:
        views: Texts, at least one, of which the nearest in meaning to a query counts.
        words: What a search by words looks at.
        popularity: How often it is used, in any unit; None where nobody counts.
    """

    id: str
    views: tuple[str, ...]
    words: str
    popularity: float | None = None


class Collection:
    """Documents, encoded and indexed.

    Args:
        documents: At least one.
        encoder: Judges meaning.
    """

    def __init__(self, documents: Sequence[Document], encoder: Encoder) -> None:
        self.documents = tuple(documents)
        self._encoder = encoder
        self._vectors = encoder.encode([view for d in documents for view in d.views])
        self._first = np.cumsum([0, *(len(d.views) for d in documents)])[:-1]
        self._words = WordIndex([d.words for d in documents])
        self.popularity = popularity([d.popularity for d in documents])

    def cosines(self, phrasings: Sequence[str]) -> NDArray[np.float64]:
        """Return the best cosine of each document's views, shape (len(phrasings), documents)."""
        cosines = self._encoder.encode(phrasings) @ self._vectors.T
        return np.maximum.reduceat(cosines, self._first, axis=1).astype(np.float64)

    def words(self, phrasings: Sequence[str]) -> Scores:
        """Return BM25 scores of all phrasings together, relative to the best one."""
        return self._words.scores(" ".join(phrasings))

    def scores(self, phrasings: Sequence[str], weight: float = POPULARITY) -> Scores:
        """Return how well each document answers a query; comparable within one query only.

        Meaning is the mean over the phrasings, each as it is and without its filler words.

        Args:
            phrasings: Several ways to put the query.
            weight: What ten times the popularity is worth, in units of cosine.
        """
        gists = [gist(text) for text in phrasings]
        meaning: Scores = self.cosines([*phrasings, *gists]).mean(axis=0)
        return meaning + WORDS * self.words(gists) + weight * self.popularity

    def order(self, scores: Scores) -> NDArray[np.intp]:
        """Return the positions of the documents, best first; of equals the earlier one."""
        return np.argsort(-scores, kind="stable")


class WordIndex:
    """BM25 (Lucene variant) over texts, without stopwords, in the singular."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._size = len(texts)
        self._index = bm25s.BM25(k1=_K1, b=_B)
        # A text without words gets one that no query has: an empty vocabulary divides by zero.
        words = [content_words(text) or [""] for text in texts]
        self._index.index(words, show_progress=False)

    def scores(self, query: str) -> Scores:
        """Return scores relative to the best one; all zero where no word is known."""
        known = [word for word in content_words(query) if word in self._index.vocab_dict]
        if not known:
            return np.zeros(self._size)
        scores = np.asarray(self._index.get_scores(known), dtype=np.float64)
        return scores / max(float(scores.max()), 1e-9)


def popularity(counts: Sequence[float | None]) -> Scores:
    """Return decades (log10) above or below the average; what nobody counts is average."""
    known = [np.log10(1 + count) for count in counts if count is not None]
    average = float(np.mean(known)) if known else 0.0
    return np.array([0.0 if c is None else np.log10(1 + c) - average for c in counts])
