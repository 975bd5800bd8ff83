"""What an error of an LLM endpoint means: a small closed set, whatever server it came from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from tools.llm.endpoint import Endpoint

if TYPE_CHECKING:
    from openai import APIConnectionError, APIError, APIStatusError

Kind = Literal["fatal", "too long", "refused", "unsupported", "busy", "broken"]
Feature = Literal["response_format", "max_tokens", "most_tokens", "seed", "temperature"]
"""What a request may do without; `most_tokens`: the height of its limit."""

_TOO_LONG = re.compile(
    r"context_length_exceeded|maximum context|context (length|size|window)|too many tokens"
    r"|(prompt|input) is too long",
    re.IGNORECASE,
)
_FEATURES: tuple[tuple[Feature, re.Pattern[str]], ...] = (
    ("response_format", re.compile(r"response.?format|json.?schema|json.?object", re.IGNORECASE)),
    ("max_tokens", re.compile(r"\bmax_(completion_)?tokens\b", re.IGNORECASE)),
    ("temperature", re.compile(r"\btemperature\b", re.IGNORECASE)),
    ("seed", re.compile(r"\bseed\b", re.IGNORECASE)),
)
_TOO_HIGH = re.compile(
    r"too (large|high|big)|at most|valid range|less than or equal|maximum|exceed|<=", re.IGNORECASE
)
_QUOTA = re.compile(r"insufficient_quota|billing_hard_limit|insufficient.balance", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content_policy|invalid_prompt", re.IGNORECASE)
_LONGEST = 200


@dataclass(frozen=True)
class Failure:
    """Why a request brought no answer.

    Attributes:
        kind: `fatal`: no request will work; `too long` and `refused`: this one never will;
            `unsupported`: without `feature` it may; `busy` and `broken`: later it may. A `fatal`
            one with a `feature` is none that is known, and worth one try without it.
        message: For the user, one line, without secrets.
        billed: Whether the provider may have billed it all the same.
        unreachable: Whether not even a connection came about.
        numbers: Those in what the server said about `most_tokens`.
    """

    kind: Kind
    message: str
    billed: bool = False
    retry_after_s: float | None = None
    feature: Feature | None = None
    unreachable: bool = False
    numbers: tuple[int, ...] = ()


def classify(error: "APIError", endpoint: Endpoint) -> Failure:
    """Return what an exception of the OpenAI client means."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        return _of_status(error, endpoint)
    if isinstance(error, APIConnectionError):
        return _of_connection(error, endpoint)
    return Failure("broken", shortened(endpoint.redacted(str(error))), billed=True)


def _of_connection(error: "APIConnectionError", endpoint: Endpoint) -> Failure:
    import httpx2

    cause = error.__cause__
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = shortened(endpoint.redacted(str(cause))) or "no connection"
        message = f"no endpoint at {endpoint.where} ({reason}); is the server running?"
        return Failure("broken", message, unreachable=True)
    what = "timed out" if isinstance(cause, httpx2.TimeoutException) else "was cut off"
    return Failure("broken", f"a request to {endpoint.where} {what}", billed=True)


def _of_status(error: "APIStatusError", endpoint: Endpoint) -> Failure:
    status, text = error.status_code, _text(error.body)
    said = shortened(endpoint.redacted(text))
    # Servers put what matters into any of the three.
    marks = f"{error.code or ''} {error.type or ''} {error.param or ''} {text}"
    if status == 402 or _QUOTA.search(marks):
        return Failure("fatal", f"no credit left at {endpoint.where}: {said}")
    if status == 429 and "request too large" in text.lower():
        return Failure("too long", said)  # larger than what may be sent in a whole minute
    if status == 429:
        return Failure("busy", f"too many requests: {said}", retry_after_s=retry_after_s(error))
    if status >= 500 or status in (408, 409):
        message = f"{endpoint.where} answers with HTTP {status}: {said}"
        # The model may have answered, only too late for whoever was in between.
        billed = status in (408, 504)
        return Failure("broken", message, billed, retry_after_s(error))
    if status in (400, 413, 422):
        return _of_bad_request(status, marks, said, endpoint)
    return Failure("fatal", _fatal(status, text, said, endpoint))


def _of_bad_request(status: int, marks: str, said: str, endpoint: Endpoint) -> Failure:
    if status == 413 or _TOO_LONG.search(marks):
        return Failure("too long", said)
    if _FILTERED.search(marks):
        return Failure("refused", said)
    message = f"{endpoint.where} does not accept the request (HTTP {status}): {said}"
    for feature, pattern in _FEATURES:
        if not pattern.search(marks):
            continue
        if feature == "max_tokens" and _TOO_HIGH.search(marks):
            numbers = tuple(map(int, re.findall(r"\d+", marks.replace(",", ""))))
            return Failure("unsupported", message, feature="most_tokens", numbers=numbers)
        return Failure("unsupported", message, feature=feature)
    # Some cannot follow a schema, and say so in words of their own.
    return Failure("fatal", message, feature="response_format")


def _fatal(status: int, text: str, said: str, endpoint: Endpoint) -> str:
    if status in (401, 403):
        check = "check OPENAI_API_KEY, or TASKSMITH_<ROLE>_API_KEY for a role with its own URL"
        return f"{endpoint.where} refused the key (HTTP {status}); {check}: {said}"
    if status == 404 and "model" in text.lower():
        return f"no model named {endpoint.model!r} at {endpoint.where}: {said}"
    if status == 404:
        return f"no chat completions at {endpoint.where} (HTTP 404); does the URL end in /v1?"
    return f"{endpoint.where} does not accept the request (HTTP {status}): {said}"


def _text(body: object) -> str:
    if isinstance(body, Mapping):
        message = body.get("message")
        return message if isinstance(message, str) and message else json.dumps(body)
    return body if isinstance(body, str) else ""


def shortened(text: str) -> str:
    """Return the start of `text` on one line, to be shown in a message."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def retry_after_s(error: "APIStatusError") -> float | None:
    """Return how long the server asks to wait, given as seconds, milliseconds or a date."""
    headers = error.response.headers
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        return _seconds_until(headers.get("retry-after", ""))


def _seconds_until(date: str) -> float | None:
    try:
        when = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
