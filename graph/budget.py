"""What a run may still spend."""

from graph.state import Limits, Spent, StopReason
from tools.services import Usage


def charge(spent: Spent, seconds: float, usage: Usage) -> Spent:
    """Return `spent` after another step; a teacher's usage is cumulative, seconds are not."""
    return {
        "seconds": round(spent["seconds"] + seconds, 3),
        "usd": usage.usd,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "teacher_calls": usage.calls,
        "cached_calls": usage.cached_calls,
    }


def seconds_left(limits: Limits, spent: Spent) -> float:
    """Return the seconds until the time budget ends; negative once it is overdrawn."""
    return limits["minutes"] * 60 - spent["seconds"]


def exhausted(limits: Limits, spent: Spent, rounds: int) -> StopReason | None:
    """Return which limit has been reached, or None."""
    if rounds >= limits["max_rounds"]:
        return "rounds"
    if seconds_left(limits, spent) <= 0:
        return "minutes"
    if spent["usd"] is not None and spent["usd"] >= limits["usd"] > 0:
        return "usd"
    return None
