"""What must never be in a trace: keys, tokens, passwords."""

import os
import re
from collections.abc import Callable, Mapping

_SHORTEST = 8
"""A value that is shorter is a placeholder, such as `none` or `EMPTY`."""
_HIDDEN = "[secret]"
_NAME = r"(?:_KEY|_TOKEN|_SECRET|PASSWORD|API[_-]KEY|AUTHORIZATION)"
_SECRET_NAME = re.compile(
    rf"[A-Z0-9_.-]*(?:{_NAME}|TOKEN|SECRET)|OTEL_EXPORTER_OTLP(?:_TRACES)?_HEADERS", re.IGNORECASE
)
# Each begins with letters, which `re` finds fast, and looks back only then. What precedes may be a
# line break that is spelled as \n, as in JSON.
_PATTERNS = (
    (re.compile(r"://[^/\s@\"'\\]+@"), f"://{_HIDDEN}@"),
    (re.compile(r"hf_[A-Za-z0-9]{16,}"), _HIDDEN),
    (
        re.compile(r"sk-(?:(?<![A-Za-z0-9_]sk-)|(?<=\\[nrt]sk-))[A-Za-z0-9_-]{8,}"),
        _HIDDEN,
    ),
    (
        re.compile(
            r"([Bb](?:earer|EARER|asic|ASIC)\s+)(?=[A-Za-z._~+/-]*[0-9=])[A-Za-z0-9._~+/=-]{8,}"
        ),
        rf"\1{_HIDDEN}",
    ),
)
_MARKS = (
    *("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-"),
    *("xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxr-", "xoxs-", "AKIA", "AIza"),
)
"""What keys and tokens of GitHub, GitLab, Slack, Amazon and Google begin with."""
_MARKED = re.compile(rf"(?:{'|'.join(_MARKS)})[A-Za-z0-9_-]{{16,}}")
_VALUE = r"(?!\[secret\])(?!(?:Bearer|Basic)\s)[^\s\"'\\,;&}\]]{8,}"
# `NAME_KEY=…`, `"api_key": "…"`, also where the quotes are escaped, as in JSON within JSON.
_NAMED = re.compile(rf"({_NAME}\\*[\"']?\s*[:=]\s*\\*[\"']?){_VALUE}", re.IGNORECASE)
_HINTS = ("_key", "_token", "_secret", "password", "api-key", "authorization")
"""One of them is in every name, and to look for them takes a fraction of the time."""
# `"apiKey": "…"`, `"token": "…"`, `?token=…`: words of a text, too, unless they are quoted or set.
_WORDED = re.compile(
    r"((?:(?:api|access|secret|private)key|token|secret)(?:\\*[\"']\s*[:=]|=)\s*\\*[\"']?)"
    + _VALUE,
    re.IGNORECASE,
)
_WORDED_HINTS = tuple(
    f"{name}{end}" for name in ("key", "token", "secret") for end in ('"', "'", "\\", "=")
)

Redact = Callable[[str], str]


def redactor(environment: Mapping[str, str] = os.environ) -> Redact:
    """Return a function that hides what is secret in a text.

    It hides the values of variables whose names say so (keys are read from the environment only,
    see `agent.models`), and what looks like a key, a token, or a URL with a password.
    """
    known = {
        part
        for name, value in environment.items()
        if _SECRET_NAME.fullmatch(name)
        for part in _parts(value)
        if len(part) >= _SHORTEST
    }
    # The longest first: one may be a part of another.
    values = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    literal = re.compile(values) if known else None

    def redact(text: str) -> str:
        if len(text) < _SHORTEST:
            return text
        if literal:
            text = literal.sub(_HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        if any(mark in text for mark in _MARKS):
            text = _MARKED.sub(_HIDDEN, text)
        folded = text.lower()
        if any(hint in folded for hint in _HINTS):
            text = _NAMED.sub(rf"\1{_HIDDEN}", text)
        if any(hint in folded for hint in _WORDED_HINTS):
            text = _WORDED.sub(rf"\1{_HIDDEN}", text)
        return text

    return redact


def _parts(value: str) -> list[str]:
    """Return a value, and those of headers given as `name=value,name=value`."""
    return [value, *(part.partition("=")[2] for part in value.split(","))]
