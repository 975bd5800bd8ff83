from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.scoring.compare import compare
from tools.scoring.metrics import METRICS, Accuracy
from tools.services import Metric

LETTER = st.sampled_from("abc")
ROWS = st.lists(st.tuples(LETTER, LETTER, LETTER), min_size=1, max_size=30)
EVERY_METRIC = pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)


def answers(gold: Sequence[str], right: float, seed: int) -> list[str]:
    hits = np.random.default_rng(seed).random(len(gold)) < right
    return [g if hit else "wrong" for g, hit in zip(gold, hits, strict=True)]


@EVERY_METRIC
@given(ROWS, st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_swapping_the_students_mirrors_the_result(
    metric: Metric, rows: list[tuple[str, str, str]], seed: int
) -> None:
    gold, new, old = zip(*rows, strict=True)
    there = compare(metric, gold, new, old, seed, resamples=200)
    back = compare(metric, gold, old, new, seed, resamples=200)
    assert there.p_better + back.p_better == pytest.approx(1)
    assert there.gain == pytest.approx(-back.gain)


@EVERY_METRIC
def test_equal_answers_are_a_tie(metric: Metric) -> None:
    gold = ["a", "b", "c"] * 20
    same = answers(gold, 0.7, 0)
    result = compare(metric, gold, same, same, 0)
    assert (result.gain, result.p_better) == (0, 0.5)


@EVERY_METRIC
def test_a_real_difference_is_found(metric: Metric) -> None:
    gold = ["[1, 2, 3, 4]", "[5, 6, 7, 8]", "[3, 5, 9, 2]"] * 100
    result = compare(metric, gold, answers(gold, 0.85, 1), answers(gold, 0.7, 2), 0)
    assert result.gain > 0.05
    assert result.p_better > 0.95


def test_equally_good_students_seldom_seem_different() -> None:
    gold = ["a", "b"] * 100
    found = [
        compare(Accuracy(), gold, answers(gold, 0.8, i), answers(gold, 0.8, 1_000 + i), i, 500)
        for i in range(200)
    ]
    assert np.mean([c.p_better >= 0.9 for c in found]) == pytest.approx(0.1, abs=0.06)


def test_batches_do_not_change_the_number_of_resamples() -> None:
    gold = ["a"] * 3_000  # more cells than one batch holds
    assert compare(Accuracy(), gold, gold, ["b"] * 3_000, 0).p_better == 1
