"""Edits by hand: what a person accepts, rejects, relabels or adds, while a run may be working.

Each is one transaction in the run's own file of examples, holds against whatever the loop decides
(`tools.held`), and can be taken back exactly. Where a row comes from (source, licence, evidence)
stays as it is: a person's say about the output makes no gold row of a teacher's text, since what a
report claims rests on whose texts they are. Only rows that a person adds are gold.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tools import held, journal
from tools.examples import ExampleStore, Split, text_key
from tools.reasons import Reason
from tools.repeating import Repeats, Row
from tools.schemas import following
from tools.services import Json, ToolError

CALL = "hand"
"""Call id of the rows that a person adds while using the model."""
UNDONE = "undone"
"""What rejects a row that cannot come back as it was."""
SOURCE, LICENCE = "user", "user"


@dataclass(frozen=True)
class Outputs:
    """What the outputs of a task may be: one of the labels, JSON by a schema, or any text."""

    labels: tuple[str, ...] = ()
    schema: Json | None = None

    def fitted(self, output: str) -> str:
        """Return an output in the spelling that the task has for it.

        Raises:
            ToolError: It is none of the task's.
        """
        if not output.strip():
            raise ToolError("the output is empty; say what the right one is")
        if self.labels and output not in self.labels:
            raise ToolError(f"{output!r} is no label of the task; choose one of its labels")
        if self.schema is None:
            return output
        fitting = following(self.schema, output)
        if fitting is None:
            raise ToolError("the output breaks the task's JSON Schema; correct it")
        return fitting


@dataclass(frozen=True)
class Outcome:
    """What came of an edit: ids of the rows changed, and of those refused why."""

    changed: tuple[int, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)


class ByHand:
    """The edits of one run.

    Args:
        path: The file of examples; it must exist.
        outputs: What outputs may be.
    """

    def __init__(self, path: Path, outputs: Outputs) -> None:
        self._outputs = outputs
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA busy_timeout=10000")
        ExampleStore(path).close()  # a file of an earlier version lacks tables

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._db.close()

    @contextmanager
    def _batch(self) -> Iterator[int]:
        """Open a transaction; give the number under which all that is done in it is undone."""
        with journal.transaction(self._db):
            yield 1 + self._db.execute("SELECT IFNULL(MAX(batch), 0) FROM by_hand").fetchone()[0]

    def accept(self, ids: Iterable[int]) -> Outcome:
        """Accept rows, whatever speaks against them but contamination and an unfit output."""
        return self._accept(ids, "accepted", None)

    def relabel(self, ids: Iterable[int], output: str) -> Outcome:
        """Give rows another output, and accept them with it.

        Raises:
            ToolError: The task has no such output.
        """
        return self._accept(ids, "relabelled", self._outputs.fitted(output))

    def _accept(self, ids: Iterable[int], action: str, output: str | None) -> Outcome:
        changed, refused = [], {}
        asked = list(ids)
        looked = Repeats(self._db, self._rejected(asked))
        with self._batch() as batch:
            repeats = looked.of(self._rejected(asked))
            for id_, _, old, _, _ in self._rows(asked):
                why = repeats.get(id_) or (self._unfit(old) if output is None else None)
                if why:
                    refused[id_] = why
                    continue
                self._decide(id_, batch, action, old if output is None else output)
                changed.append(id_)
        return Outcome(tuple(changed), refused)

    def reject(self, ids: Iterable[int]) -> Outcome:
        """Reject rows; the same input with the same output is not taken in again either."""
        changed = []
        with self._batch() as batch:
            for id_, _, output, _, _ in self._rows(ids):
                self._decide(id_, batch, "rejected", output, held.BY_HAND)
                changed.append(id_)
        return Outcome(tuple(changed))

    def add(self, text: str, output: str) -> int:
        """Add a training row of the person's own, or put right the one that has this input.

        Returns:
            Its id.

        Raises:
            ToolError: It repeats a validation or test row, or the task has no such output.
        """
        if not text.strip():
            raise ToolError("the input is empty; type a text first")
        output = self._outputs.fitted(output)
        row: Row = (0, text, "train")
        looked = Repeats(self._db, [row])
        with self._batch() as batch:
            if why := looked.of([row]):
                raise ToolError(f"not taken as an example: {why[0]}")
            mine = self._known(text)
            if not mine:
                mine = [self._insert(text, output)]
                self._decide(mine[0], batch, "corrected", output)
                return mine[0]
            for id_ in mine:
                self._decide(id_, batch, "relabelled", output)
            return mine[0]

    def undo(self) -> tuple[int, ...]:
        """Take back what was last done by hand, all of it; return the ids of the rows.

        A row that was added stays, rejected, so that its number is not given to another one. One
        whose text has come into another split meanwhile is rejected as contamination.
        """
        numbers, ids = self._last()
        looked = Repeats(self._db, self._rejected(ids))
        with self._batch() as batch:
            numbers, ids = self._last()
            rejected = {id_ for id_, _, _ in self._rejected(ids)}
            self._db.execute("DELETE FROM by_hand WHERE batch = ?", (batch - 1,))
            for number in numbers:
                held.show(self._db, number)
            back = [row for row in self._accepted(ids) if row[0] in rejected]
            for training in (True, False):
                some = [row for row in back if (row[2] == "train") == training]
                held.reject(self._db, UNDONE, looked.of(some), "contamination")
        return ids

    def _last(self) -> tuple[list[int], tuple[int, ...]]:
        """Return what the latest decisions were about: numbers in `held`, and ids of the rows."""
        query = (
            "SELECT DISTINCT b.held, h.example FROM by_hand b JOIN held h ON h.id = b.held"
            " WHERE b.batch = (SELECT MAX(batch) FROM by_hand)"
        )
        found = self._db.execute(query).fetchall()
        return [number for number, _ in found], tuple(id_ for _, id_ in found if id_)

    def _rejected(self, ids: Iterable[int]) -> list[Row]:
        return [(id_, text, split) for id_, text, _, split, why in self._rows(ids) if why]

    def _accepted(self, ids: Iterable[int]) -> list[Row]:
        return [(id_, text, split) for id_, text, _, split, why in self._rows(ids) if not why]

    def _rows(self, ids: Iterable[int]) -> list[tuple[int, str, str, Split, Reason | None]]:
        query = "SELECT id, input, output, split, reason FROM examples WHERE id = ?"
        found = (self._db.execute(query, (id_,)).fetchone() for id_ in dict.fromkeys(ids))
        return [row for row in found if row]

    def _decide(
        self, id_: int, batch: int, action: str, output: str, reason: Reason | None = None
    ) -> None:
        held.decide(self._db, held.hold(self._db, id_), batch, action, output, reason)

    def _unfit(self, output: str) -> str | None:
        try:
            self._outputs.fitted(output)
        except ToolError as error:
            return str(error)
        return None

    def _known(self, text: str) -> list[int]:
        query = (
            "SELECT id FROM examples WHERE key = ? AND split = 'train'"
            " AND (reason IS NULL OR call = ?) ORDER BY reason IS NULL DESC, id"
        )
        return [row[0] for row in self._db.execute(query, (text_key(text), CALL))]

    def _insert(self, text: str, output: str) -> int:
        query = (
            "INSERT INTO examples (key, input, output, split, source, licence, evidence, round,"
            " grp, parents, call, reason, by) VALUES (?,?,?,'train',?,?,'gold',0,'','[]',?,?,?)"
        )
        journal.note_examples(self._db)
        values = (text_key(text), text.strip(), output, SOURCE, LICENCE, CALL, held.BY_HAND)
        return int(self._db.execute(query, (*values, held.HAND)).lastrowid or 0)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def summary(path: Path) -> Json:
    """Return how many rows a person has changed, by what was done to each last.

    Args:
        path: A run's file of examples.

    Returns:
        `accepted`, `rejected`, `relabelled` and `corrected` (added while using the model), then of
        all these how many are test rows, and how many of those after they had been used.
    """
    query = (
        "SELECT e.split, b.action, MAX(b.tested) OVER (PARTITION BY b.held), b.held, b.id"
        " FROM by_hand b JOIN held h ON h.id = b.held JOIN examples e ON e.id = h.example"
        " ORDER BY b.id"
    )
    with sqlite3.connect(path) as db:
        last = {row[3]: row[:3] for row in db.execute(query)}
    db.close()
    done = [action for _, action, _ in last.values()]
    tested = [used for split, _, used in last.values() if split == "test"]
    kinds = ("accepted", "rejected", "relabelled", "corrected")
    counts = {kind: done.count(kind) for kind in kinds}
    return counts | {"test": len(tested), "test_after_use": sum(tested)}
