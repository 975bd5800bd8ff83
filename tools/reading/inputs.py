"""Reading a file of texts to answer."""

from pathlib import Path

from tools.column_names import INPUT_NAMES
from tools.reading.rows import read_rows
from tools.reading.text_file import read_text
from tools.services import ToolError

PLAIN = (".txt", ".text", "")


def read_inputs(path: Path) -> list[str]:
    """Return the texts of a file: a line each of plain text, or one column of a table.

    Raises:
        ToolError: The file cannot be read, or no column is clearly the one with the texts.
    """
    if path.suffix.lower() not in PLAIN:
        return _column(path)
    return [line for line in read_text(path).splitlines() if line.strip()]


def _column(path: Path) -> list[str]:
    rows = [row for _, row in read_rows(path)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    known = [name for name in names if name.lower() in INPUT_NAMES]
    if len(names) != 1 and not known:
        raise ToolError(
            f"{path.name}: which of {', '.join(names)} holds the texts? name it 'input'"
        )
    column = (known or names)[0]
    return [row.get(column, "") for row in rows]
