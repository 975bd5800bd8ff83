"""Small charts as SVG, in the page's own colours, so that they read well in light and dark.

A chart is drawn in a fixed system of units and grows with its place. Each also says its numbers in
words, for those who do not see it; the tables beside it have all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.ui.figures import interval, score
from agent.ui.safe import render

Json = dict[str, Any]
WIDTH, HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 30
_TICKS = 5
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_ROW, _NAMES = 30, 220
_LONGEST_NAME = 29


@dataclass(frozen=True)
class Scale:
    """The linear scale of an axis: values from `low` to `high` onto units from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Return round values between the ends."""
        step = next((s for s in _STEPS if (self.high - self.low) / s <= _TICKS), _STEPS[-1])
        first = round(self.low / step)
        values = [round((first + number) * step, 4) for number in range(_TICKS + 3)]
        return [value for value in values if self.low <= value <= self.high]


def scores_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Return a scale for scores between 0 and 1 that shows all of `values`, and a little around."""
    if not values:
        return Scale(0, 1, start, end)
    low, high = max(0.0, min(values) - 0.02), min(1.0, max(values) + 0.02)
    return Scale(low, max(high, low + 0.05), start, end)


def rounds_plot(rounds: Sequence[Json], name: str) -> str:
    """Return the validation score of each round with its 95% interval; empty without any.

    Args:
        rounds: As reports have them.
        name: Of the metric.
    """
    scored = [round_ for round_ in rounds if round_.get("validation")]
    if not scored:
        return ""
    bounds = [v for r in scored for v in (r["validation"]["value"], *_ends(r["validation"]))]
    y = scores_scale(bounds, HEIGHT - _BOTTOM, _TOP)
    first, last = scored[0]["round"], scored[-1]["round"]
    x = Scale(first - 0.5, last + 0.5, _LEFT, WIDTH - _RIGHT)
    points = [_point(round_, x, y) for round_ in scored]
    return render(
        "rounds_plot.html",
        name=name,
        size=(WIDTH, HEIGHT),
        edges=(_LEFT, WIDTH - _RIGHT, HEIGHT - _BOTTOM),
        ticks=[(value, y.at(value)) for value in y.ticks()],
        points=points,
        line=" ".join(f"{p['x']},{p['y']}" for p in points if p["kept"]),
        every=max(1, len(points) // 12),
    )


def _point(round_: Json, x: Scale, y: Scale) -> Json:
    told = round_["validation"]
    ends = _ends(told)
    said = f"round {round_['round']}: {score(told['value'])}"
    return {
        "round": round_["round"],
        "kept": bool(round_.get("kept")),
        "x": x.at(round_["round"]),
        "y": y.at(told["value"]),
        "ends": [y.at(end) for end in ends],
        "says": said + (f", 95% interval {interval(ends)}" if ends else ""),
    }


def _ends(measured: Json) -> list[float]:
    return list(measured.get("ci95") or [])


def scores_plot(models: Sequence[Json]) -> str:
    """Return test scores with their 95% intervals, a line each; empty without any.

    Args:
        models: `name`, `value` and `ci95` of each.
    """
    if not models:
        return ""
    bounds = [v for model in models for v in (model["value"], *_ends(model))]
    x = scores_scale(bounds, _NAMES, WIDTH - _RIGHT)
    height = _TOP + _ROW * len(models) + _BOTTOM
    lines = [
        {
            "name": model["name"],
            "short": _middle_cut(model["name"]),
            "y": _TOP + _ROW * number + _ROW / 2,
            "x": x.at(model["value"]),
            "ends": [x.at(end) for end in _ends(model)],
            "says": f"{score(model['value'])} ({interval(_ends(model) or None)})",
        }
        for number, model in enumerate(models)
    ]
    return render(
        "scores_plot.html",
        size=(WIDTH, height),
        names=_NAMES,
        bottom=height - _BOTTOM,
        top=_TOP,
        ticks=[(value, x.at(value)) for value in x.ticks()],
        lines=lines,
    )


def _middle_cut(name: str) -> str:
    """Shorten a name so that its beginning and its end, which tells runs apart, stay."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:12]}…{name[-16:]}"
