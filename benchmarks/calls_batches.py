"""generate_batch against a stand-in endpoint that turns away or garbles."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.calls_setting import Line, Material, desk, fresh
from tests.standin.bank import from_pairs
from tests.standin.brain import Teacher
from tests.standin.server import StandIn
from tools.generate_batch import generate_batch
from tools.services import Call


@dataclass(frozen=True)
class Done:
    """One batch: what it brought, what the server saw, what it cost the client."""

    accepted: int
    requests: int
    seconds: float
    cpu_s: float


def batch(given: Material, n: int, faults: Sequence[str] = (), seed: int = 0) -> Done:
    """Have n examples written by a stand-in within this process."""
    server = StandIn(Teacher(from_pairs(given.bank, seed)), faults, seed=seed)
    with server as url, desk(fresh(), given, url) as (call, _):
        done = timed(call, n)
    return Done(done.accepted, len(server.log.entries), done.seconds, done.cpu_s)


def timed(call: Call, n: int) -> Done:
    """Have n examples written and take the time."""
    cpu, start = time.process_time(), time.monotonic()
    _, artifact = generate_batch(call, n, "cover")
    return Done(artifact["accepted"], 0, time.monotonic() - start, time.process_time() - cpu)


def rate_limits(given: Material, seeds: Sequence[int]) -> list[Line]:
    """500 examples while a fifth of all requests is turned away."""
    lines = []
    for name, words in (("rate_limit", "with Retry-After 1 s"), ("rate_limit_bare", "without it")):
        done = [batch(given, 500, [f"{name}=0.2"], seed) for seed in seeds]
        what = f"500 examples, 20% 429s {words}"
        lines.append((what, "500 accepted", _spread(done)))
    return lines


def malformed(given: Material, seeds: Sequence[int]) -> list[Line]:
    """50 examples while a fifth of all answers cannot be read."""
    done = [batch(given, 50, ["broken_json=0.2"], seed) for seed in seeds]
    calls = [d.requests for d in done]
    fewest = min(d.accepted for d in done)
    measured = f"at most {max(calls)}, mean {mean(calls):.1f}; at least {fewest} accepted"
    return [("50 examples, 20% malformed: calls", "≤ 11", measured)]


def fenced(given: Material, seeds: Sequence[int]) -> list[Line]:
    """500 examples, every answer in a code fence."""
    done = [batch(given, 500, ["fenced=always"], seed) for seed in seeds]
    return [("500 examples, all answers fenced", "all used", _spread(done))]


def _spread(done: Sequence[Done]) -> str:
    accepted, calls = {d.accepted for d in done}, {d.requests for d in done}
    seconds = [d.seconds for d in done]
    return (
        f"{_range(accepted)} accepted; {_range(calls)} requests, "
        f"{min(seconds):.1f} to {max(seconds):.1f} s"
    )


def _range(values: set[int]) -> str:
    return f"{min(values)}" if len(values) == 1 else f"{min(values)} to {max(values)}"
