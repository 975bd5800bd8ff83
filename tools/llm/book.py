"""The book of all calls to LLMs in a run: ledger and cache of answers in one SQLite file.

Every request has its row before it is sent, with the most that it can cost. So the budget holds
however many requests are under way, and a process that was killed leaves what it may owe.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.llm.endpoint import Endpoint
from tools.llm.prompt import Json
from tools.services import BudgetError, EndpointError, ToolError
from tools.teaching import Usage

# State of a row:
#   open      reserved, answer under way
#   answered  paid, and the answer can be used again
#   failed    paid, but the answer could not be used
#   refused   turned away by the server: costs nothing
#   lost      never heard of again: may have been billed, so it counts at its reservation
#   cached    not sent at all: an earlier answer was used again
#   inherited an answer that another run has paid for and that can be used again
_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, call TEXT NOT NULL, role TEXT NOT NULL,
    model TEXT NOT NULL, state TEXT NOT NULL, reserved REAL, usd REAL,
    prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0,
    answer TEXT, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX IF NOT EXISTS requests_key ON requests (key, state);
CREATE INDEX IF NOT EXISTS requests_cost ON requests (call, COALESCE(usd, reserved));
"""
_TOTALS = """
    SUM(state NOT IN ('cached', 'refused', 'inherited')), SUM(state = 'cached'),
    SUM(prompt_tokens), SUM(completion_tokens),
    TOTAL(COALESCE(usd, reserved)), SUM(COALESCE(usd, reserved) IS NULL)
"""


def request_key(endpoint: Endpoint, body: Json, salt: str = "") -> str:
    """Return what a request is filed under: equal requests to the same URL have equal keys."""
    text = json.dumps([endpoint.where, body, salt], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _usage(row: tuple[int | None, ...]) -> Usage:
    calls, cached, prompt, completion, usd, unknown = (value or 0 for value in row)
    return Usage(calls, cached, prompt, completion, None if unknown else float(usd))


class Book:
    """The calls of one run. Safe to use from several threads of one process.

    Every method raises `EndpointError` where the file cannot be used any more.

    Args:
        path: The SQLite file; made if it does not exist. What an earlier process left open in it
            is booked as lost.
        cap_usd: What all calls together may cost, those of earlier processes included.

    Raises:
        ToolError: The file is no such book.
    """

    def __init__(self, path: Path, cap_usd: float) -> None:
        self.cap_usd = cap_usd
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA busy_timeout=10000")
            self._db.execute("PRAGMA journal_mode=WAL")
            # Survives a killed process; a power cut may take the last rows, but never the file.
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            self._db.execute("UPDATE requests SET state = 'lost' WHERE state = 'open'")
        except sqlite3.Error as error:
            raise ToolError(f"the record of LLM calls {path} cannot be used: {error}") from error

    def close(self) -> None:
        """Close the file; the book cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def cached(self, key: str, call: str | None = None) -> str | None:
        """Return an earlier answer to the same request, or None, and book that it was used.

        Args:
            key: See `request_key`.
            call: Tool call that uses it; the one that paid for it where None.
        """
        query = (
            "SELECT call, role, model, answer FROM requests"
            " WHERE key = ? AND state IN ('answered', 'inherited') ORDER BY id DESC LIMIT 1"
        )
        with self._using():
            row = self._db.execute(query, (key,)).fetchone()
            if row is None:
                return None
            payer, role, model, answer = row
            self._db.execute(
                "INSERT INTO requests (key, call, role, model, state, usd)"
                " VALUES (?, ?, ?, ?, 'cached', 0)",
                (key, payer if call is None else call, role, model),
            )
        return str(answer)

    def position(self) -> int:
        """Return the number of the latest entry."""
        with self._using():
            return int(self._db.execute("SELECT COALESCE(MAX(id), 0) FROM requests").fetchone()[0])

    def inherit(self, position: int) -> None:
        """Take over what came after `position` as answers that cost nothing, where it is of use."""
        keep = (
            "UPDATE requests SET state = 'inherited', usd = 0, prompt_tokens = 0,"
            " completion_tokens = 0 WHERE id > ? AND state = 'answered'"
        )
        self._write(keep, (position,))
        self._write("DELETE FROM requests WHERE id > ? AND state != 'inherited'", (position,))

    def reserve(self, key: str, call: str, role: str, model: str, usd: float | None) -> int:
        """Book a request that is about to be sent and return the id of its row.

        Args:
            key: See `request_key`.
            call: Id of the tool call that asks.
            role: Who asks: teacher, judge, planner…
            model: Name of the model.
            usd: The most that it can cost; None where prices are unknown, which no cap can hold.

        Raises:
            BudgetError: It could cost more than is left; nothing is booked.
        """
        with self._using():
            if usd is not None and self._spent() + usd > self.cap_usd:
                raise BudgetError(
                    f"the budget of {self.cap_usd:g} USD does not cover another call to {model}"
                )
            cursor = self._db.execute(
                "INSERT INTO requests (key, call, role, model, state, reserved)"
                " VALUES (?, ?, ?, ?, 'open', ?)",
                (key, call, role, model, usd),
            )
        return int(cursor.lastrowid or 0)

    def settle(
        self,
        row: int,
        answer: str | None,
        usd: float | None,
        prompt_tokens: int,
        completion_tokens: int,
    ) -> None:
        """Book what came of a request; an `answer` of None was paid for but is of no use."""
        state = "failed" if answer is None else "answered"
        query = (
            "UPDATE requests SET state = ?, answer = ?, usd = ?, prompt_tokens = ?,"
            " completion_tokens = ? WHERE id = ?"
        )
        self._write(query, (state, answer, usd, prompt_tokens, completion_tokens, row))

    def release(self, row: int) -> None:
        """Book that the server turned the request away, so that it costs nothing."""
        self._write("UPDATE requests SET state = 'refused', usd = 0 WHERE id = ?", (row,))

    def lose(self, row: int) -> None:
        """Book that no answer came although the provider may have billed one."""
        self._write("UPDATE requests SET state = 'lost' WHERE id = ?", (row,))

    def usage(self, call: str | None = None) -> Usage:
        """Return what tool call `call` has cost, or the whole run where it is None.

        Requests under way and lost ones count at their reservation.
        """
        query = f"SELECT {_TOTALS} FROM requests WHERE ?1 IS NULL OR call = ?1"
        with self._using():
            return _usage(self._db.execute(query, (call,)).fetchone())

    def by_role(self) -> dict[str, Usage]:
        """Return role → what it has cost, in alphabetical order."""
        query = f"SELECT role, {_TOTALS} FROM requests GROUP BY role ORDER BY role"
        with self._using():
            return {role: _usage(tuple(row)) for role, *row in self._db.execute(query)}

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Keep others out; an error of the file, such as a full disk, is one for the user.

        Raises:
            EndpointError: The file cannot be read or written; so no call can be made.
        """
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                message = f"the record of LLM calls {self._path} cannot be used: {error}"
                raise EndpointError(message) from error

    def _spent(self) -> float:
        query = "SELECT TOTAL(COALESCE(usd, reserved)) FROM requests"
        return float(self._db.execute(query).fetchone()[0])

    def _write(self, query: str, values: tuple[object, ...]) -> None:
        with self._using():
            self._db.execute(query, values)
