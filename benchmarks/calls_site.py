"""Runs of the command line that have a stand-in endpoint as their teacher."""

import os
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.calls_setting import TASK, Material, fresh, write_pairs
from benchmarks.crash import the_report
from benchmarks.measure import TASKSMITH
from tests.standin.server import MODEL

LABELS = 90
"""Enough that the rules planner asks for 500 examples at once."""
LONGEST_S = 300.0
POLL_S = 0.02
SHORT_TIMEOUT_S, LONG_TIMEOUT_S = "3", "60"
"""After which a call that hangs is given up; no call may be that slow where nothing hangs."""


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
