"""The conversation in a terminal: a prompt that stays usable while the run works.

Where the input is no terminal, each of its lines is a message or an order, said when the one before
has been answered.
"""

import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from agent.chat.editor import Editor, LeaveError
from agent.chat.mailbox import QUESTIONS, Message
from agent.chat.orders import obey
from agent.chat.show import brief, gist, show
from agent.chat.talk import Talk
from agent.errors import UserError
from agent.runs import Run, find, name_of
from tools.text import printable

if TYPE_CHECKING:
    from agent.settings import Settings

GREETING = "What should the model do? Say it in your own words. /help lists what else there is."
POLL_S = 0.1
_STATUS_S = 0.5
_EARLIER = 6
"""Messages of earlier that are shown on coming back."""
ALONE = "! The work ended unexpectedly (see job.log in the run directory); say 'go on'."
LEAVING = frozenset({"exit", "bye"})
"""What people say to a program, rather than about their task."""
ANSWERS = frozenset({"said", "understood", "proposal", "question", "report", "trouble"})


class Front:
    """A conversation in a terminal or a pipe.

    Args:
        talk: What is said and shown.
        console: Where to.
        note: The first line: what new runs work with.
    """

    def __init__(self, talk: Talk, console: Console, note: str) -> None:
        self._talk = talk
        self._console = console
        self._note = note
        self._checked = 0.0
        self._status = ""
        self._asked = ""

    def open(self) -> None:
        """Greet, or say where the run stands."""
        if self._note:
            self._console.print(Text(self._note), style="dim")
        if self._talk.run is None:
            self._console.print(Text(GREETING))
            return
        self._console.print(Text(f"{self._talk.run.id}: {self._talk.run.status}"), style="bold")
        earlier = [m for m in self._talk.news() if m.kind != "step" and not m.data.get("note")]
        asked = self._talk.mailbox.open_question()
        for message in earlier[-_EARLIER:]:
            if message != asked:
                brief(self._console, message)
        self.show([asked] if asked else [])

    def hear(self, line: str) -> Message | None:
        """Do what a line says: an order, or a message to the run; return what was said."""
        line = "/quit" if line.strip().lower() in LEAVING else line
        try:
            if line.startswith("/"):
                self._console.print(Text(printable(obey(self._talk, line))))
            elif line.strip() or self._talk.attached:
                return self._talk.say(line)
        except UserError as error:
            self._console.print(Text(f"! {error}"), style="red")
        return None

    def news(self) -> list[Message]:
        """Return what is new."""
        if self._talk.run is None:
            return []
        return [m for m in self._talk.news() if m.text != self._note and not _is_echo(m)]

    def show(self, messages: list[Message]) -> None:
        """Print messages, each as far as it says something new."""
        for message in messages:
            asks = message.kind in QUESTIONS
            show(self._console, message, again=asks and gist(message) == self._asked)
            self._asked = gist(message) if asks else self._asked

    def progress(self) -> str:
        """Return what goes on at this moment; empty where nothing does."""
        run = self._talk.run
        if run is None:
            return ""
        if time.monotonic() - self._checked > _STATUS_S:
            self._checked = time.monotonic()
            self._status = run.status
        if self._status == "interrupted" and run.manifest["status"] == "running":
            return ALONE
        if self._status != "running":
            return ""
        now = self._talk.mailbox.progress()
        return f"… {now[1]}" if now else "… working"

    def is_alone(self) -> bool:
        """Say whether nobody is there to answer."""
        return self._talk.run is None or not self._talk.run.in_use()

    def leave(self) -> None:
        """Say how to come back."""
        if self._talk.run:
            command = f"tasksmith chat {name_of(self._talk.run)}"
            goes_on = "The run goes on. " if self._talk.run.status == "running" else ""
            self._console.print(Text(f"{goes_on}Come back: {command}"), soft_wrap=True)


def _is_echo(message: Message) -> bool:
    """Say whether a step only tells what the question, reply or report after it says at length."""
    return message.kind == "step" and message.data.get("node") in ("specify", "conclude")


def converse(name: str | None, settings: "Settings") -> None:
    """Have a conversation on this process's input and output.

    Args:
        name: Of the run to go on with; None for a new one.
        settings: Those that a new run begins with.

    Raises:
        UserError: There is no such run, a setting cannot be used, or the run was deleted meanwhile.
    """
    from agent.jobs import wake

    console = Console(highlight=False, markup=False)
    run = find(settings.out, name) if name else None
    note = _first_line(settings, run)
    talk: Talk | None = None
    try:
        talk = Talk(settings, run)
        if run:
            wake(run)
        front = Front(talk, console, note)
        front.open()
        if sys.stdin.isatty() and console.is_terminal and not console.is_dumb_terminal:
            interact(front, console)
        else:
            follow(front)
    except sqlite3.Error as error:
        if talk and talk.run:
            _ = talk.mailbox  # says so if the run was deleted
        raise UserError(f"the conversation cannot be read or written: {error}", 1) from None
    finally:
        if talk:
            talk.close()


def _first_line(settings: "Settings", run: Run | None) -> str:
    with ThreadPoolExecutor(1, "reach") as pool:
        from tools.hub.reach import reachable

        online = pool.submit(reachable)
        from agent.compose import check
        from agent.models import first_line
        from agent.settings import Settings

        settled = Settings(**run.manifest["settings"]) if run else check(settings)[0]
        return first_line(settled, online=online.result())


def interact(front: Front, console: Console) -> None:
    """Talk in a terminal until the person leaves."""
    from agent.chat.screen import Screen, keys

    # What the first message needs is loaded while it is typed.
    threading.Thread(target=import_module, args=("agent.jobs",), daemon=True).start()
    screen, editor = Screen(console), Editor()
    with keys():
        try:
            while True:
                if new := front.news():
                    screen.erase()
                    front.show(new)
                screen.draw(front.progress(), editor)
                for line in editor.feed(screen.read(POLL_S)):
                    screen.erase()
                    front.hear(line)
        except (LeaveError, EOFError, KeyboardInterrupt):
            pass
        finally:
            screen.erase()
    front.leave()


def follow(front: Front) -> None:
    """Talk through a pipe: say each line once the one before has been answered."""
    said: Message | None = None
    try:
        for line in sys.stdin:
            if said and not line.startswith("/"):
                _await(front, said, ANSWERS)
                said = None
            said = front.hear(line.rstrip("\r\n")) or said
        if said:
            _await(front, said, ANSWERS | {"step"})
    except (LeaveError, KeyboardInterrupt):
        pass
    front.leave()


def _await(front: Front, said: Message, kinds: frozenset[str]) -> None:
    """Show what comes until a message of one of these kinds answers what was said."""
    answered = False
    while not answered:
        alone = front.is_alone()
        new = front.news()
        front.show(new)
        answered = any(
            message.id > said.id
            and message.who == "tasksmith"
            and message.kind in kinds
            and not message.data.get("note")
            for message in new
        )
        if alone and not new:
            return
        if not answered:
            time.sleep(POLL_S)
