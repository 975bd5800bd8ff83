"""Label texts with the model in this folder, by torch and transformers.

    python predict.py "some text"
    python predict.py --file texts.jsonl

From Python: `Model(folder).predict(texts)`.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tools.shipping.templates.command_line import Answer, Likely, answered, ranked, run


class Model:
    """A model that answers with one of its labels.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.labels: list[str] = settings["labels"]
        self._longest: int = settings["longest"]
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        self._model = AutoModelForSequenceClassification.from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
        ).eval()

    def predict(self, texts: Sequence[str]) -> Iterator[Answer]:
        """Yield `input`, `output` and `confidence` for each text."""
        for text in texts:
            yield answered(text, self.likely(text))

    @torch.inference_mode()
    def likely(self, text: str) -> Likely:
        """Return all labels with their probabilities, the likeliest first."""
        encoded = self._tokenizer(
            text, truncation=True, max_length=self._longest, return_tensors="pt"
        )
        return ranked(self.labels, self._model(**encoded).logits[0].softmax(-1))


if __name__ == "__main__":
    run(Model, Path(__file__).parent)
