"""Reading a file of texts to answer, of any size."""

from collections.abc import Iterator
from pathlib import Path

from tools.reading.columns import Columns, role
from tools.reading.rows import stream_rows
from tools.reading.text_file import read_lines
from tools.services import ToolError

PLAIN = (".txt", ".text", "")


def stream_inputs(path: Path) -> Iterator[str]:
    """Yield the texts of a file: a line each of plain text, or the input columns of a table.

    Columns are taken and joined as in a file of examples, so that a student meets what it learned.
    A table is read twice: what is wrong with its last row is said before the first is answered.

    Raises:
        ToolError: The file cannot be read, or no column is known to hold texts.
    """
    if path.suffix.lower() in PLAIN:
        lines = (line for part in read_lines(path) for line in part.splitlines())
        return (line for line in lines if line.strip())
    columns = _columns(path)
    return (columns.demonstration(row).input for _, row in stream_rows(path))


def _columns(path: Path) -> Columns:
    names = [*dict.fromkeys(name for _, row in stream_rows(path) for name in row)]
    if not names:
        raise ToolError(f"{path.name}: no rows; give at least one text")
    known = [name for name in names if role(name) == "input"]
    if len(names) != 1 and not known:
        raise ToolError(
            f"{path.name}: which of {', '.join(names)} holds the texts? name it 'input'"
        )
    return Columns(tuple(known or names), output="")
