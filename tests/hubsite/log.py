"""What a site was asked and how much it sent; of headers only `Range`."""

import re
from dataclasses import dataclass
from threading import Lock

from tests.hubsite.wire import Request


@dataclass
class Entry:
    """One request.

    Attributes:
        path: Path and query as sent.
        status: What was answered; 0 while nothing has been.
        bytes: Bytes of the body that were handed to the network.
        span: The `Range` header.
    """

    method: str
    path: str
    status: int = 0
    bytes: int = 0
    span: str | None = None


class Requests(list[Entry]):
    """Every request so far, in the order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def arrive(self, request: Request) -> Entry:
        """Note a new request."""
        entry = Entry(request.method, request.target, span=request.span)
        with self._lock:
            self.append(entry)
        return entry

    def matching(self, pattern: str) -> list[Entry]:
        """Return those in whose `METHOD path` a regular expression is found."""
        with self._lock:
            return [entry for entry in self if re.search(pattern, f"{entry.method} {entry.path}")]

    def bytes_of(self, pattern: str = "") -> int:
        """Return the bytes sent to requests as in `matching`, such as those for one file."""
        return sum(entry.bytes for entry in self.matching(pattern))
