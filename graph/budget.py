"""What a run may still spend, and what it has spent on what."""

import time
from dataclasses import dataclass, replace

from graph.state import NOTHING_SPENT, Json, Limits, Spent, State, StopReason, Used
from tools.services import Executor, Progress, Services
from tools.talking import TALK
from tools.teaching import Usage

NOTHING_USED = Usage()
TALKING = frozenset({"specify", "plan", TALK})
"""Nodes whose calls to an LLM are no teacher's."""


def booked(state: State, who: str, seconds: float, usage: Usage = NOTHING_USED) -> Json:
    """Return the update of the state that charges a step to the run and to who took it.

    Args:
        state: The state so far.
        who: Name of the tool or node.
        seconds: How long the step took.
        usage: What it used on top.
    """
    teaching = usage if who not in TALKING else replace(usage, calls=0, cached_calls=0)
    spent = charge(state.get("spent", NOTHING_SPENT), seconds, teaching)
    used = dict(state.get("used", {}))
    if usage != NOTHING_USED:
        used[who] = _added(used.get(who), usage)
    return {"spent": spent, "used": used}


def uncharged(state: State, services: Services, call: str, who: str) -> Usage:
    """Return what the book has under `call` that is not charged to `who` yet.

    So what an earlier process paid for is charged once, however often a step comes to this.
    """
    if services.book is None:
        return NOTHING_USED
    charged = state.get("used", {}).get(who)
    return services.book.usage(call).since(Usage(**charged) if charged else NOTHING_USED)


def with_talk(state: State, services: Services) -> Json:
    """Return the update that charges what hearing the person has cost while the graph worked."""
    return booked(state, TALK, 0.0, uncharged(state, services, TALK, TALK))


def fund(services: Services, state: State) -> None:
    """Let calls to LLMs cost what the person has allowed so far."""
    if services.book:
        services.book.cap_usd = state["limits"]["usd"]


def _added(before: Used | None, usage: Usage) -> Used:
    total = Usage(**before).plus(usage) if before else usage
    return {
        "calls": total.calls,
        "cached_calls": total.cached_calls,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "usd": None if total.usd is None else round(total.usd, 9),
    }


def charge(spent: Spent, seconds: float, usage: Usage = NOTHING_USED) -> Spent:
    """Return `spent` after a step that took `seconds` and used `usage` on top."""
    known = spent["usd"] is not None and usage.usd is not None
    return {
        "seconds": round(spent["seconds"] + seconds, 3),
        "usd": round((spent["usd"] or 0.0) + (usage.usd or 0.0), 9) if known else None,
        "prompt_tokens": spent["prompt_tokens"] + usage.prompt_tokens,
        "completion_tokens": spent["completion_tokens"] + usage.completion_tokens,
        "teacher_calls": spent["teacher_calls"] + usage.calls,
        "cached_calls": spent["cached_calls"] + usage.cached_calls,
    }


def seconds_left(limits: Limits, spent: Spent) -> float:
    """Return the seconds until the time budget ends; negative once it is overdrawn."""
    return limits["minutes"] * 60 - spent["seconds"]


def at_most(state: State) -> str:
    """Say in a sentence what may still be spent."""
    limits, spent = state["limits"], state.get("spent", NOTHING_SPENT)
    rounds = limits["max_rounds"] - len(state.get("rounds", []))
    minutes = seconds_left(limits, spent) / 60
    usd = limits["usd"] - (spent["usd"] or 0.0)
    return f"This may take {rounds} more rounds, {minutes:.0f} min and {usd:.2f} USD at most."


def exhausted(limits: Limits, spent: Spent, rounds: int) -> StopReason | None:
    """Return which limit has been reached, or None."""
    if rounds >= limits["max_rounds"]:
        return "rounds"
    if seconds_left(limits, spent) <= 0:
        return "minutes"
    if spent["usd"] and spent["usd"] >= limits["usd"]:
        return "usd"
    return None


@dataclass(frozen=True)
class Deadline:
    """An executor that lets no job run past the run's time budget."""

    executor: Executor
    ends: float

    def run(
        self, function: str, payload: Json, progress: Progress, timeout_s: float | None = None
    ) -> Json:
        """Run a job until it is done, its own time is up, or the run's is."""
        left = max(1.0, self.ends - time.monotonic())
        timeout = left if timeout_s is None else min(timeout_s, left)
        return self.executor.run(function, payload, progress, timeout)
