"""Batches of rows: in which order, and as which tensors."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tools.students.text.rows import Row

IGNORED = -100
FED = ("input_ids", "attention_mask", "position_ids", "decoder_input_ids")
"""What of a batch a model is given."""
_READ = ("input_ids", "decoder_input_ids")
_SORTED_TOGETHER = 50
_SHORTEST_LINE = 128
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


def tokens(batch: Batch) -> int:
    """Return the number of tokens that a model reads and writes in a batch, fillers included."""
    return sum(batch[name].numel() for name in _READ if name in batch)


def padded(pad: int) -> Collator:
    """Return what makes batches for a causal model, a row a line, filled up on the right.

    Labels stand where the token before theirs is read.

    Args:
        pad: Token to fill up with; no loss falls on it and nothing attends to it.
    """

    def collate(rows: Sequence[Row]) -> Batch:
        return {
            "input_ids": _filled([row.prompt + row.completion for row in rows], pad),
            "attention_mask": _filled([[1] * length(row) for row in rows], 0),
            "labels": _filled([_labels(row) for row in rows], IGNORED),
            "weights": _filled([[row.weight] * length(row) for row in rows], 0.0),
        }

    return collate


def packed(pad: int) -> Collator:
    """Return what makes batches for a causal model with several rows in a line.

    Positions begin anew with each row, and where no other mask is given transformers lets nothing
    attend across such a beginning. Lines are short: attention takes the square of their length.

    Args:
        pad: Token to fill up with.
    """

    def collate(rows: Sequence[Row]) -> Batch:
        lines = _lines(rows)
        return {
            "input_ids": _filled(
                [[t for row in line for t in row.prompt + row.completion] for line in lines], pad
            ),
            "position_ids": _filled(
                [[place for row in line for place in range(length(row))] for line in lines], 0
            ),
            "labels": _filled(
                [[t for row in line for t in _labels(row)] for line in lines], IGNORED
            ),
            "weights": _filled(
                [[row.weight for row in line for _ in range(length(row))] for line in lines], 0.0
            ),
        }

    return collate


def _lines(rows: Sequence[Row]) -> list[list[Row]]:
    """Share rows out on lines as long as the longest of them, the longest rows first."""
    room = max(_SHORTEST_LINE, *map(length, rows))
    lines: list[list[Row]] = []
    left: list[int] = []
    for row in sorted(rows, key=length, reverse=True):
        place = next((i for i, free in enumerate(left) if free >= length(row)), len(lines))
        if place == len(lines):
            lines.append([])
            left.append(room)
        lines[place].append(row)
        left[place] -= length(row)
    return lines


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
            "weights": _filled([[row.weight] * len(row.completion) for row in rows], 0.0),
        }

    return collate


def _labels(row: Row) -> list[int]:
    """Return what to say next at each token of a row."""
    return [*[IGNORED] * (len(row.prompt) - 1), *row.completion, IGNORED]


def _filled(lists: Sequence[Sequence[float]], value: float) -> Any:
    """Return a tensor of shape (lines, longest), filled up on the right."""
    import torch

    width = max(map(len, lists))
    return torch.tensor([[*items, *[value] * (width - len(items))] for items in lists])
