"""Scores of one metric on many resamples of the same rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.scoring.metrics import CodedMetric, encode
from tools.scoring.summed import Numbers, SummedMetric
from tools.services import Metric

Rows = NDArray[np.int64]

BATCH_CELLS = 1_000_000
"""Row numbers held at once, about 8 MB: resamples beyond that are drawn in batches."""


@dataclass(frozen=True)
class Scorer:
    """One metric on resamples of `n` pairs.

    Attributes:
        score: From row numbers of shape (..., m) to scores of shape (...).
        without_each: Scores of shape (n,) with one row left out each; None where `score` tells.
    """

    n: int
    score: Callable[[Rows], Numbers]
    without_each: Callable[[], Numbers] | None = None

    def draw(self, resamples: int, rng: np.random.Generator) -> Numbers:
        """Return the scores of rows drawn with replacement, `n` a time."""
        batches = range(0, resamples, size := batch_size(self.n))
        return np.concatenate(
            [
                self.score(rng.integers(0, self.n, (min(size, resamples - start), self.n)))
                for start in batches
            ]
        )

    def leave_one_out(self) -> Numbers:
        """Return the scores with one row left out each, of shape (n,)."""
        if self.without_each:
            return self.without_each()
        rows, size = np.arange(self.n - 1), batch_size(self.n)
        batches = [np.arange(start, min(start + size, self.n)) for start in range(0, self.n, size)]
        return np.concatenate([self.score(rows + (rows >= out[:, None])) for out in batches])


def batch_size(rows: int) -> int:
    """Return how many resamples of `rows` rows to score at once."""
    return max(1, BATCH_CELLS // rows)


def scorer(metric: Metric, gold: Sequence[str], predicted: Sequence[str]) -> Scorer:
    """Prepare to score resamples of the pairs (gold, predicted).

    Proportions, coded and summed metrics are scored in numpy; any other metric one resample at a
    time.
    """
    n = len(gold)
    if metric.proportion:
        right = np.array([metric.score([g], [p]) for g, p in zip(gold, predicted, strict=True)])
        return Scorer(n, lambda rows: np.asarray(right[rows].mean(axis=-1)))
    if isinstance(metric, CodedMetric):
        gold_codes, predicted_codes = encode(gold, predicted)
        return Scorer(n, lambda rows: metric.score_codes(gold_codes[rows], predicted_codes[rows]))
    if isinstance(metric, SummedMetric):
        return _summed(metric, metric.statistics(gold, predicted))

    def score(rows: Rows) -> float:
        return metric.score([gold[i] for i in rows], [predicted[i] for i in rows])

    return Scorer(n, lambda rows: np.apply_along_axis(score, -1, rows))


def _summed(metric: SummedMetric, statistics: Numbers) -> Scorer:
    n = len(statistics)
    return Scorer(
        n,
        lambda rows: metric.from_statistics(_counts(rows, n) @ statistics),
        lambda: metric.from_statistics(statistics.sum(axis=0) - statistics),
    )


def _counts(rows: Rows, n: int) -> Numbers:
    """Count how often each of `n` rows was drawn: (b, m) → (b, n)."""
    own = np.arange(len(rows))[:, None] * n  # each resample counts in its own range of bins
    drawn = np.bincount((rows + own).ravel(), minlength=len(rows) * n)
    return drawn.reshape(len(rows), n).astype(np.float64)
