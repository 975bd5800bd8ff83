"""Batches of rows: in which order, and as which tensors."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tools.students.text.rows import Row

IGNORED = -100
_SORTED_TOGETHER = 50
Batch = dict[str, Any]
Collator = Callable[[Sequence[Row]], Batch]


class Order:
    """A sampler for a `DataLoader`: rows of like length follow each other, batches are shuffled.

    Groups of 50 batches are drawn at random and each is sorted by length, which leaves next to no
    padding and keeps batches random (the scheme of `group_by_length` in transformers). The order
    follows from seed and epoch alone, so that a resumed training sees what it would have seen.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; accelerate calls this."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        rng = random.Random(f"{self._seed} {self._epoch}")
        rows = list(range(len(self._lengths)))
        rng.shuffle(rows)
        # A batch that is not full has to be the last one.
        last = rows[len(rows) - len(rows) % self._batch_size :]
        full = rows[: len(rows) - len(last)]
        step = _SORTED_TOGETHER * self._batch_size
        sorted_rows = [
            row
            for start in range(0, len(full), step)
            for row in sorted(full[start : start + step], key=lambda i: self._lengths[i])
        ]
        batches = [
            sorted_rows[start : start + self._batch_size]
            for start in range(0, len(sorted_rows), self._batch_size)
        ]
        rng.shuffle(batches)
        return iter([row for batch in [*batches, last] for row in batch])


def length(row: Row) -> int:
    """Return the number of tokens of a row."""
    return len(row.prompt) + len(row.completion)


def causal(pad: int) -> Collator:
    """Return what makes batches for a causal model: prompt and completion, the loss on the latter.

    Args:
        pad: Token to fill up with; no loss falls on it and nothing attends to it.
    """

    def collate(rows: Sequence[Row]) -> Batch:
        return {
            "input_ids": _filled([row.prompt + row.completion for row in rows], pad),
            "attention_mask": _filled([[1] * length(row) for row in rows], 0),
            "labels": _filled(
                [[IGNORED] * len(row.prompt) + row.completion for row in rows], IGNORED
            ),
            "weights": _weights(rows),
        }

    return collate


def seq2seq(pad: int, start: int) -> Collator:
    """Return what makes batches for an encoder and a decoder, which is shown what it wrote so far.

    Args:
        pad: Token to fill up with.
        start: Token that a decoder begins with.
    """

    def collate(rows: Sequence[Row]) -> Batch:
        return {
            "input_ids": _filled([row.prompt for row in rows], pad),
            "attention_mask": _filled([[1] * len(row.prompt) for row in rows], 0),
            "decoder_input_ids": _filled([[start, *row.completion[:-1]] for row in rows], pad),
            "labels": _filled([row.completion for row in rows], IGNORED),
            "weights": _weights(rows),
        }

    return collate


def _weights(rows: Sequence[Row]) -> Any:
    import torch

    return torch.tensor([[row.weight] for row in rows])


def _filled(lists: Sequence[Sequence[int]], value: int) -> Any:
    """Return a tensor of shape (rows, longest), filled up on the right."""
    import torch

    width = max(map(len, lists))
    return torch.tensor([[*items, *[value] * (width - len(items))] for items in lists])
