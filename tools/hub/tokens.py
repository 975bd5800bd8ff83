"""Tokens put together again as people write them, and tags read as entities."""

import re
from collections.abc import Sequence

NO_ENTITY = "none"
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese signs; Korean sets spaces between words."""
_TO_THE_LEFT = re.compile(r"[.,;:!?%)\]}…»”]+|n['’]t|['’](?:s|re|ve|ll|m|d|S)", re.IGNORECASE)
_TO_THE_RIGHT = re.compile(r"[(\[{$£€«“]+")
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}",
             "``": '"', "''": '"'}  # fmt: skip
_PREFIX = re.compile(r"([BIESLU])[-_](.+)", re.DOTALL)
_OPENING = "BSU"


def join_tokens(tokens: Sequence[str]) -> str:
    """Return tokens as running text: no spaces in scripts without, none before English full stops.

    Simple on purpose: quotation marks are paired in order, and nothing else is looked up.
    """
    text, glued, quoted = "", True, False
    for token in (_BRACKETS.get(token, token) for token in tokens):
        closes = token == '"' and quoted
        if token == '"':
            quoted = not quoted
        tight = glued or closes or bool(_TO_THE_LEFT.fullmatch(token)) or _no_space(text, token)
        text += token if tight else f" {token}"
        glued = bool(_TO_THE_RIGHT.fullmatch(token)) or (token == '"' and quoted)
    return text.strip()


def _no_space(text: str, token: str) -> bool:
    """Whether the script of either side sets no space here."""
    return bool(text and token) and bool(_UNSPACED.match(text[-1]) or _UNSPACED.match(token[0]))


def entities(tokens: Sequence[str], tags: Sequence[str]) -> str:
    """Return `person: Alan Turing; location: Paris`, or `none`.

    Args:
        tokens: The tokens of one text.
        tags: Their tags in BIO, BIOES or BILOU form, or names of kinds alone (IO); `O` is outside.
    """
    found: list[tuple[str, list[str]]] = []
    open_kind = ""
    for token, tag in zip(tokens, tags, strict=False):
        kind, begins = _kind(tag)
        if kind and (begins or kind != open_kind):
            found.append((kind, [token]))
        elif kind:
            found[-1][1].append(token)
        open_kind = kind
    return labelled([(kind, join_tokens(words)) for kind, words in found])


def _kind(tag: str) -> tuple[str, bool]:
    """Return the kind that a tag names, empty outside of entities, and whether one begins here."""
    if tag.strip() in ("O", "o", "0", ""):
        return "", False
    match = _PREFIX.fullmatch(tag)
    return (match.group(2), match.group(1) in _OPENING) if match else (tag, False)


def labelled(items: Sequence[tuple[str, str]]) -> str:
    """Return `name: value; name: value`, or `none` where there are no items."""
    return "; ".join(f"{name}: {' '.join(value.split())}" for name, value in items) or NO_ENTITY
