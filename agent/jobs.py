"""Runs that go on by themselves: begin one, say something to it, stop it, see that it is worked on.

One process works on a run, holds its lock, and is started here. It outlives whoever started it;
front ends talk to it through the run's mailbox alone, and any number of them may.
"""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agent import locks
from agent.app import begin as _begin
from agent.chat.inbox import keep
from agent.chat.mailbox import Mailbox, Message, When
from agent.errors import UserError
from agent.runs import Mode, Run
from agent.settings import Settings

LONGEST_MESSAGE = 100_000
"""Characters."""
LOG = "job.log"
PAUSED = ("interrupted", "failed")
"""How a run stands that goes on only when the person says so."""


def begin(
    task: str,
    settings: Settings,
    *,
    mode: Mode,
    examples: Path | None = None,
    test: Path | None = None,
    files: Sequence[Path] = (),
) -> Run:
    """Make a run; nobody works on it before `ensure`.

    Args:
        task: What the model should do, in the person's words; the first message of the run.
        settings: Those of the run; what is left open in them is decided now.
        mode: `chat` stops to ask the person, `run` does not.
        examples: File with the person's own examples.
        test: File with the person's own test rows.
        files: What comes with the first message.

    Raises:
        UserError: The task, a file or a setting cannot be used, or nothing can be written.
    """
    check_length(task)
    return _begin(task, settings, mode=mode, examples=examples, test=test, files=files)


def check_length(text: str) -> None:
    """Find out whether a message is short enough.

    Raises:
        UserError: It is not.
    """
    if len(text) > LONGEST_MESSAGE:
        raise UserError(
            f"the message has {len(text):,} characters, more than {LONGEST_MESSAGE:,}; "
            "put examples into a file, such as CSV, and attach that"
        )


def ensure(run: Run) -> None:
    """Start the process that works on a run, unless there is one.

    Raises:
        UserError: The run is gone or damaged.
    """
    _start(run)


def resume(run: Run) -> None:
    """Have the work on a run go on where it was paused, interrupted, or failed.

    Raises:
        UserError: The run is gone or damaged.
    """
    _start(run, go_on=True)


def wake(run: Run) -> None:
    """Have the work go on where something is open that waits for nobody's answer.

    Raises:
        UserError: The run is gone or damaged.
    """
    status = run.status
    with closing(Mailbox.of(run.folder)) as mailbox:
        said = [m for m in mailbox.after() if m.who == "tasksmith"]
        unheard = mailbox.unheard() or (status == "waiting" and not mailbox.open_question())
    broke_off = status == "failed" and said and said[-1].kind == "trouble"
    if status == "interrupted" or broke_off:
        resume(run)
    elif unheard:
        ensure(run)


def _start(run: Run, *, go_on: bool = False) -> None:
    status = run.manifest["status"]
    hold = locks.acquire(run.folder)
    if hold is None:
        return
    try:
        if go_on and status in PAUSED:
            run.update(status="running")
        _spawn(run, hold)
    except BaseException:
        hold.release()
        raise


def _spawn(run: Run, hold: locks.Hold) -> None:
    """Start the process and leave the lock to it, so that there is no moment without a holder."""
    folder = str(run.folder.resolve())
    with (run.folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            # -P: a folder called agent where the user happens to be must not shadow ours.
            [sys.executable, "-P", "-m", "agent.chat.worker", folder, str(hold.file)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[hold.file],
        )
    hold.hand_over()
    threading.Thread(target=process.wait, daemon=True, name="reaper").start()


def working(run: Run) -> bool:
    """Say whether a process works on a run, or waits for what the person says next."""
    return run.in_use()


def say(
    run: Run, text: str, answers: int | None = None, files: Sequence[Path] = ()
) -> Message | None:
    """Say something to a run, and see that it is heard.

    Args:
        run: Whom to.
        text: In the person's words.
        answers: Id of the question that was open when it was said.
        files: What comes with it; copied into the run.

    Returns:
        The message; None where the question has been answered elsewhere, and nothing was said.

    Raises:
        UserError: The run is gone, the message too long, a file cannot be used, or nothing can be
            written; nothing was said.
    """
    check_length(text)
    _ = run.manifest  # a run that was deleted must not come back as an empty folder
    kept = [keep(run, path) for path in files]
    try:
        with closing(Mailbox.of(run.folder)) as mailbox:
            message = mailbox.say(text, answers=answers, files=kept)
    except sqlite3.Error as error:
        raise UserError(f"nothing was said: the conversation of {run.id} cannot be written"
                        f" ({error})", 1) from None  # fmt: skip
    ensure(run)
    return message


def stop(run: Run, when: When) -> None:
    """Have a run that is worked on stop after the round under way, or at once.

    Raises:
        UserError: The run is gone or damaged.
    """
    if run.status == "running":
        with closing(Mailbox.of(run.folder)) as mailbox:
            mailbox.ask_stop(when)
