"""Small real stand-ins for what a test should not have to start or download."""

import importlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.services import Fit, Json, Prediction, Progress, ToolError, TrainingSet
from tools.teaching import Draft, TeachingRequest, Usage

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class InlineExecutor:
    """Runs the function in this process; values pass through JSON as they would on the way out.

    Attributes:
        history: The functions called so far.
    """

    def __init__(self) -> None:
        self.history: list[str] = []

    def run(
        self,
        function: str,
        payload: Json,
        progress: Progress,
        timeout_s: float | None = None,  # noqa: ARG002  nothing here can be stopped half-way
    ) -> Json:
        self.history.append(function)
        module, _, name = function.partition(":")
        call = getattr(importlib.import_module(module), name)
        result: Json = json.loads(json.dumps(call(json.loads(json.dumps(payload)), progress)))
        return result


class KeywordMethod:
    """A student that learns which words go with which output (naive Bayes over words).

    Registered as `tests.fakes:KeywordMethod`.
    """

    def fit(
        self,
        data: TrainingSet,
        base: str,  # noqa: ARG002  it starts from nothing
        hyperparameters: Json,
        folder: Path,
        progress: Progress,
    ) -> Fit:
        if len(set(data.outputs)) < 2:
            raise ToolError("the training rows have fewer than two outputs; add rows of another")
        counts: dict[str, Counter[str]] = {}
        for text, output in zip(data.texts, data.outputs, strict=True):
            counts.setdefault(output, Counter()).update(text.casefold().split())
        if not any(counts.values()):
            raise ToolError("the training rows have no words; add rows that do")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "words.json").write_text(json.dumps(counts), encoding="utf-8")
        progress("counted words")
        resolved = {"smoothing": hyperparameters.get("smoothing", 0.1)}
        (folder / "settings.json").write_text(json.dumps(resolved), encoding="utf-8")
        return Fit(resolved, sum(len(words) for words in counts.values()))

    def load(self, folder: Path) -> "KeywordStudent":
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        return KeywordStudent(words, settings["smoothing"])


class KeywordStudent:
    """What `KeywordMethod` trains."""

    def __init__(self, words: dict[str, dict[str, int]], smoothing: float) -> None:
        self._words = dict(sorted(words.items()))
        self._smoothing = smoothing

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [self._answer(text.casefold().split()) for text in texts]

    def _answer(self, words: Sequence[str]) -> Prediction:
        scores = np.array([self._log_likelihood(c, words) for c in self._words.values()])
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        second, best = np.argsort(shares, kind="stable")[-2:]
        return Prediction(
            list(self._words)[best], float(shares[best]), float(shares[best] - shares[second])
        )

    def _log_likelihood(self, counts: dict[str, int], words: Sequence[str]) -> float:
        total = sum(counts.values()) + self._smoothing * (len(counts) + 1)
        return sum(math.log((counts.get(w, 0) + self._smoothing) / total) for w in words)


class SilentTeacher:
    """A teacher with nothing to say."""

    name = "silent"

    def write(self, request: TeachingRequest) -> Iterator[Draft]:  # noqa: ARG002
        yield from ()

    def usage(self) -> Usage:
        return Usage()


class LetterEncoder:
    """Encodes a text as its letter frequencies."""

    name = "letters"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.array([[text.casefold().count(c) for c in LETTERS] for text in texts])
        vectors = counts.reshape(len(texts), len(LETTERS)).astype(np.float32)
        vectors[:, -1] += 1e-3  # a text without letters still has a direction
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
