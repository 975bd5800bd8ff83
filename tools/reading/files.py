"""Reading a file of examples: which columns, which rows, and which of those contradict."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.examples import text_key
from tools.reading.columns import Columns, guess
from tools.reading.rows import read_rows
from tools.services import ToolError
from tools.task import Demonstration, TaskSpec

_SHOWN = 6
"""Names of columns that an error lists."""


@dataclass(frozen=True)
class ReadExamples:
    """The examples of a file.

    Attributes:
        pairs: No input twice, save for text tasks, where an input may have several outputs.
        notes: Sentences on what was assumed and what was left out, columns among it.
    """

    pairs: tuple[Demonstration, ...]
    notes: tuple[str, ...] = ()


def read_examples(path: Path, spec: TaskSpec | None = None) -> ReadExamples:
    """Read input-output pairs, guessing which columns hold them.

    Args:
        spec: The task, whose labels help to find the output column.

    Raises:
        ToolError: The file cannot be read as its extension says, or a row lacks a value.
    """
    rows = read_rows(path)
    if not rows:
        raise ToolError(f"{path.name}: no rows; give at least one example")
    columns = guess([row for _, row in rows], spec.label_names if spec else ())
    if columns is None:
        raise ToolError(f"{path.name}: {_unclear([row for _, row in rows])}")
    pairs = [_pair(path, number, row, columns) for number, row in rows]
    kept, notes = _without_duplicates(
        pairs, several=spec is not None and spec.output_type == "text"
    )
    if not kept:
        raise ToolError(f"{path.name}: every input has contradicting outputs; nothing is left")
    return ReadExamples(tuple(kept), (*columns.notes, *notes))


def _unclear(rows: Sequence[Mapping[str, str]]) -> str:
    """Say why nobody can tell what is given and what is wanted."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    empty = [name for name in names if not any(row.get(name, "").strip() for row in rows)]
    if empty and len(names) > 1:
        return f"no row has a value in {empty[0]!r}; fill it in"
    if len(names) == 1:
        return f"there is only the column {names[0]!r}; give each input its output in another one"
    listed = ", ".join(map(repr, names[:_SHOWN]))
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return (
        f"cannot tell input from output in the columns {listed}{more}; "
        "name them 'input' and 'output'"
    )


def _pair(path: Path, number: int, row: Mapping[str, str], columns: Columns) -> Demonstration:
    pair = columns.demonstration(row)
    unit = "row" if path.suffix.lower() in {".parquet", ".json"} else "line"
    for value, names in ((pair.output, (columns.output,)), (pair.input, columns.inputs)):
        if not value.strip():
            raise ToolError(
                f"{path.name}, {unit} {number}: no value in {' or '.join(map(repr, names))}; "
                "fill it in or delete the row"
            )
    return pair


def _without_duplicates(
    pairs: Sequence[Demonstration], several: bool
) -> tuple[list[Demonstration], list[str]]:
    """Keep each pair once; of contradicting outputs the majority, or none where it is a tie.

    Args:
        several: Whether one input may rightly have several outputs.
    """
    outputs: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[tuple[str, str], Demonstration] = {}
    for pair in pairs:
        key = text_key(pair.input)
        outputs[key][pair.output] += 1
        first.setdefault((key, pair.output), pair)
    winners = {key: _majority(counts) for key, counts in outputs.items()}
    kept = [p for (key, output), p in first.items() if several or winners[key] == output]
    notes = []
    if repeated := len(pairs) - len(first):
        notes.append(f"Left out {repeated} repeated row{'s' if repeated > 1 else ''}.")
    if contradicting := len(first) - len(kept):
        notes.append(
            f"Left out {contradicting} outputs that contradict another output of the same input."
        )
    return kept, notes


def _majority(counts: Counter[str]) -> str | None:
    (best, most), *others = counts.most_common(2)
    return None if others and others[0][1] == most else best
