"""A run that goes on from a step of another one, which stays as it is.

Everything is as it was at that step: the state, the rows, what had been spent. What the other run
has answered, embedded or trained since is found again and costs nothing.
"""

import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cast import BOOK
from agent.errors import UserError
from agent.history import UPDATE, Step, graph_on, read_only, steps
from agent.runs import Run, create, write_manifest
from graph.mark import mark_of
from graph.saying import heard
from graph.version import GRAPH_VERSION
from tools.examples import ExampleStore
from tools.llm.book import Book
from tools.students.manifest import MANIFEST

if TYPE_CHECKING:
    from graph.state import Mark

LIMITS = {"max_rounds": "max_rounds", "budget_usd": "usd", "budget_minutes": "minutes"}
"""Settings that a fork may change → what the state calls them."""
KEPT = ("bases.json", "hub.json")
CHAT, INBOX = "chat.sqlite", "inbox"


def fork(original: Run, number: int, out: Path, say: str = "", **limits: float | None) -> Run:
    """Make a run in `out` that `agent.app.resume` goes on with from step `number` of `original`.

    The original is only read; it may be going on.

    Args:
        original: The run to start from.
        number: Step of that run, as `agent.history.steps` numbers them.
        out: Directory of runs.
        say: What the person says at that step.
        limits: Other values of the settings in `LIMITS`; None leaves one as it was.

    Raises:
        UserError: There is no such step, nothing would come after it, an earlier version wrote the
            run, or its files are damaged.
    """
    manifest = original.manifest
    if manifest["graph_version"] != GRAPH_VERSION:
        raise UserError(f"run {original.id} was begun by another version and cannot be forked")
    past = _past(original, number)
    at, mark = past[-1], mark_of(past[-1].values)
    changed = {name: value for name, value in limits.items() if value is not None}
    if not (at.next or say or changed or _talks(at)):
        raise UserError(f"run {original.id} ends with step {number}; take an earlier one, or say "
                        "what should be different with --say")  # fmt: skip
    if mark is None:
        raise UserError(f"step {number} of run {original.id} was taken by an earlier version and "
                        "cannot be forked")  # fmt: skip
    new, task = create(out, manifest["task"]), str(manifest["task"])
    try:
        _copy_stores(original.folder, new.folder, mark)
        _copy_files(original.folder, new.folder)
        _copy_conversation(original.folder, new.folder, at)
        if "spec" in at.values or _talks(at):
            _copy_steps(original, new, past)
            _change(new, at, say, changed)
        else:  # the task has not been read yet, so the fork begins with more words
            task = "\n\n".join(filter(None, (task, say)))
    except BaseException:
        shutil.rmtree(new.folder)
        raise
    settings = manifest["settings"] | {"out": str(out)} | changed
    notes = (f"Forked from {original.id} at step {number}.", *manifest["notes"])
    write_manifest(new, task, settings, notes, forked_from={"run": original.id, "step": number})
    return new


def talks(run: Run) -> bool:
    """Say whether a run is a conversation, which only a person can go on with."""
    return _talks(steps(run)[-1])


def _talks(at: Step) -> bool:
    return bool(at.values.get("mode") == "chat")


def _past(original: Run, number: int) -> list[Step]:
    """Return the steps up to one that can be forked; before step 0 there is nothing to go by."""
    found = steps(original)
    numbers = [step.number for step in found]
    if number not in numbers:
        raise UserError(f"run {original.id} has no step {number} but {numbers[0]} to {numbers[-1]};"
                        f" see `tasksmith history {original.id}`")  # fmt: skip
    return [step for step in found if step.number <= max(number, 0)]


def _copy_stores(source: Path, target: Path, mark: "Mark") -> None:
    """Copy the rows and the calls to LLMs, and take both back to where they were."""
    _copy_database(source / "data.sqlite", target / "data.sqlite")
    with closing(ExampleStore(target / "data.sqlite")) as store:
        store.undo(mark["data"])
    if (source / BOOK).exists():
        _copy_database(source / BOOK, target / BOOK)
        with closing(Book(target / BOOK, 0.0)) as book:
            book.inherit(mark["book"])


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be in use.

    Raises:
        UserError: It is damaged.
    """
    with read_only(source) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(problem)


def _copy_files(source: Path, target: Path) -> None:
    for name in KEPT:
        if (source / name).is_file():
            shutil.copy2(source / name, target / name)
    if (source / INBOX).is_dir():
        shutil.copytree(source / INBOX, target / INBOX, copy_function=_link)
    for manifest in (source / "models").glob("[!.]*/" + MANIFEST):
        # The model card in it belongs to the original's report.
        shutil.copytree(
            manifest.parent,
            target / "models" / manifest.parent.name,
            copy_function=_link,
            ignore=shutil.ignore_patterns("README.md"),
        )


def _link(source: str, target: str) -> None:
    """Have a file of a student in two places; what is complete is never written again."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _copy_conversation(source: Path, target: Path, at: Step) -> None:
    """Copy what had been said when a step was written; what came later is still to be said."""
    if not (source / CHAT).exists():
        return
    _copy_database(source / CHAT, target / CHAT)
    with closing(sqlite3.connect(target / CHAT)) as db, db:
        db.execute("DELETE FROM messages WHERE julianday(at) > julianday(?)", (at.at,))
        db.execute("DELETE FROM now")
        db.execute("DELETE FROM stop")


def _copy_steps(original: Run, new: Run, past: Sequence[Step]) -> None:
    """Copy checkpoints under the new run's thread, and all that their nodes wrote but the last's.

    What is stored as written after the last checkpoint belongs to the step after it.
    """
    from langgraph.checkpoint.sqlite import SqliteSaver

    with (
        read_only(original.folder / "state.sqlite") as db,
        closing(sqlite3.connect(new.folder / "state.sqlite", check_same_thread=False)) as copy,
    ):
        SqliteSaver(copy).setup()
        for table in ("checkpoints", "writes"):
            columns = [row[1] for row in copy.execute(f"PRAGMA table_info({table})")]
            known = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            shared = [name for name in columns if name in known and name != "thread_id"]
            ids = [step.checkpoint for step in past]
            for id_ in ids if table == "checkpoints" else ids[:-1]:
                query = (
                    f"SELECT ?, {', '.join(shared)} FROM {table}"
                    " WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"
                )
                marks = ", ".join("?" * (len(shared) + 1))
                copy.executemany(
                    f"INSERT INTO {table} (thread_id, {', '.join(shared)}) VALUES ({marks})",
                    db.execute(query, (new.id, original.thread, id_)),
                )
        copy.commit()


def _change(new: Run, at: Step, say: str, changed: Mapping[str, float]) -> None:
    """Put what is to be different into the state, as a step of its own."""
    limits = at.values["limits"] | {LIMITS[name]: value for name, value in changed.items()}
    # As that node the graph goes on as it would have; after the end, with another round.
    node: str | None = {"conclude": "review", UPDATE: None}.get(at.node, at.node)
    update: dict[str, Any] = {"limits": limits, "stop_reason": None}
    if say:
        node, said = heard(at.values, say, at.next)
        update |= said
    elif not changed:
        return
    with closing(sqlite3.connect(new.folder / "state.sqlite", check_same_thread=False)) as db:
        graph_on(db).update_state({"configurable": {"thread_id": new.id}}, update, node)
