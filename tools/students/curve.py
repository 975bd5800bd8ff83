"""Training curves: the loss of training steps, and scores on rows held out, in a file as they come.

One JSON object a line: `part` (which training, where hyperparameters are searched), `step`, `steps`
(how many there will be), and what was measured, such as `loss` or `eval_loss`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.files import write_text
from tools.services import Json

SUFFIX = ".curve.jsonl"
TRACKIO = "trackio"
PROJECT = "tasksmith"
"""Under which trackio keeps all trainings."""
MOST_POINTS = 400
"""About as many losses of a training are written, however many steps it has."""
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 40


@dataclass(frozen=True)
class Curve:
    """The curve of one student, in a file that its trainings append to.

    Attributes:
        path: The file; None where no curve is kept.
        report_to: `trackio`, to have it follow the training, too; `none` otherwise.
    """

    path: Path | None = None
    report_to: str = "none"

    @property
    def name(self) -> str:
        """What the training is called elsewhere: the student's id."""
        return self.path.name.removesuffix(SUFFIX) if self.path else "student"

    def add(self, part: str, step: int, steps: int, values: Json) -> None:
        """Write what was measured at a step."""
        if self.path:
            line = json.dumps({"part": part, "step": step, "steps": steps, **values})
            # One write of a whole line: what a crash cuts off is left out by readers.
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def go_on(self, part: str, step: int) -> None:
        """Forget what comes after a step, and half a line: a training goes on from there."""
        if self.path and self.path.is_file():
            kept = [p for p in self.points() if p["part"] != part or p["step"] <= step]
            write_text(self.path, "".join(json.dumps(point) + "\n" for point in kept))

    def points(self) -> list[Json]:
        """Return what was measured, in the order in which it was."""
        if not self.path or not self.path.is_file():
            return []
        points = []
        for line in self.path.read_text("utf-8", errors="replace").splitlines():
            try:
                point = json.loads(line)
            except ValueError:
                continue
            if isinstance(point, dict) and {"part", "step", "steps"} <= point.keys():
                points.append(point)
        return points


NO_CURVE = Curve()


@contextmanager
def tracked(curve: Curve, config: Json) -> Iterator[Callable[[Json, int], None]]:
    """Give what takes values at a step for trackio, where that was asked for.

    Trainers of transformers report by themselves; this is for training loops of our own.
    """
    if curve.report_to != TRACKIO:
        yield lambda _values, _step: None
        return
    import trackio

    trackio.init(project=PROJECT, name=curve.name, config=config, resume="allow")
    try:
        yield lambda values, step: trackio.log(values, step=step)
    finally:
        trackio.finish()  # type: ignore[no-untyped-call]


def is_due(step: int, steps: int) -> bool:
    """Say whether the loss of a step is to be written."""
    return step == steps or step % max(1, steps // MOST_POINTS) == 0


def curve_of(models: Path, student: str) -> Curve:
    """Return the curve of a student among the models of a run."""
    # An id that comes from a file must not lead anywhere else.
    return Curve(models / f"{Path(student).name}{SUFFIX}")


def sparkline(points: Sequence[Json]) -> list[str]:
    """Return the curves as lines of text: one a training and measure."""
    curves: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for point in points:
        for name, value in point.items():
            if name not in ("part", "step", "steps") and isinstance(value, int | float):
                curves[point["part"], name].append((point["step"], value))
    width = max((len(named(*key)) for key in curves), default=0)
    return [
        f"{named(*key):<{width}}  {_bars([v for _, v in curve])}  "
        f"{curve[0][1]:.3f} → {curve[-1][1]:.3f}, step {curve[-1][0]:,}"
        for key, curve in curves.items()
    ]


def named(part: str, name: str) -> str:
    """Return what to call a measure of a training, or a training of a student."""
    return f"{part} {name}".strip()


def _bars(values: Sequence[float]) -> str:
    """Return values as bars, the means of like parts where there are many."""
    count = min(_WIDTH, len(values))
    edges = [round(i * len(values) / count) for i in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in zip(edges, edges[1:], strict=False)]
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    return "".join(_BARS[round((mean - low) / span * (len(_BARS) - 1))] for mean in means)
