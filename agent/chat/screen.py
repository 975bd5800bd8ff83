"""The bottom of the terminal: what goes on, and the prompt; messages are printed above them."""

import codecs
import os
import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console

from agent.chat.editor import Editor
from tools.text import one_line

PROMPT, MORE = "› ", "  "
MOST_ROWS = 8
"""Of the text that is being typed."""
_TOGETHER_S = 0.02
"""Input that follows this closely belongs to one paste."""
_AT_ONCE = 65_536


class Screen:
    """Draws the prompt, and reads keys.

    Args:
        console: The terminal.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._above = 0
        self._drawn: tuple[str, str, int, int] | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode

    def read(self, wait_s: float) -> str:
        """Return what was typed or pasted; nothing where that takes longer than `wait_s`.

        Raises:
            EOFError: The terminal is gone.
        """
        typed = ""
        while select.select([sys.stdin], [], [], _TOGETHER_S if typed else wait_s)[0]:
            read = os.read(sys.stdin.fileno(), _AT_ONCE)
            if not read:
                raise EOFError
            typed += self._decode(read)
        return typed

    def erase(self) -> None:
        """Take the prompt away, so that something can be printed."""
        if self._drawn:
            up = f"\x1b[{self._above}A" if self._above else ""
            self._write(f"{up}\r\x1b[J")
        self._drawn, self._above = None, 0

    def draw(self, progress: str, editor: Editor) -> None:
        """Show what goes on and what is being typed, unless that is what is shown."""
        width = self.console.width
        wanted = (progress, editor.text, editor.cursor, width)
        if wanted == self._drawn:
            return
        self.erase()
        rows, row, column = laid_out(editor.text, editor.cursor, width)
        head = [f"\x1b[2m{one_line(progress, width - 1)}\x1b[0m"] if progress else []
        lines = head + rows
        below = len(rows) - 1 - row
        up = f"\x1b[{below}A" if below else ""
        self._write("\n".join(lines) + up + f"\r\x1b[{column}C")
        self._above, self._drawn = len(head) + row, wanted

    def _write(self, text: str) -> None:
        self.console.file.write(text)
        self.console.file.flush()


def laid_out(text: str, cursor: int, width: int) -> tuple[list[str], int, int]:
    """Break what is being typed into rows.

    Returns:
        The rows to show, the row of the cursor among them, and its column.
    """
    rows: list[str] = []
    at = (0, 0)
    start = 0
    for number, line in enumerate(text.split("\n")):
        shown = line.replace("\t", " ")
        pieces = _broken(shown, max(1, width - len(PROMPT) - 1))
        for index, piece in enumerate(pieces):
            inside = 0 <= cursor - start <= len(piece)
            if inside and (cursor - start < len(piece) or index == len(pieces) - 1):
                at = (len(rows), len(PROMPT) + cell_len(piece[: cursor - start]))
            rows.append((MORE if number or index else PROMPT) + piece)
            start += len(piece)
        start += 1
    first = min(max(0, at[0] - MOST_ROWS + 1), max(0, len(rows) - MOST_ROWS))
    return rows[first : first + MOST_ROWS], at[0] - first, at[1]


def _broken(line: str, width: int) -> list[str]:
    """Cut a line into pieces that fit; a character may take two cells."""
    pieces, piece, cells = [], "", 0
    for character in line:
        size = cell_len(character)
        if cells + size > width:
            pieces.append(piece)
            piece, cells = "", 0
        piece += character
        cells += size
    return [*pieces, piece]


@contextmanager
def keys() -> Iterator[None]:
    """Have the terminal hand over each key, and say where a paste begins and ends."""
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    mode = termios.tcgetattr(fd)
    mode[0] &= ~(termios.ICRNL | termios.IXON)  # Enter is not Ctrl-J, Ctrl-S stops nothing
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    termios.tcsetattr(fd, termios.TCSADRAIN, mode)
    sys.stdout.write("\x1b[?2004h")
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.write("\x1b[?2004l")
        sys.stdout.flush()
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
