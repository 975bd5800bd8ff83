"""Faults on demand. Each is a line of text: `NAME=WHEN` or `NAME=WHEN:VALUE`.

WHEN is `always`, a rate such as `0.2` (drawn by seed and request number), or request numbers such
as `1,4` and `3-5`, the first request being 1. What VALUE means, and what it is by default:

refusals        rate_limit (429; seconds of Retry-After, 1), rate_limit_bare (429 without it),
                quota (429 that waiting does not cure), server_error (the status, 500),
                no_schema (400 on response_format json_schema), no_json_mode (400 on any
                response_format), unauthorized (401 unless the key is VALUE), echo_key (401 that
                repeats the key sent), no_model (404 unless the model is VALUE),
                context (400 above VALUE prompt bytes, 4000)
sending         hang (no answer for VALUE seconds, 600, then cut), drip (a byte every VALUE
                seconds, 0.05), cut (half the body), html (a web page instead),
                empty_choices
answers         broken_json (nothing to repair), bent_json (can be repaired), fenced, chatty,
                truncated (half an item at the end), wrong_labels, wrong_language,
                ignore_schema (JSON amid prose), ignore_tools (prose instead of a tool call)
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tests.standin.spoil import SPOILS
from tests.standin.wire import Answer, Json, RefusedError, Response, prompt_of

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Arrived:
    """A request as the faults see it; `key` is the API key, kept for no longer than this."""

    body: Json
    number: int
    key: str


@dataclass(frozen=True)
class Fault:
    """One fault: what, when, and its value where it has one."""

    name: str
    when: str
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read `NAME=WHEN[:VALUE]`.

        Raises:
            ValueError: There is no such fault, or no such time.
        """
        name, _, rest = text.partition("=")
        when, _, value = rest.partition(":")
        fault = cls(name, when, value)
        if name not in NAMES:
            raise ValueError(f"no fault {name!r}; there are {', '.join(NAMES)}")
        fault.hits(1, 0)
        return fault

    def hits(self, number: int, seed: int) -> bool:
        """Whether it befalls the request with this number."""
        if self.when == "always":
            return True
        if "." in self.when:
            return random.Random(f"{seed}/{self.name}/{number}").random() < float(self.when)
        for part in self.when.split(","):
            first, _, last = part.partition("-")
            if int(first) <= number <= int(last or first):
                return True
        return False


class Faults:
    """The faults of one server.

    Args:
        lines: As the module says.
        seed: What the rates are drawn by.
    """

    def __init__(self, lines: Iterable[str] = (), seed: int = 0) -> None:
        faults = [Fault.parse(line) for line in lines]
        self._faults = sorted(faults, key=lambda fault: NAMES.index(fault.name))
        self._seed = seed

    def of(self, number: int) -> list[Fault]:
        """Return the faults that befall the request with this number, in the order of `NAMES`."""
        return [fault for fault in self._faults if fault.hits(number, self._seed)]


def refuse(fault: Fault, request: Arrived) -> None:
    """Raise RefusedError if the fault is a refusal and the request is one that it refuses."""
    if fault.name in _REFUSALS:
        _REFUSALS[fault.name](fault.value, request)


def spoil(fault: Fault, answer: Answer, number: int) -> Answer:
    """Return the answer as the fault leaves it; unchanged by faults of other kinds."""
    return SPOILS[fault.name](answer, number) if fault.name in SPOILS else answer


def hinder(fault: Fault, response: Response) -> Response:
    """Return how the response is sent under the fault; unchanged by faults of other kinds."""
    return _SENDING[fault.name](fault.value, response) if fault.name in _SENDING else response


def _rate_limit(value: str, _: Arrived) -> None:
    raise RefusedError(429, "rate limit reached", "rate_limit_exceeded", Retry_After=value or "1")


def _rate_limit_bare(_: str, __: Arrived) -> None:
    raise RefusedError(429, "rate limit reached", "rate_limit_exceeded")


def _quota(_: str, __: Arrived) -> None:
    raise RefusedError(429, "you exceeded your current quota", "insufficient_quota")


def _server_error(value: str, _: Arrived) -> None:
    raise RefusedError(int(value or 500), "the server had an error", "server_error")


def _no_schema(_: str, request: Arrived) -> None:
    if (request.body.get("response_format") or {}).get("type") == "json_schema":
        message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported"
        raise RefusedError(400, message, "unsupported_parameter")


def _no_json_mode(_: str, request: Arrived) -> None:
    if request.body.get("response_format"):
        message = "Unsupported parameter: 'response_format' is not supported with this model"
        raise RefusedError(400, message, "unsupported_parameter")


def _unauthorized(value: str, request: Arrived) -> None:
    if not value or request.key != value:
        raise RefusedError(401, "Incorrect API key provided", "invalid_api_key")


def _echo_key(_: str, request: Arrived) -> None:
    raise RefusedError(401, f"Incorrect API key provided: {request.key}", "invalid_api_key")


def _no_model(value: str, request: Arrived) -> None:
    model = request.body.get("model")
    if not value or model != value:
        raise RefusedError(404, f"The model '{model}' does not exist", "model_not_found")


def _context(value: str, request: Arrived) -> None:
    most, size = int(value or 4000), len(prompt_of(request.body).encode())
    if size > most:
        message = f"This model's maximum context length is {most // 4} tokens; yours: {size // 4}"
        raise RefusedError(400, message, "context_length_exceeded")


_REFUSALS: Mapping[str, Callable[[str, Arrived], None]] = {
    "rate_limit": _rate_limit,
    "rate_limit_bare": _rate_limit_bare,
    "quota": _quota,
    "server_error": _server_error,
    "no_schema": _no_schema,
    "no_json_mode": _no_json_mode,
    "unauthorized": _unauthorized,
    "echo_key": _echo_key,
    "no_model": _no_model,
    "context": _context,
}
_SENDING: Mapping[str, Callable[[str, Response], Response]] = {
    "hang": lambda v, r: replace(r, manner="hang", pause_s=float(v or 600)),
    "drip": lambda v, r: replace(r, manner="drip", pause_s=float(v or 0.05)),
    "cut": lambda _, r: replace(r, manner="cut"),
    "html": lambda _, r: replace(r, body=HTML, content_type="text/html"),
    # The server leaves the choices out by itself, before there is a body.
    "empty_choices": lambda _, r: r,
}
NAMES = (*_REFUSALS, *_SENDING, *SPOILS)
