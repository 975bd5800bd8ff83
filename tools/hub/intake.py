"""Curation of imported rows: what is empty, doubled, contradictory, or also in a held-out split."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tools.curation.duplicates import clusters
from tools.examples import Example, ExampleStore, Split

MOST_TRAIN_ROWS = 20_000
EMPTY, DUPLICATE, CONTRADICTION, CONTAMINATION = (
    "empty", "duplicate", "contradiction", "contamination",
)  # fmt: skip
_HELD_OUT: tuple[Split, ...] = ("test", "validation")
_RANK: dict[Split, int] = {"train": 0, "validation": 1, "test": 2}


def reject_flaws(examples: Sequence[Example]) -> list[Example]:
    """Give a reason to empty texts, repeats within a split, and contradictions in training."""
    answers: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys = [example.key for example in examples]
    for key, example in zip(keys, examples, strict=True):
        if example.reason is None:
            answers[key, example.split].add(example.output)
    seen: set[tuple[str, str]] = set()
    result = []
    for key, example in zip(keys, examples, strict=True):
        reason = example.reason
        if reason is None and not (example.input and example.output):
            reason = EMPTY
        elif reason is None and example.split == "train" and len(answers[key, "train"]) > 1:
            reason = CONTRADICTION
        elif reason is None and (key, example.split) in seen:
            reason = DUPLICATE
        if reason is None:
            seen.add((key, example.split))
        result.append(replace(example, reason=reason))
    return result


def limit(examples: Sequence[Example], most: int, seed: int) -> list[Example]:
    """Keep at most about `most` training rows, each output in proportion, in their order."""
    by_output: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.split == "train" and example.reason is None:
            by_output[example.output].append(index)
    total = sum(map(len, by_output.values()))
    if total <= most:
        return list(examples)
    order = random.Random(seed)
    kept: set[int] = set()
    for output in sorted(by_output):
        indices = by_output[output]
        kept.update(order.sample(indices, max(1, len(indices) * most // total)))
    dropped = {i for indices in by_output.values() for i in indices} - kept
    return [example for i, example in enumerate(examples) if i not in dropped]


def reject_known(examples: Sequence[Example], store: ExampleStore) -> list[Example]:
    """Reject rows whose text the run has already, under whichever split."""
    known = {e.key: split for split in _RANK for e in store.accepted(split)}
    result = []
    for example in examples:
        split = known.get(example.key) if example.reason is None else None
        if split is None:
            result.append(example)
        else:
            reason = DUPLICATE if split == example.split else CONTAMINATION
            result.append(replace(example, reason=reason))
    return result


def reject_contaminated(
    examples: Sequence[Example], store: ExampleStore, *, near: bool = True
) -> tuple[list[Example], bool]:
    """Reject training and validation rows that (nearly) equal a row held out for a later use.

    Texts made from few patterns are all near-duplicates of each other; where rejecting those would
    take most of the training rows, only equal texts count.

    Returns:
        The examples, and whether near-duplicates were rejected too.
    """
    live = [i for i, example in enumerate(examples) if example.reason is None]
    held = [(e.input, split) for split in _HELD_OUT for e in store.accepted(split)]
    texts = [examples[i].input for i in live] + [text for text, _ in held]
    keys: Sequence[object] = (
        clusters(texts) if near else [e.key for e in (examples[i] for i in live)] + _keys(held)
    )
    highest: dict[object, int] = defaultdict(int)
    splits: list[Split] = [examples[i].split for i in live] + [split for _, split in held]
    for key, split in zip(keys, splits, strict=True):
        highest[key] = max(highest[key], _RANK[split])
    result = list(examples)
    for i, key in zip(live, keys[: len(live)], strict=True):
        if highest[key] > _RANK[examples[i].split]:
            result[i] = replace(examples[i], reason=CONTAMINATION)
    if near and _mostly_gone(examples, result):
        return reject_contaminated(examples, store, near=False)
    return result, near


def _keys(held: Sequence[tuple[str, Split]]) -> list[str]:
    from tools.examples import text_key

    return [text_key(text) for text, _ in held]


def _mostly_gone(before: Sequence[Example], after: Sequence[Example]) -> bool:
    def training(examples: Sequence[Example]) -> int:
        return sum(e.split == "train" and e.reason is None for e in examples)

    return training(after) * 2 < training(before)
