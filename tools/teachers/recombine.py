"""New inputs out of old ones: the clauses of two examples of one label come together.

This is crossover augmentation (Luque 2019) within a label.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.examples import Example

_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""Characters of scripts that put no spaces between words."""
_CLAUSE = re.compile(
    r".+?(?:[.!?;,:](?=\s)|[。、！？；，：\n]+|(?=\s(?:and|but|because|und|aber|weil|mais|pero)\s)|$)",
    re.DOTALL | re.IGNORECASE,
)


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


def clauses(text: str) -> list[str]:
    """Return the clauses of `text`, split after punctuation marks and before conjunctions."""
    parts = (part.strip() for part in _CLAUSE.findall(text.strip()))
    return [part for part in parts if any(c.isalnum() for c in part)]


def _joined(parts: Sequence[str]) -> str:
    spaced = _CJK.search("".join(parts)) is None
    text = parts[0]
    for part in parts[1:]:
        if text[-1].isalnum() and part[:1].isupper():
            text += "."
        text += f" {part}" if spaced else part
    return text
