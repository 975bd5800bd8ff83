"""One span a call to an LLM, by OpenTelemetry's conventions for generative AI.

They hang below the span that is current where the call is asked for. Where nobody traces, they
cost next to nothing.
"""

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from opentelemetry.context import create_key, get_value
from opentelemetry.trace import (
    NoOpTracer,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
)

from tools import trace_names as names
from tools.llm.chat import Completion
from tools.llm.endpoint import Endpoint
from tools.llm.failures import Failure
from tools.llm.prompt import Json, Prompt

TRACER = create_key("tasksmith-tracer")
"""Key under which the context holds the tracer of the run: one process may have several runs."""
_NOBODY = NoOpTracer()


def current_tracer() -> Tracer:
    """Return the tracer of the run that this thread or task works for."""
    found = get_value(TRACER)
    return found if isinstance(found, Tracer) else _NOBODY


def of_model(model: str, purpose: str) -> dict[str, str]:
    """Return the attributes that every call to a model has."""
    return {
        names.KIND: "chat",
        names.OPERATION: "chat",
        names.MODEL: model,
        names.PURPOSE: purpose,
    }


def of_endpoint(endpoint: Endpoint) -> dict[str, str | int]:
    """Return attributes that say where a call is sent to."""
    address = urlsplit(endpoint.where)
    port = address.port or (443 if address.scheme == "https" else 80)
    # The dialect they speak: whose model it is, an address rarely tells.
    return {names.PROVIDER: "openai", names.SERVER: address.hostname or "", names.PORT: port}


def message(role: str, text: str, **more: str) -> Json:
    """Return a message in the form that spans hold."""
    return {"role": role, "parts": [{"type": "text", "content": text}], **more}


def of_call(endpoint: Endpoint, *, cached: bool, retries: int, usd: float | None) -> None:
    """Say on the current span, that of a call of a planner, what only its client knows."""
    attributes: dict[str, str | int | float | bool] = {**of_endpoint(endpoint)}
    if cached:
        attributes[names.CACHED] = True
    if retries:
        attributes[names.RETRIES] = retries
    if usd is not None:
        attributes[names.USD] = usd
    get_current_span().set_attributes(attributes)


class Asking:
    """The span of one prompt, all its retries included; a context manager.

    It begins with `begin`, when the prompt is first sent: waiting in line is no part of it.

    Args:
        endpoint: Whom to ask.
        purpose: Who asks: teacher, judge…
        prompt: What for.
        messages: What is sent.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        purpose: str,
        prompt: Prompt,
        messages: Sequence[Mapping[str, str]],
    ) -> None:
        self._model = endpoint.model
        self._attributes = {**of_model(endpoint.model, purpose), **of_endpoint(endpoint)}
        self._prompt = prompt
        self._messages = messages
        self._span: Span | None = None
        self._retries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._span is None:
            return
        if self._retries:
            self._span.set_attribute(names.RETRIES, self._retries)
        if kind is not None:
            self._span.set_attribute(names.ERROR, kind.__name__.strip("_"))
            self._span.set_attribute(names.MESSAGE, str(error))
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def begin(self) -> None:
        """Note that the prompt is being sent; again changes nothing."""
        if self._span is not None:
            return
        attributes = {
            **self._attributes,
            names.OUTPUT_TYPE: "json",
            names.SEED: self._prompt.seed,
            names.TEMPERATURE: self._prompt.temperature,
            names.MAX_TOKENS: self._prompt.max_tokens,
            names.ASKED: _spelled([message(m["role"], m["content"]) for m in self._messages]),
        }
        self._span = current_tracer().start_span(
            f"chat {self._model}", kind=SpanKind.CLIENT, attributes=attributes
        )

    def failed(self, failure: Failure) -> None:
        """Note that the prompt has to be sent again, and why."""
        self._retries += 1
        if self._span is not None:
            why = {names.ERROR: failure.kind, names.MESSAGE: failure.message}
            self._span.add_event("retry", why)

    def answered(self, completion: Completion, usd: float | None) -> None:
        """Note what came back and what it cost, if that is known."""
        if self._span is None:
            return
        finish = completion.finish_reason or "stop"
        said = message("assistant", completion.text, finish_reason=finish)
        self._span.set_attributes(
            {
                names.INPUT: completion.prompt_tokens,
                names.OUTPUT: completion.completion_tokens,
                names.CACHE_READ: completion.cached_tokens,
                names.FINISH: [finish],
                names.ANSWERED: _spelled([said]),
                **({names.ANSWERED_BY: completion.model} if completion.model else {}),
                **({} if usd is None else {names.USD: usd}),
            }
        )

    def found(self, answer: Json | None) -> None:
        """Note that the answer was paid for earlier."""
        self.begin()
        assert self._span
        said = message("assistant", json.dumps(answer, ensure_ascii=False), finish_reason="stop")
        self._span.set_attributes(
            {names.CACHED: True, names.USD: 0.0, names.ANSWERED: _spelled([said])}
        )


def _spelled(messages: Sequence[Json]) -> str:
    return json.dumps(messages, ensure_ascii=False)
