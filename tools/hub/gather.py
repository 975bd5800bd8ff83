"""Several requests at once, for as long as one is ready to wait."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
THREADS = 8
THREAD = "hub request"
"""What its threads are called."""


def gather(jobs: Sequence[Callable[[], T]], seconds: float) -> list[T | None]:
    """Run jobs side by side and return their results in order, None for those that took too long.

    What is under way then goes on in a daemon thread, which nobody waits for: a request to a
    server that says nothing cannot be called off. Nothing new is begun.

    Raises:
        Exception: What a job raised, of the first one that did.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)

    ends = time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < ends:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, jobs[number]()))
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                done.put((number, error))

    for _ in range(min(THREADS, len(jobs))):
        threading.Thread(target=work, name=THREAD, daemon=True).start()
    return _collect(done, len(jobs), ends)


def _collect(
    done: "queue.SimpleQueue[tuple[int, T | BaseException]]", count: int, ends: float
) -> list[T | None]:
    results: list[T | None] = [None] * count
    for _ in range(count):
        try:
            number, result = done.get(timeout=max(0.0, ends - time.monotonic()))
        except queue.Empty:
            break
        if isinstance(result, BaseException):
            raise result
        results[number] = result
    return results
