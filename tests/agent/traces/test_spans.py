from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

from agent.traces.spans import as_line, without_texts
from tools.trace_names import ASKED, USD


def span() -> ReadableSpan:
    provider = TracerProvider(resource=Resource({"service.name": "x"}), shutdown_on_exit=False)
    tracer = provider.get_tracer("test")
    above = set_span_in_context(tracer.start_span("above"))
    made = tracer.start_span("chat m", above, SpanKind.CLIENT, {ASKED: "ä\n", USD: 0.5, "l": ["a"]})
    made.add_event("retry", {"why": "busy"})
    made.set_status(Status(StatusCode.ERROR))
    assert isinstance(made, ReadableSpan)
    return made


def test_a_line_is_what_the_sdk_would_write() -> None:
    made = span()
    assert as_line(made, dict) == made.to_json(indent=None) + "\n"
    made.end()  # type: ignore[attr-defined]
    assert as_line(made, dict) == made.to_json(indent=None) + "\n"


def test_without_texts_there_are_numbers() -> None:
    bare = without_texts(span())
    assert dict(bare.attributes or {}) == {USD: 0.5, "l": ("a",)}
    assert bare.name == "chat m"
