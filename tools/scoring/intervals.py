"""95% confidence intervals of scores."""

from collections.abc import Sequence

import numpy as np

from tools.scoring.resampling import scorer
from tools.services import Metric

RESAMPLES = 2_000
LEVEL = 0.95
TAIL = (1 - LEVEL) / 2

Interval = tuple[float, float]


def interval(
    metric: Metric, gold: Sequence[str], predicted: Sequence[str], seed: int
) -> Interval | None:
    """Return the 95% interval of `metric` over rows drawn like these; None below two rows.

    Proportions get a Wilson score interval, other metrics a BCa bootstrap interval. Rows count as
    independent: near-duplicates among them make the true interval wider.
    """
    if len(gold) < 2:
        return None
    value = metric.score(gold, predicted)
    if metric.proportion or value in (0.0, 1.0):
        # All right or all wrong: every resample scores the same, and a bootstrap would claim
        # certainty however few the rows. The share of right answers still knows how few.
        return wilson(round(value * len(gold)), len(gold))
    low, high = bca(metric, gold, predicted, seed)
    # Resamples that lose rare labels shift a macro average, in extreme cases past the value itself.
    return min(low, value), max(high, value)


def wilson(right: int, n: int) -> Interval:
    """Return the Wilson (1927) score interval of `right` successes in `n` trials."""
    from scipy.stats import binomtest

    ci = binomtest(right, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return float(ci.low), float(ci.high)


def bca(metric: Metric, gold: Sequence[str], predicted: Sequence[str], seed: int) -> Interval:
    """Return the bias-corrected and accelerated bootstrap interval (Efron 1987); n ≥ 2.

    Rows are resampled with their prediction. Where BCa is undefined, because the score lies outside
    all resampled ones or no single row changes it, the percentile interval takes its place.
    """
    from scipy.stats import norm

    resampled = scorer(metric, gold, predicted)
    value = metric.score(gold, predicted)
    found = resampled.draw(RESAMPLES, np.random.default_rng(seed))
    alone = resampled.leave_one_out()
    apart = alone.mean() - alone
    with np.errstate(divide="ignore", invalid="ignore"):
        bias = norm.ppf((np.mean(found < value) + np.mean(found <= value)) / 2)
        acceleration = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
        z = bias + norm.ppf([TAIL, 1 - TAIL])
        tails = norm.cdf(bias + z / (1 - acceleration * z))
    tails = tails if np.isfinite(tails).all() else np.array([TAIL, 1 - TAIL])
    low, high = np.quantile(found, tails)
    return float(low), float(high)
