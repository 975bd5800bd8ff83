"""Probe: frozen encoder vectors, character n-grams or both, under a logistic regression."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tools.services import Fit, Json, Prediction, Progress, Student, ToolError, TrainingSet
from tools.students import bases, embeddings, hub_model
from tools.students.base import Base
from tools.students.features import FeatureSet, NGrams, Vectors, join
from tools.students.search import DEFAULT_C, GRID, Choice, choose, fit_regression

_SETTINGS = "probe.json"
_HEAD = "head.safetensors"
Embed = Callable[[Sequence[str]], Vectors]


class Probe:
    """Trains in seconds on a CPU; satisfies `tools.services.StudentMethod`.

    Hyperparameters: `features` (`encoder`, `ngrams` or `both`) and `C`, the inverse regularisation
    strength. What is not given is chosen by cross-validation on the training data.
    """

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        """Train, and write the head, the n-grams and a reference to the base into `folder`."""
        if len(set(data.outputs)) < 2:
            raise ToolError(
                f"all training examples have label {data.outputs[0]!r}; "
                "a classifier needs at least two"
            )
        encoder = bases.find(base)
        hub_model.fetch(encoder, progress)

        def embed(texts: Sequence[str]) -> Vectors:
            return embeddings.embed(texts, encoder, embeddings.shared_cache(), progress)

        candidates = _candidates(hyperparameters)
        weights = np.asarray(data.weights or np.ones(len(data.texts)), np.float64)
        choice = choose(data.texts, data.outputs, weights, embed, candidates, data.seed, progress)
        progress(f"fitting a logistic regression on {len(data.texts):,} rows")
        model = _fit_model(data, weights, choice, embed, encoder)
        model.save(folder)
        frozen = embeddings.parameters(encoder) if model.base else 0
        return Fit(
            hyperparameters={"features": choice.features, "C": choice.c},
            parameters=frozen + model.coef.size + model.intercept.size,
            notes=_notes(choice),
        )

    def load(self, folder: Path) -> Student:
        """Load what `fit` wrote."""
        return _Model.load(folder)


@dataclass(frozen=True)
class _Model:
    """A fitted probe; `coef` has shape (labels, features), `intercept` (labels,)."""

    labels: list[str]
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]
    ngrams: NGrams | None
    base: Base | None

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order."""
        return predictions(self._logits(texts), self.labels) if texts else []

    def likely(self, texts: Sequence[str], most: int) -> list[list[tuple[str, float]]]:
        """Return per text up to `most` labels with their probabilities, best first."""
        return ranked(self._logits(texts), self.labels, most) if texts else []

    def _logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = (
            embeddings.embed(texts, self.base, embeddings.shared_cache()) if self.base else None
        )
        x = join(vectors, self.ngrams.transform(texts) if self.ngrams else None)
        return np.asarray(x @ self.coef.T) + self.intercept

    def save(self, folder: Path) -> None:
        from safetensors.numpy import save_file

        save_file({"coef": self.coef, "intercept": self.intercept}, folder / _HEAD)
        if self.ngrams:
            self.ngrams.save(folder)
        settings = {"labels": self.labels, "ngrams": bool(self.ngrams)}
        (folder / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
        if self.base:
            bases.refer(folder, self.base)

    @classmethod
    def load(cls, folder: Path) -> "_Model":
        from safetensors.numpy import load_file

        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        ngrams = NGrams.load(folder) if settings["ngrams"] else None
        return cls(settings["labels"], **load_file(folder / _HEAD), ngrams=ngrams,
                   base=bases.referred(folder))  # fmt: skip


def ranked(
    logits: NDArray[np.float32], labels: Sequence[str], most: int
) -> list[list[tuple[str, float]]]:
    """Turn logits of shape (texts, labels) into the best labels of each text."""
    probabilities = _softmax(logits)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :most]
    return [
        [(labels[i], float(row[i])) for i in best]
        for row, best in zip(probabilities, order, strict=True)
    ]


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def predictions(logits: NDArray[np.float32], labels: Sequence[str]) -> list[Prediction]:
    """Turn logits of shape (texts, labels) into predictions."""
    probabilities = _softmax(logits)
    best = probabilities.argmax(axis=1)
    second, first = np.sort(probabilities, axis=1)[:, -2:].T
    return [
        Prediction(labels[i], float(p), float(p - q))
        for i, p, q in zip(best, first, second, strict=True)
    ]


def _fit_model(
    data: TrainingSet,
    weights: NDArray[np.float64],
    choice: Choice,
    embed: Embed,
    encoder: Base,
) -> _Model:
    ngrams = None if choice.features == "encoder" else NGrams.fit(data.texts)
    vectors = None if choice.features == "ngrams" else embed(data.texts)
    x = join(vectors, ngrams.transform(data.texts) if ngrams else None)
    head = fit_regression(x, np.array(data.outputs), choice.c, weights)
    # safetensors writes the buffer as it lies, and scikit-learn's is in column order.
    coef = np.ascontiguousarray(head.coef_, np.float32)
    intercept = head.intercept_.astype(np.float32)
    if len(coef) == 1:
        # For two labels scikit-learn keeps the second one's log-odds only.
        coef, intercept = (np.concatenate([np.zeros_like(a), a]) for a in (coef, intercept))
    base = None if choice.features == "ngrams" else encoder
    return _Model([str(label) for label in head.classes_], coef, intercept, ngrams, base)


def _candidates(hyperparameters: Json) -> list[tuple[FeatureSet, float]]:
    """Return what is to be tried, in the order of preference.

    Raises:
        ToolError: A hyperparameter is unknown, or its value impossible.
    """
    if unknown := sorted(hyperparameters.keys() - {"features", "C"}):
        raise ToolError(f"a probe has no hyperparameter {unknown[0]!r}; it has 'features' and 'C'")
    features, c = hyperparameters.get("features"), hyperparameters.get("C")
    if features not in (None, *get_args(FeatureSet)):
        raise ToolError(f"features must be one of {get_args(FeatureSet)}, not {features!r}")
    if c is not None and not (isinstance(c, int | float) and c > 0):
        raise ToolError(f"C must be a number above 0, such as {DEFAULT_C:g}, not {c!r}")
    wanted = [f for f in GRID if features in (None, f)]
    return [(f, value) for f in wanted for value in (GRID[f] if c is None else (float(c),))]


def _notes(choice: Choice) -> tuple[str, ...]:
    if choice.accuracy is None:
        return ()
    return (
        f"features {choice.features!r} and C = {choice.c:g} chosen by cross-validation on "
        f"training data (accuracy {choice.accuracy:.3f})",
    )
