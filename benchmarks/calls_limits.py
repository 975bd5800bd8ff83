"""What bounds calls to a teacher: the budget, the server's speed, the client's CPU."""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from benchmarks.calls_batches import timed
from benchmarks.calls_setting import Line, Material, bank_file, desk, fresh, root
from tests.standin.bank import from_pairs
from tests.standin.brain import Teacher
from tests.standin.process import own_process
from tests.standin.server import StandIn
from tools.curation.pipeline import Batch, curator
from tools.services import BudgetError, Call
from tools.teachers.harvest import harvest
from tools.teachers.llm import EXAMPLES_PER_CALL
from tools.teachers.requests import teaching_request
from tools.teaching import TeachingRequest

LATENCY_S, SLOTS = 1.0, 32
PER_CALL = EXAMPLES_PER_CALL
CAPPED_ROWS = 6_000
CAPPED_FAULTS = ("cut=0.1", "hang=0.05", "rate_limit=0.1:0.2")
OUTPUT_PRICE = 4
"""Price of a token of output in tokens of input."""
USUAL_TOKENS = 2_450
"""What an answered prompt costs, in tokens of input."""


def budget(given: Material, draws: Sequence[int]) -> list[Line]:
    """Caps drawn at random that pay for a part of the work, among cut, hung and refused calls."""
    used, booked, over, most = [], [], 0, 0
    for draw in draws:
        capped = _capped(given, draw)
        print(f"  draw {draw}: {capped}", flush=True)
        over += capped.billed > capped.cap
        most = max(most, capped.in_flight)
        if capped.ended:
            used.append(capped.billed / capped.cap)
            booked.append(capped.booked / capped.cap)
    measured = f"exceeded in {over} of {len(draws)}; up to {most} in flight"
    if used:
        measured += (
            f"; where the cap ended it ({len(used)}), billed {min(used):.2f} to {max(used):.2f} "
            f"of it, median {median(used):.2f}; booked median {median(booked):.2f}"
        )
    return [("caps of 0.001 to 0.2 USD", "never exceeded", measured)]


@dataclass(frozen=True)
class Capped:
    """What was spent under a cap, in USD, by the server's count and by the client's."""

    cap: float
    billed: float
    booked: float
    requests: int
    in_flight: int
    ended: bool


def _capped(given: Material, draw: int) -> Capped:
    rng = random.Random(draw)
    cap = 10 ** rng.uniform(-3, math.log10(0.2))
    share = rng.uniform(0.05, 1.5)
    price = cap / share / (USUAL_TOKENS * CAPPED_ROWS / PER_CALL) * 1e6
    prices = root() / f"prices-{draw}.toml"
    prices.write_text(f"[standin]\ninput = {price}\noutput = {OUTPUT_PRICE * price}\n")
    server = StandIn(Teacher(from_pairs(given.bank)), CAPPED_FAULTS, seed=draw, latency_s=0.03)
    settings: dict[str, Any] = {"start": 64, "call_timeout_s": 0.5}
    with (
        server as url,
        desk(fresh(), given, url, prices=prices, cap_usd=cap, **settings) as (call, book),
    ):
        ended = not _write(call, CAPPED_ROWS)
        time.sleep(0.5)  # what was under way to the server is billed by then
        booked = book.usage().usd or 0.0
    entries = server.log.entries
    tokens = sum(e.prompt_tokens + OUTPUT_PRICE * e.completion_tokens for e in entries)
    most = server.log.most_in_flight
    return Capped(cap, tokens * price / 1e6, booked, len(entries), most, ended)


def _request(call: Call, n: int) -> tuple[TeachingRequest, Batch]:
    """Return a request beyond what the tool allows at a time, and what judges its drafts."""
    labels = call.spec.label_names
    judged = curator(call.services.store).batch(call.id, call.spec, labels)
    return teaching_request(call, n, "cover", "", labels, judged), judged


def _write(call: Call, n: int) -> bool:
    """Draw the drafts of one wave; say whether the money sufficed."""
    try:
        for _ in call.services.teacher.write(_request(call, n)[0]):
            pass
    except BudgetError:
        return False
    return True


def throughput(given: Material, n: int, long: int) -> list[Line]:
    """Many examples from a slow server in a process of its own: one tool call, and a long one."""
    options = ("--bank", bank_file(given), "--latency", str(LATENCY_S), "--slots", str(SLOTS))
    with own_process(*options) as url, desk(fresh(), given, url) as (call, book):
        # As in a run: what examples differ in is asked for once, before the first batch.
        timed(replace(call, id="first"), 2 * len(call.spec.label_names))
        before = book.usage().calls
        done = timed(call, n)
        calls = book.usage().calls - before
        request, judged = _request(replace(call, id="long"), long)
        start = time.monotonic()
        accepted = harvest(call.services.teacher, request, long, judged).accepted
        seconds = time.monotonic() - start
    turns = math.ceil(calls / SLOTS)
    what = f"{SLOTS} slots of {LATENCY_S:.0f} s: rate / ideal rate"
    floor = f"; {calls} calls take {turns * LATENCY_S:.0f} s at best"
    per_example = done.cpu_s / done.accepted * 1000
    return [
        (f"{n:,} examples, {what}", "≥ 0.9", _rate(done.accepted, done.seconds) + floor),
        (f"{long:,} examples at a stretch, likewise", "≥ 0.9", _rate(accepted, seconds)),
        ("client's CPU per accepted example", "< 3 ms", f"{per_example:.2f} ms"),
    ]


def _rate(accepted: int, seconds: float) -> str:
    ideal = SLOTS / LATENCY_S * PER_CALL
    rate = accepted / seconds
    return f"{rate / ideal:.2f} ({accepted:,} in {seconds:.1f} s, {rate:.0f} of {ideal:.0f}/s)"
