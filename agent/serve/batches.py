"""Requests that come together are answered together, by one thread that runs the model."""

import asyncio
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

from tools.services import Prediction, Student
from tools.students.text.writer import count

_MOST_WAITING = 256
_MOST_TEXTS = 256
_WAIT_S = 0.004


Tokens = tuple[int, int, bool]
"""What `tools.students.text.writer.count` returns."""


class BusyError(Exception):
    """More requests wait than the server has room for; the client reads it as status 503."""


@dataclass(frozen=True)
class _Asked:
    texts: Sequence[str]
    counted: bool = False
    answers: "Future[tuple[list[Prediction], list[Tokens]]]" = field(default_factory=Future)


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
        return (await self._ask(_Asked(texts)))[0]

    async def answer_counted(self, text: str) -> tuple[Prediction, Tokens]:
        """Return the prediction for a text, and what it took.

        Raises:
            BusyError: Too many requests wait already.
        """
        (answer,), (tokens,) = await self._ask(_Asked([text], counted=True))
        return answer, tokens

    async def _ask(self, asked: _Asked) -> tuple[list[Prediction], list[Tokens]]:
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
            try:
                answers = self._answer(batch)
            except Exception as error:  # noqa: BLE001  the edge of a thread
                for asked in batch:
                    asked.answers.set_exception(error)
            else:
                for asked, answer in zip(batch, answers, strict=True):
                    asked.answers.set_result(answer)

    def _answer(self, batch: Sequence[_Asked]) -> list[tuple[list[Prediction], list[Tokens]]]:
        """Return predictions for each request, and what each of them took where that is asked.

        It is counted here since a tokenizer is not for two threads at once.
        """
        answers = iter(self._student.predict([text for asked in batch for text in asked.texts]))
        found = []
        for asked in batch:
            own = [*islice(answers, len(asked.texts))]
            pairs = zip(asked.texts, own, strict=True) if asked.counted else ()
            found.append((own, [count(self._student, text, one.output) for text, one in pairs]))
        return found

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
