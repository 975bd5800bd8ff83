"""Booking of one role's requests: found again, reserved, settled."""

import asyncio
import json
from dataclasses import dataclass, field

from tools.llm.book import Book, request_key
from tools.llm.chat import Completion, Messages
from tools.llm.endpoint import Endpoint
from tools.llm.prices import Prices
from tools.llm.prompt import Prompt, Reply
from tools.llm.spans import Asking
from tools.services import BudgetError

# What servers add around messages, and the words around a schema.
_TOKENS_PER_MESSAGE = 64
_TOKENS_PER_REQUEST = 256


@dataclass
class Order:
    """What is booked under one tool call; `broke` once the budget did not suffice for a part."""

    call: str
    broke: bool = False


@dataclass
class Ledger:
    """The book as one gateway sees it. All methods belong to the loop of the requests."""

    endpoint: Endpoint
    book: Book
    prices: Prices
    role: str
    _open: int = 0
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    def key(self, prompt: Prompt, messages: Messages) -> str:
        """Return the key of a request, whatever words the endpoint wants it in."""
        body = {
            "model": self.endpoint.model,
            "messages": list(messages),
            "schema": prompt.schema,
            "seed": prompt.seed,
            "max_tokens": prompt.max_tokens,
            "temperature": prompt.temperature,
        }
        return request_key(self.endpoint, body)

    def asking(self, prompt: Prompt, messages: Messages) -> Asking:
        """Return the span of a prompt that is about to be asked."""
        return Asking(self.endpoint, self.role, prompt, messages)

    def kept(self, key: str, order: Order) -> Reply | None:
        """Return the reply that was paid for earlier, or None."""
        answer = self.book.cached(key, order.call)
        return None if answer is None else Reply(**json.loads(answer))

    async def reserve(self, key: str, order: Order, prompt: Prompt, messages: Messages) -> int:
        """Return the row of a request that may be sent, once the budget allows it.

        Raises:
            BudgetError: It could cost more than is left when nothing is under way any more, or
                this was so for an earlier request of the same order.
        """
        usd = self._most_usd(prompt, messages)
        while True:
            try:
                if order.broke:
                    raise BudgetError("the budget did not suffice for an earlier request")
                row = self.book.reserve(key, order.call, self.role, self.endpoint.model, usd)
            except BudgetError:
                if order.broke or not self._open:
                    order.broke = True
                    raise
            else:
                self._open += 1
                return row
            # Most requests cost less than their reservation, so some of it may come free.
            await self._change.wait()

    def settle(self, row: int, completion: Completion, reply: Reply | None) -> float | None:
        """Book an answer; a `reply` of None was paid for but is of no use.

        Returns:
            What it cost in USD, if that is known.
        """
        usage = completion.prompt_tokens, completion.completion_tokens
        usd = self.prices.cost(self.endpoint, *usage, completion.cached_tokens)
        answer = None
        if reply is not None:
            answer = json.dumps({"value": reply.value, "truncated": reply.truncated})
        try:
            self.book.settle(row, answer, usd, *usage)
        finally:
            self._changed()
        return usd

    def drop(self, row: int, *, billed: bool) -> None:
        """Book that there is no answer; one that may be `billed` counts at its reservation."""
        try:
            (self.book.lose if billed else self.book.release)(row)
        finally:
            self._changed()

    def _changed(self) -> None:
        self._open -= 1
        self._change.set()
        self._change = asyncio.Event()

    def _most_usd(self, prompt: Prompt, messages: Messages) -> float | None:
        """Bound the cost: no tokenizer makes more tokens than there are bytes."""
        size = len(json.dumps([list(messages), prompt.schema], ensure_ascii=False).encode())
        most_tokens = size + _TOKENS_PER_MESSAGE * len(messages) + _TOKENS_PER_REQUEST
        return self.prices.cost(self.endpoint, most_tokens, prompt.max_tokens)
