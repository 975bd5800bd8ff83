"""What a run may still spend."""

from graph.state import Limits, Spent, StopReason
from tools.services import Usage

NOTHING_USED = Usage()


def charge(spent: Spent, seconds: float, usage: Usage = NOTHING_USED) -> Spent:
    """Return `spent` after a step that took `seconds` and used `usage` on top."""
    known = spent["usd"] is not None and usage.usd is not None
    return {
        "seconds": round(spent["seconds"] + seconds, 3),
        "usd": round((spent["usd"] or 0.0) + (usage.usd or 0.0), 6) if known else None,
        "prompt_tokens": spent["prompt_tokens"] + usage.prompt_tokens,
        "completion_tokens": spent["completion_tokens"] + usage.completion_tokens,
        "teacher_calls": spent["teacher_calls"] + usage.calls,
        "cached_calls": spent["cached_calls"] + usage.cached_calls,
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
    if spent["usd"] and spent["usd"] >= limits["usd"]:
        return "usd"
    return None
