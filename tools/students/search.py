"""Chooses a probe's features and regularisation by cross-validation on its training data."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.services import Progress
from tools.students.features import FeatureSet, NGrams, Vectors, join

DEFAULT_C = 10.0
# Inverse regularisation strengths worth trying; sparse n-grams want less of it than dense vectors.
# What generalises best from a few rows comes first, since few rows cannot tell.
GRID: dict[FeatureSet, tuple[float, ...]] = {
    "both": (10.0, 1.0),
    "encoder": (10.0, 1.0),
    "ngrams": (10.0, 100.0),
}
LARGEST = 3_000
FOLDS = 3
_FEWEST = 30
# Enough to rank candidates; a last digit of the loss changes no ranking.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Choice:
    """Features and inverse regularisation strength, and the accuracy they were chosen for."""

    features: FeatureSet
    c: float
    accuracy: float | None = None


def fit_regression(
    features: Any,
    labels: NDArray[np.str_],
    c: float,
    weights: NDArray[np.float64] | None = None,
    tol: float = 1e-4,
) -> Any:
    """Return a multinomial logistic regression fitted on one BLAS thread.

    One thread is several times faster than two where other processes want the cores as well, and
    makes the result the same on machines with different numbers of cores.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        model = LogisticRegression(C=c, max_iter=1_000, tol=tol)
        return model.fit(features, labels, sample_weight=weights)


def choose(
    texts: Sequence[str],
    labels: Sequence[str],
    weights: NDArray[np.float64],
    embed: Callable[[Sequence[str]], Vectors],
    candidates: Sequence[tuple[FeatureSet, float]],
    seed: int,
    progress: Progress,
) -> Choice:
    """Return the first features within one standard error of the best ones, at their best C.

    The one-standard-error rule is that of Breiman et al., Classification and Regression Trees
    (1984), with first in `candidates` for simplest. With too little data to tell, the first one
    is returned.
    """
    rows = _sample(labels, seed)
    if len(candidates) == 1 or len(rows) < _FEWEST:
        return Choice(*candidates[0])
    some = [texts[i] for i in rows]
    gold = np.array([labels[i] for i in rows])
    vectors = embed(some) if {f for f, _ in candidates} != {"ngrams"} else None
    progress(f"choosing among {len(candidates)} settings by cross-validation on {len(rows):,} rows")
    shares = weights[rows] / weights[rows].sum()
    right = _cross_validate(some, gold, weights[rows], vectors, candidates, seed)
    best: dict[FeatureSet, Choice] = {}
    for (features, c), hits in right.items():
        choice = Choice(features, c, float(shares @ hits))
        if features not in best or (choice.accuracy or 0) > (best[features].accuracy or 0):
            best[features] = choice
    # Shares may add up to a hair more than 1.
    top = min(1.0, max(choice.accuracy or 0 for choice in best.values()))
    # Kish's effective number of rows is 1 / Σ share².
    error = float(np.sqrt(top * (1 - top) * (shares @ shares)))
    return next(choice for choice in best.values() if (choice.accuracy or 0) >= top - error)


def _sample(labels: Sequence[str], seed: int) -> NDArray[np.intp]:
    """Return at most `LARGEST` rows, stratified, of labels that occur in every fold."""
    from sklearn.model_selection import train_test_split

    counts = Counter(labels)
    rows = np.array([i for i, label in enumerate(labels) if counts[label] >= FOLDS], dtype=np.intp)
    frequent = [labels[i] for i in rows]
    if len(set(frequent)) < 2:
        return rows[:0]
    if len(rows) <= LARGEST:
        return rows
    kept, _ = train_test_split(rows, train_size=LARGEST, random_state=seed, stratify=frequent)
    return np.sort(kept)


def _cross_validate(
    texts: Sequence[str],
    gold: NDArray[np.str_],
    weights: NDArray[np.float64],
    vectors: Vectors | None,
    candidates: Sequence[tuple[FeatureSet, float]],
    seed: int,
) -> dict[tuple[FeatureSet, float], NDArray[np.bool_]]:
    """Return candidate → whether it gets each row right when that is held out."""
    from sklearn.model_selection import StratifiedKFold

    right = {candidate: np.zeros(len(gold), bool) for candidate in candidates}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(gold, gold)
    for train, held_out in folds:
        ngrams = NGrams.fit([texts[i] for i in train])
        all_ngrams = ngrams.transform(texts)
        for features, c in candidates:
            x = join(
                None if features == "ngrams" else vectors,
                None if features == "encoder" else all_ngrams,
            )
            model = fit_regression(x[train], gold[train], c, weights[train], _TOLERANCE)
            right[features, c][held_out] = model.predict(x[held_out]) == gold[held_out]
    return right
