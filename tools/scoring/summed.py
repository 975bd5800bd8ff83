"""Metrics that are a function of sums over rows, so that resamples cost next to nothing."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@runtime_checkable
class SummedMetric(Protocol):
    """A metric that needs of every row only numbers that add up."""

    def statistics(self, gold: Sequence[str], predicted: Sequence[str]) -> Numbers:
        """Return the sufficient statistics of every row, of shape (n, k)."""
        ...

    def from_statistics(self, sums: Numbers) -> Numbers:
        """Return scores of shape (...) for sums over rows of shape (..., k)."""
        ...


class RowMean(ABC):
    """The mean of a score that every row has by itself."""

    name: str
    proportion = False

    @abstractmethod
    def row(self, gold: str, given: str) -> float:
        """Return the score of one answer, 0 to 1."""

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the mean over the rows; 0 for no rows."""
        return total(self, gold, predicted)

    def statistics(self, gold: Sequence[str], predicted: Sequence[str]) -> Numbers:
        """Return the score of every row and a one: shape (n, 2)."""
        pairs = zip(gold, predicted, strict=True)
        return np.array([(self.row(right, given), 1.0) for right, given in pairs]).reshape(-1, 2)

    def from_statistics(self, sums: Numbers) -> Numbers:
        """Return means of shape (...) for sums of shape (..., 2)."""
        means: Numbers = sums[..., 0] / sums[..., 1]
        return means


def total(metric: SummedMetric, gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the score of all rows together; 0 for no rows."""
    sums = metric.statistics(gold, predicted).sum(axis=0)
    return float(metric.from_statistics(sums)) if len(gold) else 0.0
