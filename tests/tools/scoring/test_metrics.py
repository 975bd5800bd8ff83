import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.scoring.metrics import METRICS, Accuracy, CodedMetric, ExactMatch, MacroF1, encode
from tools.services import Metric

PAIRS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcdx")), min_size=1)


def test_registry_is_by_name_and_satisfies_the_protocol() -> None:
    of_texts = {"token_f1", "squad_em", "chrF++", "BLEU", "ROUGE-L", "json_f1", "json_valid"}
    assert set(METRICS) == {"accuracy", "macro_f1", "exact_match"} | of_texts
    assert all(isinstance(m, Metric) and m.name == name for name, m in METRICS.items())
    assert isinstance(METRICS["macro_f1"], CodedMetric)
    assert not isinstance(METRICS["accuracy"], CodedMetric)


@settings(deadline=None)  # the first example pays for imports
@given(PAIRS)
def test_macro_f1_equals_sklearn(pairs: list[tuple[str, str]]) -> None:
    from sklearn.metrics import f1_score

    gold, predicted = zip(*pairs, strict=True)
    expected = f1_score(gold, predicted, average="macro", zero_division=0)
    assert MacroF1().score(gold, predicted) == pytest.approx(expected)


@settings(deadline=None)  # the first example pays for imports
@given(PAIRS)
def test_accuracy_equals_sklearn(pairs: list[tuple[str, str]]) -> None:
    from sklearn.metrics import accuracy_score

    gold, predicted = zip(*pairs, strict=True)
    assert Accuracy().score(gold, predicted) == pytest.approx(accuracy_score(gold, predicted))


@settings(deadline=None)  # the first example pays for imports
@given(PAIRS, st.integers(0, 1000))
def test_resamples_score_as_if_alone(pairs: list[tuple[str, str]], seed: int) -> None:
    gold, predicted = encode(*zip(*pairs, strict=True))
    rows = np.random.default_rng(seed).integers(0, len(pairs), (2, 3, len(pairs)))
    together = MacroF1().score_codes(gold[rows], predicted[rows])
    alone = [
        [MacroF1().score([pairs[i][0] for i in r], [pairs[i][1] for i in r]) for r in plane]
        for plane in rows
    ]
    assert together == pytest.approx(np.array(alone))


def test_exact_match_ignores_case_and_white_space_only() -> None:
    assert ExactMatch().score(["Straße  1\n"], ["STRASSE 1"]) == 1.0
    assert ExactMatch().score(["a b", "c"], ["ab", "c"]) == 0.5


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)
def test_no_rows_score_nothing(metric: Metric) -> None:
    assert metric.score([], []) == 0.0


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)
def test_rows_must_pair_up(metric: Metric) -> None:
    with pytest.raises(ValueError, match=r"shorter|longer|shape|broadcast"):
        metric.score(["a", "b", "c"], ["a", "b"])


def test_macro_f1_is_fast_once_coded() -> None:
    gold, predicted = np.random.default_rng(0).integers(0, 150, (2, 3_000))
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        MacroF1().score_codes(gold, predicted)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.001
