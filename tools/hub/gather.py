"""Several requests at once, for as long as one is ready to wait."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
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
    ends = time.monotonic() + seconds
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[Future[tuple[int, T]]] = queue.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)

    def work() -> None:
        while time.monotonic() < ends:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            done.put(_done(number, jobs[number]))

    for _ in range(min(THREADS, len(jobs))):
        threading.Thread(target=work, name=THREAD, daemon=True).start()
    results: list[T | None] = [None] * len(jobs)
    for _ in jobs:
        try:
            future = done.get(timeout=max(0.0, ends - time.monotonic()))
        except queue.Empty:
            break
        number, result = future.result()
        results[number] = result
    return results


def _done(number: int, job: Callable[[], T]) -> Future[tuple[int, T]]:
    future: Future[tuple[int, T]] = Future()
    try:
        future.set_result((number, job()))
    except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
        future.set_exception(error)
    return future
