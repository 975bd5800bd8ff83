import pytest

from tools.examples import Example, Scored
from tools.scoring.errors import (
    Doubt,
    LabelScore,
    Region,
    confusions,
    hard_regions,
    label_doubts,
    per_label,
)

# (given label, answer, confidence, margin) of examples 1, 2, …
Row = tuple[str, str, float, float]


def answered(*rows: Row) -> tuple[list[Example], dict[int, Scored]]:
    examples = [
        Example(f"text {i}", row[0], "train", "user", "mit", "gold", id=i)
        for i, row in enumerate(rows, start=1)
    ]
    return examples, {i: Scored(i, *row[1:]) for i, row in enumerate(rows, start=1)}


def test_confusions_are_most_frequent_first_and_ignore_unanswered_rows() -> None:
    examples, scored = answered(
        ("b", "a", 0.6, 0.2), ("a", "b", 0.6, 0.2), ("c", "a", 0.6, 0.2), ("c", "a", 0.6, 0.2),
        ("a", "a", 0.9, 0.8), ("c", "b", 0.9, 0.8),
    )  # fmt: skip
    del scored[6]
    assert confusions(examples, scored) == [("c", "a", 2), ("a", "b", 1), ("b", "a", 1)]


def test_label_table_is_weakest_first() -> None:
    examples, scored = answered(
        ("a", "a", 0.9, 0.8), ("a", "a", 0.9, 0.8), ("a", "b", 0.6, 0.2),
        ("b", "b", 0.9, 0.8), ("c", "a", 0.9, 0.8),
    )  # fmt: skip
    c, *rest = per_label(examples, scored)
    assert c == LabelScore("c", 1, 0.0, 0.0, 0.0)
    assert [row.label for row in rest] == ["a", "b"]
    assert (rest[0].precision, rest[0].recall, rest[0].f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_label_table_equals_sklearn() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    gold, predicted = "aabbbccccd" * 3, "abbbaccdca" * 3
    rows: list[Row] = [(g, p, 0.5, 0.1) for g, p in zip(gold, predicted, strict=True)]
    table = {row.label: row for row in per_label(*answered(*rows))}
    expected = precision_recall_fscore_support(list(gold), list(predicted), zero_division=0)
    for label, *rates, n in zip("abcd", *expected, strict=True):
        row = table[label]
        assert [row.precision, row.recall, row.f1] == pytest.approx(rates)
        assert row.n == n


def test_hard_regions_join_wrong_and_unsure_rows_by_label_pair() -> None:
    sure: list[Row] = [("a", "a", 0.99, 0.9)] * 17
    examples, scored = answered(
        ("a", "b", 0.7, 0.4), ("a", "b", 0.6, 0.1), ("b", "b", 0.51, 0.02), *sure
    )
    assert hard_regions(examples, scored) == [Region("a", "b", (2, 1)), Region("b", None, (3,))]


def test_answers_of_equal_margin_are_not_all_unsure() -> None:
    assert hard_regions(*answered(*[("a", "a", 1.0, 1.0)] * 20)) == []


def test_doubts_need_more_confidence_than_usual() -> None:
    examples, scored = answered(
        ("a", "a", 0.8, 0.6), ("a", "a", 0.9, 0.8), ("b", "b", 0.5, 0.1),
        ("b", "a", 0.7, 0.4), ("b", "a", 0.95, 0.9), ("a", "b", 0.6, 0.2), ("a", "c", 0.9, 0.9),
    )  # fmt: skip
    assert label_doubts(examples, scored) == [Doubt(5, "b", "a", 0.95), Doubt(6, "a", "b", 0.6)]


def test_nothing_answered_means_nothing_wrong() -> None:
    examples, _ = answered(("a", "b", 0.7, 0.4))
    assert confusions(examples, {}) == []
    assert per_label(examples, {}) == []
    assert hard_regions(examples, {}) == []
    assert label_doubts(examples, {}) == []
