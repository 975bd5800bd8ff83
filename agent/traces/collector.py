"""Spans to a collector over OTLP, as OpenTelemetry's standard variables say; off without them."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agent.traces.secrets import Redact
from agent.traces.spans import redacted, without_texts

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"
_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_WITH_CONTENT = ("true", "span_only", "span_and_event")
_LAST_WORDS_S = 2.0
"""How long the end of a run may wait for what has not been sent yet."""
_log = logging.getLogger("tasksmith")


def is_wanted() -> bool:
    """Say whether the environment names a collector."""
    off = _variable("OTEL_SDK_DISABLED") == "true" or _variable("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(os.environ.get(name) for name in ENDPOINTS)


@contextmanager
def sending(redact: Redact) -> Iterator[list[SpanProcessor]]:
    """Give what sends spans on, in a thread of its own; nothing where no collector is named.

    A collector that does not answer costs a run a warning, and two seconds at its end.
    """
    if not is_wanted():
        yield []
        return
    protocol = next(filter(None, map(_variable, _PROTOCOLS)), _HTTP)
    if protocol != _HTTP:
        _log.warning("traces are not sent: OTLP goes by %s here, not by %s", _HTTP, protocol)
        yield []
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # What they say of each failed attempt, we say once.
    for name in ("opentelemetry.exporter", "opentelemetry.sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    collector = _Collector(OTLPSpanExporter(), redact)
    processor = BatchSpanProcessor(collector)
    try:
        yield [_Unhurried(processor)]
    finally:
        ending = threading.Thread(target=processor.shutdown, daemon=True)
        ending.start()
        ending.join(_LAST_WORDS_S)
        if ending.is_alive():
            collector.warn()


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip().lower()


class _Unhurried(SpanProcessor):
    """Passes spans on; `sending` ends what it passes them to, and waits no longer than it likes."""

    def __init__(self, inner: SpanProcessor) -> None:
        self._inner = inner

    def on_end(self, span: ReadableSpan) -> None:
        self._inner.on_end(span)


class _Collector(SpanExporter):
    """Sends spans without secrets and, unless asked for, without texts; warns once if it fails."""

    def __init__(self, inner: SpanExporter, redact: Redact) -> None:
        self._inner = inner
        self._redact = redact
        self._content = _variable(_CONTENT) in _WITH_CONTENT
        self._warned = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        kept = spans if self._content else [without_texts(span) for span in spans]
        result = self._inner.export([redacted(span, self._redact) for span in kept])
        if result is not SpanExportResult.SUCCESS:
            self.warn()
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def warn(self) -> None:
        """Say once that the collector does not take the spans."""
        if not self._warned:
            self._warned = True
            url = self._redact(next(filter(None, map(os.environ.get, ENDPOINTS))))
            _log.warning("the collector at %s takes no traces; the run goes on without", url)
