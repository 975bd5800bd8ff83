"""How many examples of each label a batch should bring."""

from collections.abc import Mapping, Sequence

from tools.teaching import Focus

Confusion = tuple[str, str, int]
"""Right label, label it is taken for, how often."""


def quotas(
    focus: Focus, n: int, rows: Mapping[str, int], confusions: Sequence[Confusion]
) -> dict[str, int]:
    """Return label → number of new examples; they sum to `n` unless there is no label to serve.

    Args:
        focus: cover: the same for all, what does not divide to the labels with the fewest rows.
            balance: to the label that has fewest, one by one. hard: to both sides of each
            confusion, in proportion to how often it happens.
        n: Examples wanted.
        rows: Label → training rows it has now, in the order that breaks ties.
        confusions: Needed for hard only; pairs with a label not in `rows` are left out.
    """
    if focus == "hard":
        return _in_proportion(n, _troubles(rows, confusions))
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


def _troubles(rows: Mapping[str, int], confusions: Sequence[Confusion]) -> dict[str, int]:
    troubles: dict[str, int] = {}
    for right, taken_for, times in confusions:
        for label in (right, taken_for):
            if label in rows:
                troubles[label] = troubles.get(label, 0) + times
    return troubles


def _in_proportion(n: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share out `n` by largest remainder."""
    total = sum(weights.values())
    shares = {label: n * weight // total for label, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda label: -(n * weights[label] % total))
    for label in by_remainder[: n - sum(shares.values())]:
        shares[label] += 1
    return shares
