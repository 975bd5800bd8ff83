"""The trace of a run: one OpenTelemetry span a graph step, tool call and model call.

Where spans go: see `agent.traces.file` (the run directory) and `agent.traces.collector` (OTLP).
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import LLMResult
from langgraph.errors import GraphBubbleUp
from opentelemetry.context import Context, attach, detach, get_current, set_value
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from agent.traces.collector import sending
from agent.traces.file import FileExporter, OpenSpans, cut_short
from agent.traces.messages import as_messages, decided, given, of_artifact
from agent.traces.secrets import redactor
from tools import trace_names as names
from tools.llm.spans import TRACER, of_model


@contextmanager
def tracing(folder: Path, run: str) -> Iterator["Tracing"]:
    """Write the spans of what happens inside into the run directory.

    Sessions of work on one run belong to one trace; each has a root span of its own. What an
    earlier one had under way when it died is closed as interrupted.
    """
    redact = redactor()
    file = FileExporter(folder, redact)
    for line in cut_short(folder):
        file.add(line)
    with sending(redact) as collectors:
        provider = _Provider(run)
        for processor in (SimpleSpanProcessor(file), OpenSpans(folder, redact), *collectors):
            provider.add_span_processor(processor)
        root = provider.get_tracer("tasksmith").start_span(
            "invoke_agent tasksmith",
            context=Context(),
            attributes={
                names.KIND: "run",
                names.OPERATION: "invoke_agent",
                names.AGENT: "tasksmith",
                names.CONVERSATION: run,
            },
        )
        before = get_current()
        try:
            yield Tracing(provider, root)
        except BaseException as error:
            _failed(root, error)
            raise
        finally:
            # The last step has left the one above it as the current one.
            attach(before)
            root.end()
            provider.shutdown()


class _Provider(TracerProvider):
    """Keeps the run's own record whatever variables say of what leaves the machine."""

    def __init__(self, run: str) -> None:
        unset = SpanLimits.UNSET
        limits = SpanLimits(max_attribute_length=unset, max_span_attribute_length=unset)
        # The SDK would otherwise add what it finds out about the machine to every line.
        usual = Resource({"service.name": "tasksmith"})
        super().__init__(
            sampler=ALWAYS_ON,
            resource=usual.merge(OTELResourceDetector().detect()),
            shutdown_on_exit=False,
            id_generator=_Ids(run),
            span_limits=limits,
        )
        self._disabled = False


class _Ids(RandomIdGenerator):
    """Gives all sessions of a run the same trace."""

    def __init__(self, run: str) -> None:
        self._trace = int.from_bytes(hashlib.blake2b(run.encode(), digest_size=16).digest())

    def generate_trace_id(self) -> int:
        return self._trace


class Tracing(BaseCallbackHandler):
    """Turns LangChain's callbacks into spans, and makes each the current one of its thread.

    So calls to LLMs that LangChain knows nothing of find the step that they belong to.

    Args:
        provider: Where the spans go.
        root: The span of this session of work.
    """

    def __init__(self, provider: TracerProvider, root: Span) -> None:
        self._tracer = provider.get_tracer("tasksmith")
        self._root = root
        self._open: dict[UUID, Span] = {}
        self._parents: dict[UUID, UUID | None] = {}

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Have calls to LLMs that this thread makes inside hang below the session's span."""
        token = attach(set_value(TRACER, self._tracer, set_span_in_context(self._root)))
        try:
            yield
        finally:
            detach(token)

    def _start(
        self, id_: UUID, parent: UUID | None, name: str, kind: SpanKind, attributes: dict[str, Any]
    ) -> None:
        self._parents[id_] = parent
        span = self._tracer.start_span(
            name,
            context=set_span_in_context(self._above(parent)),
            kind=kind,
            attributes=_known(attributes),
        )
        self._open[id_] = span
        self._make_current(span)

    def _make_current(self, span: Span) -> None:
        # Nothing is ever detached: the end of a step makes the one above it the current one.
        attach(set_value(TRACER, self._tracer, set_span_in_context(span)))

    def _above(self, id_: UUID | None) -> Span:
        """Return the nearest open span above; LangChain's plumbing in between has none."""
        while id_ is not None:
            if id_ in self._open:
                return self._open[id_]
            id_ = self._parents.get(id_)
        return self._root

    def _end(self, id_: UUID, attributes: dict[str, Any]) -> None:
        parent = self._parents.pop(id_, None)
        if span := self._open.pop(id_, None):
            span.set_attributes(_known(attributes))
            span.end()
            self._make_current(self._above(parent))

    def _fail(self, id_: UUID, error: BaseException) -> None:
        if span := self._open.get(id_):
            _failed(span, error)
        self._end(id_, {})

    def on_chain_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Open a span for a node of the graph; other chains are LangChain's own plumbing."""
        name = kwargs.get("name")
        self._parents[run_id] = parent_run_id
        # What runs inside a node is said to be of it, too.
        if name is None or name != (metadata or {}).get("langgraph_node"):
            return
        rounds = len(inputs.get("rounds", ())) if isinstance(inputs, dict) else 0
        attributes = {names.KIND: "node", names.NODE: name, names.ROUND: rounds + 1}
        self._start(run_id, parent_run_id, name, SpanKind.INTERNAL, attributes)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """Close a node's span with what it decided and why.

        What it used of LLMs its calls say, each a span: the state adds up all of a conversation,
        with what was used to hear the person meanwhile.
        """
        self._end(run_id, decided(outputs if isinstance(outputs, dict) else {}))

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Close a node's span with its error; to wait for a person is none."""
        if isinstance(error, GraphBubbleUp):
            self._end(run_id, {names.DECISION: "waits for the person"})
        else:
            self._fail(run_id, error)

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        tool_call_id: str | None = None,
        **_: Any,
    ) -> None:
        """Open a span for a tool call, with its arguments."""
        name = str(serialized["name"])
        attributes = {
            names.KIND: "tool",
            names.OPERATION: "execute_tool",
            names.TOOL: name,
            names.TOOL_TYPE: "function",
            names.TOOL_CALL: tool_call_id,
            names.ARGUMENTS: given(inputs, input_str),
        }
        self._start(run_id, parent_run_id, f"execute_tool {name}", SpanKind.INTERNAL, attributes)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        """Close a tool's span with the text that the planner reads."""
        text = output.text if isinstance(output, BaseMessage) else str(output)
        attributes: dict[str, Any] = {names.RESULT: text}
        if isinstance(output, ToolMessage):
            artifact = output.artifact or {}
            attributes |= of_artifact(artifact)
            if output.status == "error" and (span := self._open.get(run_id)):
                span.set_status(Status(StatusCode.ERROR))
                attributes |= {names.ERROR: "ToolError", names.MESSAGE: text}
        self._end(run_id, attributes)

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
        """Open a span for a call of the planner, with the messages it was sent."""
        told = metadata or {}
        # Rules have no name of a model.
        model = str(told.get("ls_model_name") or told.get("ls_provider") or "planner")
        attributes = {**of_model(model, "planner"), names.ASKED: as_messages(messages[0])}
        self._start(run_id, parent_run_id, f"chat {model}", SpanKind.CLIENT, attributes)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Close a model's span with its answer."""
        message = getattr(response.generations[0][0], "message", None)
        if not isinstance(message, AIMessage):
            self._end(run_id, {})
            return
        told, used = message.response_metadata, message.usage_metadata
        self._end(
            run_id,
            {
                names.ANSWERED: as_messages([message]),
                names.ANSWERED_BY: told.get("model_name"),
                names.FINISH: [str(told.get("finish_reason") or "stop")],
                names.INPUT: used and used["input_tokens"],
                names.OUTPUT: used and used["output_tokens"],
            },
        )

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Close a model's span with its error."""
        self._fail(run_id, error)


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if value is not None}


def _failed(span: Span, error: BaseException) -> None:
    span.set_attributes({names.ERROR: type(error).__name__, names.MESSAGE: str(error)})
    span.set_status(Status(StatusCode.ERROR))
