"""What a student gets wrong: confusions, weak labels, hard regions, doubtful labels."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.examples import Example, Scored
from tools.scoring.text_errors import failed, grouped

UNSURE_SHARE = 0.1
"""Share of the rows, those of lowest margin, that count as hard although answered right."""


@dataclass(frozen=True)
class LabelScore:
    """How well one label is recognised; `n` is the number of rows that have it."""

    label: str
    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Region:
    """Rows of one label that the student finds hard in the same way.

    Attributes:
        taken_for: The label answered instead; None where the answer is right but unsure. For texts
            see `text_regions`.
        examples: Example ids, lowest margin first.
    """

    label: str
    taken_for: str | None
    examples: tuple[int, ...]


@dataclass(frozen=True)
class Doubt:
    """A row whose given label the student contradicts with confidence."""

    example: int
    given: str
    suggested: str
    confidence: float


def confusions(
    examples: Sequence[Example], scored: Mapping[int, Scored]
) -> list[tuple[str, str, int]]:
    """Return (right label, label it is taken for, count), most frequent first."""
    wrong = Counter((e.output, s.output) for e, s in _answered(examples, scored) if _wrong(e, s))
    ranked = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return [(right, taken_for, n) for (right, taken_for), n in ranked]


def per_label(examples: Sequence[Example], scored: Mapping[int, Scored]) -> list[LabelScore]:
    """Return one row per label that occurs in `examples`, weakest first.

    Rates with an empty denominator are 0.
    """
    pairs = _answered(examples, scored)
    gold = Counter(e.output for e, _ in pairs)
    predicted = Counter(s.output for _, s in pairs)
    right = Counter(e.output for e, s in pairs if not _wrong(e, s))
    table = [
        LabelScore(
            label=label,
            n=n,
            precision=right[label] / predicted[label] if predicted[label] else 0.0,
            recall=right[label] / n,
            f1=2 * right[label] / (n + predicted[label]),
        )
        for label, n in gold.items()
    ]
    return sorted(table, key=lambda row: (row.f1, -row.n, row.label))


def hard_regions(examples: Sequence[Example], scored: Mapping[int, Scored]) -> list[Region]:
    """Group the rows answered wrong, or right with a margin in the lowest tenth, by label pair.

    Largest region first. `scored` should hold out-of-fold answers: a student is sure of the rows it
    was trained on.
    """
    pairs = _answered(examples, scored)
    margins = sorted(s.margin for _, s in pairs)
    unsure = margins[int(len(margins) * UNSURE_SHARE)] if margins else 0.0
    groups: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for e, s in pairs:
        if _wrong(e, s) or s.margin < unsure:
            groups[e.output, s.output].append(s)
    regions = [
        Region(label, None if label == answer else answer, _by_margin(members))
        for (label, answer), members in sorted(groups.items())
    ]
    return sorted(regions, key=lambda region: -len(region.examples))


def text_regions(examples: Sequence[Example], scored: Mapping[int, Scored]) -> list[Region]:
    """Group the wrong answers of a student of free text; largest region first.

    The `label` of a region is the form of its right outputs (see `shape`) or, where outputs are
    plain words, what its inputs are about; `taken_for` is the kind of failure. `scored` should hold
    answers to rows that the student has not learned from.
    """
    regions = [
        Region(name, kind, _by_margin([one.scored for one in members]))
        for (name, kind), members in sorted(grouped(failed(examples, scored)).items())
    ]
    return sorted(regions, key=lambda region: -len(region.examples))


def label_doubts(examples: Sequence[Example], scored: Mapping[int, Scored]) -> list[Doubt]:
    """Return the rows whose label is probably wrong, most confident contradiction first.

    Confident learning (Northcutt et al. 2021): a contradiction counts if it is at least as
    confident as the student's right answers of the suggested label are on average. That bar is
    higher than theirs, which averages over all rows of the label: only the confidence in the
    answer is stored. `scored` should hold out-of-fold answers.
    """
    pairs = _answered(examples, scored)
    sure: dict[str, list[float]] = defaultdict(list)
    for e, s in pairs:
        if not _wrong(e, s):
            sure[s.output].append(s.confidence)
    bar = {label: sum(values) / len(values) for label, values in sure.items()}
    doubts = [
        Doubt(e.id, e.output, s.output, s.confidence)
        for e, s in pairs
        if _wrong(e, s) and s.confidence >= bar.get(s.output, 1.0)
    ]
    return sorted(doubts, key=lambda doubt: (-doubt.confidence, doubt.example))


def _answered(
    examples: Sequence[Example], scored: Mapping[int, Scored]
) -> list[tuple[Example, Scored]]:
    return [(e, scored[e.id]) for e in examples if e.id in scored]


def _wrong(example: Example, scored: Scored) -> bool:
    return example.output != scored.output


def _by_margin(members: Sequence[Scored]) -> tuple[int, ...]:
    return tuple(s.example for s in sorted(members, key=lambda s: (s.margin, s.example)))
