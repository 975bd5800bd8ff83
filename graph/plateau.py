"""When the loop has stopped paying: pure functions over the rounds so far."""

from collections.abc import Sequence

from graph.state import Round

CONFIDENT = 0.9


def improved(round_: Round, min_gain: float) -> bool:
    """Say whether a round beat the best before it, clearly and by enough.

    `p_better` comes from a paired bootstrap on the same validation rows. The first round, which has
    nothing to be compared with, counts as an improvement; a later one that shares no row with the
    best, or brought the same student again, does not.
    """
    if round_["p_better"] is None or round_["gain"] is None:
        return round_["round"] == 1
    return round_["p_better"] >= CONFIDENT and round_["gain"] >= min_gain


def plateaued(rounds: Sequence[Round], patience: int, min_gain: float) -> bool:
    """Say whether the last `patience` rounds all failed to improve."""
    recent = rounds[-patience:]
    return len(recent) == patience and not any(improved(r, min_gain) for r in recent)
