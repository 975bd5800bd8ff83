from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.curation.kinds import OTHER, Kinds, find_kinds, said_share, settled

DATES = [f"2019-{i % 12 + 1:02d}-04" for i in range(60)]
SPANS = [f"P{i + 1}D" for i in range(10)]
NONE = ["N/A"] * 30
WORDS = ["ash", "birch", "cedar", "elder", "fir", "hazel", "larch"]
TASK = "Give the date that a sentence speaks of."


def test_shares_are_those_of_the_real_outputs_a_little_smoothed() -> None:
    kinds = find_kinds([*DATES, *SPANS, *NONE], TASK)
    assert kinds is not None
    assert list(kinds.shares) == ["9-9-9", "N/A", "P9D"]
    assert list(kinds.shares.values()) == pytest.approx([0.596, 0.3, 0.103], abs=0.001)
    assert [kinds.of(o) for o in ("2020-01-31", "N/A", "P2D", "soon")] == [
        "9-9-9",
        "N/A",
        "P9D",
        "",
    ]


def test_forms_that_occur_once_are_one_kind_together() -> None:
    kinds = find_kinds([*DATES, "soon", "2019-W3", "T9:30"], TASK)
    assert kinds is not None
    assert list(kinds.shares) == ["9-9-9", OTHER]


def test_free_texts_have_no_kinds() -> None:
    texts = [f"{'word ' * (7 + i % 5)}and the end of sentence {i}." for i in range(40)]
    assert find_kinds(texts, TASK) is None
    spans = [f"Mount {WORDS[i % 7]}{WORDS[i // 7]}" for i in range(49)]
    assert find_kinds(spans, TASK) is None
    assert find_kinds(DATES[:4], TASK) is None


def test_few_rows_leave_room_for_forms_that_they_do_not_have() -> None:
    kinds = find_kinds(DATES[:5], TASK)
    assert kinds is not None
    assert kinds.shares == pytest.approx({"9-9-9": 11 / 12, OTHER: 1 / 12})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("About 40% of the sentences have no date: answer N/A for those.", ("N/A", 0.4)),
        ("Write N/A where there is none. Roughly 43 percent have none.", ("N/A", 0.43)),
        ('Answer "none" if nothing is said; that is so in 25 % of them.', None),
        ('Answer "none" without a date, as in 12.5% of them.', ("none", 0.125)),
        ("In 30% der Sätze steht N/A.", ("N/A", 0.3)),
        ("The model should be right in at least 90% and say N/A otherwise.", None),
        ("40% of the sentences are long.", None),
        ("Write N/A where there is none.", None),
    ],
)
def test_shares_that_the_task_gives_are_read(said: str, expected: tuple[str, float] | None) -> None:
    assert said_share(f"Give the date of a sentence. {said}", frozenset()) == expected


def test_what_the_task_says_wins_over_the_rows() -> None:
    said = f"{TASK} About 40% have none: N/A."
    kinds = find_kinds([*DATES, *SPANS, *["N/A"] * 3], said)
    assert kinds is not None
    assert kinds.shares["N/A"] == 0.4
    assert sum(kinds.shares.values()) == pytest.approx(1)
    alone = find_kinds([], said)
    assert alone is not None
    assert alone.shares == {OTHER: 0.6, "N/A": 0.4}


@given(
    n=st.integers(1, 300),
    shares=st.lists(st.floats(0.02, 1), min_size=1, max_size=8),
    rows=st.dictionaries(st.integers(0, 7), st.integers(0, 20)),
)
def test_what_is_due_brings_all_rows_nearest_to_the_shares(
    n: int, shares: list[float], rows: dict[int, int]
) -> None:
    kinds = Kinds({str(i): x / sum(shares) for i, x in enumerate(shares)}, frozenset())
    have = {str(kind): times for kind, times in rows.items() if kind < len(shares)}
    due = kinds.due(n, have)
    assert sum(due.values()) == n
    assert all(times > 0 for times in due.values())
    after = Counter(have) + Counter(due)
    for kind in due:
        assert after[kind] <= kinds.shares[kind] * after.total() + len(shares)


def test_small_batches_come_round_to_rare_kinds() -> None:
    kinds = Kinds({"a": 0.9, "b": 0.1}, frozenset())
    have: Counter[str] = Counter()
    for _ in range(10):
        have.update(kinds.due(3, have))
    assert have == {"a": 27, "b": 3}


def test_forms_are_settled_when_few_of_them_occur_once() -> None:
    assert settled(Counter(a=19, b=1))
    assert not settled(Counter(a=18, b=1))
    assert not settled(Counter(a=18, b=1, c=1))
