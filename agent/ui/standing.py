"""How a run stands, read from its directory and remembered until a file of it changes."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.chat.mailbox import Mailbox, Message, When
from agent.errors import UserError
from agent.runs import Run

Json = dict[str, Any]
Signature = tuple[tuple[int, int], ...]
_FILES = ("run.json", "report.json", "chat.sqlite", "chat.sqlite-wal")
_OPEN = ("running", "waiting")
_REMEMBERED = 1_024


@dataclass(frozen=True)
class Talk:
    """A conversation as the page shows it.

    Attributes:
        question: The latest one, where it waits for its answer.
        progress: When progress was last told, and what it was.
        stop: When the run is to stop, if somebody asked.
    """

    messages: tuple[Message, ...] = ()
    question: Message | None = None
    progress: tuple[str, str] | None = None
    stop: When | None = None


@dataclass(frozen=True)
class Standing:
    """What a run has come to.

    Attributes:
        status: As `agent.runs` has it, or `damaged`.
        created: ISO 8601; empty for a damaged run.
        limits: Most rounds, minutes and USD; empty where unknown.
        spent: Seconds, USD and calls so far; empty where unknown.
        rounds: As a report has them, as far as they are known.
        report: None while there is none.
    """

    run: str
    task: str
    status: str
    created: str
    limits: Json = field(default_factory=dict)
    spent: Json = field(default_factory=dict)
    rounds: tuple[Json, ...] = ()
    report: Json | None = None
    talk: Talk = Talk()

    @property
    def broken(self) -> bool:
        """Whether an error has stopped the run, so that it can go on once that is mended.

        A run that has come to its end without a model has failed, too, but not by an error.
        """
        if self.status != "failed":
            return False
        ends = [m.kind for m in self.talk.messages if m.kind in ("report", "trouble")]
        return (self.report or {}).get("status") != "failed" or ends[-1:] == ["trouble"]


_remembered: dict[Path, tuple[Signature, Standing]] = {}
"""The latest that was read of each run: those before it would fill the memory."""
_lock = threading.Lock()


def signature(run: Run) -> Signature:
    """Return what changes whenever a file of a run does that the page reads."""
    return tuple(_stamp(run.folder / name) for name in _FILES)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def standing(run: Run) -> Standing:
    """Return how a run stands now."""
    found = _latest(run)
    if found.status not in _OPEN:
        return found
    # Who works on it stands in no file.
    return replace(found, status=_status(run))


def _status(run: Run) -> str:
    try:
        return run.status
    except UserError:
        return "damaged"


def _latest(run: Run) -> Standing:
    now = signature(run)
    before, known = _remembered.get(run.folder, (None, None))
    if known is not None and before == now:
        return known
    found = _read(run, known.talk if known else Talk())
    with _lock:
        _remembered.pop(run.folder, None)
        _remembered[run.folder] = (now, found)
        if len(_remembered) > _REMEMBERED:
            del _remembered[next(iter(_remembered))]
    return found


def _read(run: Run, known: Talk) -> Standing:
    try:
        manifest, report, talk = run.manifest, run.report, _conversation(run, known)
    except (UserError, OSError, sqlite3.Error):
        return Standing(run.id, "", "damaged", "")
    steps = [message.data for message in talk.messages if message.kind == "step"]
    spent = [step["spent"] for step in steps if step.get("spent")]
    return Standing(
        run=run.id,
        task=str(manifest["task"]),
        status=str(manifest["status"]),
        created=str(manifest["created"]),
        limits=_limits(manifest, talk),
        spent=spent[-1] if spent else (report or {}).get("spent", {}),
        rounds=_rounds(steps, report or {}),
        report=report,
        talk=talk,
    )


def _limits(manifest: Json, talk: Talk) -> Json:
    """Return the limits of the latest step, for what is agreed on raises them; else the first."""
    # What a fork has copied went by those of the original.
    steps = [m.data for m in talk.messages if m.kind == "step" and m.at > manifest["created"]]
    if latest := [step["limits"] for step in steps if step.get("limits")]:
        names = {"rounds": "max_rounds", "minutes": "minutes", "usd": "usd"}
        return {name: latest[-1][key] for name, key in names.items()}
    names = {"rounds": "max_rounds", "minutes": "budget_minutes", "usd": "budget_usd"}
    return {name: manifest.get("settings", {}).get(key) for name, key in names.items()}


def _rounds(steps: list[Json], report: Json) -> tuple[Json, ...]:
    """Return the rounds that were reported, and those that have closed since."""
    found = {round_["round"]: round_ for round_ in report.get("rounds", [])}
    for step in steps:
        if closed := step.get("round"):
            found.setdefault(closed["round"], closed)
    return tuple(found[number] for number in sorted(found))


def _conversation(run: Run, known: Talk) -> Talk:
    """Return the conversation of a run, of which the beginning is known; empty without one."""
    path = run.folder / "chat.sqlite"
    if not path.exists():
        return Talk()
    with closing(Mailbox(path)) as mailbox:
        return Talk(
            _told(mailbox, known.messages),
            mailbox.open_question(),
            mailbox.progress(),
            mailbox.stop_asked(),
        )


def _told(mailbox: Mailbox, known: tuple[Message, ...]) -> tuple[Message, ...]:
    latest = known[-1].id if known else 0
    kept = [message for message in known if message.who == "tasksmith"]
    return tuple(sorted([*kept, *mailbox.since(latest)], key=lambda message: message.id))


def overview(out: Path) -> list[Standing]:
    """Return how all runs in a directory stand, newest first; damaged ones come last."""
    if not out.is_dir():
        return []
    found = [standing(Run(path.parent)) for path in out.glob("*/run.json")]
    return sorted(found, key=lambda stands: (stands.created, stands.run), reverse=True)
