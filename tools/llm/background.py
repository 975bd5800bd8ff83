"""An asyncio loop beside the caller's thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_CLEANUP_S = 5.0


class BackgroundLoop:
    """Runs coroutines in a thread of its own.

    The thread is a daemon: an interrupted process ends whether or not the loop was closed.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._closing = False
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="llm requests", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Wait for `work` to be done in the loop and return what it returns.

        Raises:
            TimeoutError: It took longer than `timeout_s`.
            CancelledError: The loop is closed, or was meanwhile.
        """
        with self._lock:
            if self._closing:
                work.close()
                raise CancelledError
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout_s)

    def cancel(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Cancel those tasks that still run, and wait for them to clean up."""
        if pending := [task for task in tasks if not task.done()]:
            self._end(_cancelled(pending))

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Cancel whatever still runs, do one `last` thing and end the thread."""
        with self._lock:
            # Whatever comes later would wait for ever: a loop that has stopped says nothing.
            self._closing = True
            ended = asyncio.run_coroutine_threadsafe(_all_cancelled(last), self._loop)
        with suppress(TimeoutError):
            ended.result(_CLEANUP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLEANUP_S)
        self._loop.close()

    def _end(self, work: Coroutine[Any, Any, None]) -> None:
        # What does not end by itself ends with the process.
        with suppress(TimeoutError, CancelledError):
            self.run(work, _CLEANUP_S)


async def _cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _all_cancelled(last: Coroutine[Any, Any, None]) -> None:
    await _cancelled([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])
    await last
