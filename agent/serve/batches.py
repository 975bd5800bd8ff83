"""Requests that come together are answered together, by one thread that runs the model."""

import asyncio
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from tools.services import Prediction, Student

_MOST_WAITING = 256
_MOST_TEXTS = 256
_WAIT_S = 0.004


class BusyError(Exception):
    """More requests wait than the server has room for; the client reads it as status 503."""


@dataclass(frozen=True)
class _Asked:
    texts: Sequence[str]
    answers: "Future[list[Prediction]]" = field(default_factory=Future)


class Batches:
    """Puts texts of different requests into one batch of a student.

    A batch is full at 256 texts, or when nothing has come for a few milliseconds.
    """

    def __init__(self, student: Student) -> None:
        self._student = student
        self._waiting: queue.Queue[_Asked] = queue.Queue(_MOST_WAITING)
        # A daemon: nobody waits for the end of a batch that nobody will read.
        threading.Thread(target=self._work, daemon=True).start()

    async def answer(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order.

        Raises:
            BusyError: Too many requests wait already.
        """
        asked = _Asked(texts)
        try:
            self._waiting.put_nowait(asked)
        except queue.Full:
            raise BusyError from None
        return await asyncio.wrap_future(asked.answers)

    def _work(self) -> None:
        while True:
            # Whoever has hung up needs no answer.
            batch = [
                asked for asked in self._next() if asked.answers.set_running_or_notify_cancel()
            ]
            texts = [text for asked in batch for text in asked.texts]
            try:
                answers = iter(self._student.predict(texts))
            except Exception as error:  # noqa: BLE001  the edge of a thread
                for asked in batch:
                    asked.answers.set_exception(error)
            else:
                for asked in batch:
                    asked.answers.set_result([next(answers) for _ in asked.texts])

    def _next(self) -> list[_Asked]:
        """Wait for a request, and a moment longer for others."""
        batch = [self._waiting.get()]
        end = time.monotonic() + _WAIT_S
        while sum(len(asked.texts) for asked in batch) < _MOST_TEXTS:
            try:
                batch.append(self._waiting.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                break
        return batch
