"""A person who goes through a whole conversation by a plan, while others kill the worker."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent import jobs
from agent.chat.mailbox import QUESTIONS, Mailbox, Message
from agent.runs import Run
from tests.agent.chat.nursery import Nursery
from tests.agent.llm_run import TASK, settings

CORRECTION = "card is about plastic cards and their PINs"
REFINEMENT = "go on for one more round"


def begin(out: Path, **more: object) -> Run:
    """A conversation that has begun, and that nobody works on."""
    return jobs.begin(TASK, settings(out, **{"max_rounds": 1} | more), mode="chat")


@dataclass
class Person:
    """Corrects the first restatement, agrees to the rest, and refines the first result.

    Attributes:
        kill_at: Moments at which the worker is killed and another started, each once.
        patience_s: How long the conversation may take.
        killed: Those that have come.
        on_step: Done when the first step of work is told of.
    """

    run: Run
    nursery: Nursery
    kill_at: set[str] = field(default_factory=set)
    patience_s: float = 120.0
    killed: list[str] = field(default_factory=list)
    worker: int = 0
    shown: int = 0
    asked: int = 0
    reports: int = 0
    on_step: Callable[[], object] | None = None

    def converse(self) -> None:
        """Talk until the refined result is there."""
        ends = time.monotonic() + self.patience_s
        with closing(Mailbox.of(self.run.folder)) as box:
            self.worker = self.nursery.start(self.run.folder)
            self.moment("start")
            while self.reports < 2:
                assert time.monotonic() < ends, [m.text for m in box.after()][-3:]
                for message in box.after(self.shown):
                    self.shown = message.id
                    if message.who == "tasksmith":
                        self.moment(f"{message.kind} {self._number(box, message)}")
                        self._react(box, message)
                time.sleep(0.002)
        with suppress(ProcessLookupError):
            os.kill(self.worker, signal.SIGKILL)

    def _number(self, box: Mailbox, message: Message) -> int:
        return sum(m.kind == message.kind and m.id <= message.id for m in box.after())

    def _react(self, box: Mailbox, message: Message) -> None:
        assert message.kind != "trouble", message.text
        if message.kind in QUESTIONS:
            self.asked += 1
            words = CORRECTION if self.asked == 1 else "yes"
            box.say(words, answers=message.id)
            self.moment(f"answer {self.asked}")
        elif message.kind == "step" and self.on_step:
            on_step, self.on_step = self.on_step, None
            on_step()
        elif message.kind == "report":
            self.reports += 1
            if self.reports == 1:
                box.say(REFINEMENT)
                self.moment("refine")

    def moment(self, name: str) -> None:
        """Kill the worker if that is what this moment is for."""
        if name not in self.kill_at or name in self.killed:
            return
        self.killed.append(name)
        with suppress(ProcessLookupError):
            os.kill(self.worker, signal.SIGKILL)
        wait_for(lambda: not self.run.in_use())
        self.worker = self.nursery.start(self.run.folder)


def wait_for(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < ends
        time.sleep(0.01)


def delete(run: Run) -> None:
    """Delete a run, though a process may be writing into it."""

    def is_gone() -> bool:
        shutil.rmtree(run.folder, ignore_errors=True)
        return not run.folder.exists()

    wait_for(is_gone)


def said(run: Run) -> list[tuple[str, str, str]]:
    """What was said in a run: who, kind, and the words without the numbers in them."""
    with closing(Mailbox.of(run.folder)) as box:
        return [(m.who, m.kind, m.text.splitlines()[0]) for m in box.after()]


def paid_twice(run: Run) -> int:
    """Requests that were answered and paid for more than once."""
    query = (
        "SELECT COUNT(*) FROM (SELECT key FROM requests WHERE state = 'answered'"
        " GROUP BY key HAVING COUNT(*) > 1)"
    )
    with closing(sqlite3.connect(run.folder / "calls.sqlite")) as book:
        return int(book.execute(query).fetchone()[0])
