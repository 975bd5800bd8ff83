import threading
import time

import pytest

from tools.hub.gather import THREADS, gather


def test_results_come_in_order_and_errors_come_through() -> None:
    assert gather([lambda n=n: n * n for n in range(20)], 5.0) == [n * n for n in range(20)]  # type: ignore[misc]
    error = ValueError("a result like any other")
    assert gather([lambda: error], 5.0) == [error]
    with pytest.raises(ZeroDivisionError):
        gather([lambda: 1 // 0], 5.0)


def test_nothing_is_begun_after_the_end() -> None:
    begun: list[int] = []
    release = threading.Event()

    def job(number: int) -> int:
        begun.append(number)
        release.wait(5)
        return number

    start = time.monotonic()
    results = gather([lambda n=n: job(n) for n in range(3 * THREADS)], 0.2)  # type: ignore[misc]
    assert results == [None] * 3 * THREADS
    assert time.monotonic() - start < 2
    release.set()
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.current_thread():
            thread.join(0.5)
    assert len(begun) == THREADS
