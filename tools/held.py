"""Rows that a person has decided about, and how what the loop decides leaves them alone.

A held row has two states: the one that the loop left it in, kept in `held`, and the one that the
person's decisions make of it, which is what `examples` shows. The loop goes on changing the first,
so that taking a decision back gives exactly the row that there would be without it. Decisions are
in `by_hand`, the latest of a row holds. A row is taken from a person only where keeping it is never
right (`PREVAILING`): what tests must not train, and what the task has no more is no example of it.
A decision that comes after that holds again.

Used by the store within its own transactions, and by `tools.by_hand`.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from tools.reasons import Reason

HAND = "hand"
"""Who has changed a row that a person decided about, in its column `by`."""
BY_HAND: Reason = "rejected by hand"
PREVAILING: frozenset[Reason] = frozenset(
    {"contamination", "label not in task", "unwanted data set"}
)
"""Reasons for which even a row is rejected that a person has accepted."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS held (
    id INTEGER PRIMARY KEY, example INTEGER UNIQUE, call TEXT NOT NULL, key TEXT NOT NULL,
    place INTEGER NOT NULL, output TEXT NOT NULL, reason TEXT, by TEXT,
    taken TEXT, taken_by TEXT, taken_at INTEGER);
CREATE INDEX IF NOT EXISTS held_call ON held (call);
CREATE INDEX IF NOT EXISTS held_key ON held (key);
CREATE TABLE IF NOT EXISTS by_hand (
    id INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, noted TEXT NOT NULL,
    held INTEGER NOT NULL, action TEXT NOT NULL, output TEXT NOT NULL, reason TEXT,
    tested INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS by_hand_held ON by_hand (held);
"""


def now() -> str:
    """Return the time as it is noted with a decision."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def hold(db: sqlite3.Connection, example: int) -> int:
    """Keep the state that the loop left a row in, unless it is kept already; return its number."""
    found = db.execute("SELECT id FROM held WHERE example = ?", (example,)).fetchone()
    if found:
        return int(found[0])
    # The plus has it look by key: a call may have brought a hundred thousand rows.
    query = (
        "INSERT INTO held (example, call, key, place, output, reason, by)"
        " SELECT id, call, key, (SELECT COUNT(*) FROM examples o WHERE o.key = e.key"
        " AND +o.call = e.call AND o.id < e.id), output, reason, by FROM examples e WHERE id = ?"
    )
    return int(db.execute(query, (example,)).lastrowid or 0)


def show(db: sqlite3.Connection, held: int) -> None:
    """Make a row what the latest decision about it says, or let go of it where there is none."""
    query = (
        "SELECT b.output, CASE WHEN b.id <= h.taken_at THEN IFNULL(b.reason, h.taken)"
        " ELSE b.reason END FROM by_hand b JOIN held h ON h.id = b.held"
        " WHERE b.held = ? ORDER BY b.id DESC LIMIT 1"
    )
    decided = db.execute(query, (held,)).fetchone()
    if decided:
        query = (
            "UPDATE examples SET output = ?, reason = ?, by = ?"
            " WHERE id = (SELECT example FROM held WHERE id = ?)"
        )
        db.execute(query, (*decided, HAND, held))
        return
    query = (
        "UPDATE examples SET output = h.output, reason = h.reason, by = h.by"
        " FROM held h WHERE h.id = ? AND examples.id = h.example"
    )
    db.execute(query, (held,))
    db.execute("DELETE FROM held WHERE id = ?", (held,))


def reject(db: sqlite3.Connection, by: str, ids: Iterable[int], reason: Reason) -> None:
    """Reject accepted rows for the loop; of a held one only the state that it left it in."""
    rows = list(ids)
    if reason in PREVAILING:
        _take_away(db, by, rows, reason)
    db.executemany(
        "UPDATE examples SET reason = ?, by = ? WHERE id = ? AND reason IS NULL AND by IS NOT ?",
        ((reason, by, i, HAND) for i in rows),
    )
    db.executemany(
        "UPDATE held SET reason = ?, by = ? WHERE example = ? AND reason IS NULL",
        ((reason, by, i) for i in rows),
    )


def _take_away(db: sqlite3.Connection, by: str, ids: Iterable[int], reason: Reason) -> None:
    query = (
        "SELECT h.id, (SELECT MAX(b.id) FROM by_hand b WHERE b.held = h.id)"
        " FROM held h JOIN examples e ON e.id = h.example WHERE e.id = ? AND e.reason IS NULL"
    )
    for number, latest in [row for i in ids for row in db.execute(query, (i,))]:
        taken = "UPDATE held SET taken = ?, taken_by = ?, taken_at = ? WHERE id = ?"
        db.execute(taken, (reason, by, latest, number))
        show(db, number)


def decide(
    db: sqlite3.Connection, held: int, batch: int, action: str, output: str, reason: Reason | None
) -> None:
    """Note a decision about a held row, and show it."""
    db.execute(
        "INSERT INTO by_hand (batch, noted, held, action, output, reason, tested)"
        " SELECT ?, ?, h.id, ?, ?, ?, e.split = 'test'"
        " AND EXISTS (SELECT 1 FROM predictions WHERE split = 'test')"
        " FROM held h JOIN examples e ON e.id = h.example WHERE h.id = ?",
        (batch, now(), action, output, reason, held),
    )
    show(db, held)


def restore(db: sqlite3.Connection, by: str) -> int:
    """Undo the loop's rejections of decision `by`; return how many rows that brought back."""
    query = "UPDATE {} SET reason = NULL, by = NULL WHERE by = ?"
    db.execute(query.format("held"), (by,))
    _give_back(db, "taken_by", by)
    return db.execute(query.format("examples"), (by,)).rowcount


def _give_back(db: sqlite3.Connection, column: str, value: object) -> None:
    """Let what people decided hold again, for rows that the loop had taken away."""
    query = f"SELECT id FROM held WHERE taken IS NOT NULL AND {column} = ?"
    for (number,) in db.execute(query, (value,)).fetchall():
        _untake(db, number)
        show(db, number)


def _untake(db: sqlite3.Connection, held: int) -> None:
    query = "UPDATE held SET taken = NULL, taken_by = NULL, taken_at = NULL WHERE id = ?"
    db.execute(query, (held,))


def admit(db: sqlite3.Connection, example: int, output: str) -> None:
    """Accept a rejected row under an output, for the task; what a person decided holds."""
    query = "UPDATE {} SET reason = NULL, by = NULL, output = ? WHERE {} = ? {}"
    db.execute(query.format("held", "example", ""), (output, example))
    _give_back(db, "example", example)
    apart = f"AND by IS NOT '{HAND}'"
    db.execute(query.format("examples", "id", apart), (output, example))


def rename(db: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Give every row, and every decision, with an output in `names` the one it maps to."""
    if not names:
        return
    cases = " ".join("WHEN ? THEN ?" for _ in names)
    marks = ",".join("?" * len(names))
    values = [name for pair in names.items() for name in pair]
    for table in ("examples", "held", "by_hand"):
        query = f"UPDATE {table} SET output = CASE output {cases} END WHERE output IN ({marks})"
        db.execute(query, (*values, *names))


def let_go(db: sqlite3.Connection, call: str) -> None:
    """Note that the rows of a call are about to be deleted; what was decided waits for them."""
    db.execute("UPDATE held SET example = NULL WHERE call = ?", (call,))


def take_up(db: sqlite3.Connection, call: str) -> int:
    """Apply to the rows of a repeated call what a person had decided; return how many accepted.

    A row is the same if input, place among the call's rows with that input, and output are. Where
    a call brings a row again that a person has rejected, this is rejected, too.
    """
    match = (
        "SELECT e.id, e.reason, e.by FROM examples e WHERE +e.call = ?1 AND e.key = ?2"
        " AND e.output = ?3 AND (SELECT COUNT(*) FROM examples o WHERE o.key = e.key"
        " AND +o.call = e.call AND o.id < e.id) = ?4"
    )
    waiting = "SELECT id, key, output, place FROM held WHERE call = ? AND example IS NULL"
    for number, *same in db.execute(waiting, (call,)).fetchall():
        found = db.execute(match, (call, *same)).fetchone()
        if found:
            db.execute(
                "UPDATE held SET example = ?, reason = ?, by = ? WHERE id = ?", (*found, number)
            )
            # What the loop had decided about the earlier row is not decided about this one.
            _untake(db, number)
            show(db, number)
    again = (
        "SELECT e.id, e.output, (SELECT b.batch FROM by_hand b JOIN held h ON h.id = b.held"
        " JOIN examples o ON o.id = h.example WHERE h.key = e.key AND h.output = e.output"
        " AND o.reason = ?1 ORDER BY b.id DESC LIMIT 1) AS rejecting"
        " FROM examples e WHERE e.call = ?2 AND e.reason IS NULL AND e.by IS NULL"
        " AND rejecting IS NOT NULL"
    )
    # As if it had been rejected with the earlier one, so that both are taken back together.
    for id_, output, batch in db.execute(again, (BY_HAND, call)).fetchall():
        decide(db, hold(db, id_), batch, "rejected", output, BY_HAND)
    query = "SELECT COUNT(*) FROM examples WHERE call = ? AND reason IS NULL"
    return int(db.execute(query, (call,)).fetchone()[0])
