"""What becomes of each prompt while a gateway is open."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from tools.llm.background import BackgroundLoop
from tools.llm.chat import Chat, Completion, Messages
from tools.llm.failures import Failure
from tools.llm.ledger import Ledger, Order
from tools.llm.pace import Pace
from tools.llm.parse import MalformedError, parse
from tools.llm.prompt import Prompt, Reply
from tools.llm.spans import Asking
from tools.services import BudgetError, EndpointError

_MOST_STRIKES = 6
_SHOWN_BACK = 2000


class _NoAnswerError(Exception):
    """A prompt stays without an answer; the message is the `problem` of its reply."""


@dataclass
class _Job:
    """One prompt on its way.

    Attributes:
        position: Those in front are sent first, also when they must be sent again.
        tries: How often it has failed.
        strikes: How often it has failed while the endpoint answered others.
        successes: How many answers the endpoint had given when it failed last.
    """

    prompt: Prompt
    key: str
    order: Order
    position: int
    failing_since: float | None = None
    tries: int = 0
    strikes: int = 0
    successes: int = 0


@dataclass
class Session:
    """An open gateway: what lives in its loop.

    Attributes:
        total_timeout_s: After how long a prompt that keeps failing is given up.
    """

    loop: BackgroundLoop
    chat: Chat
    pace: Pace
    ledger: Ledger
    total_timeout_s: float

    async def begin(
        self,
        prompts: Sequence[Prompt],
        call: str,
        slots: Sequence[Future[Reply]],
        tasks: list[asyncio.Task[Reply]],
    ) -> None:
        """Start one task per prompt, added to `tasks`, that hands its reply to its slot."""
        self.pace.revive()
        order = Order(call)
        for position, (prompt, slot) in enumerate(zip(prompts, slots, strict=True)):
            task = asyncio.create_task(self._reply(prompt, order, position))
            task.add_done_callback(partial(_hand_over, slot))
            tasks.append(task)

    async def end(self, tasks: Sequence[asyncio.Task[Reply]]) -> None:
        """Wait for what is under way."""
        if tasks:
            await asyncio.wait(tasks)

    async def _reply(self, prompt: Prompt, order: Order, position: int) -> Reply:
        messages = _messages(prompt)
        key = self.ledger.key(prompt, messages)
        if (kept := self.ledger.kept(key, order)) is not None:
            with self.ledger.asking(prompt, messages) as asking:
                asking.found(kept.value)
            return kept
        job = _Job(prompt, key, order, position)
        try:
            try:
                return await self._answer(job, messages)
            except MalformedError as bad:
                return await self._answer(job, [*messages, *_correction(prompt, bad)])
        except MalformedError:
            return Reply(None, "malformed answer")
        except BudgetError:
            return Reply(None, "budget")
        except _NoAnswerError as problem:
            return Reply(None, str(problem))

    async def _answer(self, job: _Job, messages: Messages) -> Reply:
        """Send until there is an answer that can be used, or none is to be had."""
        with self.ledger.asking(job.prompt, messages) as asking:
            while True:
                async with self.pace.slot(job.position) as began:
                    result = await self._send(job, messages, asking)
                    if isinstance(result, Reply):
                        self.pace.succeeded()
                        return result
                    pause_s = self._note(result, began, job)
                asking.failed(result)
                await self.pace.rest(pause_s)

    async def _send(self, job: _Job, messages: Messages, asking: Asking) -> Reply | Failure:
        row = await self.ledger.reserve(job.key, job.order, job.prompt, messages)
        asking.begin()
        try:
            result = await self.chat.send(job.prompt, messages)
        except asyncio.CancelledError:
            self.ledger.drop(row, billed=True)
            raise
        if isinstance(result, Failure):
            self.ledger.drop(row, billed=result.billed)
            return result
        try:
            reply = _read(result, job.prompt)
        except (MalformedError, _NoAnswerError):
            self.pace.succeeded()
            asking.answered(result, self.ledger.settle(row, result, None))
            raise
        asking.answered(result, self.ledger.settle(row, result, reply))
        return reply

    def _note(self, failure: Failure, began: float, job: _Job) -> float:
        """Return the seconds after which a failed job may try again.

        Raises:
            _NoAnswerError: It need not.
            EndpointError: Nobody need.
        """
        if failure.kind in ("too long", "refused"):
            self.pace.succeeded()
            raise _NoAnswerError(failure.kind)
        if failure.kind == "fatal":
            self.pace.give_up(failure.message)
            raise EndpointError(failure.message)
        job.tries += 1
        # A request that fails where others do not is at fault itself.
        job.strikes += failure.kind == "broken" and self.pace.successes > job.successes
        job.successes = self.pace.successes
        job.failing_since = began if job.failing_since is None else job.failing_since
        failing_s = asyncio.get_running_loop().time() - job.failing_since
        pause_s = self.pace.failed(began, failure, job.tries)
        if job.strikes >= _MOST_STRIKES or failing_s > self.total_timeout_s:
            raise _NoAnswerError(f"no answer: {failure.message}")
        return pause_s


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    # Lone surrogates cannot be sent.
    system, user = (text.encode(errors="replace").decode() for text in (prompt.system, prompt.user))
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _correction(prompt: Prompt, bad: MalformedError) -> list[dict[str, str]]:
    """Return the messages that ask again; the last line of a prompt says what is asked for."""
    asked = _messages(prompt)[-1]["content"].rpartition("\n")[2]
    words = f"That cannot be used: {bad}. Answer again, with the JSON object only.\n{asked}"
    return [
        {"role": "assistant", "content": bad.text[:_SHOWN_BACK] or "…"},
        {"role": "user", "content": words},
    ]


def _read(completion: Completion, prompt: Prompt) -> Reply:
    if completion.refused:
        raise _NoAnswerError("refused")
    parsed = parse(completion.text, prompt.schema)
    return Reply(parsed.value, truncated=parsed.truncated)


def _hand_over(slot: Future[Reply], task: asyncio.Task[Reply]) -> None:
    if task.cancelled():
        slot.cancel()
        slot.set_running_or_notify_cancel()
    elif (error := task.exception()) is not None:
        slot.set_exception(error)
    else:
        slot.set_result(task.result())
