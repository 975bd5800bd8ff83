from hypothesis import given, settings
from hypothesis import strategies as st

from tools.teachers.quotas import confused_pairs, quotas

ROWS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50), min_size=1)


@settings(deadline=None)
@given(st.integers(1, 200), ROWS)
def test_cover_and_balance_share_out_everything(n: int, rows: dict[str, int]) -> None:
    for shares in (quotas("cover", n, rows, []), quotas("balance", n, rows, [])):
        assert sum(shares.values()) == n
        assert min(shares.values()) >= 0


@settings(deadline=None)
@given(st.integers(1, 200), ROWS)
def test_balance_never_lifts_a_label_above_one_it_left_behind(n: int, rows: dict[str, int]) -> None:
    shares = quotas("balance", n, rows, [])
    level = {label: rows[label] + share for label, share in shares.items()}
    served = [level[label] for label, share in shares.items() if share]
    assert max(served) - min(level.values()) <= 1


def test_cover_gives_the_rest_to_those_with_fewest_rows() -> None:
    assert quotas("cover", 4, {"a": 9, "b": 1, "c": 5}, []) == {"a": 1, "b": 2, "c": 1}


def test_hard_serves_both_sides_of_each_confusion() -> None:
    confused = [("a", "b", 6), ("c", "b", 4), ("x", "y", 9)]
    rows = dict.fromkeys("abcd", 1)
    assert quotas("hard", 10, rows, confused) == {"a": 3, "b": 5, "c": 2}
    assert sum(quotas("hard", 9, rows, confused).values()) == 9
    assert quotas("hard", 5, {"c": 1}, confused) == {"c": 5}
    assert quotas("hard", 5, {"d": 1}, confused) == {}


def test_rare_confusions_are_left_out_and_directions_count_together() -> None:
    confused = [("a", "b", 3), ("c", "d", 4), ("b", "a", 3), *(("a", other, 1) for other in "efg")]
    assert confused_pairs(confused, "a") == {("a", "b"): 6, ("a", "e"): 1}
    assert confused_pairs(confused, "abcd") == {("a", "b"): 6, ("c", "d"): 4}
