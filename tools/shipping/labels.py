"""Students that label, as ONNX graphs: classifiers, and probes with their encoder and n-grams."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.services import Json
from tools.shipping.graph import EXACT, write_graph
from tools.shipping.shipped import Shipped, write_settings, write_tokenizer
from tools.students import bases, embeddings
from tools.students.classifier import MAX_TOKENS
from tools.students.features import NGRAM_WEIGHT, NGrams
from tools.students.loading import loading

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor, nn

GRAPH = "model.onnx"
_SHIPPED = Shipped(
    "labels_onnx",
    ("command_line", "ngrams"),
    ("numpy", "onnxruntime", "tokenizers"),
)
_TEXTS = {"input_ids": {0: "texts", 1: "tokens"}, "attention_mask": {0: "texts", 1: "tokens"}}
_TERMS = {"terms": {0: "texts", 1: "terms"}, "weights": {0: "texts", 1: "terms"}}


def ship_classifier(student: Path, target: Path) -> Shipped:
    """Write a classifier as a graph from tokens to logits."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    with loading(str(student), "a classifier"):
        tokenizer = AutoTokenizer.from_pretrained(student, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_pretrained(
            student, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
        )

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: "Tensor", attention_mask: "Tensor") -> "Tensor":
            logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    write_tokenizer(tokenizer, target)
    write_graph(Logits(), _some_tokens(), ["logits"], _TEXTS, target / GRAPH)
    names = model.config.id2label
    longest = min(MAX_TOKENS, getattr(model.config, "max_position_embeddings", MAX_TOKENS))
    _write_settings(target, [names[i] for i in range(len(names))], longest)
    return _SHIPPED


def ship_probe(student: Path, target: Path) -> Shipped:
    """Write a probe as a graph from tokens, weighted n-grams or both to logits."""
    from safetensors.torch import load_file

    settings: Json = json.loads((student / "probe.json").read_text(encoding="utf-8"))
    head = load_file(student / "head.safetensors")
    base = bases.referred(student)
    encoder = embeddings.load_encoder(base) if base else None
    longest = 0
    if encoder is not None:
        longest = int(encoder.max_seq_length or MAX_TOKENS)
        write_tokenizer(encoder.tokenizer, target)
    if settings["ngrams"]:
        _write_ngrams(student, target)
    weight = NGRAM_WEIGHT if encoder is not None else 1.0
    module, inputs = _probe(encoder, head["coef"], head["intercept"], weight, settings["ngrams"])
    write_graph(module, inputs, ["logits"], _TEXTS | _TERMS, target / GRAPH)
    _write_settings(
        target, settings["labels"], longest, base.prefix if base else "", settings["ngrams"]
    )
    return _SHIPPED


def _probe(
    encoder: "SentenceTransformer | None",
    coef: "Tensor",
    intercept: "Tensor",
    weight: float,
    ngrams: bool,
) -> "tuple[nn.Module, dict[str, Tensor]]":
    """Return the module, and an example of what it takes.

    Args:
        encoder: Gives the first features; None where n-grams are all.
        coef: Of shape (labels, features).
        intercept: Of shape (labels,).
        weight: That of n-grams beside vectors.
        ngrams: Whether n-grams give the last features, or all.
    """
    import torch

    width = int(encoder.get_embedding_dimension() or 0) if encoder is not None else 0

    class Probe(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.dense = torch.nn.Parameter(coef[:, :width].T.contiguous())
            self.intercept = torch.nn.Parameter(intercept)
            self.register_buffer(EXACT, (weight * coef[:, width:]).T.contiguous())

        def forward(
            self,
            input_ids: "Tensor | None" = None,
            attention_mask: "Tensor | None" = None,
            terms: "Tensor | None" = None,
            weights: "Tensor | None" = None,
        ) -> "Tensor":
            logits: Tensor = self.intercept
            if self.encoder is not None:
                tokens = {"input_ids": input_ids, "attention_mask": attention_mask}
                vectors = self.encoder(tokens)["sentence_embedding"]
                logits = logits + torch.nn.functional.normalize(vectors) @ self.dense
            if weights is not None:
                rows = self.get_buffer(EXACT)[terms]
                logits = logits + (rows * weights.unsqueeze(-1)).sum(1)
            return logits

    inputs = _some_tokens() if encoder is not None else {}
    if ngrams:
        inputs["terms"] = torch.zeros((2, 7), dtype=torch.int64)
        inputs["weights"] = torch.ones((2, 7))
    return Probe(), inputs


def _some_tokens() -> "dict[str, Tensor]":
    import torch

    ids = torch.ones((2, 7), dtype=torch.int64)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def _write_ngrams(student: Path, target: Path) -> None:
    vectorizer: Any = NGrams.load(student).vectorizer
    known = dict(zip(vectorizer.get_feature_names_out(), map(float, vectorizer.idf_), strict=True))
    (target / "ngrams.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")


def _write_settings(
    target: Path, labels: list[str], longest: int, prefix: str = "", ngrams: bool = False
) -> None:
    """Write what the program has to know; without a limit to tokens there is no encoder."""
    write_settings(
        target,
        {"labels": labels, "encoder": longest > 0, "longest": longest, "prefix": prefix,
         "ngrams": ngrams},
    )  # fmt: skip
