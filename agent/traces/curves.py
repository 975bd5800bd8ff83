"""Training curves, as they are drawn."""

from collections import defaultdict
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from agent.traces.columns import clean
from agent.traces.lookup import inside
from tools.students.curve import Curve, named

MOST_POINTS, MOST_LINES = 200, 12
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One measure over the steps of a training.

    Attributes:
        name: What was measured, and in which training where there were several.
        measure: What was measured; all kinds of loss are one, since they can be compared.
        points: Step and value; at most `MOST_POINTS`, evenly chosen.
    """

    name: str
    measure: str
    points: list[Point]


def read_lines(folder: Path, name: str) -> list[Line]:
    """Return the curves in a file of the run directory; none where there is no such file.

    Raises:
        OSError: The file cannot be read.
    """
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in Curve(inside(folder, name)).points():
        step, part = point.pop("step"), clean(str(point.pop("part")))
        for measure, value in point.items():
            # JSON of Python's may hold NaN; what is no number was not written by a training.
            if measure != "steps" and all(map(_is_number, (step, value))):
                found[part, clean(measure)].append((step, value))
    return [
        Line(named(part, measure), "loss" if "loss" in measure else measure, _thinned(points))
        for (part, measure), points in list(found.items())[:MOST_LINES]
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and isfinite(value)


def _thinned(points: list[Point]) -> list[Point]:
    """Return some of many points, the last among them."""
    apart = max(1, -(-len(points) // MOST_POINTS))
    return points[::-1][::apart][::-1]
