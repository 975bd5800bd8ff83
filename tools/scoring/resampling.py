"""Scores of one metric on many resamples of the same rows."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tools.scoring.metrics import CodedMetric, encode
from tools.services import Metric

Rows = NDArray[np.int64]
Scorer = Callable[[Rows], NDArray[np.float64]]
"""From row numbers of shape (..., n) to scores of shape (...)."""

BATCH_CELLS = 1_000_000
"""Row numbers held at once, about 8 MB: resamples beyond that are drawn in batches."""


def batch_size(rows: int) -> int:
    """Return how many resamples of `rows` rows to score at once."""
    return max(1, BATCH_CELLS // rows)


def scorer(metric: Metric, gold: Sequence[str], predicted: Sequence[str]) -> Scorer:
    """Prepare to score resamples of the pairs (gold, predicted).

    Proportions and coded metrics are scored in numpy; any other metric one resample at a time.
    """
    if metric.proportion:
        right = np.array([metric.score([g], [p]) for g, p in zip(gold, predicted, strict=True)])
        return lambda rows: np.asarray(right[rows].mean(axis=-1))
    if isinstance(metric, CodedMetric):
        gold_codes, predicted_codes = encode(gold, predicted)
        return lambda rows: metric.score_codes(gold_codes[rows], predicted_codes[rows])

    def score(rows: Rows) -> float:
        return metric.score([gold[i] for i in rows], [predicted[i] for i in rows])

    return lambda rows: np.apply_along_axis(score, -1, rows)
