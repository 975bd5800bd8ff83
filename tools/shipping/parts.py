"""What students that label consist of, and what a program has to know of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.services import Json
from tools.shipping.shipped import write_settings
from tools.students import bases
from tools.students.base import Base
from tools.students.classifier import MAX_TOKENS
from tools.students.features import NGRAM_WEIGHT, NGrams


@dataclass(frozen=True)
class ProbeParts:
    """A probe, taken apart.

    Attributes:
        dense: Weights of the vector, of shape (labels, dimensions).
        grams: Weights of the n-grams, of shape (labels, n-grams), that of n-grams beside vectors
            included.
        intercept: Of shape (labels,).
        known: N-gram → inverse document frequency, in the order of `grams`.
        base: What gives the vector; None where n-grams are all.
    """

    labels: list[str]
    dense: NDArray[np.float32]
    grams: NDArray[np.float32]
    intercept: NDArray[np.float32]
    known: dict[str, float]
    base: Base | None

    @classmethod
    def read(cls, student: Path) -> "ProbeParts":
        """Read the probe in a student's folder."""
        from safetensors.numpy import load_file

        settings: Json = json.loads((student / "probe.json").read_text(encoding="utf-8"))
        head = load_file(student / "head.safetensors")
        known: dict[str, float] = {}
        if settings["ngrams"]:
            vectorizer: Any = NGrams.load(student).vectorizer
            terms = vectorizer.get_feature_names_out()
            known = dict(zip(terms, map(float, vectorizer.idf_), strict=True))
        base = bases.referred(student)
        width = head["coef"].shape[1] - len(known)
        return cls(
            labels=settings["labels"],
            dense=np.ascontiguousarray(head["coef"][:, :width]),
            grams=np.ascontiguousarray(head["coef"][:, width:] * (NGRAM_WEIGHT if base else 1.0)),
            intercept=head["intercept"],
            known=known,
            base=base,
        )

    def write(self, target: Path, longest: int) -> None:
        """Write the n-grams, and what a program has to know; `longest` is in tokens."""
        if self.known:
            text = json.dumps(self.known, ensure_ascii=False)
            (target / "ngrams.json").write_text(text, encoding="utf-8")
        settings = {
            "labels": self.labels,
            "encoder": self.base is not None,
            "longest": longest,
            "prefix": self.base.prefix if self.base else "",
            "ngrams": bool(self.known),
        }
        write_settings(target, settings)


def write_classifier(config: Any, target: Path) -> None:
    """Write what a program has to know of a classifier."""
    names = config.id2label
    settings = {
        "labels": [names[i] for i in range(len(names))],
        "encoder": True,
        "longest": min(MAX_TOKENS, getattr(config, "max_position_embeddings", MAX_TOKENS)),
        "prefix": "",
        "ngrams": False,
    }
    write_settings(target, settings)
