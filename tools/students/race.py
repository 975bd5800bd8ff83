"""A short race between candidates: cross-validation on the same few training rows."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.examples import Example
from tools.scoring.choose import metric_of
from tools.services import Call, Json, ToolError
from tools.splits import settle
from tools.students import client
from tools.students.folds import Fold, make_folds
from tools.students.pins import settled
from tools.students.ranking import Candidate

MOST_ROWS = 600
FOLDS = 3
_FEWEST_ROWS = 30
_DIGITS = 3


@dataclass(frozen=True)
class Result:
    """How one candidate fared; `reason` says why it has no score."""

    candidate: Candidate
    score: float | None
    reason: str = ""

    def __str__(self) -> str:
        outcome = f"failed: {self.reason}" if self.score is None else f"{self.score:.3f}"
        return f"{self.candidate.method} on {self.candidate.base.name} {outcome}"


@dataclass(frozen=True)
class Race:
    """What the candidates were compared on, and how they fared, best first."""

    metric: str
    rows: int
    results: tuple[Result, ...]

    def as_json(self) -> Json:
        """Return what the artifact of the tool holds."""
        return {
            "metric": self.metric,
            "rows": self.rows,
            "folds": FOLDS,
            "results": [
                {
                    "method": result.candidate.method,
                    "base": result.candidate.base.name,
                    "score": result.score,
                    "failed": result.reason or None,
                }
                for result in self.results
            ],
        }


def run_race(call: Call, entrants: Sequence[Candidate], seconds_each: float) -> Race:
    """Train each candidate on the same folds of training rows, and order them by their scores.

    Rows of validation and test take no part. Of equal scores the smaller base comes first. A
    candidate that cannot be had, loaded or trained in time loses.

    Raises:
        ToolError: There are too few training rows to tell anything.
    """
    services = call.services
    settle(services.store, services.seed, written=call.spec.output_type == "text")
    rows = sample(services.store.accepted("train"), MOST_ROWS, services.seed)
    if len(rows) < _FEWEST_ROWS or len({row.output for row in rows}) < 2:
        raise ToolError(f"a race needs {_FEWEST_ROWS} training rows with two outputs or more")
    real = {row.id for row in rows if row.evidence != "synthetic"}
    scored = real if len(real) >= _FEWEST_ROWS else {row.id for row in rows}
    folds = make_folds(rows, scored, FOLDS, services.seed)
    results = [_enter(call, candidate, rows, folds, seconds_each) for candidate in entrants]
    return Race(metric_of(call).name, len(scored), tuple(sorted(results, key=_order)))


def _enter(
    call: Call,
    candidate: Candidate,
    rows: Sequence[Example],
    folds: Sequence[Fold],
    seconds: float,
) -> Result:
    services = call.services
    end = time.monotonic() + seconds
    try:
        recipe = client.recipe_for(services, call.spec, candidate.method, {})
        base = settled(services, candidate.base.name).reference
        recipe |= {"base": base, "seconds": None}
        services.progress(f"racing {candidate.method} on {candidate.base.name}")
        left = max(0.0, end - time.monotonic())
        answers = client.out_of_fold(services, recipe, rows, folds, left)
    except ToolError as error:
        return Result(candidate, None, str(error))
    answered = [row for row in rows if row.id in answers]
    if not answered:
        return Result(candidate, None, "no fold had two outputs to tell apart")
    score = metric_of(call).score(
        [row.output for row in answered], [answers[row.id].output for row in answered]
    )
    return Result(candidate, round(score, _DIGITS))


def _order(result: Result) -> tuple[bool, float, int]:
    return result.score is None, -(result.score or 0.0), result.candidate.base.parameters or 0


def sample(rows: Sequence[Example], most: int, seed: int) -> list[Example]:
    """Draw rows such that every output has as many as any other, or all it has."""
    taken: Counter[str] = Counter()
    turns = []
    for row in random.Random(seed).sample(rows, len(rows)):
        turns.append((taken[row.output], row))
        taken[row.output] += 1
    turns.sort(key=lambda turn: turn[0])
    return sorted((row for _, row in turns[:most]), key=lambda row: row.id)
