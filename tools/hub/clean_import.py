"""Curation of imported rows: what is empty, doubled, contradictory, or also in a held-out split."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tools.curation.duplicates import clusters
from tools.examples import Example, ExampleStore, Split
from tools.reasons import Reason

_RANK: dict[Split, int] = {"train": 0, "validation": 1, "test": 2}


def reject_flaws(examples: Sequence[Example], *, several: bool = False) -> list[Example]:
    """Give a reason to empty texts, repeats within a split, and contradictions in training.

    Args:
        examples: Rows as read.
        several: Whether an input may have several right outputs, as written texts have; the first
            is kept then, and the others are repeats.
    """
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
            reason = "empty"
        elif reason is None and not several and _contradicts(example.split, answers[key, "train"]):
            reason = "contradiction"
        elif reason is None and (key, example.split) in seen:
            reason = "duplicate"
        if reason is None:
            seen.add((key, example.split))
        result.append(replace(example, reason=reason))
    return result


def _contradicts(split: Split, answers: set[str]) -> bool:
    return split == "train" and len(answers) > 1


def limit(
    examples: Sequence[Example], most: int, seed: int, per_label: int | None = None
) -> list[Example]:
    """Keep at most about `most` training rows, each output in proportion, in their order.

    Args:
        examples: Rows as read; rejected ones are kept, and not counted.
        most: Training rows wanted.
        seed: Decides which are drawn.
        per_label: Most training rows of any output.
    """
    by_output: dict[str, list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        if example.split == "train" and example.reason is None:
            by_output[example.output].append(index)
    total = sum(map(len, by_output.values()))
    cap = per_label or total
    if total <= most and all(len(indices) <= cap for indices in by_output.values()):
        return list(examples)
    order = random.Random(seed)
    kept: set[int] = set()
    for output in sorted(by_output):
        indices = by_output[output]
        share = len(indices) if total <= most else max(1, len(indices) * most // total)
        kept.update(order.sample(indices, min(cap, share)))
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
            reason: Reason = "duplicate" if split == example.split else "contamination"
            result.append(replace(example, reason=reason))
    return result


def reject_contaminated(
    examples: Sequence[Example], store: ExampleStore
) -> tuple[list[Example], bool]:
    """Reject rows so that no text stands, in these words or nearly so, in two splits.

    Of imported rows that are alike the one held out for the latest use stays. Where a row of the
    store is alike and in another split, that one stays, be it a training row: it is not this
    import's to take away. So it is with rows that share their source with one of the store, such as
    the same sentence in another language.

    Texts made from few patterns are all near-duplicates of each other; where rejecting those would
    take most of the training rows, only equal texts count.

    Args:
        examples: Rows that nothing speaks against so far.
        store: What the run has already.

    Returns:
        The examples, and whether near-duplicates were rejected too.
    """
    stored = [example for split in _RANK for example in store.accepted(split)]
    rows = [*examples, *stored]
    same: Sequence[object] = clusters([row.input for row in rows])
    near = not _takes_most(rows, same, len(examples))
    if not near:
        same = [row.key for row in rows]
    taken: dict[object, set[Split]] = defaultdict(set)
    for alike, row in zip(same[len(examples) :], stored, strict=True):
        taken[alike].add(row.split)
    homes: dict[str, set[Split]] = defaultdict(set)
    for row in stored:
        homes[row.group].add(row.split)
    clashes = [
        bool(taken[same[i]] - {row.split} or (row.group and homes[row.group] - {row.split}))
        for i, row in enumerate(examples)
    ]
    latest: dict[object, int] = defaultdict(int)
    for i, row in enumerate(examples):
        if not clashes[i]:
            latest[same[i]] = max(latest[same[i]], _RANK[row.split])
    return [
        replace(row, reason="contamination")
        if clashes[i] or latest[same[i]] > _RANK[row.split]
        else row
        for i, row in enumerate(examples)
    ], near


def _takes_most(rows: Sequence[Example], same: Sequence[object], imported: int) -> bool:
    """Whether most imported training rows, the first of all rows, are like a held-out row."""
    held_out = {alike for alike, row in zip(same, rows, strict=True) if row.split != "train"}
    training = [same[i] for i, row in enumerate(rows[:imported]) if row.split == "train"]
    return sum(alike not in held_out for alike in training) * 2 < len(training)
