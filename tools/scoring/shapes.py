"""The form of an output: what answers of one kind have in common, whatever they say."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from tools.scoring.fields import is_structured, parsed

EMPTY = "empty"
MOST_WORDS = 6
MOST_CHARACTERS = 60
"""Longer texts have no form but their length."""
_SAMPLE = 3
"""Elements of a JSON list that are looked at."""
_DEEPEST = 4
_OFTEN = 0.01
_LEAST = 3


def shape(text: str, themselves: Collection[str] = ()) -> str:
    """Return the form of an output, alike for outputs of one kind.

    Runs of digits become 9, words a, Aa or A by their case; characters between them stay, and so
    do capitals in a token with digits, which are codes: `2019-01-04` is `9-9-9`, `PT2H` is `PT9H`,
    `XXXX-WXX-5` is `XXXX-WXX-9`, and `Lake Baikal` is `Aa Aa`. Equal neighbours are one. JSON
    becomes its keys with the forms of their values; a long text the number of its words to the
    power of two below, or of its lines.

    Args:
        text: The output.
        themselves: Outputs that are their own form, see `frequent`; `regular` holds them too.
    """
    text = text.strip()
    if text in themselves:
        return text
    if not text:
        return EMPTY
    if is_structured(text):
        return _json(parsed(text))
    words, lines = text.split(), text.splitlines()
    if len(lines) > 1:
        return f"{_below(len(lines))}+ lines"
    if len(words) > MOST_WORDS or len(text) > MOST_CHARACTERS:
        return f"{_below(len(words))}+ words" if len(words) > 1 else f"{_below(len(text))}+ letters"
    return " ".join(_once(_word(word) for word in words))


def frequent(outputs: Iterable[str]) -> frozenset[str]:
    """Return the short outputs without digits that make 1% of all, and are three or more.

    Answers such as "N/A" are a kind of their own.
    """
    counts = Counter(output.strip() for output in outputs)
    least = max(_LEAST, _OFTEN * counts.total())
    return frozenset(
        output
        for output, n in counts.items()
        if n >= least and 0 < len(output) <= MOST_CHARACTERS // 2 and not re.search(r"\d", output)
    )


def regular(outputs: Sequence[str]) -> frozenset[str]:
    """Return the forms that outputs keep to: shared by 1% and three or more, and telling something.

    Words alone tell nothing: `Aa a` is a form by chance.
    """
    own = frequent(outputs)
    counts = Counter(shape(output, own) for output in outputs)
    least = max(_LEAST, _OFTEN * len(outputs))
    return own | {form for form, n in counts.items() if n >= least and tells(form)}


def tells(form: str) -> bool:
    """Say whether a form is more than words or a length, which texts share by chance."""
    long = form.endswith((" words", " letters", " lines"))
    return not long and any(c not in "aA -'.," for c in form)


def _json(value: Any, depth: int = 0) -> str:
    if depth == _DEEPEST:
        return "…"
    if isinstance(value, dict):
        fields = (f"{key}: {_json(value[key], depth + 1)}" for key in sorted(value))
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(sorted({_json(one, depth + 1) for one in value[:_SAMPLE]})) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return "9" if isinstance(value, int | float) else "text"


def _word(word: str) -> str:
    """Return the form of what stands between two spaces."""
    digits = re.search(r"\d", word)
    word = re.sub(r"\d+", "9", word)
    capitals = r"[^\W\d_]+" if not digits else r"[^\W\dA-Z_]+|[A-Z]+(?=[^\W\dA-Z_])"
    return re.sub(capitals, lambda run: _case(run[0]), word)


def _case(run: str) -> str:
    if run.isupper():
        return "A"
    return "Aa" if run[0].isupper() else "a"


def _once(parts: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if not kept or kept[-1] != part:
            kept.append(part)
    return kept


def _below(n: int) -> int:
    return 1 << (n.bit_length() - 1)
