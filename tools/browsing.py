"""Looking at the examples of a run: filtered, counted, sorted, a page at a time; no changes.

Which rows fit is found once per question and kept as a list of ids until the file changes, so that
turning pages and writing all rows out cost little, whatever was searched for.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from tools.curation.alike import COMPARED, LOOKED_AT, nearest
from tools.curation.duplicates import SIMILAR
from tools.examples import Example, ExampleStore, text_key
from tools.looks import Answer, Around, Decision, Listed, Near, Whole
from tools.questions import (
    INDEX,
    MOST_OUTPUTS,
    ORDER,
    Field,
    Question,
    cells,
    conditions,
    contains,
    counted,
    outputs,
)

CUT = 280
"""Characters of a text in a list."""
PAGE = 50
NEAREST = 5
COLUMNS = (
    "id", "input", "output", "split", "status", "reason", "source", "licence", "evidence", "round",
    "attributes", "parents", "changed_by", "student_output", "student_confidence",
)  # fmt: skip
"""What is written of each row into a table."""
_STREAMED = 500
_KEPT = 4
# A training row is answered by students that did not learn from it.
_ANSWERED = (
    " LEFT JOIN predictions p ON p.student = ? AND p.example = e.id"
    " AND p.split = CASE e.split WHEN 'train' THEN 'oof' ELSE e.split END"
)


class Browser:
    """The examples of one run, for reading.

    Args:
        path: The run's file of examples.
        student: Whose answers are shown beside the rows; None for the latest that has any.

    Raises:
        FileNotFoundError: There is no such file.
    """

    def __init__(self, path: Path, student: str | None = None) -> None:
        if not path.is_file():
            raise FileNotFoundError(path)
        _prepare(path)
        uri = f"{path.absolute().as_uri()}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._db.execute("PRAGMA busy_timeout=10000")
        self._db.create_function("contains", 3, contains, deterministic=True)
        self._version = -1
        self._found: dict[Question, array[int]] = {}
        self._counted: dict[Question, dict[Field, dict[str, int]]] = {}
        self.student = student or self._latest_student()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the browser cannot be used afterwards."""
        self._db.close()

    def _latest_student(self) -> str | None:
        query = "SELECT student FROM predictions ORDER BY rowid DESC LIMIT 1"
        row = self._db.execute(query).fetchone()
        return row[0] if row else None

    def _refresh(self) -> None:
        """Forget what was found once another connection has written."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._found.clear()
            self._counted.clear()

    def find(self, question: Question) -> Sequence[int]:
        """Return the ids of all rows that are asked for, in the order asked for."""
        self._refresh()
        if question not in self._found:
            _make_room(self._found)
            where, values = conditions(question)
            answered = question.sort == "least sure"
            join, who = (_ANSWERED, [self.student]) if answered else ("", [])
            query = f"SELECT e.id FROM examples e{join}{where} ORDER BY {ORDER[question.sort]}"
            ids = (row[0] for row in self._db.execute(query, (*who, *values)))
            self._found[question] = array("q", ids)
        return self._found[question]

    def counts(self, question: Question) -> dict[Field, dict[str, int]]:
        """Return, per field, value → number of rows that have it and fit the other filters.

        Values come most frequent first. Outputs are left out where they are texts.
        """
        self._refresh()
        if question not in self._counted:
            _make_room(self._counted)
            counts = counted(question, cells(self._db, question))
            counts["output"] = outputs(self._db, question)
            self._counted[question] = counts
        return self._counted[question]

    def listed(self, ids: Sequence[int]) -> list[Listed]:
        """Return rows for a list, in the order of `ids`; those that are gone are left out."""
        query = (
            f"SELECT e.id, substr(e.input, 1, {CUT}), substr(e.output, 1, {CUT}), e.split,"
            f" e.source, e.round, e.evidence, e.reason, e.by, substr(p.output, 1, {CUT}),"
            f" p.confidence FROM examples e{_ANSWERED} WHERE e.id IN ({_marks(ids)})"
        )
        rows = {row[0]: Listed(*row) for row in self._db.execute(query, (self.student, *ids))}
        return [rows[id_] for id_ in ids if id_ in rows]

    def whole(self, id_: int) -> Whole | None:
        """Return everything about a row; None where it is gone."""
        example = self._example(id_)
        if example is None:
            return None
        query = "SELECT call, by FROM examples WHERE id = ?"
        call, by = self._db.execute(query, (id_,)).fetchone()
        query = (
            "SELECT student, split, output, confidence FROM predictions"
            " WHERE example = ? ORDER BY rowid DESC"
        )
        answers = tuple(Answer(*row) for row in self._db.execute(query, (id_,)))
        query = (
            "SELECT b.noted, b.action, b.output FROM by_hand b JOIN held h ON h.id = b.held"
            " WHERE h.example = ? ORDER BY b.id"
        )
        decisions = tuple(Decision(*row) for row in self._db.execute(query, (id_,)))
        return Whole(example, call, by, answers, decisions)

    def _example(self, id_: int) -> Example | None:
        query = (
            "SELECT input, output, split, source, licence, evidence, round, grp, parents, reason,"
            " cell, id FROM examples WHERE id = ?"
        )
        row = self._db.execute(query, (id_,)).fetchone()
        if row is None:
            return None
        example = Example(*row)
        return replace(example, parents=tuple(json.loads(row[8])))

    def around(self, id_: int) -> Around:
        """Return what a row repeats and what is like it; takes a pass over all rows."""
        example = self._example(id_)
        if example is None:
            return Around(None, ())
        query = f"SELECT id, substr(input, 1, {LOOKED_AT}) FROM examples WHERE id != ?"
        found = nearest(example.input, self._db.execute(query, (id_,)), COMPARED)
        query = "SELECT id FROM examples WHERE key = ? AND id != ? ORDER BY reason IS NOT NULL, id"
        equal = self._db.execute(query, (text_key(example.input), id_)).fetchone()
        likely = [(other, similar) for other, similar in found if similar >= SIMILAR]
        near = (self._near(*pair) for pair in likely)
        accepted = (one for one in near if one and one.example.reason is None)
        repeats = self._near(equal[0], 1.0) if equal else next(accepted, None)
        like = (self._near(*pair) for pair in found[:NEAREST])
        return Around(repeats, tuple(one for one in like if one))

    def _near(self, id_: int, similarity: float) -> Near | None:
        example = self._example(id_)
        return Near(example, similarity) if example else None

    def stream(self, ids: Sequence[int]) -> Iterator[tuple[object, ...]]:
        """Yield rows in the order of `ids`, values in that of `COLUMNS`, holding few at once."""
        text = "e.input, e.output, e.split, CASE WHEN e.reason IS NULL THEN 'accepted'"
        query = (
            f"SELECT e.id, {text} ELSE 'rejected' END, e.reason, e.source, e.licence, e.evidence,"
            " e.round, e.cell, e.parents, e.by, p.output, p.confidence"
            f" FROM examples e{_ANSWERED} WHERE e.id IN "
        )
        for start in range(0, len(ids), _STREAMED):
            some = ids[start : start + _STREAMED]
            found = self._db.execute(f"{query}({_marks(some)})", (self.student, *some))
            rows = {row[0]: row for row in found}
            yield from (rows[id_] for id_ in some if id_ in rows)

    def outputs(self) -> list[str]:
        """Return the outputs of accepted rows, where they are few enough to be labels."""
        query = (
            f"SELECT DISTINCT output FROM examples WHERE reason IS NULL LIMIT {MOST_OUTPUTS + 1}"
        )
        found = sorted(row[0] for row in self._db.execute(query))
        return found if len(found) <= MOST_OUTPUTS else []

    def rows(self) -> int:
        """Return the number of rows, rejected ones too."""
        return int(self._db.execute("SELECT COUNT(*) FROM examples").fetchone()[0])

    def samples(self, n: int) -> list[str]:
        """Return inputs of accepted training rows of different outputs; never of held-out rows."""
        query = (
            "SELECT input FROM examples WHERE split = 'train' AND reason IS NULL"
            " AND length(input) <= ? GROUP BY output ORDER BY MIN(id) LIMIT ?"
        )
        return [row[0] for row in self._db.execute(query, (CUT, n))]


def _prepare(path: Path) -> None:
    """Give a file the tables that one of an earlier version lacks, and an index to count by."""
    ExampleStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA busy_timeout=10000")
        db.execute(INDEX)


def _make_room(cache: dict[Question, Any]) -> None:
    if len(cache) >= _KEPT:
        cache.pop(next(iter(cache)))


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
