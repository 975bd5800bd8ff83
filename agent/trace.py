"""The trace of a run: one OpenTelemetry span a graph step, tool call and model call.

Spans are written to trace.jsonl as they end, one JSON object a line, so a crash loses at most the
steps in flight.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import LLMResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from agent.trace_names import INPUT, OUTPUT
from tools.scoring.teacher import BASELINE

LONGEST_VALUE = 4_000
NODES = frozenset({"specify", "plan", "approve", "tools", "review", "conclude"})
BOOKED_AS = {"specify": "specify", "conclude": BASELINE}
"""Nodes that call an LLM out of sight of the callbacks, and what the state books it under."""


@contextmanager
def tracing(path: Path, run: str) -> Iterator["Tracing"]:
    """Append the spans of what happens inside to `path`."""
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * _cut_off(path))
        exporter = ConsoleSpanExporter(out=file, formatter=lambda s: s.to_json(indent=None) + "\n")
        # The SDK would otherwise add what it finds out about the machine to every line.
        provider = TracerProvider(resource=Resource({"service.name": "tasksmith"}))
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        root = provider.get_tracer("tasksmith").start_span("run", attributes={"run": run})
        try:
            yield Tracing(provider, root)
        finally:
            root.end()
            provider.shutdown()


def _cut_off(path: Path) -> bool:
    """Say whether a crash left the last line of a file unfinished."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        file.seek(max(0, size - 1))
        return size > 0 and file.read() != b"\n"


class Tracing(BaseCallbackHandler):
    """Turns LangChain's callbacks into spans.

    Args:
        provider: Where the spans go.
        root: The span of the whole run.
    """

    def __init__(self, provider: TracerProvider, root: Span) -> None:
        self._tracer = provider.get_tracer("tasksmith")
        self._root = root
        self._open: dict[UUID, Span] = {}
        self._parents: dict[UUID, UUID | None] = {}
        self._booked_as: dict[UUID, str] = {}

    def _start(self, id_: UUID, parent: UUID | None, name: str, **attributes: Any) -> None:
        self._parents[id_] = parent
        span = self._tracer.start_span(name, context=set_span_in_context(self._above(parent)))
        _describe(span, attributes)
        self._open[id_] = span

    def _above(self, id_: UUID | None) -> Span:
        """Return the nearest open span above; LangChain's plumbing in between has none."""
        while id_ is not None:
            if id_ in self._open:
                return self._open[id_]
            id_ = self._parents.get(id_)
        return self._root

    def _end(self, id_: UUID, **attributes: Any) -> None:
        if span := self._open.pop(id_, None):
            _describe(span, attributes)
            span.end()

    def _fail(self, id_: UUID, error: BaseException) -> None:
        if span := self._open.get(id_):
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        self._end(id_, error=str(error))

    def on_chain_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002
        inputs: dict[str, Any],  # noqa: ARG002
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Open a span for a node of the graph; other chains are LangChain's own plumbing."""
        if kwargs.get("name") in NODES:
            name = str(kwargs["name"])
            self._start(run_id, parent_run_id, name, kind="node")
            self._booked_as[run_id] = BOOKED_AS.get(name, "")
        else:
            self._parents[run_id] = parent_run_id

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """Close a node's span with what it decided."""
        known = outputs if isinstance(outputs, dict) else {}
        # Booked once in a run, so what the state says of it is what this node used.
        costs = _costs((known.get("used") or {}).get(self._booked_as.pop(run_id, "")))
        told = {key: known.get(key) for key in ("decision", "stop_reason")}
        self._end(run_id, **told, **costs)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Close a node's span with its error."""
        self._fail(run_id, error)

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Open a span for a tool call, with its arguments."""
        given = {k: v for k, v in (inputs or {}).items() if k != "runtime" and v is not None}
        arguments = json.dumps(given, ensure_ascii=False, default=str) if given else input_str
        self._start(run_id, parent_run_id, serialized["name"], kind="tool", arguments=arguments)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        """Close a tool's span with the text that the planner reads."""
        if isinstance(output, ToolMessage) and output.status == "error" and run_id in self._open:
            self._open[run_id].set_status(Status(StatusCode.ERROR, "ToolError"))
        text = output.text if isinstance(output, BaseMessage) else str(output)
        artifact = getattr(output, "artifact", None) or {}
        if costs := _costs(artifact.get("usage")):
            costs["accepted"] = artifact.get("accepted")
        self._end(run_id, result=text, **costs)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Close a tool's span with its error."""
        self._fail(run_id, error)

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002
        messages: Sequence[Sequence[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Open a span for a call of the planner, with the last message it was sent."""
        model = (metadata or {}).get("ls_model_name") or "planner"
        prompt = messages[0][-1].text
        self._start(run_id, parent_run_id, f"chat {model}", kind="chat", prompt=prompt)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Close a model's span with its answer."""
        first = response.generations[0][0]
        message = getattr(first, "message", None)
        if not isinstance(message, AIMessage):
            self._end(run_id, answer=first.text)
            return
        calls = [{"name": c["name"], "args": c["args"]} for c in message.tool_calls]
        answer = json.dumps(calls, ensure_ascii=False) if calls else first.text
        used = message.usage_metadata
        tokens = {INPUT: used["input_tokens"], OUTPUT: used["output_tokens"]} if used else {}
        self._end(run_id, answer=answer, usd=message.response_metadata.get("usd"), **tokens)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Close a model's span with its error."""
        self._fail(run_id, error)


def _costs(usage: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a step used of the LLMs as attributes; none where it used none."""
    if not usage or not usage["calls"] + usage["cached_calls"]:
        return {}
    costs = {INPUT: usage["prompt_tokens"], OUTPUT: usage["completion_tokens"]}
    return costs | {key: usage[key] for key in ("calls", "cached_calls", "usd")}


def _describe(span: Span, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        if value is not None:
            text = str(value)
            cut = text[:LONGEST_VALUE] + "…" if len(text) > LONGEST_VALUE else text
            span.set_attribute(key, cut)
