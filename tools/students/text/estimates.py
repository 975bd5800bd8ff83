"""What a text student will take, and whether one without a pretrained base stands a chance."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.examples import Example
from tools.students.base import Base
from tools.students.text import scratch
from tools.students.text.form import Kind
from tools.students.text.settings import usual

BYTES_PER_TOKEN = 4
FEW_FOR_SCRATCH = 1_000
"""Rows below which a model that knows nothing has little to learn from."""
_FREE_WORDS, _FREE_SHARE = 8, 0.1
_TEMPLATE_TOKENS = 12
# Training reads a row forward and, at twice the price, backward; adapters save memory, not time.
_TRAINING = 3
# Answers are written a token at a time, for which no machine is as quick as for reading.
_WRITING = 2


@dataclass(frozen=True)
class Material:
    """What the rows of a task are like; lengths in estimated tokens.

    Attributes:
        instruction: Length of the task in words, which a pretrained base reads with every row.
        output: Length of a mean output.
        answered: Rows to be answered before a student has a score: validation and test.
        free: Whether outputs are long and made of words that hardly ever recur.
    """

    instruction: float = 0.0
    output: float = 4.0
    answered: int = 0
    free: bool = False


def material(instruction: str, rows: Sequence[Example], answered: int) -> Material:
    """Measure the rows that are to be learned from."""
    outputs = [row.output for row in rows]
    return Material(
        instruction=_tokens([instruction]),
        output=_tokens(outputs) if outputs else Material.output,
        answered=answered,
        free=_freely_worded(outputs),
    )


def weights(base: Base) -> int:
    """Return how many weights a token passes through; the halves of a T5 read one side each."""
    body = base.body or base.parameters or 0
    return body // 2 if base.kind == "seq2seq" else body


def training(base: Base, rows: int, inputs: float, about: Material) -> float:
    """Return the tokens times weights of a training with the usual number of epochs.

    Args:
        base: What is trained.
        rows: Number of training rows.
        inputs: Length of a mean input, in tokens.
        about: The rest about them.
    """
    tokens = rows * (_prompt(base, inputs, about) + about.output)
    return _TRAINING * tokens * _epochs(base, rows, tokens) * weights(base)


def answering(base: Base, inputs: float, about: Material) -> float:
    """Return the tokens times weights of answering what scores a student."""
    tokens = _prompt(base, inputs, about) + _WRITING * about.output
    return about.answered * tokens * weights(base)


def _prompt(base: Base, inputs: float, about: Material) -> float:
    return inputs + (1 if base.untrained else about.instruction + _TEMPLATE_TOKENS)


def _epochs(base: Base, rows: int, tokens: float) -> int:
    rows, size = max(1, rows), weights(base)
    if base.untrained:
        return int(scratch.defaults(rows, max(1, round(tokens)), size)["num_train_epochs"])
    kind: Kind = "seq2seq" if base.kind == "seq2seq" else "causal"
    return int(usual(kind, rows, size, "none")["epochs"])


def _tokens(texts: Sequence[str]) -> float:
    total = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return total / len(texts) / BYTES_PER_TOKEN


def _freely_worded(outputs: Sequence[str]) -> bool:
    words = [re.findall(r"[^\W\d_]+", output.casefold()) for output in outputs]
    rows_with = Counter(word for row in words for word in set(row))
    total = sum(map(len, words))
    rare = sum(rows_with[word] == 1 for row in words for word in row)
    return total >= _FREE_WORDS * len(outputs) > 0 and rare >= _FREE_SHARE * total
