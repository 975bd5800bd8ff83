"""What hears a person while the graph works: answers questions, and has the run stop."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from agent.chat.mailbox import Mailbox, Message
from agent.crash import describe
from agent.runs import Run
from tools.examples import ExampleStore
from tools.services import BudgetError, EndpointError, Services, ToolError

if TYPE_CHECKING:
    from agent.engine import Thread
    from graph.state import State
    from tools.talking import Heard, Intent

POLL_S = 0.2
LATER = "I take that up when this run is done; say 'stop after this round' to have it sooner."
_SAID = {
    "stop round": "I stop after this round, measure the best model so far, and report.",
    "stop now": "I stop at once.",
}
AT_IT = "I am at it."


class Attendant:
    """Hears messages that answer no question.

    Args:
        mailbox: Where they come from, and where answers go.
        thread: Where the run stands.
        services: Those of the run.
    """

    def __init__(self, mailbox: Mailbox, thread: "Thread", services: Services) -> None:
        self.mailbox = mailbox
        self._thread = thread
        self._services = services

    def ready(self) -> bool:
        """Say whether there is a state yet, by which a message is understood."""
        return bool(self._thread.snapshot().values)

    def hear(self, message: Message, otherwise: str = AT_IT) -> "Intent | None":
        """Deal with a message, unless that was done before a crash.

        Args:
            message: What was said.
            otherwise: What to say where nothing else is to be said or done.

        Returns:
            What the person wants; None where the message was dealt with before. An `amend` is
            left for the graph, and so is a message that brings files.

        Raises:
            EndpointError: The language model that listens cannot be reached.
            BudgetError: The budget does not cover it.
            ToolError: It made nothing of the message.
        """
        key = f"reply:{message.id}"
        if self.mailbox.posted(key):
            self.mailbox.take(message.id, "attendant")
            return None
        if self.mailbox.posted(f"later:{message.id}"):
            return "amend"
        if message.data.get("files"):
            return "amend"
        heard = self._understand(message)
        if heard.intent == "amend":
            return heard.intent
        if message.data["files"]:
            # Only the graph reads files.
            self._stop(heard.intent)
            return "amend"
        self.mailbox.post("said", self._act(heard, otherwise), key)
        self.mailbox.take(message.id, "attendant")
        return heard.intent

    def leaves(self, message: Message) -> bool:
        """Deal with a message as long as the graph works, and say whether it is left for later.

        Raises:
            OperationalError: A file is in use, or the disk full; to be tried again.
        """
        key = f"later:{message.id}"
        try:
            if self.hear(message) != "amend":
                return False
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001
            # The outermost edge of the listening thread.
            known = isinstance(error, (EndpointError, BudgetError, ToolError))
            what = str(error) if known else describe(error)
            self.mailbox.post("trouble", f"{what}; your message is kept for later", key)
        self.mailbox.post("said", LATER, key)
        return True

    def has_begun(self) -> bool:
        """Say whether the run has come to its first checkpoint, before which nothing is known."""
        return bool(self._thread.snapshot().values)

    def _understand(self, message: Message) -> "Heard":
        from graph.situation import before, situation

        state = cast("State", self._thread.snapshot().values)
        # A store of its own: the graph's connection may be amid a transaction.
        with closing(ExampleStore(self._services.store.path)) as store:
            where = situation(state, replace(self._services, store=store))
        where["before"] = before(self._services, message.id, where)
        if where["stage"] != "done" and (now := self.mailbox.progress()):
            where["progress"] = now[1]
        with self._thread.traced() as tracer, tracer.attached():
            return self._services.listener.hear(message.text, where)

    def _act(self, heard: "Heard", otherwise: str) -> str:
        """Do what the person wants, and return what to say about it."""
        self._stop(heard.intent)
        return heard.reply or _SAID.get(heard.intent, otherwise)

    def _stop(self, intent: "Intent") -> None:
        if intent == "stop round":
            self.mailbox.ask_stop("round")
        elif intent == "stop now":
            self.mailbox.ask_stop("now")


@contextmanager
def attending(
    attendant: Attendant, run: Run, fed: int, interrupt: Callable[[], None]
) -> Iterator[None]:
    """Hear the person while the graph works inside.

    Args:
        attendant: Who hears.
        run: The run worked on.
        fed: Id of the message that the graph hears itself.
        interrupt: Called, once, when the person wants the work to stop at once, or the run is gone.
    """
    ended = threading.Event()
    threads = [
        threading.Thread(target=_watch, args=(attendant.mailbox, run, ended, interrupt)),
        threading.Thread(target=_hear, args=(attendant, ended, fed)),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _watch(
    mailbox: Mailbox, run: Run, ended: threading.Event, interrupt: Callable[[], None]
) -> None:
    """Wait for what cannot wait, however long hearing takes."""
    while not ended.wait(POLL_S):
        if not run.exists() or mailbox.stop_asked() == "now":
            interrupt()
            return


def _hear(attendant: Attendant, ended: threading.Event, fed: int) -> None:
    """Hear each message once; what it cannot hear is left for the graph."""
    while not attendant.ready():
        if ended.wait(POLL_S):
            return
    left = {fed}
    while not ended.wait(POLL_S):
        # What is in use at this moment may not be at the next; the message stays.
        with suppress(sqlite3.OperationalError):
            said = [m for m in attendant.mailbox.unheard() if m.id not in left]
            if not said or not attendant.has_begun():
                continue
            for message in said:
                if not ended.is_set() and attendant.leaves(message):
                    left.add(message.id)
