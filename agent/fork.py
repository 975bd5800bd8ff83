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
from agent.chat.mailbox import FILE as CHAT
from agent.chat.mailbox import Mailbox
from agent.errors import UserError
from agent.history import UPDATE, Step, graph_on, read_only, steps
from agent.runs import Run, create, write_manifest
from graph.mark import mark_of
from graph.saying import spoken
from graph.version import GRAPH_VERSION
from tools.examples import ExampleStore
from tools.llm.book import Book
from tools.students.curve import SUFFIX
from tools.students.manifest import MANIFEST

if TYPE_CHECKING:
    from graph.state import Mark

LIMITS = {"max_rounds": "max_rounds", "budget_usd": "usd", "budget_minutes": "minutes"}
"""Settings that a fork may change → what the state calls them."""
KEPT = ("bases.json", "hub.json")
INBOX = "inbox"


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
        if "spec" in at.values or not at.next:
            _copy_conversation(original.folder, new.folder, past, asked=not changed)
            _copy_steps(original, new, past)
            _change(new, at, say, changed)
        else:  # the task has not been read yet, so the fork begins with more words
            task = _begin(new, at, task, say)
    except BaseException:
        shutil.rmtree(new.folder)
        raise
    if "spec" in at.values:
        new.note_spec(at.values["spec"])
    settings = manifest["settings"] | {"out": str(out)} | changed
    notes = (f"Forked from {original.id} at step {number}.", *manifest["notes"])
    origin = {"run": original.id, "step": number}
    # A run may have become a conversation since it was begun.
    mode = at.values.get("mode", original.mode)
    write_manifest(new, task, settings, notes, mode=mode, forked_from=origin)
    return new


def _talks(at: Step) -> bool:
    return bool(at.values.get("mode") == "chat")


def _begin(new: Run, at: Step, task: str, say: str) -> str:
    """Say all that had been said, and more, as the first message; return it."""
    said = at.values.get("messages", [])
    words = "\n\n".join(filter(None, [*([m.text for m in said] or [task]), say]))
    files = [str(file) for m in said for file in m.additional_kwargs.get("files", ())]
    with closing(Mailbox.of(new.folder)) as mailbox:
        mailbox.say(words, files=files)
    return words


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
    for curve in (source / "models").glob("*" + SUFFIX):
        # Not linked: a training that goes on writes to it.
        shutil.copy2(curve, target / "models" / curve.name)


def _link(source: str, target: str) -> None:
    """Have a file of a student in two places; what is complete is never written again."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _copy_conversation(source: Path, target: Path, past: Sequence[Step], *, asked: bool) -> None:
    """Copy what had been said when a step was written, and, if wanted, what it asks.

    What came later is still to be said. What had been said and not been heard is still to be heard,
    whatever the original has made of it since.
    """
    if not (source / CHAT).exists():
        return
    _copy_database(source / CHAT, target / CHAT)
    at = past[-1]
    heard = sorted({step.values["heard"] for step in past if "heard" in step.values})
    marks = ", ".join("?" * len(heard))
    with closing(sqlite3.connect(target / CHAT)) as db, db:
        later = "DELETE FROM messages WHERE julianday(at) > julianday(?) AND key IS NOT ?"
        db.execute(later, (at.at, (asked and at.asks) or ""))
        unheard = (
            f"UPDATE messages SET answers = NULL, taken = NULL WHERE id NOT IN ({marks})"
            " AND 'reply:' || id NOT IN (SELECT key FROM messages WHERE key IS NOT NULL)"
        )
        db.execute(unheard, heard)
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
    """Put what is to be different into the state, as a step of its own, or into the mailbox."""
    # As that node the graph goes on as it would have; after the end, with another round.
    node: str | None = {"conclude": "review", UPDATE: None}.get(at.node, at.node)
    update: dict[str, Any] = {}
    if changed:
        for name in ("limits", "allotted"):
            if name in at.values:
                known = {LIMITS[key]: value for key, value in changed.items()}
                update[name] = at.values[name] | known
        update["stop_reason"] = None
    if say:
        with closing(Mailbox.of(new.folder)) as mailbox:
            question = mailbox.posted(at.asks) if at.asks else None
            message = mailbox.say(say, answers=question.id if question else None)
            assert message  # the answer that the original was given has not been copied
            if not _hears_by_itself(at):
                # The state tells the graph.
                mailbox.take(message.id, "graph")
                node, said = spoken(at.values, at.next, say, message.id)
                update |= said
    if not update:
        return
    with closing(sqlite3.connect(new.folder / "state.sqlite", check_same_thread=False)) as db:
        graph_on(db).update_state({"configurable": {"thread_id": new.id}}, update, node)


def _hears_by_itself(at: Step) -> bool:
    """Say whether a conversation waits at a step for what the person says next."""
    return _talks(at) and bool(at.asks or not at.next)
