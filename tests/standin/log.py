"""What a stand-in remembers of the requests it had: counts, bodies, bills; never a header."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tests.standin.wire import Answer, Json, key_of, kind_of, prompt_of, tokens_of


@dataclass
class Entry:
    """One chat request; tokens are those billed for it."""

    number: int
    hash: str
    kind: str
    body: Json
    status: int = 0
    faults: list[str] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Log:
    """Every chat request so far, in the order of arrival.

    Attributes:
        most_in_flight: Most requests that were open at once.

    Args:
        path: Answers are appended to it in the form that `Replay` reads.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self.most_in_flight = 0
        self._path = path
        self._in_flight = 0
        self._lock = Lock()

    def arrive(self, raw: bytes, body: Json) -> Entry:
        """Note a new request."""
        kind = kind_of(body)
        with self._lock:
            entry = Entry(len(self.entries) + 1, key_of(raw), kind, body)
            self.entries.append(entry)
        return entry

    def bill(self, entry: Entry, answers: list[Answer]) -> Json:
        """Note what was answered; return the usage as the protocol has it."""
        entry.prompt_tokens = tokens_of(prompt_of(entry.body))
        entry.completion_tokens = sum(answer.tokens for answer in answers)
        if self._path:
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(recorded(entry.body, answers[0]), ensure_ascii=False) + "\n")
        return {
            "prompt_tokens": entry.prompt_tokens,
            "completion_tokens": entry.completion_tokens,
            "total_tokens": entry.prompt_tokens + entry.completion_tokens,
        }

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count one more request as open meanwhile."""
        with self._lock:
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def stats(self) -> Json:
        """Return counts of all requests so far, and the hashes of their bodies."""
        with self._lock:
            entries = list(self.entries)
        return {
            "requests": len(entries),
            "kinds": dict(Counter(e.kind for e in entries)),
            "statuses": dict(Counter(str(e.status) for e in entries)),
            "faults": dict(Counter(fault for e in entries for fault in e.faults)),
            "prompt_tokens": sum(e.prompt_tokens for e in entries),
            "completion_tokens": sum(e.completion_tokens for e in entries),
            "most_in_flight": self.most_in_flight,
            "hashes": [e.hash for e in entries],
        }


def recorded(body: Json, answer: Answer) -> Json:
    """Return a request and its answer as `Replay` keeps them."""
    return {
        "kind": kind_of(body),
        "request": {"model": body.get("model"), "last": body["messages"][-1]},
        "answer": {
            "content": answer.content,
            "tool_calls": [
                {"id": call.id, "name": call.name, "arguments": call.arguments}
                for call in answer.tool_calls
            ],
        },
    }
