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
GRID: dict[FeatureSet, tuple[float, ...]] = {
    "encoder": (10.0, 1.0),
    "ngrams": (10.0, 100.0),
    "both": (10.0, 1.0),
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


def fit_regression(features: Any, labels: NDArray[np.str_], c: float, tol: float = 1e-4) -> Any:
    """Return a multinomial logistic regression fitted on one BLAS thread.

    One thread is several times faster than two where other processes want the cores as well, and
    makes the result the same on machines with different numbers of cores.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        return LogisticRegression(C=c, max_iter=1_000, tol=tol).fit(features, labels)


def choose(
    texts: Sequence[str],
    labels: Sequence[str],
    embed: Callable[[Sequence[str]], Vectors],
    candidates: Sequence[tuple[FeatureSet, float]],
    seed: int,
    progress: Progress,
) -> Choice:
    """Return the simplest features within one standard error of the best ones, at their best C.

    The one-standard-error rule is that of Breiman et al., Classification and Regression Trees
    (1984); simple means first in `candidates`. With too little data to tell, the first one is
    returned.
    """
    rows = _sample(labels, seed)
    if len(candidates) == 1 or len(rows) < _FEWEST:
        return Choice(*candidates[0])
    some = [texts[i] for i in rows]
    gold = np.array([labels[i] for i in rows])
    vectors = embed(some) if {f for f, _ in candidates} != {"ngrams"} else None
    progress(f"choosing among {len(candidates)} settings by cross-validation on {len(rows):,} rows")
    right = _cross_validate(some, gold, vectors, candidates, seed)
    best: dict[FeatureSet, Choice] = {}
    for (features, c), hits in right.items():
        choice = Choice(features, c, hits / len(rows))
        if features not in best or hits / len(rows) > (best[features].accuracy or 0):
            best[features] = choice
    top = max(choice.accuracy or 0 for choice in best.values())
    error = float(np.sqrt(top * (1 - top) / len(rows)))
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
    vectors: Vectors | None,
    candidates: Sequence[tuple[FeatureSet, float]],
    seed: int,
) -> dict[tuple[FeatureSet, float], int]:
    """Return candidate → rows that it gets right when they are held out."""
    from sklearn.model_selection import StratifiedKFold

    right = dict.fromkeys(candidates, 0)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(gold, gold)
    for train, held_out in folds:
        ngrams = NGrams.fit([texts[i] for i in train])
        all_ngrams = ngrams.transform(texts)
        for features, c in candidates:
            x = join(
                None if features == "ngrams" else vectors,
                None if features == "encoder" else all_ngrams,
            )
            model = fit_regression(x[train], gold[train], c, _TOLERANCE)
            right[features, c] += int((model.predict(x[held_out]) == gold[held_out]).sum())
    return right
