"""Copies of spans with other attributes: without secrets, or without any text."""

from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from agent.traces.secrets import Redact
from tools.trace_names import TEXTS

Attributes = dict[str, Any]


def redacted(span: ReadableSpan, redact: Redact) -> ReadableSpan:
    """Return a span without what is secret in any of its texts."""
    return changed(span, lambda attributes: hidden(attributes, redact))


def hidden(attributes: Attributes, redact: Redact) -> Attributes:
    """Return attributes without what is secret in any of them."""
    return {key: _redacted(value, redact) for key, value in attributes.items()}


def without_texts(span: ReadableSpan) -> ReadableSpan:
    """Return a span that tells what happened, when, and what it cost, but nobody's words."""

    def clean(attributes: Attributes) -> Attributes:
        return {key: value for key, value in attributes.items() if key not in TEXTS}

    return changed(span, clean)


def changed(span: ReadableSpan, change: Callable[[Attributes], Attributes]) -> ReadableSpan:
    """Return a span whose attributes, and those of its events, went through `change`."""
    events = [Event(e.name, change(dict(e.attributes or {})), e.timestamp) for e in span.events]
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=change(dict(span.attributes or {})),
        events=events,
        links=span.links,
        kind=span.kind,
        # A description would be a text; what went wrong is among the attributes.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _redacted(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    return [_redacted(one, redact) for one in value] if isinstance(value, tuple) else value
