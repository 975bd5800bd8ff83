"""Students that label, as ONNX graphs: classifiers, and probes with their encoder and n-grams."""

from pathlib import Path
from typing import TYPE_CHECKING

from tools.shipping.graph import EXACT, PLAIN, write_graph
from tools.shipping.parts import ProbeParts, write_classifier
from tools.shipping.shipped import Shipped, write_tokenizer
from tools.students import embeddings
from tools.students.classifier import MAX_TOKENS, load_parts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor, nn

GRAPH = "model.onnx"
_INSTEAD = "export it with --format safetensors"
_SHIPPED = Shipped(
    "labels_onnx",
    ("command_line", "ngrams", "onnx_session"),
    ("numpy", "onnxruntime", "tokenizers"),
)
_DYNAMIC = dict.fromkeys(("input_ids", "attention_mask", "terms", "weights"), (0, 1))


def ship_classifier(student: Path, target: Path) -> Shipped:
    """Write a classifier as a graph from tokens to logits."""
    import torch

    model, tokenizer = load_parts(str(student), str(student), **PLAIN)

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: "Tensor") -> "Tensor":
            logits: Tensor = self.model(input_ids=inputs[0], attention_mask=inputs[1]).logits
            return logits

    write_tokenizer(tokenizer, target, _INSTEAD)
    write_graph(Logits(), _some_tokens(), ["logits"], _DYNAMIC, target / GRAPH)
    write_classifier(model.config, target)
    return _SHIPPED


def ship_probe(student: Path, target: Path) -> Shipped:
    """Write a probe as a graph from tokens, weighted n-grams or both to logits."""
    import torch

    parts = ProbeParts.read(student)
    encoder = embeddings.load_encoder(parts.base) if parts.base else None
    inputs = {}
    longest = 0
    if encoder is not None:
        inputs = _some_tokens()
        longest = int(encoder.max_seq_length or MAX_TOKENS)
        write_tokenizer(encoder.tokenizer, target, _INSTEAD)
    if parts.known:
        inputs["terms"] = torch.zeros((2, 7), dtype=torch.int64)
        inputs["weights"] = torch.ones((2, 7))
    write_graph(_probe(parts, encoder), inputs, ["logits"], _DYNAMIC, target / GRAPH)
    parts.write(target, longest)
    return _SHIPPED


def _probe(parts: ProbeParts, encoder: "SentenceTransformer | None") -> "nn.Module":
    import torch

    class Probe(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.dense = torch.nn.Parameter(torch.from_numpy(parts.dense.T.copy()))
            self.intercept = torch.nn.Parameter(torch.from_numpy(parts.intercept))
            self.register_buffer(EXACT, torch.from_numpy(parts.grams.T.copy()))

        def forward(self, *inputs: "Tensor") -> "Tensor":
            logits: Tensor = self.intercept
            if self.encoder is not None:
                tokens = {"input_ids": inputs[0], "attention_mask": inputs[1]}
                vectors = self.encoder(tokens)["sentence_embedding"]
                logits = logits + torch.nn.functional.normalize(vectors) @ self.dense
            if parts.known:
                terms, weights = inputs[-2:]
                rows = self.get_buffer(EXACT)[terms]
                logits = logits + (rows * weights.unsqueeze(-1)).sum(1)
            return logits

    return Probe()


def _some_tokens() -> "dict[str, Tensor]":
    import torch

    ids = torch.ones((2, 7), dtype=torch.int64)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
