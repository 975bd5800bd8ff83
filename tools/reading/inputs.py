"""Reading a file of texts to answer."""

from pathlib import Path

from tools.reading.columns import Columns, role
from tools.reading.rows import read_rows
from tools.reading.text_file import read_text
from tools.services import ToolError

PLAIN = (".txt", ".text", "")


def read_inputs(path: Path) -> list[str]:
    """Return the texts of a file: a line each of plain text, or the input columns of a table.

    Columns are taken and joined as in a file of examples, so that a student meets what it learned.

    Raises:
        ToolError: The file cannot be read, or no column is known to hold texts.
    """
    if path.suffix.lower() not in PLAIN:
        return _columns(path)
    return [line for line in read_text(path).splitlines() if line.strip()]


def _columns(path: Path) -> list[str]:
    rows = [row for _, row in read_rows(path)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    known = [name for name in names if role(name) == "input"]
    if len(names) != 1 and not known:
        raise ToolError(
            f"{path.name}: which of {', '.join(names)} holds the texts? name it 'input'"
        )
    columns = Columns(tuple(known or names), output="")
    return [columns.demonstration(row).input for row in rows]
