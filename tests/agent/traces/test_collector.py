import logging
import socket
import time
from pathlib import Path
from uuid import uuid4

import pytest

from agent.trace import Tracing, tracing
from agent.traces.collector import ENDPOINTS
from agent.traces.reading import read_steps
from tests.agent.traces.receiver import receiving
from tools.trace_names import ARGUMENTS, RESULT, TOOL

HEADER = "canary-0123456789"
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@pytest.fixture(autouse=True)
def _no_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ENDPOINTS, "OTEL_SDK_DISABLED", CONTENT):
        monkeypatch.delenv(name, raising=False)


def work(tracer: Tracing) -> None:
    id_ = uuid4()
    tracer.on_tool_start({"name": "finetune"}, "", run_id=id_, inputs={"key": f"see {HEADER}"})
    tracer.on_tool_end("the words of a row", run_id=id_)


def attributes(span: object) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in span.attributes}  # type: ignore[attr-defined]


def test_a_collector_gets_every_step_but_no_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-key={HEADER}")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
        with tracing(tmp_path, "r1") as tracer:
            work(tracer)
    tool, root = receiver.spans()
    assert (tool.name, root.name) == ("execute_tool finetune", "invoke_agent tasksmith")
    assert tool.parent_span_id == root.span_id
    assert attributes(tool)[TOOL] == "finetune"
    assert not {ARGUMENTS, RESULT} & attributes(tool).keys()
    assert receiver.paths == ["/v1/traces"]
    assert receiver.headers[0]["x-key"] == HEADER
    resource = receiver.requests[0].resource_spans[0].resource
    assert attributes(resource)["service.name"] == "mine"


def test_texts_are_sent_where_that_is_asked_for_but_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{receiver.url}/own")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-key={HEADER}")
        monkeypatch.setenv(CONTENT, "true")
        with tracing(tmp_path, "r1") as tracer:
            work(tracer)
    tool = attributes(receiver.spans()[0])
    assert tool[RESULT] == "the words of a row"
    assert tool[ARGUMENTS] == '{"key": "see [secret]"}'
    assert receiver.paths == ["/own"]


def test_switched_off_it_sends_nothing_and_the_run_keeps_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
        monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3")
        with tracing(tmp_path, "r1") as tracer:
            work(tracer)
    assert not receiver.requests
    tool, _ = read_steps(tmp_path)
    assert tool.attributes[RESULT] == "the words of a row"


@pytest.mark.parametrize("silent", [False, True], ids=["away", "silent"])
def test_a_collector_that_does_not_answer_costs_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, silent: bool
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if silent:
            taken.listen()
        url = f"http://user:hunter2hunter2@127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setattr("agent.traces.collector._LAST_WORDS_S", 0.3)
        start = time.monotonic()
        with caplog.at_level(logging.WARNING), tracing(tmp_path, "r1") as tracer:
            work(tracer)
        # Not how fast it is, but that it does not wait for the ten seconds of a request.
        assert time.monotonic() - start < 8
    (warning,) = caplog.messages
    assert "takes no traces; the run goes on without" in warning
    assert "hunter2" not in warning
    assert len(list(read_steps(tmp_path))) == 2


def test_another_protocol_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        with caplog.at_level(logging.WARNING), tracing(tmp_path, "r1") as tracer:
            work(tracer)
    assert not receiver.requests
    assert caplog.messages == ["traces are not sent: OTLP goes by http/protobuf here, not by grpc"]
