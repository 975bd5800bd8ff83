"""What may be asked about the examples of a run: filters, order, and the counts of their values."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Field = Literal["output", "source", "round", "split", "status", "reason", "evidence"]
FIELDS: tuple[Field, ...] = get_args(Field)
Sort = Literal["newest", "oldest", "output", "longest", "least sure"]
SORTS: tuple[Sort, ...] = get_args(Sort)
ACCEPTED, REJECTED, BY_HAND = "accepted", "rejected", "changed by hand"
MOST_OUTPUTS = 300
"""Different outputs beyond which they are texts, and no filter."""
_EXPRESSIONS: Mapping[str, str] = {
    "output": "e.output",
    "source": "e.source",
    "round": "e.round",
    "split": "e.split",
    "reason": "e.reason",
    "evidence": "e.evidence",
}
_STATUS = {ACCEPTED: "e.reason IS NULL", REJECTED: "e.reason IS NOT NULL", BY_HAND: "e.by = 'hand'"}
INDEX = (
    "CREATE INDEX IF NOT EXISTS examples_browse"
    " ON examples (source, round, split, reason, evidence, by)"
)
"""Makes counting what there is to filter by take hundredths of a second."""
_INDEXED = "e.source, e.round, e.split, e.reason, e.evidence, e.by"
_STATUS_PLACE = FIELDS.index("status")
Cell = tuple[tuple[str, ...], int, bool]
"""Values in the order of `FIELDS`, number of rows, whether they were changed by hand."""
ORDER: Mapping[Sort, str] = {
    "newest": "e.id DESC",
    "oldest": "e.id",
    "output": "e.output, e.id",
    "longest": "length(e.input) DESC, e.id",
    "least sure": "p.confidence IS NULL, p.confidence, e.id",
}


@dataclass(frozen=True)
class Question:
    """Which rows are asked for, and in what order.

    Attributes:
        filters: Value that a field must have; fields left out, or empty, may have any.
        text: What input or output must contain, in whatever case.
    """

    filters: tuple[tuple[Field, str], ...] = ()
    text: str = ""
    sort: Sort = "newest"

    @property
    def any(self) -> bool:
        """Whether some rows are left out."""
        return bool(self.filters or self.text)


def conditions(question: Question) -> tuple[str, list[str]]:
    """Return a WHERE clause on `examples e`, which may be empty, and its values."""
    parts: list[str] = []
    values: list[str] = []
    for name, value in question.filters:
        if not value:
            continue
        if name == "status":
            parts.append(_STATUS.get(value, "FALSE"))
        else:
            parts.append(f"{_EXPRESSIONS[name]} = ?")
            values.append(value)
    if question.text:
        parts.append("contains(e.input, e.output, ?)")
        values.append(question.text.casefold())
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def contains(text: str, output: str, wanted: str) -> bool:
    """Say whether a text or its output contains `wanted`, which is casefolded; used in SQL."""
    return wanted in text.casefold() or wanted in output.casefold()


def cells(db: sqlite3.Connection, question: Question) -> list[Cell]:
    """Return how many rows of the right text and output there are of each combination of values."""
    output = tuple(pair for pair in question.filters if pair[0] == "output")
    where, values = conditions(Question(output, question.text))
    # The index alone is read where nothing else is asked for, else the table, in its own order.
    table = f"examples e NOT INDEXED{where}" if where else "examples e"
    query = f"SELECT {_INDEXED}, COUNT(*) FROM {table} GROUP BY {_INDEXED}"
    found = db.execute(query, values)
    return [
        (("", s, str(r), split, REJECTED if why else ACCEPTED, why or "", e), n, by == "hand")
        for s, r, split, why, e, by, n in found
    ]


def outputs(db: sqlite3.Connection, question: Question) -> dict[str, int]:
    """Return output → number of rows that fit the other filters; none where outputs are texts."""
    some = f"SELECT DISTINCT output FROM examples LIMIT {MOST_OUTPUTS + 1}"
    if db.execute(f"SELECT COUNT(*) FROM ({some})").fetchone()[0] > MOST_OUTPUTS:
        return {}
    others = tuple(pair for pair in question.filters if pair[0] != "output")
    where, values = conditions(Question(others, question.text))
    grouped = f"FROM examples e{where} GROUP BY e.output ORDER BY n DESC, e.output"
    query = f"SELECT e.output, COUNT(*) AS n {grouped}"
    return dict(db.execute(query, values).fetchall())


def counted(question: Question, found: Iterable[Cell]) -> dict[Field, dict[str, int]]:
    """Return, per field but outputs, value → number of rows that have it and fit the others.

    Args:
        question: What is asked for.
        found: What `cells` gave for it.

    Returns:
        Values most frequent first.
    """
    chosen = [(FIELDS.index(name), v) for name, v in question.filters if v and name != "output"]
    counts: list[Counter[str]] = [Counter() for _ in FIELDS]
    for values, n, by_hand in found:
        wrong = [i for i, v in chosen if v != values[i] and not (by_hand and v == BY_HAND)]
        if len(wrong) > 1:
            continue
        for place in wrong or range(len(FIELDS)):
            counts[place][values[place]] += n
        if by_hand and wrong in ([], [_STATUS_PLACE]):
            counts[_STATUS_PLACE][BY_HAND] += n
    return {
        name: dict(sorted(((v, n) for v, n in some.items() if v), key=_frequent))
        for name, some in zip(FIELDS, counts, strict=True)
    }


def _frequent(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
