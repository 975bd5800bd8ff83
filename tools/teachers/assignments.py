"""Splitting what a teacher is asked for into prompts: which examples each of them should bring.

It follows from the request alone, so that a resumed run sends the very same prompts.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar

from tools.teachers.grid import Grid, Variety
from tools.teachers.nearness import Nearness
from tools.teachers.quotas import Pair, confused_pairs, most_due
from tools.teaching import TeachingRequest

T = TypeVar("T")
_IN_A_ROW = 5
"""Examples of one label that a prompt asks for before it turns to the next label.

A model that has just written five does not repeat those, but of fifteen the last are strained.
"""
_PAIRS_IN_A_ROW = 2


@dataclass(frozen=True)
class Wanted:
    """One example to be written.

    Attributes:
        label: Its label; empty in text tasks.
        near: Label that it should be easy to take for; empty if none in particular.
        subject: What it is about; empty if that is left open.
        traits: What else it should be like.
        kind: Kind of its output in a text task; None for any.
        case: Place of the case that it varies; None for none.
        turned: Whether it differs from the one before in the detail that decides the output.
    """

    label: str
    near: str
    subject: str
    traits: tuple[str, ...]
    kind: str | None = None
    case: int | None = None
    turned: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """All that is said of the input."""
        return (self.subject, *self.traits) if self.subject else self.traits


def assignments(request: TeachingRequest, variety: Variety, per_call: int) -> list[list[Wanted]]:
    """Return what each prompt asks for, `per_call` examples at most and about the same number.

    Labels that are easily taken for one another come to stand in one prompt, so that their examples
    are written against each other.
    """
    grid = Grid(variety, request.cells or {}, random.Random(request.seed))
    hard = request.focus == "hard"
    wanted = list(_planned(request, grid))
    if not wanted:
        return []
    # The two sides of a contrast stay in one prompt.
    most = per_call + per_call % 2 if hard else per_call
    size = -(-len(wanted) // -(-len(wanted) // most))
    size += size % 2 if hard else 0
    return [wanted[start : start + size] for start in range(0, len(wanted), size)]


def _planned(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    if request.cases:
        return _variations(request, grid)
    if request.focus == "hard":
        return _contrasts(request, grid)
    return _texts(request, grid) if request.kinds or not request.quotas else _spread(request, grid)


def _texts(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    """Yield examples of a text task, a few of each kind of output at a time."""
    kinds = _in_turn(request.quotas, _IN_A_ROW) if request.kinds else repeat(None, request.n)
    for kind in kinds:
        yield Wanted("", "", *grid.draw(""), kind=kind)


def _variations(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    """Yield pairs for each case in turn: another text as hard, and one that turns its output."""
    for number in range(-(-request.n // 2)):
        case = number // _PAIRS_IN_A_ROW % len(request.cases)
        _, traits = grid.draw_plain("")
        yield Wanted("", "", "", traits, case=case)
        yield Wanted("", "", "", traits, case=case, turned=True)


def _spread(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    """Yield examples of each label as the quotas say, a few of each at a time."""
    near = Nearness(request.spec, request.confusions).chained(request.quotas)
    for label in _in_turn({label: request.quotas[label] for label in near}, _IN_A_ROW):
        yield Wanted(label, "", *grid.draw(label))


def _in_turn(times: Mapping[T, int], most: int) -> Iterator[T]:
    """Yield every key as often as it says, `most` times in a row."""
    left = dict(times)
    while left:
        for key in list(left):
            yield from [key] * min(most, left[key])
            left[key] -= most
            if left[key] <= 0:
                del left[key]


def _contrasts(request: TeachingRequest, grid: Grid) -> Iterator[Wanted]:
    """Yield examples in pairs, alike in all that was drawn but with the other's label.

    Pairs are always whole, even where one side has enough examples: neither is worth much alone.
    Labels that are not confused come last, by themselves.
    """
    left = Counter(request.quotas)
    for number, pair in enumerate(_in_turn(_paired(request, left), _PAIRS_IN_A_ROW)):
        # Either label's subjects serve, in turn.
        subject, traits = grid.draw_plain(pair[number % 2])
        for label, near in (pair, pair[::-1]):
            yield Wanted(label, near, subject, traits)
    for label in left.elements():
        yield Wanted(label, "", *grid.draw_plain(label))


def _paired(request: TeachingRequest, left: Counter[str]) -> dict[Pair, int]:
    """Return how often to write each pair, and take that from what is left to write."""
    pairs = confused_pairs(request.confusions, request.quotas)
    times = dict.fromkeys(pairs, 0)
    while open_ := {pair: n for pair, n in pairs.items() if any(left[label] > 0 for label in pair)}:
        both = {pair: n for pair, n in open_.items() if all(left[label] > 0 for label in pair)}
        pair = most_due(both or open_, times)
        times[pair] += 1
        left.subtract(pair)
    return {pair: n for pair, n in times.items() if n}
