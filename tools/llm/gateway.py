"""The gateway to a chat model: prompts in, JSON objects out, none paid for twice."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from functools import partial

from tools.llm.background import BackgroundLoop
from tools.llm.book import Book
from tools.llm.chat import Chat
from tools.llm.endpoint import Endpoint
from tools.llm.ledger import Ledger
from tools.llm.pace import Pace
from tools.llm.prices import Prices
from tools.llm.prompt import Prompt, Reply
from tools.llm.session import Session
from tools.services import EndpointError, Progress, silent

_PROGRESS_S = 1.0


class Gateway:
    """Asks one model on behalf of one role; requests run in a thread of its own.

    Args:
        endpoint: Whom to ask.
        book: Where requests are booked, and answers found again.
        prices: What they cost.
        role: Who asks, for the book: teacher, judge…
        start: Requests at once to begin with.
        most: Requests at once that are never exceeded.
        call_timeout_s: Longest time from sending a request to the last byte of its answer.
        total_timeout_s: After how long a prompt that keeps failing is given up.
        patience_s: How long an endpoint may fail without one success.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        book: Book,
        prices: Prices,
        role: str,
        *,
        start: int = 32,
        most: int = 64,
        call_timeout_s: float = 120.0,
        total_timeout_s: float = 600.0,
        patience_s: float = 45.0,
    ) -> None:
        self.model = endpoint.model
        self._new_ledger = partial(Ledger, endpoint, book, prices, role)
        self._new_pace = partial(Pace, start, most, patience_s)
        self._new_chat = partial(Chat, endpoint, call_timeout_s)
        self._total_timeout_s = total_timeout_s
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._stopped = False

    def ask(
        self, prompts: Sequence[Prompt], call: str, progress: Progress = silent
    ) -> Iterator[Reply]:
        """Yield the replies in the order of the prompts, which are sent side by side.

        Closing the iterator cancels what is under way; it is booked as lost.

        Args:
            prompts: What to ask. All are sent, however few replies are taken before closing.
            call: What the costs are booked under.
            progress: Told, in the caller's thread, what is being waited for.

        Raises:
            EndpointError: It is of no use to go on. Answers that were under way are kept.
        """
        session = self._opened()
        slots: list[Future[Reply]] = [Future() for _ in prompts]
        tasks: list[asyncio.Task[Reply]] = []
        try:
            session.loop.run(session.begin(prompts, call, slots, tasks))
            for slot in slots:
                while not wait([slot], _PROGRESS_S).done:
                    answered = sum(other.done() for other in slots)
                    progress(f"{answered} of {len(slots)} answers. {session.pace.notice}".rstrip())
                yield slot.result()
        except EndpointError:
            session.loop.run(session.end(tasks))
            raise
        except CancelledError:
            raise EndpointError(f"the gateway to {self.model} was closed") from None
        finally:
            session.loop.cancel(tasks)

    def close(self) -> None:
        """End what is under way and close all connections; a later `ask` opens new ones."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.loop.close(session.chat.close())

    def stop(self) -> None:
        """End what is under way; every `ask`, also a later one, raises `EndpointError`."""
        with self._lock:
            self._stopped = True
        self.close()

    def _opened(self) -> Session:
        with self._lock:
            if self._stopped:
                raise EndpointError(f"the gateway to {self.model} was closed")
            if self._session is None:
                loop = BackgroundLoop()
                self._session = Session(
                    loop,
                    self._new_chat(),
                    self._new_pace(),
                    self._new_ledger(),
                    self._total_timeout_s,
                )
            return self._session
