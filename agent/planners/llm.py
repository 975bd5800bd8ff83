"""A planner that is an LLM: LangChain's client, with every call booked, priced and kept."""

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any, Literal

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage, messages_from_dict, messages_to_dict
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from graph.planning import USD, UnfitPlannerError
from tools.llm.book import Book, request_key
from tools.llm.failures import Failure, classify
from tools.llm.prices import Prices
from tools.llm.spans import of_call
from tools.services import EndpointError

if TYPE_CHECKING:
    from tools.llm.endpoint import Endpoint

ROLE = "planner"
MOST_TOKENS = 4_000
"""Of an answer, reasoning included."""
OVERHEAD_TOKENS = 500
"""What a server's template adds to a prompt at most; every byte of the rest counts as a token."""
PATIENCE_S = 45.0
_BACKOFF_S, _LONGEST_WAIT_S, _LONGEST_PAUSE_S = 0.5, 8.0, 60.0
# Nothing that is asked for, only how: an answer serves whatever was needed to get it.
_MANNER = ("temperature", "max_tokens", "max_completion_tokens")


class LLMPlanner(ChatOpenAI):
    """A chat model whose answers are looked up before they are paid for.

    Get it from `make_llm_planner`. Raises `EndpointError` where no call will work any more,
    `UnfitPlannerError` where the model cannot plan, and `BudgetError` before a call that the
    budget may not cover.
    """

    _endpoint: "Endpoint" = PrivateAttr()
    _book: Book = PrivateAttr()
    _prices: Prices = PrivateAttr()
    _timeout_s: float = PrivateAttr()
    _limit: Literal["max_tokens", "max_completion_tokens"] = PrivateAttr("max_completion_tokens")
    _closed: Future[None] = PrivateAttr(default_factory=Future)

    def close(self) -> None:
        """End what is under way and answer nothing any more; may be called from any thread."""
        if not self._closed.done():
            self._closed.set_result(None)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        wanted = {name: value for name, value in payload.items() if name not in _MANNER}
        key = request_key(self._endpoint, wanted)
        if known := self._book.cached(key, ROLE):
            # Paid for by a step that was cut off before anything was charged for it.
            of_call(self._endpoint, cached=True, retries=0, usd=0.0)
            return _result(json.loads(known))
        began = time.monotonic()
        failures = 0
        while True:
            try:
                result = self._ask(payload, key, messages, stop, run_manager, **kwargs)
            except (openai.APIError, ValueError, TimeoutError) as error:
                failures += 1
                self._wait_or_give_up(self._failure(error), failures, began)
            else:
                usd = _message(result).response_metadata[USD]
                of_call(self._endpoint, cached=False, retries=failures, usd=usd)
                return result

    def _get_request_payload(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        payload = super()._get_request_payload(*args, **kwargs)
        payload[self._limit] = payload.pop("max_completion_tokens")
        return payload

    def _ask(
        self,
        payload: dict[str, Any],
        key: str,
        messages: list[BaseMessage],
        *rest: Any,
        **more: Any,
    ) -> ChatResult:
        """Send one request, with its reservation made before and settled after."""
        most = len(json.dumps(payload, ensure_ascii=False).encode()) + OVERHEAD_TOKENS
        reserved = self._prices.cost(self._endpoint, most, MOST_TOKENS)
        row = self._book.reserve(key, ROLE, ROLE, self._endpoint.model, reserved)
        generate = super()._generate
        try:
            result = self._in_time(lambda: generate(messages, *rest, **more))
            message = _message(result)
        except openai.APIError as error:
            billed = self._failure(error).billed
            (self._book.lose if billed else self._book.release)(row)
            raise
        except BaseException:
            self._book.lose(row)
            raise
        used = message.usage_metadata or {"input_tokens": most, "output_tokens": MOST_TOKENS}
        tokens = used["input_tokens"], used["output_tokens"]
        usd = self._prices.cost(self._endpoint, *tokens)
        message.response_metadata[USD] = usd
        self._book.settle(row, json.dumps(messages_to_dict([message])), usd, *tokens)
        return result

    def _in_time(self, work: Callable[[], ChatResult]) -> ChatResult:
        """Return what `work` does, run in a thread that is abandoned if it takes too long.

        The client's own timeout is between two bytes, which a slow drip never reaches.

        Raises:
            TimeoutError: There was no answer in time.
            EndpointError: The planner was closed.
        """
        done: Future[ChatResult] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
                done.set_exception(error)

        threading.Thread(target=run, name="planner request", daemon=True).start()
        either: list[Future[Any]] = [done, self._closed]
        wait(either, self._timeout_s, FIRST_COMPLETED)
        if done.done():
            return done.result()
        self._check_running()
        raise TimeoutError

    def _check_running(self) -> None:
        if self._closed.done():
            raise EndpointError("the planner was closed")

    def _failure(self, error: openai.APIError | ValueError | TimeoutError) -> Failure:
        """Return what an error means; LangChain raises a ValueError where there is no answer."""
        if isinstance(error, openai.APIError):
            return classify(error, self._endpoint)
        if isinstance(error, TimeoutError):
            late = f"{self._endpoint.where} gave no answer within {self._timeout_s:.0f} s"
            return Failure("broken", late, True)
        return Failure("broken", f"{self._endpoint.where} does not answer as a chat model", True)

    def _wait_or_give_up(self, failure: Failure, failures: int, began: float) -> None:
        """Return when it is time to try again.

        Raises:
            EndpointError: It is not worth trying again.
            UnfitPlannerError: The model takes no tools, or not so long a prompt.
        """
        if failure.feature == "temperature" and self.temperature is not None:
            self.temperature = None
            return
        if failure.feature == "max_tokens" and self._limit == "max_completion_tokens":
            self._limit = "max_tokens"
            return
        takes_no_tools = failure.kind == "fatal" and "tool" in failure.message.lower()
        if failure.kind in ("too long", "refused", "unsupported") or takes_no_tools:
            raise UnfitPlannerError(f"the planner cannot be used: {failure.message}")
        pause_s, enough = _pause_s(failure, failures)
        late = enough and time.monotonic() + pause_s - began > PATIENCE_S
        if failure.kind == "fatal" or late:
            raise EndpointError(failure.message)
        wait([self._closed], pause_s)
        self._check_running()


def _pause_s(failure: Failure, failures: int) -> tuple[float, bool]:
    """Return how long to wait, and whether patience may end now.

    A server that names a time is believed. Others get three tries, however long each took.
    """
    if failure.retry_after_s is not None:
        return min(failure.retry_after_s, _LONGEST_PAUSE_S), True
    longest_s = min(_LONGEST_WAIT_S, _BACKOFF_S * 2**failures)
    return longest_s * random.Random(failures).random(), failures > 2


def _message(result: ChatResult) -> AIMessage:
    """Return the answer in a result.

    Raises:
        ValueError: It holds none.
    """
    found = result.generations[0].message if result.generations else None
    if not isinstance(found, AIMessage):
        raise ValueError("no answer in the result")
    return found


def _result(stored: list[dict[str, Any]]) -> ChatResult:
    message = messages_from_dict(stored)[0]
    return ChatResult(generations=[ChatGeneration(message=message)])


def make_llm_planner(
    endpoint: "Endpoint", book: Book, prices: Prices, timeout_s: float
) -> LLMPlanner:
    """Return a planner behind an OpenAI-compatible endpoint."""
    planner = LLMPlanner(
        model=endpoint.model,
        base_url=endpoint.url,
        api_key=SecretStr(endpoint.api_key or "none"),
        temperature=0,
        max_completion_tokens=MOST_TOKENS,
        max_retries=0,
        timeout=timeout_s,
        use_responses_api=False,
    )
    planner._endpoint, planner._book, planner._prices = endpoint, book, prices
    planner._timeout_s = timeout_s
    return planner
