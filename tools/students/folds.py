"""Cross-validation folds in which nothing that is held out leaks into training."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tools.disjoint import DisjointSets
from tools.examples import Example
from tools.services import ToolError


@dataclass(frozen=True)
class Fold:
    """Row numbers to train on and to answer."""

    train: list[int]
    held_out: list[int]


def make_folds(
    examples: Sequence[Example], scored: Collection[int], folds: int, seed: int
) -> list[Fold]:
    """Divide the examples with ids in `scored` into folds of like outputs, families whole.

    A family is what shares a group, and an example with the first of its parents. A fold trains
    neither on the families that it holds out, scored or not, nor on any example with a parent in
    them. A scored example's further parents may train, since excluding them too would leave
    nothing to train on where a teacher was shown many examples at a time.

    Raises:
        ToolError: The scored examples are all of one family.
    """
    family = [first for first, *_ in families(examples)]
    wanted = set(scored)
    members: dict[int, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        if example.id in wanted:
            members[family[row]].append(row)
    if len(members) < 2:
        raise ToolError(
            "there are too few different examples to tell how good a student is; give more, with"
            " --examples FILE"
        )
    number = min(folds, len(members))
    fold_of = _deal(examples, members, number, seed)
    return [_fold(examples, family, fold_of, members, k) for k in range(number)]


def _fold(
    examples: Sequence[Example],
    family: Sequence[int],
    fold_of: dict[int, int],
    members: dict[int, list[int]],
    number: int,
) -> Fold:
    out = {row for row, key in enumerate(family) if fold_of.get(key) == number}
    ids = {examples[row].id for row in out}
    return Fold(
        train=[
            row
            for row, example in enumerate(examples)
            if row not in out and ids.isdisjoint(example.parents)
        ],
        held_out=sorted(row for key in members if fold_of[key] == number for row in members[key]),
    )


def families(examples: Sequence[Example]) -> list[list[int]]:
    """Return per row the number of its family, then those of its further parents' families.

    A family is what shares a group, and an example with the first of its parents.
    """
    sets = DisjointSets(len(examples))
    row_of = {example.id: row for row, example in enumerate(examples)}
    first_of_group: dict[str, int] = {}
    for row, example in enumerate(examples):
        if example.group:
            sets.join(row, first_of_group.setdefault(example.group, row))
        known = [row_of[parent] for parent in example.parents if parent in row_of]
        if known:
            sets.join(row, known[0])
    related = []
    for row, example in enumerate(examples):
        parents = [row_of[parent] for parent in example.parents if parent in row_of]
        related.append(list(dict.fromkeys(map(sets.root, [row, *parents]))))
    return related


def _deal(
    examples: Sequence[Example], members: dict[int, list[int]], number: int, seed: int
) -> dict[int, int]:
    """Give every family the fold that has the fewest rows of its outputs so far."""
    order = sorted(members)
    random.Random(seed).shuffle(order)
    # Large families first: what comes later can still even them out.
    order.sort(key=lambda key: -len(members[key]))
    total = [0] * number
    by_output: list[Counter[str]] = [Counter() for _ in range(number)]
    fold_of = {}
    for key in order:
        outputs = [examples[row].output for row in members[key]]
        fold = min(range(number), key=lambda k: (sum(by_output[k][o] for o in outputs), total[k]))
        fold_of[key] = fold
        by_output[fold].update(outputs)
        total[fold] += len(outputs)
    return fold_of
