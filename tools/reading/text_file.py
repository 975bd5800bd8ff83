"""Reading a text file that a person wrote or exported."""

from pathlib import Path

from tools.services import ToolError


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file without its byte order mark, line ends as they are.

    Raises:
        ToolError: The file is missing, cannot be read, or is not UTF-8; the message says where.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ToolError(f"file {str(path)!r} does not exist; check the path") from None
    except OSError as error:
        raise ToolError(f"{path.name}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ToolError(f"{path.name}, line {line}: not UTF-8; save the file as UTF-8") from error
