"""How a conversation ends whose worker is killed (SIGKILL) at moments drawn at random.

python -m benchmarks.chat_kill [--quick] [--seed N]

Each conversation goes from a sentence over a correction, two approvals and a training to a second,
refined result, with an LLM (a stand-in on loopback) that plans, teaches and listens. Its worker is
killed again and again, each after a time drawn anew, and it is compared with one that nobody
disturbed: what was said, in order and word for word but for ids, times and costs (a request that
was cut off counts in full, since it may have been billed); messages heard; and requests that were
paid for twice.
"""

import argparse
import os
import random
import re
import signal
import tempfile
import threading
import time
from contextlib import closing, suppress
from difflib import unified_diff
from pathlib import Path

from agent.chat.mailbox import Mailbox
from agent.runs import Run
from tests.agent.chat.nursery import Nursery, nursery
from tests.agent.chat.person import Person, begin, paid_twice
from tests.agent.llm_run import bank
from tests.standin.brain import Teacher
from tests.standin.server import StandIn

MOST_KILLS = 20
"""In one conversation, so that it ends."""
_IDS = re.compile(r"(?i:cost): .*|[0-9a-f]{12}|\d+(\.\d+)? (s|ms|min)\b|/\S+")


class Killer(threading.Thread):
    """Kills the worker of a person's run after times drawn at random."""

    def __init__(self, person: Person, rng: random.Random, mean_s: float) -> None:
        super().__init__(daemon=True)
        self._person, self._rng, self._mean_s = person, rng, mean_s
        self._done = threading.Event()
        self.kills = 0

    def run(self) -> None:
        """Kill and start anew until stopped."""
        while self.kills < MOST_KILLS:
            if self._done.wait(self._rng.expovariate(1 / self._mean_s)):
                return
            if not self._person.worker:
                continue
            with suppress(ProcessLookupError):
                os.kill(self._person.worker, signal.SIGKILL)
            while self._person.run.in_use():
                time.sleep(0.005)
            self._person.worker = self._person.nursery.start(self._person.run.folder)
            self.kills += 1

    def stop(self) -> None:
        """Leave the worker alone from now on."""
        self._done.set()
        self.join()


def told(run: Run) -> list[str]:
    with closing(Mailbox.of(run.folder)) as box:
        return [f"{m.who} {m.kind}: {_IDS.sub('#', m.text)}" for m in box.after()]


def lines(messages: list[str]) -> list[str]:
    return "\n".join(messages).splitlines()


def unheard(run: Run) -> int:
    with closing(Mailbox.of(run.folder)) as box:
        return len(box.unheard())


def converse(nursery_: Nursery, out: Path, rng: random.Random | None, mean_s: float) -> Person:
    person = Person(begin(out), nursery_, patience_s=900)
    if rng is None:
        person.converse()
        return person
    killer = Killer(person, rng, mean_s)
    killer.start()
    try:
        person.converse()
    finally:
        killer.stop()
    person.killed = [""] * killer.kills
    return person


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three conversations, not thirty")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mean", type=float, default=0.7, help="mean seconds between kills")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    server = StandIn(Teacher(bank()))
    os.environ["OPENAI_API_KEY"] = "sk-benchmark"
    differing = twice = lost = kills = 0
    with server as url, tempfile.TemporaryDirectory() as folder:
        os.environ["OPENAI_BASE_URL"] = url
        with nursery() as ready:
            whole = converse(ready, Path(folder) / "whole", None, args.mean)
            expected, asked = told(whole.run), len(server.log.entries)
            print(f"undisturbed: {len(expected)} messages, {asked} requests")
            number = 3 if args.quick else 30
            for index in range(number):
                before = len(server.log.entries)
                person = converse(ready, Path(folder) / str(index), rng, args.mean)
                sent = len(server.log.entries) - before
                same = told(person.run) == expected
                differing += not same
                twice += paid_twice(person.run)
                lost += unheard(person.run)
                kills += len(person.killed)
                print(f"{index}: {len(person.killed)} kills, same: {same}, {sent} requests")
                print(*unified_diff(lines(expected), lines(told(person.run)), n=0), sep="\n")
    print(
        f"{number} conversations, {kills} kills: {differing} differ, {twice} requests paid twice, "
        f"{lost} messages unheard"
    )


if __name__ == "__main__":
    main()
