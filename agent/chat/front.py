"""The conversation in a terminal: a prompt that stays usable while the run works.

Where the input is no terminal, each of its lines is a message or an order, said when the one before
has been answered.
"""

import sys
import time

from rich.console import Console
from rich.text import Text

from agent.chat.editor import Editor, LeaveError
from agent.chat.mailbox import Message
from agent.chat.orders import obey
from agent.chat.show import brief, show
from agent.chat.talk import Talk
from agent.errors import UserError
from tools.text import printable

GREETING = "What should the model do? Say it in your own words. /help lists what else there is."
POLL_S = 0.1
_STATUS_S = 0.5
_EARLIER = 6
"""Messages of earlier that are shown on coming back."""
_ALONE = "The work has ended unexpectedly (see job.log in the run directory); say 'go on'."
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
        self._told_alone = False
        self._checked = 0.0
        self._status = ""

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
        if asked:
            show(self._console, asked)

    def hear(self, line: str) -> Message | None:
        """Do what a line says: an order, or a message to the run; return what was said."""
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
        return [m for m in self._talk.news() if m.text != self._note]

    def progress(self) -> str:
        """Return what goes on at this moment; empty where nothing does."""
        run = self._talk.run
        if run is None:
            return ""
        if time.monotonic() - self._checked > _STATUS_S:
            self._checked = time.monotonic()
            self._status = run.status
        if self._status != "running":
            return ""
        now = self._talk.mailbox.progress()
        return f"… {now[1]}" if now else "… working"

    def leave(self) -> None:
        """Say how to come back."""
        if self._talk.run:
            command = f"tasksmith chat {self._talk.name}"
            goes_on = "The run goes on. " if self._talk.run.status == "running" else ""
            self._console.print(Text(f"{goes_on}Come back: {command}"), soft_wrap=True)


def interact(front: Front, console: Console) -> None:
    """Talk in a terminal until the person leaves."""
    from agent.chat.screen import Screen, keys

    screen, editor = Screen(console), Editor()
    with keys():
        try:
            while True:
                new = front.news()
                if new:
                    screen.erase()
                for message in new:
                    show(console, message)
                screen.draw(front.progress(), editor)
                for line in editor.feed(screen.read(POLL_S)):
                    screen.erase()
                    front.hear(line)
        except (LeaveError, EOFError, KeyboardInterrupt):
            pass
        finally:
            screen.erase()
    front.leave()


def follow(front: Front, console: Console) -> None:
    """Talk through a pipe: say each line once the one before has been answered."""
    try:
        said: Message | None = None
        for line in sys.stdin:
            if said and not line.startswith("/"):
                _await(front, console, said, ANSWERS)
                said = None
            said = front.hear(line.rstrip("\r\n")) or said
        if said:
            _await(front, console, said, ANSWERS | {"step"})
    except (LeaveError, KeyboardInterrupt):
        pass
    front.leave()


def _await(front: Front, console: Console, said: Message, kinds: frozenset[str]) -> None:
    """Show what comes until a message of one of these kinds answers what was said."""
    answered = False
    while not answered:
        new = front.news()
        for message in new:
            show(console, message)
            later = message.id > said.id and message.who == "tasksmith"
            answered = answered or (later and message.kind in kinds and not message.data.get("note"))
        if not new and front.is_alone():
            return
        if not answered:
            time.sleep(POLL_S)
