"""What may go wrong on demand.

A fault is a line KIND[:SHARE][:VALUE][@PATTERN], such as `503:0.2`, `cut:0.2@/resolve/` or
`slow:1:0.5`. Kinds: 401, 403 (as gated), 404 (as a missing entry), 429 (VALUE: seconds of
Retry-After), 500, 503, cut (half of the body, then the connection closes), slow (VALUE: seconds),
hang (VALUE: seconds for which nothing is answered).
"""

import random
import re
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from tests.hubsite.access import gated_error
from tests.hubsite.wire import RefusedError, Request, Response

DEFAULT_VALUES = {"429": 0.0, "slow": 0.5, "hang": 30.0}
KINDS = frozenset({"401", "403", "404", "500", "503", "cut", *DEFAULT_VALUES})
LATE = frozenset({"cut", "slow"})
"""Kinds that change an answer and do not replace it."""


@dataclass
class Fault:
    """A rule; `first` limits it to so many of the matching requests, `share` draws among them.

    Attributes:
        pattern: Regular expression found in path and query, in front of which the method stands:
            `GET /api/datasets?search=x`.
        met: Number of requests that matched so far.
    """

    kind: str
    pattern: str = ""
    share: float = 1.0
    first: int | None = None
    value: float = 0.0
    met: int = field(default=0, compare=False)


class Faults:
    """The faults of a site, drawn by a seed and the number of the request among those that match.

    Args:
        seed: Another seed hits other requests.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rules: list[Fault] = []
        self._lock = Lock()

    def add(self, kind: str, pattern: str = "", **more: Any) -> Fault:
        """Add a rule, see `Fault`.

        Raises:
            ValueError: There is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(KINDS))}")
        fault = Fault(kind, pattern, **{"value": DEFAULT_VALUES.get(kind, 0.0), **more})
        with self._lock:
            self._rules.append(fault)
        return fault

    def add_line(self, line: str) -> Fault:
        """Add a rule that is written as above."""
        rule, _, pattern = line.partition("@")
        kind, *numbers = rule.split(":")
        names = ("share", "value")
        return self.add(kind, pattern, **dict(zip(names, map(float, numbers), strict=False)))

    def clear(self) -> None:
        """Let all go well from now on."""
        with self._lock:
            self._rules.clear()

    def strike(self, request: Request) -> list[Fault]:
        """Return the faults that this request meets."""
        line = f"{request.method} {request.target}"
        with self._lock:
            return [
                rule
                for number, rule in enumerate(self._rules)
                if re.search(rule.pattern, line) and self._hits(number, rule)
            ]

    def _hits(self, number: int, rule: Fault) -> bool:
        rule.met += 1
        if rule.first is not None and rule.met > rule.first:
            return False
        return random.Random(f"{self._seed}/{number}/{rule.met}").random() < rule.share


def instead(faults: list[Fault], request: Request) -> Response | None:
    """Return what is answered in place of the real thing, if anything."""
    for fault in faults:
        if fault.kind == "hang":
            return Response(0, manner="hang", pause_s=fault.value)
        if fault.kind not in LATE:
            return _error(fault, request).response
    return None


def hinder(faults: list[Fault], response: Response) -> Response:
    """Return a response that comes late or not whole."""
    for fault in faults:
        if fault.kind == "slow":
            response = replace(response, pause_s=fault.value)
        if fault.kind == "cut":
            response = replace(response, manner="cut")
    return response


def _error(fault: Fault, request: Request) -> RefusedError:
    if fault.kind == "401":
        return RefusedError(401, "Invalid username or password.")
    if fault.kind == "403":
        return gated_error("repository", request.target, request.token or "")
    if fault.kind == "404":
        return RefusedError(404, "Entry not found", "EntryNotFound")
    if fault.kind == "429":
        seconds = int(fault.value)
        limits = {
            "Retry-After": str(seconds),
            "RateLimit": f'"api";r=0;t={seconds}',
            "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
        }
        return RefusedError(429, "We had to rate limit your IP", headers=limits)
    if fault.kind == "500":
        return RefusedError(
            500, "Internal Error - We're working hard to fix this as soon as possible!"
        )
    return RefusedError(503, "Service Unavailable")
