"""Label texts with the model in this folder, by onnxruntime on a CPU.

    python predict.py "some text"
    python predict.py --file texts.jsonl

From Python: `Model(folder).predict(texts)`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from tools.shipping.templates.command_line import Answer, Likely, answered, ranked, run
from tools.shipping.templates.ngrams import NGrams
from tools.shipping.templates.onnx_session import open_graph


class Model:
    """A model that answers with one of its labels.

    Args:
        folder: Where its files are.
        threads: How many to compute with; as many as there are cores where 0.
    """

    def __init__(self, folder: str | Path, threads: int = 0) -> None:
        folder = Path(folder)
        settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.labels: list[str] = settings["labels"]
        self._prefix: str = settings["prefix"]
        self._tokenizer = None
        if settings["encoder"]:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.enable_truncation(settings["longest"])
            self._tokenizer.no_padding()
        self._ngrams = NGrams(folder / "ngrams.json") if settings["ngrams"] else None
        self._session = open_graph(folder / "model.onnx", threads)

    def predict(self, texts: Sequence[str]) -> Iterator[Answer]:
        """Yield `input`, `output` and `confidence` for each text.

        Each is computed on its own: in a batch, what stands beside a text changes how the numbers
        of a quantised model are rounded.
        """
        for text in texts:
            yield answered(text, self.likely(text))

    def likely(self, text: str) -> Likely:
        """Return all labels with their probabilities, the likeliest first."""
        (logits,) = self._session.run(["logits"], self._inputs(text))
        exponents = np.exp(logits[0] - logits[0].max())
        return ranked(self.labels, exponents / exponents.sum())

    def _inputs(self, text: str) -> dict[str, Any]:
        inputs = {}
        if self._tokenizer:
            # A tokenizer without special tokens finds none in a text without words.
            ids = self._tokenizer.encode(self._prefix + text).ids or [0]
            inputs["input_ids"] = np.array([ids], np.int64)
            inputs["attention_mask"] = np.ones((1, len(ids)), np.int64)
        if self._ngrams:
            terms, weights = self._ngrams.weigh(text)
            inputs["terms"] = np.array([terms], np.int64)
            inputs["weights"] = np.array([weights], np.float32)
        return inputs


if __name__ == "__main__":
    run(Model, Path(__file__).parent)
