from hypothesis import given
from hypothesis import strategies as st

from tools.disjoint import DisjointSets

NUMBERS = st.integers(0, 9)


@given(st.lists(st.tuples(NUMBERS, NUMBERS)))
def test_sets_are_what_the_joined_pairs_connect(pairs: list[tuple[int, int]]) -> None:
    sets = DisjointSets(10)
    connected = [{number} for number in range(10)]
    for a, b in pairs:
        sets.join(a, b)
        merged = connected[a] | connected[b]
        for number in merged:
            connected[number] = merged
    for a in range(10):
        assert {b for b in range(10) if sets.root(b) == sets.root(a)} == connected[a]


def test_the_second_of_a_pair_gives_the_root() -> None:
    sets = DisjointSets(4)
    sets.join(0, 1)
    sets.join(1, 2)
    assert [sets.root(number) for number in range(4)] == [2, 2, 2, 3]
