"""What the outputs of a text task are like, told from training rows."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import mean, median
from typing import Literal

from tools.scoring.fields import is_structured
from tools.scoring.shapes import regular, shape
from tools.scoring.words import is_alone, plain_words
from tools.text import folded

Kind = Literal["json", "closed", "short", "long"]
MOST = 0.9
"""Share of the outputs that makes a kind the rule."""
REPEATED = 0.5
"""Share of outputs that other rows have too, from which on outputs count as a closed set."""
SHORT = 6
"""Words of a short answer: median over the outputs."""
LOOKED_AT = 2_000
_CODE = re.compile(r"[\w\])]\(|[{};=]|\w\[|\b(?:SELECT|def|import|return)\b")


def described(rows: Sequence[tuple[str, str]]) -> tuple[Kind, str]:
    """Return what the outputs are like and, in a sentence, by what.

    Args:
        rows: Inputs and outputs; of many, some are looked at.
    """
    rows = rows[:: max(1, len(rows) // LOOKED_AT)]
    outputs = [output for _, output in rows]
    if _share([is_structured(output) for output in outputs]) >= MOST:
        return "json", "Outputs are JSON."
    words = median(_words(output) for output in outputs) if outputs else 0
    if words <= SHORT and (why := _closed(outputs)):
        return "closed", why
    if words > SHORT:
        return "long", f"Outputs are texts of about {words:.0f} words; many may be right."
    code = _share([bool(_CODE.search(output)) for output in outputs])
    if code >= REPEATED:
        return "long", f"{code:.0%} of the outputs look like code."
    taken = _share([folded(output) in folded(text) for text, output in rows])
    return "short", f"Outputs are a few words; {taken:.0%} of them are part of their input."


def _closed(outputs: Sequence[str]) -> str | None:
    """Return why outputs are right as a whole or not at all; None where they are not so."""
    counts = Counter(folded(output) for output in outputs)
    repeated = _share([counts[folded(output)] > 1 for output in outputs])
    if repeated >= REPEATED:
        return f"Outputs are short, and {repeated:.0%} of them repeat."
    forms = regular(outputs)
    kept = Counter(form for output in outputs if (form := shape(output, forms)) in forms)
    if kept.total() < REPEATED * len(outputs) or not any("9" in form for form in kept):
        return None
    (common, _), *_ = kept.most_common(1)
    return f"{kept.total() / len(outputs):.0%} of the outputs keep to a form, such as {common!r}."


def _words(text: str) -> float:
    """Return the number of words, two characters to a word in scripts without spaces."""
    return sum(0.5 if is_alone(word[0]) else 1 for word in plain_words(text))


def _share(found: Sequence[bool]) -> float:
    return mean(found) if found else 0.0
