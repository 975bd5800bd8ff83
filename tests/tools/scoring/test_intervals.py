from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tools.scoring.intervals import bca, interval, wilson
from tools.scoring.metrics import METRICS, Accuracy, MacroF1
from tools.services import Metric

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)

# Rows: gold label; columns: answer. What a mediocre student does with three uneven labels.
JOINT = np.array([[0.40, 0.06, 0.04], [0.05, 0.20, 0.05], [0.03, 0.05, 0.12]])


class SquaredAccuracy:
    """A metric that is neither a proportion nor coded."""

    name = "squared_accuracy"
    proportion = False

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        return (sum(g == p for g, p in zip(gold, predicted, strict=True)) / len(gold)) ** 2


def draw(joint: NDArray[np.float64], n: int, seed: int) -> tuple[list[str], list[str]]:
    cells = np.random.default_rng(seed).choice(joint.size, n, p=joint.ravel())
    gold, predicted = np.unravel_index(cells, joint.shape)
    return [str(g) for g in gold], [str(p) for p in predicted]


def macro_f1_of(joint: NDArray[np.float64]) -> float:
    return float(np.mean(2 * joint.diagonal() / (joint.sum(axis=0) + joint.sum(axis=1))))


def covered(ci: tuple[float, float] | None, truth: float) -> bool:
    assert ci is not None
    return ci[0] <= truth <= ci[1]


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)
@given(PAIRS, st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_interval_holds_the_value(metric: Metric, pairs: list[tuple[str, str]], seed: int) -> None:
    gold, predicted = zip(*pairs, strict=True)
    ci = interval(metric, gold, predicted, seed)
    assert ci is not None
    assert 0 <= ci[0] <= metric.score(gold, predicted) <= ci[1] <= 1
    assert ci[1] > ci[0] or not metric.proportion


def test_wilson_covers_as_often_as_it_says() -> None:
    hits = []
    for seed in range(400):
        n = 50 + 150 * seed // 400
        gold, predicted = draw(JOINT, n, seed)
        hits.append(covered(interval(Accuracy(), gold, predicted, 0), JOINT.trace()))
    assert 0.92 <= np.mean(hits) <= 0.98


def test_bca_covers_as_often_as_it_says() -> None:
    truth = macro_f1_of(JOINT)
    hits = []
    for seed in range(150):
        gold, predicted = draw(JOINT, 80 + seed % 120, seed)
        hits.append(covered(interval(MacroF1(), gold, predicted, seed), truth))
    assert 0.92 <= np.mean(hits) <= 0.98


def test_wilson_matches_published_values() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_one_row_has_no_interval() -> None:
    assert interval(Accuracy(), ["a"], ["a"], 0) is None
    assert interval(MacroF1(), [], [], 0) is None


def test_a_perfect_score_on_few_rows_is_not_certain() -> None:
    assert interval(MacroF1(), ["a", "b"] * 10, ["a", "b"] * 10, 0) == pytest.approx(
        (0.8389, 1.0), abs=1e-4
    )


def test_bca_is_defined_on_degenerate_rows() -> None:
    assert bca(MacroF1(), ["a"] * 5, ["a"] * 5, 0) == (1.0, 1.0)
    low, high = bca(MacroF1(), ["a", "b"], ["a", "a"], 0)
    assert 0 <= low <= high <= 1


def test_any_metric_gets_an_interval() -> None:
    gold, predicted = draw(JOINT, 60, 1)
    value = SquaredAccuracy().score(gold, predicted)
    ci = interval(SquaredAccuracy(), gold, predicted, 0)
    assert ci is not None
    assert ci[0] < value < ci[1]


def test_interval_is_reproducible() -> None:
    gold, predicted = draw(JOINT, 60, 1)
    first, second = (interval(MacroF1(), gold, predicted, 3) for _ in range(2))
    assert first == second
