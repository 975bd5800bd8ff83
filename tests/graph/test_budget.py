from graph.budget import charge, exhausted, seconds_left
from graph.state import NOTHING_SPENT, Limits
from tools.teaching import Usage

LIMITS: Limits = {
    "max_rounds": 3,
    "minutes": 2.0,
    "usd": 1.0,
    "patience": 2,
    "min_gain": 0.0,
    "target": None,
}


def test_steps_add_up() -> None:
    once = charge(NOTHING_SPENT, 1.5, Usage(calls=2, prompt_tokens=10, usd=0.1))
    twice = charge(once, 2.0, Usage(calls=1, prompt_tokens=5, usd=0.05))
    assert twice["seconds"] == 3.5
    assert (twice["teacher_calls"], twice["prompt_tokens"], twice["usd"]) == (3, 15, 0.15)
    assert seconds_left(LIMITS, twice) == 116.5


def test_each_limit_is_named() -> None:
    assert exhausted(LIMITS, NOTHING_SPENT, rounds=2) is None
    assert exhausted(LIMITS, NOTHING_SPENT, rounds=3) == "rounds"
    assert exhausted(LIMITS, {**NOTHING_SPENT, "seconds": 121.0}, rounds=0) == "minutes"
    assert exhausted(LIMITS, {**NOTHING_SPENT, "usd": 1.0}, rounds=0) == "usd"


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    unknown = charge(NOTHING_SPENT, 1.0, Usage(calls=1, usd=None))
    assert charge(unknown, 1.0, Usage(calls=1, usd=0.1))["usd"] is None


def test_usage_since() -> None:
    before, after = Usage(calls=1, usd=0.1), Usage(calls=3, prompt_tokens=7, usd=0.3)
    assert after.since(before) == Usage(calls=2, prompt_tokens=7, usd=0.3 - 0.1)
    assert after.since(Usage(usd=None)).usd is None


def test_an_unknown_price_never_counts_as_spent() -> None:
    assert exhausted(LIMITS, {**NOTHING_SPENT, "usd": None}, rounds=0) is None


def test_a_budget_of_nothing_ends_a_run_only_once_it_costs() -> None:
    assert exhausted({**LIMITS, "usd": 0.0}, NOTHING_SPENT, rounds=0) is None
    assert exhausted({**LIMITS, "usd": 0.0}, {**NOTHING_SPENT, "usd": 0.01}, rounds=0) == "usd"
