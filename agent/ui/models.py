"""The models that runs have come to, side by side, and how they differ in words."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agent.ui.figures import UNKNOWN, count, interval, megabytes, milliseconds, score, span, usd
from agent.ui.standing import Standing

Json = dict[str, Any]
_NOTABLE = 1.2
"""A ratio of sizes or times below this is not worth a sentence."""


@dataclass(frozen=True)
class Model:
    """What is known of the model of one run.

    Attributes:
        run: Id of the run.
        report: Of the run, format 1.
        folder: Of the run.
    """

    run: str
    report: Json
    folder: Path

    @property
    def value(self) -> float | None:
        """Its score on its test rows."""
        value: float | None = _at(self.report, "test", "value")
        return value

    @property
    def ci95(self) -> Sequence[float] | None:
        """The 95% interval of that."""
        ci95: Sequence[float] | None = _at(self.report, "test", "ci95")
        return ci95

    @property
    def labels(self) -> frozenset[str]:
        """The labels it knows; none where it writes text."""
        return frozenset(label["name"] for label in _at(self.report, "task", "labels") or [])


def models_of(stands: Sequence[Standing], out: Path) -> list[Model]:
    """Return the models of finished runs, in their order."""
    return [
        Model(one.run, one.report, out / one.run)
        for one in stands
        if one.report and one.report.get("student")
    ]


def facts(model: Model) -> list[tuple[str, str]]:
    """Return what there is to say of a model, by name; the same names for each."""
    at = partial(_at, model.report)
    metric, value = at("test", "metric"), at("test", "value")
    return [
        ("task", _text(at("task", "instruction"))),
        ("test", f"{metric} {score(value)}" if metric else UNKNOWN),
        ("95% interval", interval(at("test", "ci95"))),
        ("test rows", count(at("test", "n"))),
        ("evidence", _text(at("evidence"))),
        ("most frequent answer", score(at("baselines", "majority"))),
        ("your examples alone", score(at("baselines", "seed_only"))),
        ("teacher", score(at("baselines", "teacher"))),
        ("method", _text(at("student", "method"))),
        ("base", _text(at("student", "base"))),
        ("parameters", count(at("student", "parameters"))),
        ("size", megabytes(at("student", "size_mb"))),
        ("time an answer", milliseconds(at("student", "latency_ms"))),
        ("training rows", count(at("data", "train"))),
        ("data", ", ".join(_origins(at("data", "origins") or [])) or UNKNOWN),
        ("rounds", count(len(at("rounds") or []))),
        ("cost", usd(at("spent", "usd"))),
        ("time", span(at("spent", "seconds"))),
    ]


def _at(report: Json, *path: str) -> Any:
    """Return what stands in a report; None where one of an earlier version has nothing there."""
    found: Any = report
    for key in path:
        found = (found or {}).get(key)
    return found


def _text(value: str | None) -> str:
    return value or UNKNOWN


def _origins(origins: Sequence[Json]) -> Iterator[str]:
    for origin in origins:
        yours = origin["source"] == "user"
        yield "your own" if yours else f"{origin['source']} ({origin['licence']})"


def side_by_side(models: Sequence[Model]) -> list[tuple[str, list[str], bool]]:
    """Return name, values and whether they differ, for everything there is to say of models."""
    columns = [dict(facts(model)) for model in models]
    rows = [(name, [column[name] for column in columns]) for name in columns[0]]
    return [(name, values, len(set(values)) > 1) for name, values in rows]


def differences(first: Model, second: Model) -> list[str]:
    """Return how two models differ, a sentence each, the test first."""
    return [
        *_in_score(first, second),
        *_in_labels(first, second),
        *_in_size(first, second),
        *_in_price(first, second),
    ]


def _in_score(first: Model, second: Model) -> Iterator[str]:
    metrics = [_at(model.report, "test", "metric") for model in (first, second)]
    if first.value is None or second.value is None:
        yield "At least one of them has not been tested, so that nothing can be said of quality."
        return
    if metrics[0] != metrics[1]:
        yield f"They were measured differently ({metrics[0]}, {metrics[1]}): no comparison."
        return
    better, worse = sorted((first, second), key=lambda model: model.value or 0.0, reverse=True)
    gap = (better.value or 0.0) - (worse.value or 0.0)
    told = f"{better.run} scores {gap:.3f} higher" if gap else "They score the same"
    paired = _pairs(better, worse)
    if paired is None:
        yield f"{told}, on different test rows: that tells little about which is better."
    else:
        yield f"{told} on the same {len(paired):,} test rows{_chance(metrics[0], paired)}."


def _pairs(first: Model, second: Model) -> list[tuple[str, str, str]] | None:
    """Return gold output and both answers to each test row; None where their rows differ."""
    one, other = _tested(first), _tested(second)
    if not one or [row[:2] for row in one] != [row[:2] for row in other]:
        return None
    return [(a[1], a[2], b[2]) for a, b in zip(one, other, strict=True)]


def _tested(model: Model) -> list[tuple[str, str, str]]:
    """Return input, gold output and answer of each test row, in order."""
    from tools.examples import ExampleStore

    path, student = model.folder / "data.sqlite", _at(model.report, "student", "id")
    if not path.exists():
        return []
    with closing(ExampleStore(path)) as store:
        answers = store.predictions(student, "test")
        rows = [example for example in store.accepted("test") if example.id in answers]
    return sorted((row.input, row.output, answers[row.id].output) for row in rows)


def _chance(metric: str, paired: Sequence[tuple[str, str, str]]) -> str:
    """Return how sure it is that one is better, by a paired bootstrap."""
    from tools.scoring.compare import compare
    from tools.scoring.metrics import METRICS

    if metric not in METRICS:
        return ""
    gold, new, old = (list(column) for column in zip(*paired, strict=True))
    found = compare(METRICS[metric], gold, new, old, seed=0)
    return f" (P(better) {found.p_better:.2f})"


def _in_labels(first: Model, second: Model) -> Iterator[str]:
    for one, other in ((first, second), (second, first)):
        if own := sorted(one.labels - other.labels):
            named = ", ".join(own[:8]) + (", …" if len(own) > 8 else "")
            yield f"Only {one.run} knows the label{'s' if len(own) > 1 else ''} {named}."


def _in_size(first: Model, second: Model) -> Iterator[str]:
    for key, says in (
        ("size_mb", "is {} times smaller"),
        ("latency_ms", "answers {} times faster"),
    ):
        known = {_at(model.report, "student", key): model for model in (second, first)}
        if None in known:
            continue
        (small, less), (large, _) = min(known.items()), max(known.items())
        if small > 0 and large / small >= _NOTABLE:
            yield f"{less.run} {says.format(f'{large / small:.1f}')}."


def _in_price(first: Model, second: Model) -> Iterator[str]:
    costs = [_at(model.report, "spent", "usd") for model in (first, second)]
    if None not in costs and abs(costs[0] - costs[1]) >= 0.005:
        dear = first if costs[0] > costs[1] else second
        yield f"{dear.run} cost {usd(abs(costs[0] - costs[1]))} more to make."
    rows = [_at(model.report, "data", "train") for model in (first, second)]
    if None not in rows and rows[0] != rows[1]:
        more = first if rows[0] > rows[1] else second
        yield f"{more.run} learned from {abs(rows[0] - rows[1]):,} more rows."
