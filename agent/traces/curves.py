"""Training curves, read back."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from agent.traces.columns import WRONG, clean
from agent.traces.spans import inside

STEP = "step"
DRAWN = ("loss", "eval_loss")
MOST_POINTS, MOST_CURVES, MOST_BYTES = 200, 12, 4_000_000


@dataclass(frozen=True)
class Curve:
    """One measure over the steps of a training.

    Attributes:
        name: What was measured, and in which trial where there were several.
        points: Step and value; at most `MOST_POINTS`, evenly chosen.
    """

    name: str
    points: list[tuple[float, float]]


def read_curve(folder: Path, name: str) -> list[Curve]:
    """Return the curves in a file of the run directory; none where there is none.

    Raises:
        OSError: The file cannot be read.
    """
    path = inside(folder, name)
    if path is None:
        return []
    with path.open("rb") as file:
        lines = file.read(MOST_BYTES).splitlines()
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in lines:
        for key, point in _points(line):
            if key in curves or len(curves) < MOST_CURVES:
                curves[key].append(point)
    return [Curve(key, _thinned(points)) for key, points in curves.items()]


def _points(line: bytes) -> Iterator[tuple[str, tuple[float, float]]]:
    try:
        told: dict[str, Any] = json.loads(line)
        trial = told.get("trial")
        where = "" if trial is None else f"trial {clean(str(trial))[:20]}: "
        found = [(key, (float(told[STEP]), float(told[key]))) for key in DRAWN if key in told]
    except WRONG:
        return
    for key, point in found:
        if all(map(isfinite, point)):
            yield where + key, point


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return some hundred points of many; the last is among them."""
    apart = -(-len(points) // MOST_POINTS)
    return points[::-1][:: max(apart, 1)][::-1]
