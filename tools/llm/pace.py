"""How many requests are under way at once, and when to stop trying.

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain, 1989): about one more per
window of successes, half as many when the server is busy or broken, at most once per round trip.
A circuit breaker lets a server that fails throughout be probed by one request at a time.
"""

import asyncio
import heapq
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tools.llm.failures import Failure
from tools.services import EndpointError

_LONGEST_PAUSE_S = 60.0
_BACKOFF_FLOOR_S = 0.05
_BACKOFF_BASE_S = 0.5
_BACKOFF_CAP_S = 8.0
_FEWEST_FAILURES = 3
_BREAKER = 8
_UNREACHABLE_PATIENCE_S = 10.0


class Pace:
    """Admits requests to one endpoint. All methods belong to the loop of the requests.

    Args:
        start: Requests at once to begin with.
        most: Requests at once that are never exceeded.
        patience_s: How long an endpoint may fail without one success.
        seed: Seed of the jitter.
    """

    def __init__(self, start: int, most: int, patience_s: float, seed: int = 0) -> None:
        self.limit = float(min(start, most))
        self.successes = 0
        self.notice = ""
        self._most = most
        self._patience_s = patience_s
        self._random = random.Random(seed)
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._tickets = 0
        self._active = 0
        self._verdict = ""
        self._hopeless = asyncio.Event()
        self._paused_until = 0.0
        self._cut_at = 0.0
        self._answered_at = 0.0
        self._failing_since: float | None = None
        self._streak = 0
        self._probes: int | None = None

    def revive(self) -> None:
        """Forget a verdict, since somebody asks again; the number at once stays."""
        if self._verdict and not self._active:
            self._verdict, self.notice = "", ""
            self._hopeless.clear()
            self._failing_since, self._streak, self._probes = None, 0, None

    @asynccontextmanager
    async def slot(self, order: int) -> AsyncIterator[float]:
        """Wait for a turn, those with the lowest `order` first, and give the time it began.

        Raises:
            EndpointError: The endpoint has been given up.
        """
        turn = asyncio.get_running_loop().create_future()
        self._tickets += 1
        heapq.heappush(self._waiting, (order, self._tickets, turn))
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            # The turn may have come in the very moment of the cancellation.
            if turn.done() and not turn.cancelled():
                self._leave()
            raise
        try:
            if self._verdict:
                raise EndpointError(self._verdict)
            yield self._now()
        finally:
            self._leave()

    def succeeded(self) -> None:
        """Note that the server answered, be it that it does not want this one request."""
        self.limit = min(self._most, self.limit + 1 / self.limit)
        self.successes += 1
        self.notice = ""
        self._answered_at = self._now()
        self._failing_since, self._streak, self._probes = None, 0, None

    def failed(self, began: float, failure: Failure, tries: int) -> float:
        """Note that the server was busy or broken; return seconds until this one may try again.

        Args:
            began: What `slot` gave.
            failure: What happened.
            tries: How often this request has failed, this time included.
        """
        now = self._now()
        self.notice = failure.message
        if began >= self._cut_at:
            self.limit, self._cut_at = max(1.0, self.limit / 2), now
        # Those that were under way when the server asked for a pause tell nothing new.
        if failure.retry_after_s is None or now >= self._paused_until:
            self._streak += 1
        since = max(began, self._answered_at)
        self._failing_since = min(since, self._failing_since or since)
        failing_s, patience_s = now - self._failing_since, self._patience(failure)
        if self._streak >= _FEWEST_FAILURES and failing_s >= patience_s:
            self.give_up(f"gave up after {failing_s:.0f} s: {failure.message}")
        if failure.retry_after_s is not None:
            self._pause(min(failure.retry_after_s, _LONGEST_PAUSE_S))
        # The last try comes when patience ends, not a backoff later.
        longest_s = max(_BACKOFF_FLOOR_S, patience_s - failing_s)
        if self._streak >= max(_BREAKER, self._active):
            self._probes = 0 if self._probes is None else self._probes + 1
            self._pause(min(longest_s, self._backoff(self._probes)))
        if failure.retry_after_s is not None:
            return 0.0
        return min(longest_s, self._backoff(tries - 1))

    def give_up(self, message: str) -> None:
        """Turn away all that wait, and all that come until `revive`, with this message."""
        self._verdict = self._verdict or message
        self._hopeless.set()
        self._admit()

    async def rest(self, seconds: float) -> None:
        """Wait, unless the endpoint is given up in the meantime."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hopeless.wait()

    def _patience(self, failure: Failure) -> float:
        if failure.unreachable and not self.successes:
            return min(self._patience_s, _UNREACHABLE_PATIENCE_S)
        return self._patience_s

    def _admit(self) -> None:
        """Give turns to as many as may begin now; with a verdict to all, so that they learn it."""
        while self._waiting and (self._verdict or self._is_open()):
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                self._active += 1
                turn.set_result(None)

    def _is_open(self) -> bool:
        at_once = int(self.limit) if self._probes is None else 1
        return self._active < at_once and self._now() >= self._paused_until

    def _leave(self) -> None:
        self._active -= 1
        self._admit()

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._now() + seconds)
        # Timers may fire a clock tick early.
        asyncio.get_running_loop().call_at(self._paused_until + 0.001, self._admit)

    def _backoff(self, failures: int) -> float:
        """Exponential backoff with full jitter."""
        longest = min(_BACKOFF_CAP_S, _BACKOFF_BASE_S * 2 ** min(failures, 10))
        return self._random.uniform(0, longest)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
