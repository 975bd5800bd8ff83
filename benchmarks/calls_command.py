"""The command line against a stand-in endpoint: dead, hanging, killed and resumed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.calls_setting import Line, Material, bank_file
from benchmarks.calls_site import SHORT_TIMEOUT_S, Ended, Site, stats, until, wait
from tests.standin.process import own_process

QUIET_S = 0.1
"""For the answers that the server has begun to send to arrive."""
KILLED_LATENCY_S, KILLED_SLOTS = "0.4", "4"
"""Of the server that a killed client leaves behind: slow enough that many are under way."""
HANG_SEED = "1"
"""With seed 0 none of the first 50 requests hangs."""
PROMPTS = 34
"""That ask for 500 examples."""


def dead(given: Material) -> list[Line]:
    """HTTP 500 for ever, then a server that works."""
    site, bank = Site(given), bank_file(given)
    with own_process("--bank", bank, "--fault", "server_error=always") as url:
        first = wait(site.run(url))
        port = url.rpartition(":")[2].removesuffix("/v1")
    with own_process("--bank", bank, "--port", port) as url:
        second = wait(site.resume(url))
    errors = [line for line in first.stderr if line.startswith("tasksmith: ")]
    measured = (
        f"exit {first.code} after {first.seconds:.0f} s, {len(errors)} line of error; "
        f"resumed: exit {second.code}, {_accepted(site, second)} accepted"
    )
    return [("HTTP 500 for ever", "exit 1 in 60 s, one line, resumable", measured)]


def _accepted(site: Site, ended: Ended) -> int:
    return site.accepted() if ended.code == 0 else 0


def hanging(given: Material) -> list[Line]:
    """A tenth of all requests hang, against none."""
    seconds, counted = [], {}
    for faults in ([], ["--fault", "hang=0.1", "--seed", HANG_SEED]):
        site = Site(given, SHORT_TIMEOUT_S)
        with own_process("--bank", bank_file(given), *faults) as url:
            ended = wait(site.run(url))
            counted = stats(url)
        seconds.append(ended.seconds)
    hung = counted["faults"].get("hang", 0)
    measured = (
        f"exit {ended.code}, {_accepted(site, ended)} accepted, {hung} of {counted['requests']} "
        f"requests hung; the run took {seconds[1]:.0f} s, {seconds[0]:.0f} s without"
    )
    what = f"10% hang, timeout {SHORT_TIMEOUT_S} s"
    return [(what, "the batch completes", measured)]


def killed(given: Material, shares: Sequence[float]) -> list[Line]:
    """SIGKILL when a share of the batch's requests has been answered, then resume."""
    lines = []
    for share in shares:
        site = Site(given)
        options = ("--latency", KILLED_LATENCY_S, "--slots", KILLED_SLOTS)
        with own_process("--bank", bank_file(given), *options) as url:
            lines.append(_killed(site, url, share))
    return lines


def _killed(site: Site, url: str, share: float) -> Line:
    wanted = int(share * PROMPTS)
    process = site.run(url)
    until(url, process, lambda now: _written(now) >= wanted)
    before = quiet(url)
    os.kill(process.pid, signal.SIGKILL)
    at_kill = stats(url)
    wait(process)
    open_ = site.open_calls()
    answered = before["statuses"].get("200", 0)
    under_way = at_kill["requests"] - answered
    ended = wait(site.resume(url))
    after = stats(url)
    twice = sum(times - 1 for times in Counter(after["hashes"]).values())
    measured = (
        f"{max(0, twice - under_way)} ({answered} answered, {under_way} in flight, {open_} open "
        f"in the book, {twice} sent twice, {after['requests']} in all); exit {ended.code}, "
        f"{_accepted(site, ended)} accepted"
    )
    return (
        f"killed with {share:.0%} of 500 answered: sent twice beyond those in flight",
        "0",
        measured,
    )


def quiet(url: str) -> dict[str, Any]:
    """Return the counts of the stand-in once no answer is on its way."""
    while True:
        before = stats(url)
        time.sleep(QUIET_S)
        if (now := stats(url))["statuses"] == before["statuses"]:
            return now


def _written(now: dict[str, Any]) -> int:
    """Return how many requests for examples were answered: two others come before them."""
    return int(now["statuses"].get("200", 0)) - 2
