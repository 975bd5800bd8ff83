"""How a conversation ends whose processes are killed (SIGKILL): worker, terminal, page, or all.

python -m benchmarks.power [--kills N] [--seed N]

All processes are real: `tasksmith chat` in a pseudo-terminal, `tasksmith ui` in Chromium, the
worker that they start, and an LLM (a stand-in on loopback) that plans, teaches and listens. The
person says each thing in the terminal or on the page, and again only where it is not in the
conversation after what was used died. Who was killed comes back by the same command. In the end
the conversation, rows, rounds and test score are compared with those that nobody disturbed.
"""

import argparse
import os
import pty
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any

from agent import jobs
from agent.chat.mailbox import QUESTIONS, Mailbox, Message
from agent.runs import Run
from benchmarks.chat_kill import lines, told, unheard
from tests.agent.chat.person import CORRECTION, REFINEMENT, paid_twice
from tests.agent.llm_run import TASK, bank, settings
from tests.browsers import ARGUMENTS, path
from tests.standin.brain import Teacher
from tests.standin.server import StandIn

MOST_KILLS = 8
"""In one conversation, so that it ends."""
VICTIMS = ("worker", "terminal", "page", "power")
PATIENCE_S = 25.0
"""How long the person waits for words to appear before saying them again."""
COMMAND = (sys.executable, "-P", "-c", "from agent.cli import main; main()")


class Terminal:
    """`tasksmith chat RUN` in a pseudo-terminal."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._open()

    def _open(self) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, "chat", str(self._run.folder)],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.ready = threading.Event()
        threading.Thread(target=self._drain, args=(self._master,), daemon=True).start()

    def _drain(self, master: int) -> None:
        seen = b""
        with suppress(OSError):
            while data := os.read(master, 65_536):
                seen = (seen + data)[-200:]
                if b"\xe2\x80\xba" in seen:  # the prompt is there
                    self.ready.set()

    def type(self, text: str) -> None:
        """Type a line."""
        if self.ready.wait(PATIENCE_S):
            with suppress(OSError):
                os.write(self._master, text.encode() + b"\r")

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def again(self) -> None:
        """Come back."""
        self._open()


class Page:
    """`tasksmith ui`, and a browser that shows it."""

    def __init__(self, run: Run, browser: Any) -> None:
        self._run, self._browser = run, browser
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.again()

    def again(self) -> None:
        """Start the page, at the address that it had."""
        self.process = subprocess.Popen(
            [*COMMAND, "ui", "--out", str(self._run.folder.parent), "--port", str(self._port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def type(self, text: str) -> None:
        """Open the page, write, and send."""
        from playwright.sync_api import Error

        address = f"http://127.0.0.1:{self._port}/?run={self._run.id}"
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            with suppress(Error), closing(self._browser.new_page()) as page:
                page.goto(address, timeout=5_000)
                box = page.locator("#ts-message textarea")
                page.locator(".ts-talk").get_by_text(TASK[:20]).first.wait_for(timeout=10_000)
                box.fill(text, timeout=5_000)
                box.press("Enter")
                page.wait_for_timeout(1_500)
                return
            time.sleep(0.3)

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()


def worker_of(run: Run) -> int | None:
    """Return the id of the process that works on a run."""
    name = str(run.folder).encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"agent.chat.worker" in words and name in words:
                return int(entry.name)
    return None


@dataclass
class World:
    """A run, and all processes around it."""

    run: Run
    terminal: Terminal
    page: Page
    kills: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, victim: str) -> None:
        """Kill one of them, or all, and bring back what was killed."""
        worker = worker_of(self.run)
        if victim == "worker" and worker is None:
            return
        with self.lock:
            self.kills[victim] += 1
            if victim in ("worker", "power") and worker:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            if victim in ("page", "power"):
                self.page.kill()
            # Where the work has ended unexpectedly, coming back to the conversation goes on.
            if victim != "page":
                self.terminal.kill()
            while victim in ("worker", "power") and self.run.in_use():
                time.sleep(0.005)
            if victim in ("page", "power"):
                self.page.again()
            if victim != "page":
                self.terminal.again()

    def end(self) -> None:
        """Kill everything for good."""
        for part in (self.terminal, self.page):
            part.kill()
        if worker := worker_of(self.run):
            os.kill(worker, signal.SIGKILL)


class Person:
    """Says what the conversation needs, in the terminal or on the page."""

    def __init__(self, world: World, rng: random.Random, patience_s: float) -> None:
        self._world, self._rng = world, rng
        self._ends = time.monotonic() + patience_s
        self.repeated = 0

    def converse(self) -> None:
        """Correct, agree twice, refine the first result, and wait for the second."""
        asked = reports = shown = 0
        with closing(Mailbox.of(self._world.run.folder)) as box:
            while reports < 2:
                assert time.monotonic() < self._ends, [m.text for m in box.after()][-3:]
                for message in box.after(shown):
                    shown = message.id
                    assert message.kind != "trouble", message.text
                    if message.kind in QUESTIONS:
                        asked += 1
                        self._say(box, CORRECTION if asked == 1 else "yes", message)
                    elif message.kind == "report":
                        reports += 1
                        if reports == 1:
                            self._say(box, REFINEMENT, message)
                time.sleep(0.05)

    def _say(self, box: Mailbox, text: str, to: Message) -> None:
        """Say something until it is in the conversation."""

        def is_said() -> bool:
            return any(m.id > to.id and m.who == "user" for m in box.after())

        while not is_said():
            assert time.monotonic() < self._ends, text
            places: list[Terminal | Page] = [self._world.terminal, self._world.page]
            place = self._rng.choice(places)
            process = place.process
            place.type(text)
            _until(lambda process=process: is_said() or process.poll() is not None)  # type: ignore[misc]
            self.repeated += not is_said()


def _until(happens: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends and not happens():
        time.sleep(0.05)


def result(run: Run) -> list[str]:
    """Return what a run came to, without ids, times and costs."""
    report = run.report or {}
    with closing(sqlite3.connect(run.folder / "data.sqlite")) as rows:
        query = "SELECT split, output, input FROM examples ORDER BY 1, 2, 3"
        found = [" | ".join(map(str, row)) for row in rows.execute(query)]
    apart = ("seconds", "usd", "tokens")
    rounds = [{k: v for k, v in round_.items() if k not in apart} for round_ in report["rounds"]]
    return [str(report["test"]), *map(str, rounds), *found]


def converse(out: Path, browser: Any, rng: random.Random, mean_s: float, most: int) -> World:
    """Have one conversation, with at most so many kills, and return what is left of it."""
    run = jobs.begin(TASK, settings(out, max_rounds=1, student="probe"), mode="chat")
    world = World(run, Terminal(run), Page(run, browser))
    done = threading.Event()

    def strike() -> None:
        while sum(world.kills.values()) < most and not done.wait(rng.expovariate(1 / mean_s)):
            world.strike(rng.choice(VICTIMS))

    killer = threading.Thread(target=strike, daemon=True)
    killer.start()
    person = Person(world, random.Random(rng.random()), 600)
    try:
        person.converse()
    finally:
        done.set()
        killer.join()
        world.end()
    world.kills["said again"] = person.repeated
    return world


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mean", type=float, default=5.0, help="mean seconds between kills")
    args = parser.parse_args()
    rng, total = random.Random(args.seed), Counter[str]()
    os.environ |= {"OPENAI_API_KEY": "sk-benchmark", "HF_HUB_OFFLINE": "1"}
    server = StandIn(Teacher(bank()))
    with server as url, tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        os.environ["OPENAI_BASE_URL"] = url
        browser = driver.chromium.launch(executable_path=path(), args=ARGUMENTS)
        whole = converse(Path(folder) / "whole", browser, rng, args.mean, 0).run
        expected, came_to = told(whole), result(whole)
        print(f"undisturbed: {len(expected)} messages")
        while sum(total[victim] for victim in VICTIMS) < args.kills:
            out = Path(folder) / str(total["conversations"])
            world = converse(out, browser, rng, args.mean, MOST_KILLS)
            found, ends = told(world.run), result(world.run)
            total.update(world.kills + Counter(conversations=1))
            total["differ in words"] += found != expected
            total["differ in the result"] += ends != came_to
            total["paid twice"] += paid_twice(world.run)
            total["messages unheard"] += unheard(world.run)
            print(f"{out.name}: {dict(world.kills)}, same: {found == expected}, {ends == came_to}")
            changed = unified_diff(lines(expected), lines(found), n=0)
            print(*changed, *unified_diff(came_to, ends, n=0), sep="\n")
        browser.close()
    print(dict(total))


if __name__ == "__main__":
    main()
