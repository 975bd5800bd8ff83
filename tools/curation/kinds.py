"""Kinds of output of a text task: the forms that its real outputs have, and how often each occurs.

The teacher that the Prompt2Model paper (arXiv 2308.12261) asked for date expressions wrote "N/A" in
.6% of its examples, where 43% of the real ones have it. So what is written goes by kinds, in the
proportions of the real outputs or of what the task says.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.scoring.shapes import frequent, shape, tells
from tools.text import folded

OTHER = ""
"""The kind of all outputs whose form is too rare to be a kind."""
MOST_KINDS = 24
ENOUGH = 20
"""Real outputs from which on what never occurs in them may count as wrong."""
UNSEEN = 0.05
FEWEST_ROWS = 5
"""With fewer real outputs nothing is known of how often each kind occurs."""
_COVERED = 0.5
"""Least share of the outputs that kinds have; of free texts nearly every one has its own form."""
_SMOOTHING = 0.5
_ABSENT = frozenset(
    ("n/a", "na", "none", "null", "nil", "nothing", "unknown", "no", "-", "keine", "keins", "")
)
_NAMED_ABSENT = re.compile(
    r"""\b(?:N/A|NONE|NULL|UNKNOWN)\b|(?<=["'“‘`])(?:none|null|nothing|unknown|n/a)(?=["'”’`])"""
)
_SAYS_NONE = re.compile(r"\b(?:none|no|nothing|without|kein\w*|ohne|nichts)\b", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,2}(?:[.,]\d+)?)\s?(?:%|per\s?cent\b|Prozent\b)", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:at (?:least|most)|more than|less than|fewer than|over|under|up to|accura\w+|correct|"
    r"score\w*|mindestens|höchstens|genauigkeit)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True)
class Kinds:
    """How outputs divide into kinds.

    Attributes:
        shares: Kind → share of outputs that should have it, most frequent first; they sum to 1.
        themselves: Short outputs that are a kind by themselves, such as "N/A".
    """

    shares: Mapping[str, float]
    themselves: frozenset[str]

    def of(self, output: str) -> str:
        """Return the kind of an output."""
        form = shape(output, self.themselves)
        return form if form in self.shares else OTHER

    def due(self, n: int, rows: Mapping[str, int]) -> dict[str, int]:
        """Return kind → how many of `n` new rows bring all rows nearest to the shares.

        By Sainte-Laguë's method: rows are given one by one to the kind that lacks most.

        Args:
            n: New rows.
            rows: Kind → rows that there are.
        """
        have = Counter(rows)
        for _ in range(n):
            have[max(self.shares, key=lambda kind: self.shares[kind] / (have[kind] + 0.5))] += 1
        given = {kind: have[kind] - rows.get(kind, 0) for kind in self.shares}
        return {kind: times for kind, times in given.items() if times}


def find_kinds(outputs: Sequence[str], instruction: str) -> Kinds | None:
    """Return the kinds of a task's outputs; None where they have none, as free texts.

    Shares are those of the outputs with half a row added to each (Jeffreys' prior), but what the
    task says of one ("about 40% have none") wins.

    Args:
        outputs: Real training outputs.
        instruction: The task in words.
    """
    enough = len(outputs) >= FEWEST_ROWS
    known = frequent(outputs) if enough else frozenset()
    said = said_share(instruction, known)
    themselves = known | {said[0]} if said else known
    counts = Counter(shape(output, themselves) for output in outputs) if enough else Counter[str]()
    forms = {
        form: n
        for form, n in counts.most_common(MOST_KINDS)
        if n > 1 and (form in themselves or tells(form))
    }
    if counts and sum(forms.values()) < _COVERED * counts.total():
        return None
    if said:
        forms.setdefault(said[0], 0)
    if not forms:
        return None
    weights = {form: n + _SMOOTHING for form, n in forms.items()}
    others = counts.total() - sum(forms.values())
    if others or counts.total() < ENOUGH:
        weights[OTHER] = others + _SMOOTHING
    return Kinds(_shares(weights, said), themselves)


def _shares(weights: Mapping[str, float], said: tuple[str, float] | None) -> dict[str, float]:
    named, share = said or (None, 0.0)
    rest = sum(weight for kind, weight in weights.items() if kind != named)
    shares = {
        kind: share if kind == named else weight / rest * (1 - share)
        for kind, weight in weights.items()
    }
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def said_share(instruction: str, known: frozenset[str]) -> tuple[str, float] | None:
    """Return the output that the task gives a share of, and the share; None where it gives none.

    Read are sentences with one percentage that is no bound and no score, which name an output that
    occurs, or say that there is none: "About 40% of the sentences have no date."

    Args:
        instruction: The task in words.
        known: Short outputs that occur often.
    """
    absent = {o for o in known if folded(o) in _ABSENT} | set(_NAMED_ABSENT.findall(instruction))
    for sentence in _SENTENCE.split(instruction):
        shares = _SHARE.findall(sentence)
        if len(shares) != 1 or _BOUND.search(sentence):
            continue
        share = float(shares[0].replace(",", ".")) / 100
        named = [o for o in sorted(known | absent) if _names(sentence, o)]
        if len(named) != 1 and _SAYS_NONE.search(sentence):
            named = sorted(absent)
        if len(named) == 1 and 0 < share < 1:
            return named[0], share
    return None


def _names(sentence: str, output: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(output)}(?!\w)", sentence))


def settled(counts: Counter[str]) -> bool:
    """Say whether rows are enough to take what does not occur in them for wrong.

    The share of what occurs once estimates the share of all that has not occurred yet (Good 1953);
    it is also the share of the rows that would be turned down if each had to occur in another.
    """
    once = sum(n == 1 for n in counts.values())
    return counts.total() >= ENOUGH and once <= UNSEEN * counts.total()
