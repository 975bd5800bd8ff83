from hypothesis import given
from hypothesis import strategies as st

from graph.plateau import EXPECTED, improved, plateaued, worth_keeping
from graph.state import Round
from tests.graph.rounds import a_round

rounds = st.lists(
    st.builds(
        a_round,
        p_better=st.floats(0, 1),
        gain=st.floats(-1, 1),
    ),
    max_size=12,
)


def test_first_evaluation_is_an_improvement() -> None:
    assert improved(a_round(p_better=None, gain=None), min_gain=0.01)


def test_a_later_round_that_cannot_be_compared_is_none() -> None:
    assert not improved({**a_round(None, None), "round": 2, "kept": False}, min_gain=0.01)


def test_gain_must_be_both_likely_and_large_enough() -> None:
    assert improved(a_round(p_better=0.95, gain=0.02), min_gain=0.01)
    assert not improved(a_round(p_better=0.85, gain=0.02), min_gain=0.01)
    assert not improved(a_round(p_better=0.95, gain=0.005), min_gain=0.01)


@given(rounds, st.integers(1, 5))
def test_never_ends_before_patience_is_used_up(history: list[Round], patience: int) -> None:
    if len(history) < patience:
        assert not plateaued(history, patience, 0.0)


@given(rounds, st.integers(1, 5))
def test_one_clear_gain_buys_patience_anew(history: list[Round], patience: int) -> None:
    gain = a_round(p_better=1.0, gain=0.5)
    for since in range(patience):
        flat = [a_round(p_better=0.5, gain=0.0)] * since
        assert not plateaued([*history, gain, *flat], patience, 0.01)
    assert plateaued([*history, gain, *[a_round(0.5, 0.0)] * patience], patience, 0.01)


@given(st.floats(-1, 1), st.floats(0.001, 0.5))
def test_without_expectations_the_measured_gain_decides(gain: float, error: float) -> None:
    assert worth_keeping(gain, error, 0.0) == (gain > 0)


@given(st.floats(-0.5, 0.5), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_a_loss_counts_the_less_the_less_it_is_known(gain: float, a: float, b: float) -> None:
    if worth_keeping(gain, min(a, b), EXPECTED):
        assert worth_keeping(gain, max(a, b), EXPECTED) or gain > 0


def test_few_rows_do_not_condemn_and_many_do() -> None:
    assert worth_keeping(-0.05, 0.1, EXPECTED)
    assert not worth_keeping(-0.05, 0.01, EXPECTED)
    assert not worth_keeping(-0.3, 0.1, EXPECTED)
