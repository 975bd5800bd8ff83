"""Splitting what a teacher is asked for into prompts: which examples each of them should bring.

It follows from the request alone, so that a resumed run sends the very same prompts.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from tools.teachers.grid import DIFFICULTY, Attribute, Grid
from tools.teaching import TeachingRequest

_IN_A_ROW = 5
"""Examples of one label that a prompt asks for before it turns to the next label.

A model that has just written five does not repeat those, but of fifteen the last are strained.
"""


@dataclass(frozen=True)
class Wanted:
    """One example to be written.

    Attributes:
        label: Its label; empty in text tasks.
        near: Label that it should be easy to take for; empty if none in particular.
        values: What it should be like.
    """

    label: str
    near: str
    values: tuple[str, ...]


def assignments(
    request: TeachingRequest, attributes: Sequence[Attribute], per_call: int
) -> list[list[Wanted]]:
    """Return what each prompt asks for, `per_call` examples at most and about the same number."""
    rng = random.Random(request.seed)
    cells = request.cells or {}
    if request.focus == "hard":
        # Hard examples are all difficult.
        kinds = [kind for kind in attributes if kind is not DIFFICULTY]
        wanted = list(_contrasts(request, Grid(kinds, cells, rng)))
    else:
        grid = Grid(attributes, cells, rng)
        labels = _in_turn(request.quotas) if request.quotas else [""] * request.n
        wanted = [Wanted(label, "", grid.draw(label)) for label in labels]
    if not wanted:
        return []
    size = -(-len(wanted) // -(-len(wanted) // per_call))
    # The two sides of a contrast stay in one prompt.
    size += size % 2 if request.focus == "hard" else 0
    return [wanted[start : start + size] for start in range(0, len(wanted), size)]


def _in_turn(quotas: Mapping[str, int]) -> list[str]:
    """Return every label as often as its quota says, a few of each at a time."""
    left, order = dict(quotas), []
    while left:
        for label in list(left):
            order += [label] * min(_IN_A_ROW, left[label])
            left[label] -= _IN_A_ROW
            if left[label] <= 0:
                del left[label]
    return order


def _contrasts(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    """Yield examples in pairs: alike in all that was drawn, but with the other label."""
    pairs = list(dict.fromkeys(tuple(sorted(pair)) for pair in request.confusions))
    shares: dict[tuple[str, ...], dict[str, int]] = {}
    for label, quota in request.quotas.items():
        mine: list[tuple[str, ...]] = [pair for pair in pairs if label in pair] or [(label,)]
        for turn in range(quota):
            share = shares.setdefault(mine[turn % len(mine)], {})
            share[label] = share.get(label, 0) + 1
    for pair, share in shares.items():
        sides = ([label] * share[label] for label in pair if label in share)
        for side in zip_longest(*sides):
            values = grid.draw(next(label for label in side if label))
            for label in filter(None, side):
                near = next(chain((other for other in pair if other != label), [""]))
                yield Wanted(label, near, values)
