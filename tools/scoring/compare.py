"""Is a student better than another, or was it lucky with the rows? A paired bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.scoring.resampling import scorer
from tools.services import Metric


@dataclass(frozen=True)
class Comparison:
    """How a new student compares with an old one on the same rows.

    Attributes:
        gain: Score of the new student minus score of the old one.
        p_better: Share of resamples in which the new student scores higher, ties counting half.
        gain_se: Standard error of the gain: the spread of the resampled gains, as if the students
            differed on one row more, since few rows may happen to agree.
    """

    gain: float
    p_better: float
    gain_se: float


def compare(
    metric: Metric,
    gold: Sequence[str],
    new: Sequence[str],
    old: Sequence[str],
    seed: int,
    resamples: int = 2_000,
) -> Comparison:
    """Compare two students on rows that both answered, paired by position; at least one row.

    Rows are resampled together with both answers (Efron & Tibshirani 1993; for language tasks
    Koehn 2004). `p_better` is the share of wins, not the p-value of Berg-Kirkpatrick et al. 2012,
    who count how often a resample exceeds twice the gain; where resampled gains are symmetric about
    the gain, the two agree: p-value ≈ 1 - `p_better`.
    """
    students = [scorer(metric, gold, answers) for answers in (new, old)]
    # The same seed draws the same rows for both.
    drawn = [student.draw(resamples, np.random.default_rng(seed)) for student in students]
    found = drawn[0] - drawn[1]
    return Comparison(
        gain=metric.score(gold, new) - metric.score(gold, old),
        p_better=float(np.heaviside(found, 0.5).mean()),
        gain_se=float(np.hypot(found.std(), 1 / len(gold))),
    )
