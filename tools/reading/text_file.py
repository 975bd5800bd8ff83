"""Reading a text file that a person wrote or exported."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from tools.services import ToolError


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file without its byte order mark, line ends as they are.

    Raises:
        ToolError: The file is missing, cannot be read, or is not UTF-8; the message says where.
    """
    return "".join(read_lines(path))


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file of any size, with their ends, as `read_text` has them.

    Raises:
        ToolError: The file is missing, cannot be read, or is not UTF-8; the message says where.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                yield _decoded(content, path, number)
    except OSError as error:
        raise _unreadable(path, error) from error


def _decoded(line: bytes, path: Path, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise ToolError(f"{path.name}, line {number}: not UTF-8; save the file as UTF-8") from error


def _unreadable(path: Path, error: OSError) -> ToolError:
    if isinstance(error, FileNotFoundError):
        return ToolError(f"file {str(path)!r} does not exist; check the path")
    return ToolError(f"{path.name}: cannot be read ({error.strerror})")
