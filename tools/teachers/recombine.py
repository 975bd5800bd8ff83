"""New inputs out of old ones: clauses and words of examples of one label change places.

Joining clauses is crossover augmentation (Luque 2019) within a label. The words that may stand in
for each other are those seen between the same two neighbours (Harris 1954) under the same label.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tools.examples import Example
from tools.teachers.tokens import clauses, is_spaced, tokens

_MOST_SWAPS = 3
Slot = tuple[str, str]
"""What stands left and right of a word; empty at the ends of a text."""


@dataclass(frozen=True)
class Variation:
    """An input made from examples of one label, and their ids."""

    text: str
    parents: tuple[int, ...]


class Pool:
    """The examples of one label, taken apart."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.clauses = [clauses(e.input) for e in examples]
        self.tokens = [tokens(e.input) for e in examples]
        self.slots: dict[Slot, set[tuple[str, int]]] = defaultdict(set)
        for example, row in zip(examples, self.tokens, strict=True):
            for slot, token in zip(_slots(row), row, strict=True):
                self.slots[slot].add((token.strip(), example.id))

    def __len__(self) -> int:
        return len(self.examples)


def join_clauses(pool: Pool, rng: random.Random) -> Variation | None:
    """Let the closing clauses of one example follow the opening clauses of another."""
    if len(pool) < 2:
        return None
    first, second = rng.sample(range(len(pool)), 2)
    head, tail = pool.clauses[first], pool.clauses[second]
    if not head or not tail:
        return None
    opening = head[: rng.randint(1, len(head))]
    closing = tail[rng.randint(0, len(tail) - 1) :]
    text = _joined([*opening, *closing])
    return Variation(text, (pool.examples[first].id, pool.examples[second].id))


def substitute(pool: Pool, rng: random.Random) -> Variation | None:
    """Put words of other examples in places where those have the same neighbours."""
    index = rng.randrange(len(pool))
    row = list(pool.tokens[index])
    parents = {pool.examples[index].id}
    swaps = 0
    slots = _slots(row)
    for place in rng.sample(range(len(row)), len(row)):
        others = sorted(o for o in pool.slots[slots[place]] if not _same(o[0], row[place]))
        if others and swaps < _MOST_SWAPS:
            word, parent = rng.choice(others)
            row[place] = row[place][: -len(row[place].strip())] + word
            parents.add(parent)
            swaps += 1
    return Variation("".join(row), tuple(sorted(parents))) if swaps else None


def _slots(row: Sequence[str]) -> list[Slot]:
    words = ["", *(token.strip().casefold() for token in row), ""]
    return list(zip(words, words[2:], strict=False))


def _same(a: str, b: str) -> bool:
    return a.strip().casefold() == b.strip().casefold()


def _joined(parts: Sequence[str]) -> str:
    spaced = is_spaced("".join(parts))
    text = parts[0]
    for part in parts[1:]:
        if text[-1].isalnum() and part[:1].isupper():
            text += "."
        text += f" {part}" if spaced else part
    return text
