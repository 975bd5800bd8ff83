"""Rows that must not be accepted because their text stands in another split.

To look through all others may take many seconds, in which a run could not write. So that is done
before a transaction begins, and within it only what has changed meanwhile is looked at.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from tools import journal
from tools.curation.alike import LOOKED_AT, repeated
from tools.examples import Split

Row = tuple[int, str, Split]
"""Id, input and split."""
_HELD_OUT: Sequence[Split] = ("validation", "test")
_WHY = {
    "train": "it repeats a training row, so it cannot score a student",
    "validation": "it repeats a validation row, and what scores a student must not train it",
    "test": "it repeats a test row, and what scores a student must not train it",
}


class Repeats:
    """What rows repeat, found out now, to be asked for in a transaction.

    Args:
        db: The examples.
        rows: Those that are going to be asked for; others take long then.
    """

    def __init__(self, db: sqlite3.Connection, rows: Iterable[Row]) -> None:
        self._db = db
        newest = db.execute("SELECT IFNULL(MAX(id), 0) FROM examples").fetchone()[0]
        self._since = (newest, journal.position(db))
        self._rows = frozenset(rows)
        self._found = self._look([*self._rows])

    def of(self, rows: Iterable[Row]) -> dict[int, str]:
        """Return which rows must not be accepted as things are now, and why."""
        asked = list(rows)
        known = [row for row in asked if row in self._rows]
        new = [row for row in asked if row not in self._rows]
        found = {id_: self._found[id_] for id_, _, _ in known if id_ in self._found}
        return found | self._look(known, self._since) | self._look(new)

    def _look(self, rows: Sequence[Row], since: tuple[int, int] | None = None) -> dict[int, str]:
        training = [row for row in rows if row[2] == "train"]
        held_out = [row for row in rows if row[2] != "train"]
        return self._among(training, _HELD_OUT, since) | self._among(held_out, ("train",), since)

    def _among(
        self, rows: Sequence[Row], splits: Sequence[Split], since: tuple[int, int] | None
    ) -> dict[int, str]:
        if not rows:
            return {}
        query = (
            f"SELECT id, substr(input, 1, {LOOKED_AT}) FROM examples WHERE reason IS NULL"
            f" AND split IN ({','.join('?' * len(splits))})"
        )
        if since:
            changed = "SELECT id FROM journal WHERE n > ? AND at = 'examples'"
            query += f" AND (id > ? OR id IN ({changed}))"
        others = self._db.execute(query, (*splits, *(since or ())))
        found = repeated([text for _, text, _ in rows], others)
        query = "SELECT split FROM examples WHERE id = ?"
        return {
            row[0]: _WHY[self._db.execute(query, (other,)).fetchone()[0]]
            for row, other in zip(rows, found, strict=True)
            if other is not None
        }
