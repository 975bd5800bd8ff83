"""Work on one run: its services, its thread and its mailbox, opened together.

The process in the background and `tasksmith run` in the foreground do the same here.
"""

import os
import signal
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.chat.attendant import Attendant, attending
from agent.chat.mailbox import Mailbox, Message
from agent.compose import Parts, services_for
from agent.errors import UserError
from agent.models import first_line
from agent.runs import Run
from agent.settings import Settings
from tools.hub.reach import reachable

if TYPE_CHECKING:
    from agent.engine import Event, Thread
    from tools.services import Services


@dataclass(frozen=True)
class Work:
    """A run that is worked on.

    Attributes:
        attendant: Hears what the person says while the graph has its hands full.
    """

    run: Run
    mailbox: Mailbox
    thread: "Thread"
    services: "Services"
    attendant: Attendant

    def first(self) -> "Step":
        """Return what the graph begins with: the first message."""
        from agent.engine import first_input

        manifest = self.run.manifest
        said = [m for m in self.mailbox.after() if m.who == "user"]
        # What was forked from before its first step may have no message yet, or another task.
        message = said[0] if said else self.mailbox.say(manifest["task"])
        assert message is not None
        settings, mode = Settings(**manifest["settings"]), self.run.mode
        task, files = manifest["task"], message.data["files"]
        given = first_input(task, settings, self.services, mode, files, message.id)
        return Step(given, message.id)

    def ask(self) -> Message | None:
        """Post the question that the graph waits with, unless it has been; None without one."""
        waiting = self.thread.snapshot().interrupts
        if not waiting:
            return None
        asked, key = waiting[0].value, f"ask:{waiting[0].id}"
        self.mailbox.post(asked["kind"], asked["text"], key, asked["data"] | {"ask": asked["ask"]})
        return self.mailbox.posted(key)

    def go(self, step: "Step") -> Generator["Event"]:
        """Drive the graph until it ends or asks, and post what happens."""
        from agent.chat.posts import Posts

        posts, fed = Posts(self.mailbox), step.fed
        # One session of work for both, and until both have ended.
        with self.thread.traced(), attending(self.attendant, self.run, fed, _interrupt):
            for event in self.thread.go(step.given):
                fed = fed if fed and not self.note_heard(fed) else 0
                if event.kind == "step" and "spec" in event.data:
                    self.run.note_spec(event.data["spec"])
                posts.post(event)
                yield event
        if fed:
            self.note_heard(fed)

    def note_heard(self, id_: int) -> bool:
        """Note that the graph has taken a message in, once a checkpoint says so; say whether."""
        heard: bool = self.thread.snapshot().values.get("heard") == id_
        if heard:
            self.mailbox.take(id_, "graph")
        return heard


@dataclass(frozen=True)
class Step:
    """What the graph is given next.

    Attributes:
        given: See `Thread.go`.
        fed: Id of the message that is given as new input; 0 where it is none.
    """

    given: Any
    fed: int = 0


def _interrupt() -> None:
    """Abandon the step under way as by Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def at_work(run: Run, parts: Parts) -> Iterator[tuple[Work, tuple[str, ...]]]:
    """Open everything that working on a run takes; give that and notes for the person.

    Raises:
        UserError: The run is of another version, or something that it needs is not there any more.
    """
    with ThreadPoolExecutor(1, "reach") as pool:
        # Finding out takes up to two seconds, in which the libraries load.
        found = pool.submit(reachable)
        from agent.engine import opened
        from graph.version import GRAPH_VERSION

        manifest = run.manifest
        if manifest["graph_version"] != GRAPH_VERSION:
            raise UserError(f"run {run.id} was begun by another version; start it anew")
        online = found.result()
    settings = Settings(**manifest["settings"])
    teacher = parts.teacher.name if parts.teacher else None
    notes = (first_line(settings, teacher, online=online), *manifest["notes"])
    with (
        closing(Mailbox.of(run.folder)) as mailbox,
        services_for(run.folder, settings, parts, mailbox, offline=not online) as (
            services,
            planner,
        ),
        opened(run, settings, services, planner) as thread,
    ):
        if spec := thread.snapshot().values.get("spec"):
            # Where a crash came between the checkpoint and the note of it.
            run.note_spec(spec)
        attendant = Attendant(mailbox, thread, services)
        yield Work(run, mailbox, thread, services, attendant), notes
