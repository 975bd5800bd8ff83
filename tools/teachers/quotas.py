"""How many examples of each label a batch should bring."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from tools.teaching import Confusion, Focus

Pair = tuple[str, str]
"""Two labels that are taken for each other, in alphabetical order."""
_SHARE = 0.7
"""Share of the mistakes that count as the most frequent."""


def quotas(
    focus: Focus, n: int, rows: Mapping[str, int], confusions: Sequence[Confusion]
) -> dict[str, int]:
    """Return label → number of new examples; they sum to `n` unless there is no label to serve.

    Args:
        focus: cover: the same for all, what does not divide to the labels with the fewest rows.
            balance: to the label that has fewest, one by one. hard: to both sides of the most
            frequent confusions alike, in proportion to how often they happen.
        n: Examples wanted.
        rows: Label → training rows it has now, in the order that breaks ties.
        confusions: Needed for hard only; pairs with a label not in `rows` are left out.
    """
    if focus == "hard":
        return _contrasted(n, rows, confusions)
    if focus == "balance":
        return _levelled(n, rows)
    return _evenly(n, rows)


def _evenly(n: int, rows: Mapping[str, int]) -> dict[str, int]:
    fewest_first = sorted(rows, key=lambda label: rows[label])
    return {
        label: n // len(rows) + (place < n % len(rows)) for place, label in enumerate(fewest_first)
    }


def _levelled(n: int, rows: Mapping[str, int]) -> dict[str, int]:
    level = dict(rows)
    for _ in range(n if rows else 0):
        level[min(level, key=lambda label: level[label])] += 1
    return {label: level[label] - rows[label] for label in rows}


def confused_pairs(confusions: Iterable[Confusion], labels: Container[str]) -> dict[Pair, int]:
    """Return the pairs that make most of the mistakes, most frequent first, with their mistakes.

    Both directions of a confusion are one pair. What is left out are rare pairs, of which there
    may be many: they would take the examples from those that are worth it.

    Args:
        confusions: Mistakes of a student.
        labels: Pairs with neither side among these are left out.
    """
    times: Counter[Pair] = Counter()
    for right, taken_for, n in confusions:
        if right in labels or taken_for in labels:
            times[min(right, taken_for), max(right, taken_for)] += n
    most: dict[Pair, int] = {}
    for pair, n in times.most_common():
        if sum(most.values()) < _SHARE * times.total():
            most[pair] = n
    return most


def most_due(pairs: Mapping[Pair, int], given: Mapping[Pair, int]) -> Pair:
    """Return whose turn it is for turns to be in proportion to `pairs` (D'Hondt's method)."""
    return max(pairs, key=lambda pair: pairs[pair] / (given.get(pair, 0) + 1))


def _contrasted(n: int, rows: Mapping[str, int], confusions: Sequence[Confusion]) -> dict[str, int]:
    pairs = confused_pairs(confusions, rows)
    shares: Counter[str] = Counter()
    given: Counter[Pair] = Counter()
    while pairs and shares.total() < n:
        pair = most_due(pairs, given)
        given[pair] += 1
        wanted = [label for label in pair if label in rows]
        shares.update(wanted[: n - shares.total()])
    return dict(shares)
