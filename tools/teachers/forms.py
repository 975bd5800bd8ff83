"""What a prompt for a text task says of the outputs: their kinds, and cases answered wrongly."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Generic, TypeVar

from tools.curation.kinds import OTHER
from tools.llm.asking import clipped, line
from tools.teachers.assignments import Wanted
from tools.teachers.showing import Room, is_written
from tools.teaching import TeachingRequest

_SAMPLES, _RARE_SAMPLES = 2, 5
"""Real outputs shown of a kind; of the kind that is anything else more, since they differ."""
_LONGEST_SAMPLE = 200
_ANY_OTHER = {"note": "any other form that the task allows"}


T = TypeVar("T", str, int)


@dataclass(frozen=True)
class Listed(Generic[T]):
    """What a prompt lists as data, and the names by which its lines refer to that.

    Attributes:
        data: Lines of a data block.
        names: Kind of output, or place of a case, to its name.
    """

    data: Sequence[str]
    names: Mapping[T, str]


def forms(request: TeachingRequest, wanted: Sequence[Wanted]) -> Listed[str]:
    """Return the kinds of output that a prompt asks for, each with real outputs and how many."""
    counts = Counter(one.kind for one in wanted if one.kind is not None)
    names = {kind: name(place) for place, kind in enumerate(counts)}
    data = []
    for kind, times in counts.items():
        entry = {"form": names[kind], "wanted": times, "outputs": _outputs(request, kind)}
        data.append(line(entry | _ANY_OTHER if kind == OTHER else entry))
    return Listed(data, names)


def _outputs(request: TeachingRequest, kind: str) -> list[str]:
    """Return real outputs of a kind; one that is its own kind stands for itself."""
    kinds = request.kinds
    if kinds is None or kind in kinds.themselves:
        return [kind]
    real = [e.output for e in request.examples if not is_written(e) and kinds.of(e.output) == kind]
    different = list(dict.fromkeys(real))
    random.Random(f"{request.seed} {kind}").shuffle(different)
    most = _RARE_SAMPLES if kind == OTHER else _SAMPLES
    return [clipped(output, _LONGEST_SAMPLE) for output in different[:most]]


def cases(request: TeachingRequest, wanted: Sequence[Wanted], room: Room) -> Listed[int]:
    """Return the cases that a prompt asks for variations of."""
    places = dict.fromkeys(one.case for one in wanted if one.case is not None)
    names = {case: name(place) for place, case in enumerate(places)}
    data = []
    for case, called in names.items():
        known = request.cases[case]
        entry = {
            "case": called,
            "input": clipped(known.example.input, room.characters),
            "right output": clipped(known.example.output, room.characters),
            "wrong answer": clipped(known.said, room.characters),
        }
        data.append(line(entry))
    return Listed(data, names)


def name(place: int) -> str:
    """Return A, B … Z, A1, B1 …, by which a prompt calls what it lists."""
    letter = ascii_uppercase[place % len(ascii_uppercase)]
    return letter + str(place // len(ascii_uppercase) or "")
