"""The Python API: run a task, or go on with a run.

from agent.app import run
events = run("Sort messages into spam or ham", Settings(datasets=("catalogue",)))
report = yield from events      # or `finish(events)` to see it through
"""

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.compose import Parts, check, services_for
from agent.errors import UserError
from agent.intake import read_intake
from agent.runs import Run, create, write_manifest
from agent.settings import Settings, load_settings
from tools.examples import ExampleStore
from tools.hub.access import offline
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
    settings, roles = check(settings or load_settings())
    intake = read_intake(task, examples, test, {*METRICS, *services.metrics})
    new = create(settings.out, task)
    with closing(ExampleStore(new.folder / "data.sqlite")) as store:
        intake.store(store)
    write_manifest(new, task, settings.model_dump(mode="json"), (*roles, *intake.notes))
    return (yield from _drive(new, settings, services))


def resume(folder: Path, services: Parts = NOTHING) -> Generator["Event", None, Report]:
    """Go on with a run that was interrupted; a finished one only gives its report.

    Raises:
        UserError: The folder is no run, is in use, or was written by another graph version.
    """
    old = Run(folder)
    manifest = old.manifest
    report = old.report
    if report is not None and manifest["status"] in ("done", "failed"):
        return report
    return (yield from _drive(old, Settings(**manifest["settings"]), services))


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


def _drive(target: Run, settings: Settings, parts: Parts) -> Generator["Event", None, Report]:
    from agent.engine import Event, drive
    from graph.version import GRAPH_VERSION
    from tools.hub.reach import reachable

    manifest = target.manifest
    if manifest["graph_version"] != GRAPH_VERSION:
        raise UserError(f"run {target.id} was begun by another version; start it anew")
    with target.lock():
        online = reachable()
        yield Event("note", _first_line(settings, parts, online=online), {"run": target.id})
        for note in manifest["notes"]:
            yield Event("note", note)
        target.update(status="running")
        try:
            with services_for(target.folder, settings, parts, offline=not online) as ready:
                report = yield from drive(target, manifest["task"], settings, *ready)
        except (KeyboardInterrupt, GeneratorExit):
            target.update(status="interrupted")
            raise
        except EndpointError as error:
            target.update(status="failed")
            name = target.id if target.folder.parent == load_settings().out else target.folder
            then = f"once that is mended, `tasksmith resume {name}` goes on"
            raise UserError(f"{error}; {then}", exit_code=1) from None
        target.update(status=report["status"])
        return report


def _first_line(settings: Settings, parts: Parts, *, online: bool) -> str:
    teacher = parts.teacher.name if parts.teacher else settings.teacher
    off = "switched off by HF_HUB_OFFLINE" if offline() else "not reachable, working offline"
    hub = "reachable" if online else off
    return f"Planner: {settings.planner}. Teacher: {teacher}. Hugging Face Hub: {hub}."
