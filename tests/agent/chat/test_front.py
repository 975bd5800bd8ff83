import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fcntl import ioctl
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from agent import jobs
from agent.app import resume
from agent.chat.editor import LeaveError
from agent.chat.front import Front
from agent.chat.mailbox import Mailbox
from agent.chat.talk import Talk
from agent.errors import UserError
from agent.runs import Run, list_runs
from agent.settings import Settings
from agent.terminal import runs_table, watch
from tests.agent.chat.person import delete, wait_for

TASKSMITH = str(Path(sys.executable).with_name("tasksmith"))
HOSTILE = "[bold red]markup[/] \x1b[2J\x1b]0;title\x07 {x}"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "HF_HUB_OFFLINE": "1",
        "TASKSMITH_CACHE": str(tmp_path / "cache"),
        "TASKSMITH_OUT": str(tmp_path / "runs"),
        "TERM": "xterm",
    }


class Terminal:
    """`tasksmith chat` in a terminal of 80 columns."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._end, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [TASKSMITH, "chat", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def wait_for(self, words: str, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while words not in self.seen:
            assert time.monotonic() < ends, self.seen
            if select.select([self._end], [], [], 0.1)[0]:
                self.seen += os.read(self._end, 65_536).decode(errors="replace")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Terminal]:
    opened = Terminal(environment)
    yield opened
    opened.close()


def test_a_paste_is_one_message_and_leaving_leaves_the_run(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.wait_for("What should the model do?")
    terminal.wait_for("› ")
    pasted = "Sort mails into spam or ham.\rwin money now -> spam\rsee you at lunch -> ham"
    terminal.type(f"\x1b[200~{pasted}\x1b[201~")
    terminal.type("\r")
    terminal.wait_for("Is this right?")
    (run,) = list_runs(tmp_path / "runs")
    with closing(Mailbox.of(run.folder)) as box:
        assert [m.text for m in box.after() if m.who == "user"] == [pasted.replace("\r", "\n")]
    terminal.type("half a thought")
    terminal.wait_for("half a thought")
    os.kill(terminal.process.pid, signal.SIGINT)
    terminal.wait_for(f"tasksmith chat {run.id}")
    assert terminal.process.wait(10) == 0
    assert jobs.working(run)
    for worker in psutil.process_iter(["cmdline"]):
        if str(run.folder) in (worker.info["cmdline"] or []):
            worker.kill()
    wait_for(lambda: not jobs.working(run))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run that somebody else works on, and that has asked something."""
    settings = Settings(out=tmp_path / "runs", cache=tmp_path / "cache")
    run = jobs.begin("Sort mails into spam or ham.", settings, mode="chat")
    with run.lock(), closing(Mailbox.of(run.folder)) as box:
        box.take(1, "graph")
        box.post("step", HOSTILE, "step:1", {"node": "tools", "round": None})
        box.post("understood", f"{HOSTILE}\n\nIs this right?", "ask:1", {})
        run.update(status="waiting")
        yield run


@contextmanager
def piped(
    environment: dict[str, str], lines: str, *arguments: str
) -> Iterator["subprocess.Popen[str]"]:
    """`tasksmith chat` with lines for an input."""
    with subprocess.Popen(
        [TASKSMITH, "chat", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment | {"COLUMNS": "80"}, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        process.stdin.write(lines)
        process.stdin.close()
        yield process


def shown_by(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.read()


def test_each_line_of_a_pipe_is_said_when_the_one_before_was_answered(
    run: Run, environment: dict[str, str]
) -> None:
    lines = "yes\n/status\nmore spam\n"
    with (
        piped(environment, lines, run.id) as process,
        closing(Mailbox.of(run.folder)) as box,
    ):
        wait_for(lambda: box.open_question() is None)
        assert [m.text for m in box.unheard()] == []
        box.post("said", "All right.", "reply:1")
        wait_for(lambda: bool(box.unheard()))
        assert [m.text for m in box.unheard()] == ["more spam"]
        box.post("said", "More of it, then.", "reply:2")
        shown = shown_by(process)
        assert process.wait(20) == 0
    assert shown.index("All right.") < shown.index("› more spam") < shown.index("More of it, then.")
    assert "[bold red]markup[/]" in shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", shown)
    assert max(map(len, shown.splitlines()[:-1])) <= 80
    assert shown.splitlines()[-1] == f"Come back: tasksmith chat {run.id}"


def test_resuming_a_run_that_waits_shows_its_question(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match=f"waits for your answer: `tasksmith chat .*{run.id}`"):
        watch(resume(run.folder), as_json=False)
    assert "Is this right?" in capsys.readouterr().err
    runs_table([run])
    assert "waiting" in capsys.readouterr().out


def test_settings_of_a_run_stay_and_a_deleted_run_is_one_line(
    run: Run, environment: dict[str, str]
) -> None:
    with piped(environment, "", run.id, "--student", "probe") as process:
        assert "leave out --student" in shown_by(process)
        assert process.wait(30) == 2
    with (
        piped(environment, "yes\n", run.id) as process,
        closing(Mailbox.of(run.folder)) as box,
    ):
        wait_for(lambda: box.open_question() is None)
        delete(run)
        assert f"run {run.id} was deleted" in shown_by(process).splitlines()[-1]
        assert process.wait(30) == 2


@pytest.mark.parametrize("word", ["exit", "Bye ", "/quit"])
def test_who_says_goodbye_leaves(tmp_path: Path, word: str) -> None:
    talk = Talk(Settings(out=tmp_path))
    with pytest.raises(LeaveError):
        Front(talk, Console(file=StringIO()), "").hear(word)
    assert talk.run is None
