"""The process that works on one run: drives the graph, waits for the person, and ends when idle.

python -m agent.chat.worker RUN LOCK      started by agent.jobs; LOCK is the locked file it inherits

What is asked, said and heard is bound to checkpoints and to ids in the mailbox, so that this
process can be killed at any moment and its successor says, asks and hears nothing a second time.
"""

import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.chat.attendant import LATER
from agent.chat.mailbox import Mailbox, Message
from agent.chat.work import Step, Work, at_work
from agent.compose import Parts
from agent.crash import describe
from agent.errors import UserError
from agent.locks import Hold
from agent.runs import Run, Status
from agent.settings import Settings
from tools.services import BudgetError, EndpointError, ToolError

if TYPE_CHECKING:
    from langgraph.types import Interrupt, StateSnapshot

NOTHING = Parts()
POLL_S = 0.2
PAUSED = "Paused. Say 'go on' when I shall continue."
NOT_NOW = "I have asked you something meanwhile; please answer that."
MENDED = "nothing is lost: once that is mended, say 'go on'"
STANDING = "The run is paused; say 'go on' when I shall continue."


class Job:
    """A run on its way, until nothing is left to do and nobody says anything.

    Args:
        work: The run and what working on it takes.
        hold: Its lock, given back at the end.
        idle_s: How long to wait, in a conversation, for what the person says next.
    """

    def __init__(self, work: Work, hold: Hold, idle_s: float) -> None:
        self._work = work
        self._hold = hold
        self._idle_s = idle_s
        self._mailbox = work.mailbox
        self._status: Status = work.run.manifest["status"]
        self._paused = self._status in ("interrupted", "failed")

    def see_through(self) -> None:
        """Work until nothing is left to do, and give the lock back."""
        while step := self._next():
            self._paused = False
            self._mark("running")
            for _ in self._work.go(step):
                pass

    def _next(self) -> Step | None:
        state = self._work.thread.snapshot()
        if heard := state.values.get("heard"):
            # Where a crash came between the checkpoint and the note of it.
            self._mailbox.take(heard, "graph")
        if state.interrupts:
            return self._answered(state.interrupts[0])
        if state.values and not state.tasks:
            return self._more(state)
        if self._paused and not self._may_go_on(begun=bool(state.values)):
            return None
        return Step(None) if state.values else self._work.first()

    def _mark(self, status: Status) -> None:
        if status != self._status:
            self._work.run.update(status=status)
            self._status = status

    def _answered(self, asked: "Interrupt") -> Step | None:
        """Ask, and wait for the answer."""
        from agent.engine import answer

        question = self._work.ask()
        assert question is not None
        self._mailbox.clear_stop()
        self._mark("waiting")
        said = self._wait(lambda: self._answer_to(question), question)
        return Step(answer(asked, said.text, said.data["files"], said.id)) if said else None

    def _answer_to(self, question: Message) -> Message | None:
        """Return the answer, which may be a message that was said without seeing the question."""
        for message in self._mailbox.unheard():
            if message.id > question.id or self._answers(message):
                self._mailbox.adopt(message.id, question.id)
        return self._mailbox.answer_to(question.id)

    def _answers(self, message: Message) -> bool:
        """Say whether a message from before the question has to be taken into account now."""
        try:
            return self._work.attendant.hear(message, NOT_NOW) == "amend"
        except (EndpointError, BudgetError, ToolError):
            return True

    def _more(self, state: "StateSnapshot") -> Step | None:
        """Wait for what the person says when all is done."""
        from agent.chat.posts import Posts
        from agent.engine import Event, next_input

        report = state.values.get("report")
        if report and not any(m.kind == "report" for m in self._mailbox.after()):
            # Of a run that an earlier version has done.
            Posts(self._mailbox).post(Event("report", "", report, "earlier"))
        self._mailbox.clear_stop()
        self._mark(report["status"] if report else "waiting")
        said = self._wait(lambda: next(iter(self._mailbox.unheard()), None))
        if said is None:
            return None
        return Step(next_input(said.text, said.data["files"], said.id), said.id)

    def _may_go_on(self, *, begun: bool) -> bool:
        """Say whether the person wants a run to go on that was paused or has failed."""
        unheard = self._mailbox.unheard()
        said = unheard if begun else unheard[1:]
        if self._status == "failed" or not begun:
            # What has failed may be the very endpoint that it takes to understand a message, and
            # before the task has been read there is nothing to understand one by.
            return bool(said) or self._leave(unheard, begun=begun)
        for message in said:
            intent = self._work.attendant.hear(message, STANDING)
            if intent in ("go on", "agree", "stop round"):
                return True
            if intent == "amend":
                self._mailbox.post("said", f"{LATER} {STANDING}", f"later:{message.id}")
        return self._leave(unheard, begun=begun)

    def _leave(self, known: list[Message], *, begun: bool) -> bool:
        """Give the lock back if nothing was said meanwhile; return False, else look again."""
        ids = {message.id for message in known}
        if self._hold.release_if(lambda: ids.issuperset(m.id for m in self._mailbox.unheard())):
            return False
        return self._may_go_on(begun=begun)

    def _wait(
        self, find: Callable[[], Message | None], question: Message | None = None
    ) -> Message | None:
        """Return what `find` finds; None when nothing came for long, or the run is gone."""

        def quiet() -> bool:
            answered = question and self._mailbox.answer_to(question.id)
            return not answered and not self._mailbox.unheard()

        mode = self._work.thread.snapshot().values["mode"]
        ends = time.monotonic() + (self._idle_s if mode == "chat" else 0)
        while (found := find()) is None:
            if not self._work.run.exists():
                return None
            if time.monotonic() >= ends and self._hold.release_if(quiet):
                return None
            time.sleep(POLL_S)
        return found


def work_on(run: Run, inherited: int | None = None, parts: Parts = NOTHING) -> int:
    """Work on a run until it is idle; return the exit status.

    The outermost edge of the process: every error becomes a line of the conversation.

    Args:
        run: The run.
        inherited: Descriptor of its locked file, where there is one.
        parts: Own parts in place of, or beside, the built-in ones.

    Raises:
        UserError: Another process works on it.
    """
    with run.lock(inherited) as hold:
        try:
            _work(run, hold, parts)
        except KeyboardInterrupt:
            return _end(run, "interrupted", "said", PAUSED)
        except Exception as error:  # noqa: BLE001
            return _end(run, "failed", "trouble", _what_happened(error))
    return 0


def _work(run: Run, hold: Hold, parts: Parts) -> None:
    with at_work(run, parts) as (work, notes):
        from agent.chat.posts import Posts
        from agent.engine import Event

        for note in notes:
            Posts(work.mailbox).post(Event("note", note))
        idle = Settings(**run.manifest["settings"]).idle_minutes
        Job(work, hold, idle * 60).see_through()


def _what_happened(error: Exception) -> str:
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return f"a file of the run is damaged ({error}); put a copy of the run in its place"
    if isinstance(error, (OSError, sqlite3.Error)):
        return f"cannot work in the run directory ({error}); {MENDED}"
    if isinstance(error, EndpointError):
        return f"{error}; {MENDED}"
    if isinstance(error, (UserError, ToolError)):
        return str(error)
    return f"{describe(error)}; nothing is lost: say 'go on' to try again"


def _end(run: Run, status: Status, kind: Any, text: str) -> int:
    """Say why the work ends, as far as that can still be written down."""
    sys.stderr.write(text + "\n")
    try:
        if run.manifest["status"] == "running":
            run.update(status=status)
        with closing(Mailbox.of(run.folder)) as mailbox:
            mailbox.clear_stop()
            mailbox.post(kind, text, f"end:{secrets.token_hex(8)}")
    except (UserError, OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")  # the run is gone, or the disk is full
    return 1 if kind == "trouble" else 0


if __name__ == "__main__":
    sys.exit(work_on(Run(Path(sys.argv[1])), int(sys.argv[2])))
