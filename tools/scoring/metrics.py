"""The built-in metrics."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tools.scoring.fields import JsonF1, JsonValid
from tools.scoring.ngrams import Bleu, Chrf
from tools.scoring.overlap import RougeL, SquadMatch, TokenF1
from tools.services import Metric
from tools.text import folded

Codes = NDArray[np.int64]
"""Labels as numbers 0, 1, …; the last axis runs over rows."""


@runtime_checkable
class CodedMetric(Protocol):
    """A metric that can score many resamples of the same rows in one go."""

    def score_codes(self, gold: Codes, predicted: Codes) -> NDArray[np.float64]:
        """Return scores of shape (...) for codes of shape (..., n)."""
        ...


def encode(gold: Sequence[str], predicted: Sequence[str]) -> tuple[Codes, Codes]:
    """Number the labels that occur on either side, in sorted order; return both sides as codes."""
    number = {label: i for i, label in enumerate(sorted({*gold, *predicted}))}
    return (
        np.array([number[label] for label in gold], dtype=np.int64),
        np.array([number[label] for label in predicted], dtype=np.int64),
    )


class Accuracy:
    """Share of rows with the right label."""

    name = "accuracy"
    proportion = True

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the share of equal pairs; 0 for no rows."""
        return _share(gold, predicted)


class ExactMatch:
    """Share of rows with the right text, but for letter case and white space."""

    name = "exact_match"
    proportion = True

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the share of pairs equal after normalisation; 0 for no rows."""
        return _share([folded(text) for text in gold], [folded(text) for text in predicted])


class MacroF1:
    """Mean of the F1 of every label, so that rare labels weigh as much as frequent ones.

    As in scikit-learn, the mean is over the labels that occur in gold or predictions, and a label
    without a right answer has F1 = 0. Resamples therefore each average over their own labels.
    """

    name = "macro_f1"
    proportion = False

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the macro-averaged F1; 0 for no rows."""
        if not gold:
            return 0.0
        return float(self.score_codes(*encode(gold, predicted)))

    def score_codes(self, gold: Codes, predicted: Codes) -> NDArray[np.float64]:
        """Return scores of shape (...) for codes of shape (..., n), n ≥ 1."""
        labels = int(max(gold.max(), predicted.max())) + 1
        # Wrong answers are counted in a column past the last label, which is then cut off.
        right = _counts(np.where(gold == predicted, gold, labels), labels + 1)[..., :labels]
        occurrences = _counts(gold, labels) + _counts(predicted, labels)
        f1 = 2 * right / np.maximum(occurrences, 1)
        means: NDArray[np.float64] = f1.sum(axis=-1) / (occurrences > 0).sum(axis=-1)
        return means


def _share(gold: Sequence[str], predicted: Sequence[str]) -> float:
    right = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return right / len(gold) if gold else 0.0


def _counts(codes: Codes, size: int) -> NDArray[np.int64]:
    """Count every code per row of the last axis: (..., n) → (..., size)."""
    flat = codes.reshape(-1, codes.shape[-1])
    own = np.arange(len(flat))[:, None] * size  # each row counts in its own range of bins
    counts = np.bincount((flat + own).ravel(), minlength=len(flat) * size)
    return counts.reshape(*codes.shape[:-1], size)


LABEL_METRICS: Mapping[str, Metric] = {m.name: m for m in (Accuracy(), MacroF1())}
TEXT_METRICS: Mapping[str, Metric] = {
    m.name: m for m in (SquadMatch(), TokenF1(), Chrf(), Bleu(), RougeL(), JsonF1(), JsonValid())
}
METRICS: Mapping[str, Metric] = {**LABEL_METRICS, ExactMatch.name: ExactMatch(), **TEXT_METRICS}
