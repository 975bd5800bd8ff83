"""Tool: score a student on validation rows and say what it gets wrong."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tools.examples import Example
from tools.scoring.answers import (
    Answers,
    aligned,
    answer_held_out,
    answer_out_of_fold,
    answer_split,
)
from tools.scoring.choose import metric_of, reasoned
from tools.scoring.compare import compare
from tools.scoring.errors import (
    Region,
    confusions,
    hard_regions,
    label_doubts,
    per_label,
    text_regions,
)
from tools.scoring.intervals import interval
from tools.scoring.shapes import regular
from tools.scoring.slices import slices
from tools.scoring.summary import summary
from tools.services import Call, Json, Metric, ToolError, ToolResult
from tools.students.ranking import TRAINING_SHARE

OUT_OF_FOLD_ROWS = 3_000
REGIONS = 20
EXAMPLES_PER_REGION = 10


@dataclass(frozen=True)
class _Evaluation:
    """The answers that the score rests on, and those on training rows that errors are read from."""

    protocol: str
    rows: Sequence[Example]
    answers: Answers
    training: Sequence[Example]
    out_of_fold: Answers


def evaluate(call: Call, student: str, *, seconds_left: float | None = None) -> ToolResult:
    """Score a student, compare it with the best so far, and name what it confuses.

    With validation rows, they give the score (`holdout`). Without, the score comes from
    `cross-validation` on the training rows that no teacher wrote, or on all where a teacher wrote
    all. Confusions and hard regions always come from answers to training rows by a student that
    did not learn from them, since new examples are written from them.

    Args:
        call: The tool call.
        student: Id of the student.
        seconds_left: What is left of the run's time; None where it has no end.

    Raises:
        ToolError: There is no such student, or nothing to score it on.
    """
    metric = metric_of(call)
    done = _evaluate(call, student, seconds_left and TRAINING_SHARE * seconds_left)
    call.services.store.save_predictions(student, "oof", done.out_of_fold.values())
    gold, predicted = aligned(done.rows, done.answers)
    ci = interval(metric, gold, predicted, call.services.seed)
    artifact: Json = {
        "tool": "evaluate",
        "student": student,
        "metric": metric.name,
        "value": metric.score(gold, predicted),
        "ci95": list(ci) if ci else None,
        "n": len(gold),
        "protocol": done.protocol,
        "synthetic": all(e.evidence == "synthetic" for e in done.rows),
        **_comparison(call, metric, student, done),
        **(_text_errors(metric, done) if call.spec.output_type == "text" else _errors(done)),
    }
    why = "" if call.spec.metric else reasoned(call)[1]
    return summary(artifact, why), artifact


def _evaluate(call: Call, student: str, seconds: float | None) -> _Evaluation:
    store = call.services.store
    training = store.accepted("train")
    if not training:
        raise ToolError("there are no training rows; import or generate some, then finetune")
    sample = _sample(training, call.services.seed)
    held_out = answer_held_out(call, student, training)
    watched = [e for e in training if e.id in held_out]
    if store.count("validation"):
        rows, answers = answer_split(call, student, "validation")
        told = held_out or answer_out_of_fold(call, student, sample, seconds)
        return _Evaluation("holdout", rows, answers, _union(sample, watched), told)
    rows = [e for e in training if e.evidence != "synthetic"] or sample
    # Those that a teacher wrote are answered too: that shows which of them are to be doubted.
    asked = rows if held_out else _union(rows, sample)
    everything = answer_out_of_fold(call, student, asked, seconds)
    answers = {e.id: everything[e.id] for e in rows if e.id in everything}
    if not answers:
        raise ToolError(
            "none of the rows that would score the student could be answered in time; choose a "
            "smaller base, or give rows to validate on"
        )
    store.save_predictions(student, "validation", answers.values())
    told = {**held_out, **everything}
    return _Evaluation("cross-validation", rows, answers, _union(asked, watched), told)


def _union(rows: Sequence[Example], others: Sequence[Example]) -> list[Example]:
    return list({e.id: e for e in [*rows, *others]}.values())


def _sample(rows: Sequence[Example], seed: int) -> list[Example]:
    if len(rows) <= OUT_OF_FOLD_ROWS:
        return list(rows)
    return sorted(random.Random(seed).sample(rows, OUT_OF_FOLD_ROWS), key=lambda e: e.id)


def _comparison(call: Call, metric: Metric, student: str, done: _Evaluation) -> Json:
    """Compare with the best student on the rows that both answered, if there are any."""
    nothing: Json = dict.fromkeys(("against", "p_better", "gain", "gain_se")) | {"compared": 0}
    if call.best is None or call.best == student:
        return nothing
    theirs = call.services.store.predictions(call.best, "validation")
    both = [e for e in done.rows if e.id in theirs and e.id in done.answers]
    if not both:
        return nothing
    gold, new = aligned(both, done.answers)
    _, old = aligned(both, theirs)
    result = compare(metric, gold, new, old, call.services.seed)
    return {"against": call.best, "compared": len(both), **asdict(result)}


def _errors(done: _Evaluation) -> Json:
    """Return what a label student gets wrong."""
    return {
        "per_label": [asdict(row) for row in per_label(done.rows, done.answers)],
        "confusions": [list(c) for c in confusions(done.training, done.out_of_fold)],
        "hard": _told(hard_regions(done.training, done.out_of_fold)),
        "doubts": len(label_doubts(done.training, done.out_of_fold)),
        "slices": [],
    }


def _text_errors(metric: Metric, done: _Evaluation) -> Json:
    """Return what a student of free text gets wrong; texts have no labels to confuse."""
    forms = regular([e.output for e in done.training])
    weakest = sorted(
        slices(metric, done.rows, done.answers, forms), key=lambda s: (s.value, s.name)
    )
    return {
        "per_label": [],
        "confusions": [],
        "hard": _told(text_regions(done.training, done.out_of_fold)),
        "doubts": 0,
        "slices": [asdict(one) for one in weakest],
    }


def _told(regions: Sequence[Region]) -> list[Json]:
    return [
        {
            "label": region.label,
            "taken_for": region.taken_for,
            "n": len(region.examples),
            "examples": list(region.examples[:EXAMPLES_PER_REGION]),
        }
        for region in regions[:REGIONS]
    ]
