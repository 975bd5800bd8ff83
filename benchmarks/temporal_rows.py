"""The temporal task in people's rows and in a language model's, on one footing.

What `../shared/teacher_bank/temporal.jsonl` answers are resolved values: `2015-04-18`, `2016`,
`2022-W27`, `P3D`, `N/A`. The real set (`microsoft/recognizers_text`, config datetime) has these
too, and others that the bank never has: open values (`XXXX-05-12`), ranges in brackets, names such
as `PRESENT_REF`. Those rows are left out. It has no sentence without a date; sentences and phrases
of its config number stand for such, as far as no word of time and no year occurs in them.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.standin.rows import load_rows
from tools.scoring.shapes import shape

Pair = tuple[str, str]
NONE = "N/A"
TASK = (
    "The input is the day on which a sentence was written, in brackets, and the sentence. Answer "
    "with the date, time or duration that the sentence speaks of, as its TIMEX value relative to "
    "that day: 2015-04-18, 2016, 2022-W27, 2015-01-13T14:30, P3D. Answer N/A if it speaks of none."
)
_SET = "microsoft/recognizers_text/data"
_VALUE = (
    r"\d{4}(?:-\d\d){0,2}(?:T\d\d(?::\d\d){0,2})?|\d{4}-W\d\d|"
    r"P(?:[\d.]+[YMWD])*(?:T(?:[\d.]+[HMS])+)?"
)
_RESOLVED = re.compile(_VALUE)
_TIMEX = re.compile(rf"{NONE}|{_VALUE}|\d{{4}}-Q\d")
_OF_TIME = re.compile(
    r"\b(?:\d{4}|days?|weeks?|weekend|weekly|months?|monthly|years?|yearly|hours?|minutes?|"
    r"seconds?|today|tomorrow|yesterday|now|current|previous|past|last|next|mon|tue|wed|thu|fri|"
    r"sat|sun|\w+day|jan\w*|feb\w*|march|april|may|june|july|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|"
    r"am|pm|o'clock|morning|noon|night|evening|century|decade|time|date|quarter|season|spring|"
    r"summer|autumn|fall|winter)\b",
    re.IGNORECASE,
)


def real(catalogue: Path, split: str) -> list[Pair]:
    """Return the rows of a split that people wrote, in an order of their own."""
    import pandas as pd

    dated = pd.read_parquet(catalogue / _SET / f"datetime/{split}-00000-of-00001.parquet")
    other = pd.read_parquet(catalogue / _SET / f"number/{split}-00000-of-00001.parquet")
    days = [str(day)[:10] for day in dated.reference_time]
    rows = [
        (f"[{day}] {text.strip()}", value)
        for day, text, value in zip(days, dated.text, dated.timex, strict=True)
        if _RESOLVED.fullmatch(value)
    ]
    rng = random.Random(f"{split} days")
    without = [text.strip() for text in other.text if not _OF_TIME.search(text)]
    rows += [(f"[{rng.choice(days)}] {text}", NONE) for text in without]
    rng.shuffle(rows)
    return list(dict(rows).items())


def written() -> list[Pair]:
    """Return what a language model wrote when it knew the task's description alone."""
    return [(row.input, row.output) for row in load_rows("temporal")]


def is_timex(output: str) -> bool:
    """Say whether an output is a value as the task asks for, by a grammar of its own."""
    return _TIMEX.fullmatch(output) is not None


def kind(output: str) -> str:
    """Return the kind that the tables count an output under."""
    return output if output == NONE else re.sub(r"P.*", "P… (durations)", shape(output))


def shares(outputs: Iterable[str]) -> Counter[str]:
    """Return kind → share of the outputs."""
    counts = Counter(map(kind, outputs))
    total = counts.total()
    return Counter({name: n / total for name, n in counts.items()})


def distance(one: Counter[str], other: Counter[str]) -> float:
    """Return the total variation distance between two distributions, 0 to 1."""
    return sum(abs(one[name] - other[name]) for name in {*one, *other}) / 2


def share_of(outputs: Sequence[str], name: str) -> float:
    """Return the share of outputs of a kind."""
    return shares(outputs)[name]
