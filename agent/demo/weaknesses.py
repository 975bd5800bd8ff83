"""Where a model fails, and which of its answers it is least sure of: in numbers and words."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from agent.export.finished import Finished
from tools.examples import Example, ExampleStore, Scored
from tools.scoring.errors import confusions, per_label
from tools.scoring.metrics import METRICS

NAMED = 5
"""Weak labels, confusions, regions or slices that are told by name."""
FEWEST = 25
"""Answers to rows held out that it takes to say what a low confidence means."""
_LEAST_SURE = 0.2
_EVEN = 0.5
"""Below this confidence an answer is unsure where nothing is measured: it is wrong as likely."""

Pair = tuple[Example, Scored]


@dataclass(frozen=True)
class Doubt:
    """When a model is unsure.

    Attributes:
        below: Confidence under which an answer is unsure.
        said: What that means, in words.
    """

    below: float
    said: str


def doubt(done: Finished) -> Doubt:
    """Return when a model is unsure.

    That is in the fifth of answers that it is least sure of, if those score less than the others on
    rows that it did not learn from. Test rows are none of these.
    """
    pairs = sorted(_held_out(done), key=lambda pair: pair[1].confidence)
    metric = METRICS.get(done.report["test"]["metric"] or "accuracy")
    if len(pairs) >= FEWEST and metric is not None:
        cut = int(len(pairs) * _LEAST_SURE)
        low, rest = (
            metric.score([e.output for e, _ in part], [s.output for _, s in part])
            for part in (pairs[:cut], pairs[cut:])
        )
        if low < rest:
            said = (
                f"Such answers are often wrong: {metric.name} {low:.2f} against {rest:.2f} on rows"
                f" held out of training ({len(pairs):,} of them)."
            )
            return Doubt(pairs[cut][1].confidence, said)
    return Doubt(_EVEN, "By its own account this answer is as likely wrong as right.")


def weaknesses(done: Finished, *, others_see: bool) -> tuple[list[str], list[list[str]]]:
    """Return where a model fails: sentences, and a table that begins with its heads.

    Args:
        done: The run.
        others_see: Whether nothing may be told that is named by words of inputs or outputs.
    """
    if done.spec.output_type == "text":
        return list(_of_texts(done, others_see=others_see)), []
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        scored = store.predictions(done.student.student, "test")
    rows = done.rows["test"]
    weak = [one for one in per_label(rows, scored) if one.f1 < 1][:NAMED]
    mixed = [
        f"{right} is taken for {taken}: {n} of the test rows"
        for right, taken, n in confusions(rows, scored)[:NAMED]
    ]
    table = [[one.label, f"{one.f1:.2f}", f"{one.n:,}"] for one in weak]
    return mixed, [["weakest labels", "F1", "test rows"], *table] if table else []


def _of_texts(done: Finished, *, others_see: bool) -> Iterator[str]:
    weak: dict[str, Any] = done.report.get("weak") or {"regions": [], "slices": []}
    regions = [] if others_see else weak["regions"]
    slices = [one for one in weak["slices"] if not others_see or one["by"] != "form"]
    for one in regions[:NAMED]:
        yield f"{one['label']}: {one['taken_for']}, {one['n']:,} training rows held out"
    for one in slices[:NAMED]:
        yield f"{one['by']} {one['name']}: {one['value']:.2f} on {one['n']:,} validation rows"


def _held_out(done: Finished) -> Sequence[Pair]:
    """Return rows that the model did not learn from with its answers, those of validation first."""
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        for name, rows in (("validation", done.rows["validation"]), ("oof", done.rows["train"])):
            scored = store.predictions(done.student.student, name)
            pairs = [(row, scored[row.id]) for row in rows if row.id in scored]
            if len(pairs) >= FEWEST:
                return pairs
    return []
