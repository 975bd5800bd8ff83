"""When the loop has stopped paying: pure functions over the rounds so far."""

from collections.abc import Sequence

from graph.state import Round

CONFIDENT = 0.9
EXPECTED, SPREAD = 0.01, 0.03
"""What a round of data by an LLM gains before anything is measured: mean and standard deviation.

Set below what the first examples of such a teacher brought on six tasks, so that it decides only
where there are too few rows to tell.
"""


def improved(round_: Round, min_gain: float) -> bool:
    """Say whether a round beat the best before it, clearly and by enough.

    `p_better` comes from a paired bootstrap on the same validation rows. The first round, which has
    nothing to be compared with, counts as an improvement; a later one that shares no row with the
    best, or brought the same student again, does not.
    """
    if round_["p_better"] is None or round_["gain"] is None:
        return round_["kept"]
    return round_["p_better"] >= CONFIDENT and round_["gain"] >= min_gain


def worth_keeping(gain: float, error: float, expected: float) -> bool:
    """Say whether a round's data should stay: whether its gain is above zero as far as is known.

    That is the mean of the posterior for a normal prior and a normal likelihood. With many
    validation rows it is the measured gain; with a few dozen, where a single row moves the score by
    points, what was expected beforehand counts too.

    Args:
        gain: Measured on validation.
        error: Its standard error.
        expected: Mean of the prior; 0 leaves the measurement alone to decide.
    """
    return gain / error**2 + expected / SPREAD**2 > 0


def plateaued(rounds: Sequence[Round], patience: int, min_gain: float) -> bool:
    """Say whether the last `patience` rounds all failed to improve."""
    recent = rounds[-patience:]
    return len(recent) == patience and not any(improved(r, min_gain) for r in recent)
