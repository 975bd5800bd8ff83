"""A line editor for a prompt that stays usable while other lines are printed above it.

Pure: keys go in, text and messages come out. `screen.py` draws it.
"""

import re
from collections.abc import Callable

PASTE, PASTED = "\x1b[200~", "\x1b[201~"
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f]+")
_CUT_OFF = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")


class LeaveError(Exception):
    """The person has ended the input."""


class Editor:
    """What is being typed.

    Attributes:
        text: So far, several lines where it was pasted or typed with Alt-Enter.
        cursor: Place in the text.
    """

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        self._rest = ""
        self._pasting = False
        self._history: list[str] = []
        self._place = 0
        self._keys: dict[str, Callable[[], None]] = {
            "\x7f": self._backspace,
            "\x08": self._backspace,
            "\x01": self._home,
            "\x05": self._end,
            "\x02": lambda: self._move(-1),
            "\x06": lambda: self._move(1),
            "\x15": lambda: self._cut(self._line_start(), self.cursor),
            "\x0b": lambda: self._cut(self.cursor, self._line_end()),
            "\x17": lambda: self._cut(self._word_start(), self.cursor),
            "\x04": self._end_of_input,
            "\n": lambda: self._insert("\n"),
            "\t": lambda: self._insert("\t"),
            "\x1b\r": lambda: self._insert("\n"),
            "\x1b[D": lambda: self._move(-1),
            "\x1b[C": lambda: self._move(1),
            "\x1b[A": lambda: self._recall(-1),
            "\x1b[B": lambda: self._recall(1),
            "\x1b[H": self._home,
            "\x1b[1~": self._home,
            "\x1b[F": self._end,
            "\x1b[4~": self._end,
            "\x1b[3~": lambda: self._cut(self.cursor, self.cursor + 1),
        }

    def feed(self, typed: str) -> list[str]:
        """Take in what was typed or pasted at once, and return the messages that it completes.

        Lines that arrive together are a paste, also where the terminal does not say so: they stay
        one message, sent by the last line's end.

        Raises:
            LeaveError: Ctrl-D on an empty line.
        """
        typed, self._rest = self._rest + typed, ""
        if cut := _CUT_OFF.search(typed):
            typed, self._rest = typed[: cut.start()], cut[0]
        inner, end = (typed[:-1], typed[-1]) if typed.endswith("\r") else (typed, "")
        if "\r" in inner and "\x1b" not in inner:
            self._insert(inner.replace("\r\n", "\n").replace("\r", "\n"))
            typed = end
        sent: list[str] = []
        while typed:
            typed = self._key(typed, sent)
        return sent

    def _key(self, typed: str, sent: list[str]) -> str:
        """Take in one key, or what is pasted; return the rest."""
        if self._pasting:
            pasted, marked, rest = typed.partition(PASTED)
            self._insert(pasted.replace("\r\n", "\n").replace("\r", "\n"))
            self._pasting = not marked
            return rest
        if plain := _PLAIN.match(typed):
            self._insert("".join(filter(str.isprintable, plain[0])))
            return typed[plain.end() :]
        escape = _ESCAPE.match(typed)
        key = escape[0] if escape else typed[0]
        if key == "\r":
            self._send(sent)
        elif key == PASTE:
            self._pasting = True
        elif key in self._keys:
            self._keys[key]()
        return typed[len(key) :]

    def _send(self, sent: list[str]) -> None:
        if self.text.strip():
            self._history.append(self.text)
        self._place = len(self._history)
        sent.append(self.text)
        self._show("")

    def _show(self, text: str) -> None:
        self.text, self.cursor = text, len(text)

    def _insert(self, text: str) -> None:
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def _cut(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _backspace(self) -> None:
        if self.cursor:
            self._cut(self.cursor - 1, self.cursor)

    def _move(self, by: int) -> None:
        self.cursor = min(max(0, self.cursor + by), len(self.text))

    def _line_start(self) -> int:
        return self.text.rfind("\n", 0, self.cursor) + 1

    def _line_end(self) -> int:
        end = self.text.find("\n", self.cursor)
        return len(self.text) if end < 0 else end

    def _word_start(self) -> int:
        before = self.text[: self.cursor].rstrip()
        return len(before) - len(re.split(r"\s", before)[-1])

    def _home(self) -> None:
        self.cursor = self._line_start()

    def _end(self) -> None:
        self.cursor = self._line_end()

    def _end_of_input(self) -> None:
        if not self.text:
            raise LeaveError
        self._cut(self.cursor, self.cursor + 1)

    def _recall(self, by: int) -> None:
        place = self._place + by
        if 0 <= place <= len(self._history):
            self._place = place
            self._show(self._history[place] if place < len(self._history) else "")
