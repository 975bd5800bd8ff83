"""Run directories: one folder that holds everything about one piece of work.

run.json      manifest: task, effective settings, versions, status
task.json     the task as it was read and agreed on
state.sqlite  LangGraph checkpoints        data.sqlite   examples and predictions
chat.sqlite   the conversation             inbox/        files that came with messages
trace.jsonl   spans                        models/       one folder a student
report.json   report.md                    worker.log    what the training process printed
job.log       what the process that works on the run printed
"""

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from agent import locks
from agent.errors import UserError
from agent.settings import load_settings
from graph.version import GRAPH_VERSION
from tools.files import write_text

Status = Literal["running", "waiting", "done", "failed", "interrupted"]
"""`waiting` is for a person's answer, whether or not a process waits for it, too."""
Mode = Literal["run", "chat"]
FORMAT = 1


@dataclass(frozen=True)
class Run:
    """One run directory."""

    folder: Path

    @property
    def id(self) -> str:
        """The name by which commands take the run."""
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        """The contents of run.json.

        Raises:
            UserError: The file is missing, broken, or of another format.
        """
        path = self.folder / "run.json"
        if not path.exists():
            raise UserError(f"{self.folder} is not a run: it has no run.json")
        manifest = _read(path)
        if manifest.get("format", FORMAT) != FORMAT:
            raise UserError(f"{path} is of another format; use the version that wrote it")
        _check(path, manifest, "format", "task", "created", "status")
        return manifest

    @property
    def report(self) -> dict[str, Any] | None:
        """The contents of report.json, or None while the run has not concluded.

        Raises:
            UserError: The file is broken.
        """
        path = self.folder / "report.json"
        if not path.exists():
            return None
        report = _read(path)
        _check(path, report, "status", "task", "test")
        return report

    @property
    def spec(self) -> dict[str, Any] | None:
        """The task as it was last read or agreed on, or None before that."""
        path = self.folder / "task.json"
        if not path.exists():  # an earlier version has worked on it
            return (self.report or {}).get("task")
        return _read(path)

    @property
    def status(self) -> str:
        """How the run stands; one that says `running` while nobody works on it was interrupted."""
        status = str(self.manifest["status"])
        return "interrupted" if status == "running" and not self.in_use() else status

    @property
    def thread(self) -> str:
        """The name of its LangGraph thread: the id it began with, whatever the folder is called."""
        return str(self.manifest.get("thread", self.id))

    @property
    def mode(self) -> Mode:
        """The mode that the run was begun in."""
        return "chat" if self.manifest.get("mode") == "chat" else "run"

    def exists(self) -> bool:
        """Say whether the run is still there."""
        return (self.folder / "run.json").exists()

    def in_use(self) -> bool:
        """Say whether a process works on the run, or waits for what the person says next."""
        return locks.held(self.folder)

    def summary(self) -> dict[str, Any]:
        """Return id, task, status, creation time and report; what a damaged run lacks is None."""
        try:
            manifest, report = self.manifest, self.report
        except UserError:
            nothing = dict.fromkeys(("task", "created", "report"))
            return {"run": self.id, "status": "damaged", **nothing}
        kept = {key: manifest[key] for key in ("task", "created")}
        return {"run": self.id, "status": self.status, **kept, "report": report}

    def update(self, **values: Any) -> None:
        """Change entries of the manifest."""
        text = json.dumps(self.manifest | values, ensure_ascii=False, indent=2)
        write_text(self.folder / "run.json", text + "\n")

    def note_spec(self, spec: dict[str, Any]) -> None:
        """Write down what `spec` gives."""
        text = json.dumps(spec, ensure_ascii=False, indent=2)
        write_text(self.folder / "task.json", text + "\n")

    @contextmanager
    def lock(self, inherited: int | None = None) -> Iterator[locks.Hold]:
        """Hold the run for writing.

        Args:
            inherited: Descriptor of the locked file, where the process that started this one has
                taken the lock for it.

        Raises:
            UserError: Another process works on it.
        """
        if inherited is None:
            hold = locks.acquire(self.folder)
        else:
            hold = locks.Hold(self.folder, inherited)
        if hold is None:
            raise UserError(f"run {self.id} is in use by another process; wait for it to end", 1)
        try:
            yield hold
        finally:
            hold.release()


def _read(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        UserError: It holds none, or cannot be read.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UserError(f"{path} cannot be read ({error}); the run is lost or damaged") from None
    if not isinstance(found, dict):
        raise UserError(f"{path} holds no object; the run is damaged")
    return found


def _check(path: Path, found: dict[str, Any], *keys: str) -> None:
    """Make sure that what every version writes is there."""
    if missing := [key for key in keys if key not in found]:
        raise UserError(f"{path} lacks {', '.join(missing)}; the run is damaged")


def way_on(run: Run) -> str:
    """Say how a run goes on that has not come to a result."""
    if run.status == "running":
        return "wait for it"
    verb = "chat" if run.mode == "chat" or run.status == "waiting" else "resume"
    return f"`tasksmith {verb} {name_of(run)}` goes on with it"


def name_of(run: Run) -> str:
    """Return what to call a run by: its id where runs are usually kept, else its path."""
    return run.id if run.folder.parent == load_settings().out else str(run.folder)


def create(out: Path, task: str) -> Run:
    """Make the folder of a new run; `write_manifest` completes it.

    Raises:
        UserError: The directory cannot be written.
    """
    slug = "-".join(re.findall(r"[a-z0-9]+", task.lower())[:4])[:24].strip("-") or "task"
    while True:
        folder = out / f"{slug}-{datetime.now(UTC):%m%d-%H%M%S}-{secrets.token_hex(2)}"
        try:
            (folder / "models").mkdir(parents=True)
        except OSError as error:
            if isinstance(error, FileExistsError) and folder.exists():
                continue  # another run has got this name
            why = f"cannot write to {out} ({error.strerror}); choose another --out"
            raise UserError(why) from None
        return Run(folder)


def write_manifest(
    run: Run, task: str, settings: dict[str, Any], notes: Sequence[str] = (), **more: Any
) -> None:
    """Write run.json, which makes a folder a run: everything it needs to go on is there.

    Args:
        run: The new run.
        task: In the user's words.
        settings: Effective settings, as JSON.
        notes: Sentences to show before it begins.
        more: Further entries: its mode, what it was forked from.
    """
    manifest = {
        "format": FORMAT,
        "task": task,
        "settings": settings,
        "notes": list(notes),
        "graph_version": GRAPH_VERSION,
        "tasksmith": version("tasksmith"),
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "thread": run.id,
        "status": "running",
        **more,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    write_text(run.folder / "run.json", text + "\n")


def find(out: Path, name: str) -> Run:
    """Return the run with this id, id prefix, or path; `last` is the newest.

    Raises:
        UserError: There is no such run, or several.
    """
    if (Path(name) / "run.json").exists():
        return Run(Path(name))
    runs = list_runs(out)
    if name == "last" and runs:
        return runs[-1]
    matching = [run for run in runs if run.id.startswith(name)]
    exact = [run for run in matching if run.id == name]
    if len(exact or matching) == 1:
        return (exact or matching)[0]
    if matching:
        raise UserError(f"{name!r} fits {len(matching)} runs: {', '.join(r.id for r in matching)}")
    raise UserError(f"no run {name!r} in {out}; `tasksmith list` shows the runs")


def list_runs(out: Path) -> list[Run]:
    """Return the runs in `out`, oldest first; those with a damaged manifest come before all."""
    if not out.is_dir():
        return []
    return sorted((Run(path.parent) for path in out.glob("*/run.json")), key=_age)


def _age(run: Run) -> tuple[str, str]:
    try:
        return str(run.manifest["created"]), run.id
    except UserError:
        return "", run.id
