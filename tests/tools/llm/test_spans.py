import json
from pathlib import Path
from typing import Any

from opentelemetry.context import attach, detach, set_value
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import set_span_in_context

from tests.tools.llm.rig import KEY, Rig, asked, examples, prompt, prompts, rig
from tests.tools.llm.server import Step, refused, said
from tools import trace_names as names
from tools.llm.prompt import Json, Reply
from tools.llm.spans import TRACER


def traced(at: Rig, asking: Any) -> tuple[list[Reply], list[ReadableSpan], int]:
    """Ask below a span; return replies, finished spans, and the id of the span."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    tool = tracer.start_span("execute_tool generate_batch")
    token = attach(set_value(TRACER, tracer, set_span_in_context(tool)))
    try:
        replies = list(at.gateway.ask(asking, "call_1"))
    finally:
        detach(token)
    return replies, list(exporter.get_finished_spans()), tool.get_span_context().span_id


def test_calls_in_the_background_hang_below_what_asked(tmp_path: Path) -> None:
    with rig(tmp_path, lambda _n, body: said(examples(f"text {asked(body)}"))) as at:
        _, spans, tool = traced(at, prompts(3))
    assert [span.name for span in spans] == ["chat m"] * 3
    assert {span.parent and span.parent.span_id for span in spans} == {tool}
    told = dict(spans[0].attributes or {})
    number = told[names.SEED]
    assert {key: value for key, value in told.items() if key not in (names.ASKED, names.PORT)} == {
        names.KIND: "chat",
        names.OPERATION: "chat",
        names.PROVIDER: "openai",
        names.SERVER: "127.0.0.1",
        names.MODEL: "m",
        names.ANSWERED_BY: "m",
        names.PURPOSE: "teacher",
        names.OUTPUT_TYPE: "json",
        names.SEED: number,
        names.TEMPERATURE: 1.0,
        names.MAX_TOKENS: 100,
        names.INPUT: 100,
        names.OUTPUT: 10,
        names.CACHE_READ: 0,
        names.USD: 100e-6 + 20e-6,
        names.FINISH: ("stop",),
        names.ANSWERED: json.dumps(
            [
                {
                    "role": "assistant",
                    "parts": [{"type": "text", "content": json.dumps(examples(f"text {number}"))}],
                    "finish_reason": "stop",
                }
            ]
        ),
    }
    sent = json.loads(str(told[names.ASKED]))
    assert [message["role"] for message in sent] == ["system", "user"]
    assert KEY not in str(told)


def test_an_answer_from_the_book_is_a_span_of_its_own(tmp_path: Path) -> None:
    with rig(tmp_path, lambda _n, _b: said(examples("a"))) as at:
        traced(at, prompts(1))
        _, (span,), _ = traced(at, prompts(1))
    told = dict(span.attributes or {})
    assert told[names.CACHED] is True
    assert told[names.USD] == 0.0
    assert names.INPUT not in told
    assert (
        "a"
        in json.loads(json.loads(str(told[names.ANSWERED]))[0]["parts"][0]["content"])["examples"][
            0
        ]["input"]
    )


def test_a_retry_is_counted_and_says_why(tmp_path: Path) -> None:
    def script(number: int, _body: Json) -> Step:
        return said(examples("a")) if number else refused(429, "slow down", {"Retry-After": "0.01"})

    with rig(tmp_path, script) as at:
        _, (span,), _ = traced(at, prompts(1))
    assert (span.attributes or {})[names.RETRIES] == 1
    (event,) = span.events
    assert dict(event.attributes or {})[names.ERROR] == "busy"
    assert span.status.is_ok


def test_a_malformed_answer_and_the_question_again_are_two_calls(tmp_path: Path) -> None:
    def script(number: int, _body: Json) -> Step:
        return said(examples("a")) if number else said("no JSON here")

    with rig(tmp_path, script) as at:
        (reply,), (bad, good), _ = traced(at, [prompt(0)])
    assert reply.value
    assert (bad.attributes or {})[names.ERROR] == "MalformedError"
    assert (bad.attributes or {})[names.USD] == 120e-6
    assert not bad.status.is_ok
    assert len(json.loads(str((good.attributes or {})[names.ASKED]))) == 4


def test_a_gateway_that_nobody_traces_works_alike(tmp_path: Path) -> None:
    with rig(tmp_path, lambda _n, _b: said(examples("a"))) as at:
        (reply,) = at.gateway.ask(prompts(1), "call_1")
    assert reply.value == examples("a")
