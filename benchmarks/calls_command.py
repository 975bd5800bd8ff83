"""The command line against a stand-in endpoint: dead, hanging, killed and resumed."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.calls_batches import Line, fresh, root
from benchmarks.calls_setting import TASK, Material, write_pairs
from benchmarks.crash import the_report
from benchmarks.measure import TASKSMITH
from tests.standin.process import own_process
from tests.standin.server import MODEL

LABELS = 90
"""Enough that the rules planner asks for 500 examples at once."""
LONGEST_S = 300.0
POLL_S = 0.02
QUIET_S = 0.15
"""For the answers that the server has begun to send to arrive."""
SHORT_TIMEOUT_S, LONG_TIMEOUT_S = "3", "60"
"""After which a call that hangs is given up; no call may be that slow where nothing hangs."""
KILLED_LATENCY_S, KILLED_SLOTS = "0.5", "8"
"""Of the server that a killed client leaves behind: slow enough that many are under way."""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    stderr: list[str]
    seconds: float


class Site:
    """Runs and caches of their own, and the task: 500 examples are written in its one round."""

    def __init__(self, given: Material, call_timeout_s: str = LONG_TIMEOUT_S) -> None:
        self.call_timeout_s = call_timeout_s
        self.folder = fresh()
        self.folder.mkdir()
        labels = set(given.labels[:LABELS])
        rows = [e for e in given.examples if e.output in labels]
        own = [(e.input, e.output) for e in rows if e.split == "train"]
        test = [(e.input, e.output) for e in rows if e.split == "test"]
        # One row short of two a label: too few to begin with training.
        self.examples = write_pairs(self.folder / "examples.jsonl", own[:-1])
        self.test = write_pairs(self.folder / "test.jsonl", test)

    def start(self, url: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start tasksmith with the model at `url`."""
        environment = os.environ | {
            "TASKSMITH_CACHE": str(self.folder / "cache"),
            "TASKSMITH_OUT": str(self.folder / "runs"),
            "TASKSMITH_CALL_TIMEOUT": self.call_timeout_s,
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": "none",
        }
        return subprocess.Popen(
            [TASKSMITH, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, url: str) -> "subprocess.Popen[str]":
        """Start the task."""
        return self.start(
            url,
            *("run", TASK, "--examples", str(self.examples), "--test", str(self.test)),
            *("--planner", "rules", "--teacher", MODEL, "--max-rounds", "1"),
        )

    def resume(self, url: str) -> "subprocess.Popen[str]":
        """Go on with it."""
        return self.start(url, "resume", "last")

    def accepted(self) -> int:
        """Return how many examples of the teacher the finished run trained on."""
        origins = the_report(self.folder)["data"]["origins"]
        return sum(int(o["rows"]) for o in origins if o["source"] == MODEL)

    def open_calls(self) -> int:
        """Return how many requests the book of the run says are under way."""
        (path,) = (self.folder / "runs").glob("*/calls.sqlite")
        with sqlite3.connect(path) as book:
            query = "SELECT COUNT(*) FROM requests WHERE state = 'open'"
            return int(book.execute(query).fetchone()[0])


def bank_file(given: Material) -> str:
    """Return the bank as the stand-in's command line takes it."""
    return str(write_pairs(root() / "bank.jsonl", given.bank).with_suffix(""))


def wait(process: "subprocess.Popen[str]") -> Ended:
    """Wait for the end of a command."""
    start = time.monotonic()
    with process:
        _, said = process.communicate(timeout=LONGEST_S)
    if process.returncode > 0:
        print(f"  {said}", flush=True)
    return Ended(process.returncode, said.splitlines(), time.monotonic() - start)


def stats(url: str) -> dict[str, Any]:
    """Return what the stand-in counted."""
    found: dict[str, Any] = httpx.get(re.sub(r"/v1$", "/stats", url)).json()
    return found


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
    for faults in ([], ["--fault", "hang=0.1"]):
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
    wanted = int(share * 34)  # prompts for 500 examples
    process = site.run(url)
    until(url, process, lambda now: _written(now) >= wanted)
    time.sleep(QUIET_S)
    before = stats(url)
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


def until(
    url: str, process: "subprocess.Popen[str]", come: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Return the first counts of the stand-in that `come` is true of."""
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"the run ended too early: {wait(process).stderr}")
        if come(now := stats(url)):
            return now
        time.sleep(POLL_S)


def _written(now: dict[str, Any]) -> int:
    """Return how many requests for examples were answered: two others come before them."""
    return int(now["statuses"].get("200", 0)) - 2
