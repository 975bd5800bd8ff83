"""The example store: every example of a run, where it came from, and whether it was accepted.

One SQLite file in WAL mode. Whatever a tool call writes, it writes in one transaction keyed by the
id of the call, so a call repeated after a crash replaces its own rows instead of adding to them.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools import held, journal
from tools.reasons import Reason
from tools.text import folded

Split = Literal["train", "validation", "test"]
Evidence = Literal["gold", "retrieved", "synthetic"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS examples (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL,
    split TEXT NOT NULL, source TEXT NOT NULL, licence TEXT NOT NULL, evidence TEXT NOT NULL,
    round INTEGER NOT NULL, grp TEXT NOT NULL, parents TEXT NOT NULL, call TEXT NOT NULL,
    reason TEXT, by TEXT, cell TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS examples_key ON examples (key);
CREATE INDEX IF NOT EXISTS examples_call ON examples (call);
CREATE INDEX IF NOT EXISTS examples_by ON examples (by);
CREATE INDEX IF NOT EXISTS examples_split ON examples (split, reason);
CREATE TABLE IF NOT EXISTS predictions (
    student TEXT NOT NULL, split TEXT NOT NULL, example INTEGER NOT NULL, output TEXT NOT NULL,
    confidence REAL NOT NULL, margin REAL NOT NULL, PRIMARY KEY (student, split, example));
"""
_COLUMNS = "id, input, output, split, source, licence, evidence, round, grp, parents, reason, cell"


def text_key(text: str) -> str:
    """Return a hash under which texts that differ only in case, width or white space are equal."""
    return hashlib.blake2b(folded(text).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Example:
    """One input with its output and its provenance.

    Attributes:
        id: Row id in the store; 0 before it is stored.
        source: `user`, `owner/name` of a data set, or a teacher's name.
        group: Examples with the same non-empty group share a source text and stay in one split.
        parents: Ids of the examples that this one was made from.
        reason: Why it was rejected; None while it is accepted.
        cell: Combination of attributes that a teacher wrote it for.
    """

    input: str
    output: str
    split: Split
    source: str
    licence: str
    evidence: Evidence
    round: int = 0
    group: str = ""
    parents: tuple[int, ...] = ()
    reason: Reason | None = None
    cell: str = ""
    id: int = 0

    @property
    def key(self) -> str:
        """Identity of the input for finding duplicates."""
        return text_key(self.input)


@dataclass(frozen=True)
class Scored:
    """A student's stored answer to one example."""

    example: int
    output: str
    confidence: float
    margin: float


@dataclass(frozen=True)
class Origin:
    """How many accepted examples come from one source under one licence."""

    source: str
    licence: str
    rows: int


def _example(row: Sequence[object]) -> Example:
    values = dict(zip(_COLUMNS.replace("grp", "group").split(", "), row, strict=True))
    values["parents"] = tuple(json.loads(str(values["parents"])))
    return Example(**values)  # type: ignore[arg-type]


class ExampleStore:
    """The examples and predictions of one run.

    Args:
        path: The SQLite file; made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # LangGraph runs tools on worker threads, one at a time; SQLite serialises what remains.
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA busy_timeout=10000")
        self._db.executescript(_SCHEMA + held.SCHEMA + journal.SCHEMA)

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._db.close()

    def _transaction(self) -> AbstractContextManager[None]:
        return journal.transaction(self._db)

    def position(self) -> int:
        """Return a number that grows with every change, for `undo`."""
        return journal.position(self._db)

    def undo(self, position: int) -> None:
        """Undo every change since `position`, in one transaction, and forget that it was made."""
        with self._transaction():
            journal.undo(self._db, position)

    @contextmanager
    def once(self, decision: str) -> Iterator[bool]:
        """Tell whether a decision is still to be carried out, and note in the end that it is."""
        to_do = not journal.noted(self._db, decision)
        yield to_do
        if to_do:
            journal.note(self._db, decision)

    def write(self, call: str, examples: Iterable[Example]) -> int:
        """Store what tool call `call` produced, replacing what an earlier try of it left.

        Rejected examples (with a `reason`) are stored too. What a person has decided about rows of
        the earlier try holds for the same rows of this one. Returns the number accepted.
        """
        with self._transaction():
            held.let_go(self._db, call)
            self._db.execute("DELETE FROM examples WHERE call = ?", (call,))
            journal.note_examples(self._db)
            for example in examples:
                self._insert(call, example)
            return held.take_up(self._db, call)

    def _insert(self, call: str, e: Example) -> None:
        self._db.execute(
            "INSERT INTO examples (key, input, output, split, source, licence, evidence, round,"
            " grp, parents, call, reason, cell) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (e.key, e.input, e.output, e.split, e.source, e.licence, e.evidence, e.round,
             e.group, json.dumps(e.parents), call, e.reason, e.cell),
        )  # fmt: skip

    def reject(self, by: str, ids: Iterable[int], reason: Reason) -> None:
        """Reject accepted examples; `by` names the decision, so that `restore` can undo it.

        What a person has decided about stays as it is, but for `held.PREVAILING` reasons.
        """
        with self._transaction():
            held.reject(self._db, by, ids, reason)

    def restore(self, by: str) -> int:
        """Undo the rejections of decision `by`; return how many there were."""
        with self._transaction():
            return held.restore(self._db, by)

    def held(self) -> frozenset[int]:
        """Return the ids of the examples that a person has decided about."""
        query = "SELECT id FROM examples WHERE by = ?"
        return frozenset(row[0] for row in self._db.execute(query, (held.HAND,)))

    def taken_by_hand(self) -> list[Example]:
        """Return the examples that a person has decided to accept."""
        query = f"SELECT {_COLUMNS} FROM examples WHERE by = ? AND reason IS NULL ORDER BY id"
        return [_example(row) for row in self._db.execute(query, (held.HAND,))]

    def accepted(self, split: Split) -> list[Example]:
        """Return the accepted examples of one split in the order they came."""
        query = f"SELECT {_COLUMNS} FROM examples WHERE split = ? AND reason IS NULL ORDER BY id"
        return [_example(row) for row in self._db.execute(query, (split,))]

    def rows_after(self, id_: int) -> list[Example]:
        """Return every example stored after the one with this id, accepted or not."""
        query = f"SELECT {_COLUMNS} FROM examples WHERE id > ? ORDER BY id"
        return [_example(row) for row in self._db.execute(query, (id_,))]

    def move(self, split_of: Mapping[int, Split], contaminated: Iterable[int] = ()) -> None:
        """Move examples, by id, to other splits, and reject what would contaminate these."""
        with self._transaction():
            held.reject(self._db, "settle", contaminated, "contamination")
            query = "UPDATE examples SET split = ? WHERE id = ?"
            self._db.executemany(query, ((split, i) for i, split in split_of.items()))

    def relabel(self, names: Mapping[str, str]) -> None:
        """Give all examples, rejected ones too, with an output in `names` the one it maps to."""
        with self._transaction():
            held.rename(self._db, names)

    def calls(self, prefix: str) -> list[str]:
        """Return the ids, beginning with `prefix`, of calls that stored anything, in order."""
        query = (
            "SELECT call FROM examples WHERE substr(call, 1, length(?1)) = ?1"
            " GROUP BY call ORDER BY MIN(id)"
        )
        return [row[0] for row in self._db.execute(query, (prefix,))]

    def admit(self, output_of: Mapping[int, str]) -> None:
        """Accept rejected examples, by id, under the output that each is mapped to."""
        with self._transaction():
            for example, output in output_of.items():
                held.admit(self._db, example, output)

    def written_by(self, call: str) -> list[Example]:
        """Return everything that tool call `call` stored, accepted or not."""
        query = f"SELECT {_COLUMNS} FROM examples WHERE call = ? ORDER BY id"
        return [_example(row) for row in self._db.execute(query, (call,))]

    def has_key(self, key: str, *, outside_call: str = "") -> Split | None:
        """Return the split of an accepted example with this key, or None.

        Args:
            key: What `Example.key` or `text_key` gives.
            outside_call: Ignore what this tool call itself stored earlier.
        """
        query = "SELECT split FROM examples WHERE key = ? AND reason IS NULL AND call != ? LIMIT 1"
        row = self._db.execute(query, (key, outside_call)).fetchone()
        return row[0] if row else None

    def has_rewritten(self, group: str) -> bool:
        """Say whether anything was made from rows whose group begins so, accepted or not."""
        query = (
            "SELECT 1 FROM examples WHERE evidence = 'synthetic'"
            " AND substr(grp, 1, length(?1)) = ?1 LIMIT 1"
        )
        return self._db.execute(query, (group,)).fetchone() is not None

    def count(self, split: Split) -> int:
        """Return the number of accepted examples in `split`."""
        query = "SELECT COUNT(*) FROM examples WHERE split = ? AND reason IS NULL"
        return int(self._db.execute(query, (split,)).fetchone()[0])

    def label_counts(self, split: Split) -> dict[str, int]:
        """Return output → number of accepted examples, most frequent first."""
        query = (
            "SELECT output, COUNT(*) AS n FROM examples WHERE split = ? AND reason IS NULL"
            " GROUP BY output ORDER BY n DESC, output"
        )
        return dict(self._db.execute(query, (split,)).fetchall())

    def origins(self) -> list[Origin]:
        """Return where the accepted examples come from, largest source first."""
        query = (
            "SELECT source, licence, COUNT(*) AS n FROM examples WHERE reason IS NULL"
            " GROUP BY source, licence ORDER BY n DESC, source"
        )
        return [Origin(*row) for row in self._db.execute(query)]

    def rejections(self, round_number: int) -> dict[str, int]:
        """Return reason → number of examples rejected among those that a round brought."""
        query = (
            "SELECT reason, COUNT(*) FROM examples WHERE round = ? AND reason IS NOT NULL"
            " GROUP BY reason ORDER BY reason"
        )
        return dict(self._db.execute(query, (round_number,)).fetchall())

    def save_predictions(self, student: str, split: str, scored: Iterable[Scored]) -> None:
        """Store a student's answers on one split, replacing earlier ones."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM predictions WHERE student = ? AND split = ?", (student, split)
            )
            journal.note_predictions(self._db, student, split)
            self._db.executemany(
                "INSERT INTO predictions VALUES (?,?,?,?,?,?)",
                ((student, split, s.example, s.output, s.confidence, s.margin) for s in scored),
            )

    def predictions(self, student: str, split: str) -> dict[int, Scored]:
        """Return example id → stored answer; empty if the student was not scored on `split`."""
        query = (
            "SELECT example, output, confidence, margin FROM predictions"
            " WHERE student = ? AND split = ? ORDER BY example"
        )
        return {row[0]: Scored(*row) for row in self._db.execute(query, (student, split))}
