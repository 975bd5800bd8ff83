"""The journal of the example store: what every change replaced, so that changes can be undone.

Entries are numbered from 1; a position is the number of the latest one. What is changed or deleted
is noted by triggers, row by row; what is inserted by the store, once for all rows of a transaction,
since a trigger would double the time that an import takes. Undoing goes backwards.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_EXAMPLE = (
    "id", "key", "input", "output", "split", "source", "licence", "evidence", "round", "grp",
    "parents", "call", "reason", "by", "cell",
)  # fmt: skip
# What the store ever changes of a row; everything else stays as it was inserted.
_CHANGING = ("output", "split", "reason", "by")
_HELD = (
    "id", "example", "call", "key", "place", "output", "reason", "by", "taken", "taken_by",
    "taken_at",
)  # fmt: skip
_BY_HAND = ("id", "batch", "noted", "held", "action", "output", "reason", "tested")
_PREDICTION = ("student", "split", "example", "output", "confidence", "margin")
_COLUMNS = tuple(dict.fromkeys((*_EXAMPLE, *_PREDICTION, *_HELD, *_BY_HAND)))


def _trigger(table: str, what: str, kept: Iterable[str]) -> str:
    row = "new" if what == "insert" else "old"
    old = ", ".join(f"{row}.{column}" for column in kept)
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_{what} AFTER {what} ON {table} BEGIN"
        f" INSERT INTO journal (at, what, {', '.join(kept)}) VALUES ('{table}', '{what}', {old});"
        " END;"
    )


def _insertion(table: str, columns: Iterable[str]) -> str:
    values = ", ".join(f":{column}" for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"


# Without types, values come back as they went in. What an entry does not need stays NULL.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS journal (n INTEGER PRIMARY KEY, at, what, {", ".join(_COLUMNS)});
{_trigger("examples", "update", ("id", *_CHANGING))}
{_trigger("examples", "delete", _EXAMPLE)}
{_trigger("predictions", "delete", _PREDICTION)}
{_trigger("held", "insert", ("id",))}
{_trigger("held", "update", _HELD)}
{_trigger("held", "delete", _HELD)}
{_trigger("by_hand", "insert", ("id",))}
{_trigger("by_hand", "update", _BY_HAND)}
{_trigger("by_hand", "delete", _BY_HAND)}
"""


def _update(table: str, columns: Iterable[str]) -> str:
    values = ", ".join(f"{column} = :{column}" for column in columns if column != "id")
    return f"UPDATE {table} SET {values} WHERE id = :id"


_UNDO = {
    ("examples", "insert"): "DELETE FROM examples WHERE id > :id",
    ("examples", "update"): _update("examples", _CHANGING),
    ("examples", "delete"): _insertion("examples", _EXAMPLE),
    ("decision", "note"): "SELECT 1",  # it goes with the entry
    ("predictions", "insert"): "DELETE FROM predictions"
    " WHERE student = :student AND split = :split",
    ("predictions", "delete"): _insertion("predictions", _PREDICTION),
    ("held", "insert"): "DELETE FROM held WHERE id = :id",
    ("held", "update"): _update("held", _HELD),
    ("held", "delete"): _insertion("held", _HELD),
    ("by_hand", "insert"): "DELETE FROM by_hand WHERE id = :id",
    ("by_hand", "update"): _update("by_hand", _BY_HAND),
    ("by_hand", "delete"): _insertion("by_hand", _BY_HAND),
}


def note_examples(db: sqlite3.Connection) -> None:
    """Note that examples are going to be inserted; their ids are larger than any there is."""
    db.execute(
        "INSERT INTO journal (at, what, id)"
        " SELECT 'examples', 'insert', COALESCE(MAX(id), 0) FROM examples"
    )


def note_predictions(db: sqlite3.Connection, student: str, split: str) -> None:
    """Note that predictions are going to be inserted where there are none of this kind."""
    query = "INSERT INTO journal (at, what, student, split) VALUES ('predictions', 'insert', ?, ?)"
    db.execute(query, (student, split))


def note(db: sqlite3.Connection, decision: str) -> None:
    """Note that a decision has been carried out."""
    db.execute("INSERT INTO journal (at, what, call) VALUES ('decision', 'note', ?)", (decision,))


def noted(db: sqlite3.Connection, decision: str) -> bool:
    """Say whether a decision has been carried out, and not been undone."""
    query = "SELECT 1 FROM journal WHERE at = 'decision' AND call = ?"
    return db.execute(query, (decision,)).fetchone() is not None


def position(db: sqlite3.Connection) -> int:
    """Return the number of the latest entry."""
    return int(db.execute("SELECT COALESCE(MAX(n), 0) FROM journal").fetchone()[0])


def undo(db: sqlite3.Connection, to: int) -> None:
    """Undo everything after position `to`; the caller holds a transaction."""
    names = ("at", "what", *_COLUMNS)
    query = f"SELECT {', '.join(names)} FROM journal WHERE n > ? ORDER BY n DESC"
    for entry in db.execute(query, (to,)).fetchall():
        values = dict(zip(names, entry, strict=True))
        db.execute(_UNDO[values["at"], values["what"]], values)
    # The triggers have noted the undoing, too.
    db.execute("DELETE FROM journal WHERE n > ?", (to,))


def training_rows(db: sqlite3.Connection, positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (position, number of accepted training rows at that time), latest position first."""
    query = "SELECT id FROM examples WHERE split = 'train' AND reason IS NULL"
    training = {row[0] for row in db.execute(query)}
    entries = db.execute(
        "SELECT n, what, id, split, reason FROM journal WHERE at = 'examples' ORDER BY n DESC"
    )
    entry = entries.fetchone()
    for to in sorted(set(positions), reverse=True):
        while entry and entry[0] > to:
            _, what, id_, split, reason = entry
            if what == "insert":
                training = {i for i in training if i <= id_}
            elif split == "train" and reason is None:
                training.add(id_)
            else:
                training.discard(id_)
            entry = entries.fetchone()
        yield to, len(training)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Have all that is written inside stand together, or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
