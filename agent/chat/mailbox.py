"""What was said in a conversation, kept so that nothing is said, asked or heard twice.

Front ends (terminal, page) write what a person says and read the rest; the one process that works
on the run writes everything else. Any of them may end at any moment.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

Json = dict[str, Any]
Who = Literal["user", "tasksmith"]
Kind = Literal["said", "understood", "proposal", "question", "step", "report", "trouble"]
QUESTIONS: frozenset[Kind] = frozenset({"understood", "proposal", "question"})
"""Kinds of messages that wait for an answer."""
When = Literal["round", "now"]
"""When a run is to stop: after the round under way, or at once."""

FILE = "chat.sqlite"
_UNHEARD = "who = 'user' AND answers IS NULL AND taken IS NULL"
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, data TEXT NOT NULL, key TEXT UNIQUE, answers INTEGER UNIQUE,
    taken TEXT);
CREATE INDEX IF NOT EXISTS unheard ON messages (id) WHERE {_UNHEARD};
CREATE TABLE IF NOT EXISTS now (only INTEGER PRIMARY KEY CHECK (only = 1), at TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS stop (only INTEGER PRIMARY KEY CHECK (only = 1), at TEXT, wanted TEXT);
"""
_COLUMNS = "id, at, who, kind, text, data, answers, taken"


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    Attributes:
        data: What a page shows beyond the text; of a person's message `files`, paths in the run
            directory of what was attached.
        answers: Id of the question that it answers.
        taken: Who has dealt with a person's message; None while it is still to be heard.
    """

    id: int
    at: str
    who: Who
    kind: Kind
    text: str
    data: Json = field(default_factory=dict)
    answers: int | None = None
    taken: str | None = None


class Mailbox:
    """The conversation of one run, in one SQLite file that several processes may use.

    Args:
        path: The file; made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA busy_timeout=10000")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Open the mailbox of the run in a folder."""
        return cls(folder / FILE)

    def close(self) -> None:
        """Close the file; the mailbox cannot be used afterwards."""
        self._db.close()

    def say(
        self, text: str, *, answers: int | None = None, files: Sequence[str] = ()
    ) -> Message | None:
        """Store what a person says.

        Args:
            text: In the person's words.
            answers: Id of the question that was open when it was said.
            files: Paths, in the run directory, of what came with it.

        Returns:
            The message; None where the question has been answered elsewhere, and nothing is stored.
        """
        return self._insert("user", "said", text, {"files": list(files)}, None, answers)

    def post(self, kind: Kind, text: str, key: str, data: Json | None = None) -> Message | None:
        """Store what is said to the person; what has been posted under `key` is not said again."""
        return self._insert("tasksmith", kind, text, data or {}, key, None)

    def _insert(
        self, who: Who, kind: Kind, text: str, data: Json, key: str | None, answers: int | None
    ) -> Message | None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        # Lone surrogates, which a paste may hold, cannot be stored.
        text = text.encode(errors="replace").decode()
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO messages (at, who, kind, text, data, key, answers)"
            " VALUES (?,?,?,?,?,?,?)",
            (at, who, kind, text, json.dumps(data), key, answers),
        )
        if not cursor.rowcount:
            return None
        return Message(int(cursor.lastrowid or 0), at, who, kind, text, data, answers)

    def after(self, id_: int = 0) -> list[Message]:
        """Return the messages that came after the one with this id, in order."""
        return self._select("id > ? ORDER BY id", id_)

    def since(self, id_: int) -> list[Message]:
        """Return what `after` does, and all that the person said: what is noted of that changes."""
        return self._select("id > ? OR who = 'user' ORDER BY id", id_)

    def posted(self, key: str) -> Message | None:
        """Return what was posted under a key."""
        return next(iter(self._select("key = ?", key)), None)

    def answer_to(self, question: int) -> Message | None:
        """Return the answer to a question, once there is one."""
        return next(iter(self._select("answers = ?", question)), None)

    def open_question(self) -> Message | None:
        """Return the latest question, where nobody has answered it."""
        marks = ",".join("?" * len(QUESTIONS))
        asked = self._select(f"kind IN ({marks}) ORDER BY id DESC LIMIT 1", *sorted(QUESTIONS))
        return asked[0] if asked and self.answer_to(asked[0].id) is None else None

    def unheard(self) -> list[Message]:
        """Return the person's messages that answer no question and that nobody has dealt with."""
        # By itself SQLite takes the index of answers, by which almost all messages are alike.
        query = f"SELECT {_COLUMNS} FROM messages INDEXED BY unheard WHERE {_UNHEARD} ORDER BY id"
        return [_message(row) for row in self._db.execute(query).fetchall()]

    def take(self, id_: int, by: str) -> bool:
        """Note who has dealt with a message; say whether nobody had before."""
        query = "UPDATE messages SET taken = ? WHERE id = ? AND taken IS NULL"
        return self._db.execute(query, (by, id_)).rowcount > 0

    def adopt(self, id_: int, question: int) -> bool:
        """Take a message for the answer to a question; say whether there was none before."""
        query = "UPDATE OR IGNORE messages SET answers = ? WHERE id = ? AND answers IS NULL"
        return self._db.execute(query, (question, id_)).rowcount > 0

    def _select(self, where: str, *values: object) -> list[Message]:
        query = f"SELECT {_COLUMNS} FROM messages WHERE {where}"
        rows = self._db.execute(query, values).fetchall()
        return [_message(row) for row in rows]

    def show_progress(self, text: str) -> None:
        """Say what is going on at this moment; only the latest is kept."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._db.execute("INSERT OR REPLACE INTO now VALUES (1, ?, ?)", (at, text))

    def progress(self) -> tuple[str, str] | None:
        """Return when progress was last told and what it was, or None."""
        row = self._db.execute("SELECT at, text FROM now").fetchone()
        return (row[0], row[1]) if row else None

    def ask_stop(self, when: When) -> None:
        """Ask the run to stop."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._db.execute("INSERT OR REPLACE INTO stop VALUES (1, ?, ?)", (at, when))

    def stop_asked(self) -> When | None:
        """Return when the run is to stop, if anybody has asked."""
        row = self._db.execute("SELECT wanted FROM stop").fetchone()
        return row[0] if row else None

    def clear_stop(self) -> None:
        """Forget that a stop was asked for: it has been dealt with."""
        self._db.execute("DELETE FROM stop")


def _message(row: Sequence[Any]) -> Message:
    id_, at, who, kind, text, data, answers, taken = row
    return Message(id_, at, who, kind, text, json.loads(data), answers, taken)
