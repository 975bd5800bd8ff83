"""The Python API: run a task, or go on with a run.

from agent.app import run
events = run("Sort messages into spam or ham", Settings(datasets=("catalogue",)))
report = yield from events      # or `finish(events)` to see it through
"""

import shutil
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.chat.inbox import check_file, keep
from agent.chat.mailbox import Mailbox, Message
from agent.chat.work import Step, Work, at_work
from agent.compose import Parts, check
from agent.errors import UserError
from agent.intake import Intake, read_intake
from agent.runs import Mode, Run, create, name_of, write_manifest
from agent.settings import Settings, load_settings
from tools.examples import ExampleStore
from tools.scoring.metrics import METRICS
from tools.services import EndpointError

if TYPE_CHECKING:
    from agent.engine import Event

Report = dict[str, Any]
NOTHING = Parts()


def run(
    task: str,
    settings: Settings | None = None,
    *,
    examples: Path | None = None,
    test: Path | None = None,
    services: Parts = NOTHING,
) -> Generator["Event", None, Report]:
    """Do a task from its description to a measured model.

    Args:
        task: What the model should do, in the user's words.
        settings: Budget, catalogues and so on; read from the environment if left out.
        examples: File with the user's own examples.
        test: File with the user's own test rows.
        services: Own parts in place of, or beside, the built-in ones.

    Yields:
        What happens, as it happens.

    Returns:
        The report, format 1.

    Raises:
        UserError: The task or a file cannot be used, or the run directory cannot be written.
    """
    new = begin(task, settings, examples=examples, test=test, services=services)
    return (yield from _drive(new, services))


def begin(
    task: str,
    settings: Settings | None = None,
    *,
    mode: Mode = "run",
    examples: Path | None = None,
    test: Path | None = None,
    files: Sequence[Path] = (),
    services: Parts = NOTHING,
) -> Run:
    """Make a run without working on it; see `run` for the arguments.

    Args:
        mode: `chat` stops to ask the person, `run` does not.
        files: What comes with the task.
    """
    for path in files:
        check_file(path)
    settings, roles = check(settings or load_settings())
    intake = Intake()
    if mode == "run" or examples or test:
        # In a conversation the graph reads the examples in the person's words, and the words may
        # still be none of a task.
        intake = read_intake(task, examples, test, {*METRICS, *services.metrics})
    new = create(settings.out, task)
    notes = (*roles, *intake.notes)
    try:
        with closing(ExampleStore(new.folder / "data.sqlite")) as store:
            intake.store(store)
        with closing(Mailbox.of(new.folder)) as mailbox:
            mailbox.say(task, files=[keep(new, path) for path in files])
        write_manifest(new, task, settings.model_dump(mode="json"), notes, mode=mode)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(new.folder, ignore_errors=True)
        raise UserError(f"cannot write to {settings.out} ({error}); nothing was begun", 1) from None
    return new


def resume(folder: Path, services: Parts = NOTHING) -> Generator["Event", None, Report]:
    """Go on with a run that was interrupted; a finished one only gives its report.

    Raises:
        UserError: The folder is no run, is in use, waits for an answer, or was written by another
            graph version.
    """
    old = Run(folder)
    status, report = old.manifest["status"], old.report
    if report is not None and status == report["status"]:
        return report
    if status == "waiting":
        with closing(Mailbox.of(folder)) as mailbox:
            yield from _ask(old, mailbox.open_question())
    return (yield from _drive(old, services))


def _ignore(_event: "Event") -> None:
    """Show nothing of an event."""


def finish(
    events: Generator["Event", None, Report], show: Callable[["Event"], None] = _ignore
) -> Report:
    """See a run through, showing its events with `show`, and return its report."""
    while True:
        try:
            event = next(events)
        except StopIteration as stop:
            report: Report = stop.value
            return report
        show(event)


def _drive(target: Run, parts: Parts) -> Generator["Event", None, Report]:
    with target.lock():
        try:
            with at_work(target, parts) as (work, notes):
                target.update(status="running")
                yield from _through(work, notes)
        except (KeyboardInterrupt, GeneratorExit):
            target.update(status="interrupted")
            raise
        except EndpointError as error:
            target.update(status="failed")
            then = f"once that is mended, `tasksmith resume {name_of(target)}` goes on"
            raise UserError(f"{error}; {then}", exit_code=1) from None
    return _reported(target)


def _through(work: Work, notes: Sequence[str]) -> Generator["Event", None, None]:
    """Drive a run to its end, or to a question."""
    from agent.chat.posts import Posts
    from agent.engine import Event

    posts = Posts(work.mailbox)
    for note in notes:
        event = Event("note", note, {"run": work.run.id})
        posts.post(event)
        yield event
    try:
        state = work.thread.snapshot()
        if not state.values or (state.tasks and not state.interrupts):
            yield from work.go(Step(None) if state.values else work.first())
    finally:
        # Whether it went through or not: what was asked for has been heeded.
        work.mailbox.clear_stop()
    question = work.ask()
    report = None if question else work.thread.snapshot().values.get("report")
    work.run.update(status=report["status"] if report else "waiting")
    if report is None:
        yield from _ask(work.run, question)


def _reported(target: Run) -> Report:
    """Return the report, and have the messages heard that came too late for the run."""
    from agent.jobs import ensure

    with closing(Mailbox.of(target.folder)) as mailbox:
        if mailbox.unheard():
            ensure(target)
    report = target.report
    assert report is not None
    return report


def _ask(target: Run, question: Message | None) -> Generator["Event", None, None]:
    """Show what a run waits for an answer to.

    Raises:
        UserError: Always: answers are given in a conversation.
    """
    from agent.engine import Event

    if question:
        yield Event("note", question.text)
    command = f"tasksmith chat {name_of(target)}"
    raise UserError(f"run {target.id} waits for your answer: `{command}`", exit_code=1)
