"""Label texts with the model in this folder, by sentence-transformers.

    python predict.py "some text"
    python predict.py --file texts.jsonl

From Python: `Model(folder).predict(texts)`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from tools.shipping.templates.command_line import Answer, Likely, answered, ranked, run
from tools.shipping.templates.ngrams import NGrams


class Model:
    """A linear model over the vector of a text, its n-grams, or both.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.labels: list[str] = settings["labels"]
        self._prefix: str = settings["prefix"]
        self._head = load_file(folder / "head.safetensors")
        self._ngrams = NGrams(folder / "ngrams.json") if settings["ngrams"] else None
        self._encoder = None
        if settings["encoder"]:
            self._encoder = SentenceTransformer(
                str(folder / "encoder"), model_kwargs={"use_safetensors": True}, device="cpu"
            )

    def predict(self, texts: Sequence[str]) -> Iterator[Answer]:
        """Yield `input`, `output` and `confidence` for each text."""
        for text in texts:
            yield answered(text, self.likely(text))

    def likely(self, text: str) -> Likely:
        """Return all labels with their probabilities, the likeliest first."""
        logits = self._logits(text)
        exponents = np.exp(logits - logits.max())
        return ranked(self.labels, exponents / exponents.sum())

    def _logits(self, text: str) -> Any:
        logits = self._head["intercept"]
        if self._encoder:
            vector = self._encoder.encode(self._prefix + text, normalize_embeddings=True)
            logits = logits + self._head["dense"] @ vector
        if self._ngrams:
            terms, weights = self._ngrams.weigh(text)
            logits = logits + self._head["ngrams"][:, terms] @ np.array(weights, np.float32)
        return logits


if __name__ == "__main__":
    run(Model, Path(__file__).parent)
