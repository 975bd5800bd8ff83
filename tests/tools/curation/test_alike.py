import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.curation.alike import COMPARED, nearest, repeated
from tools.curation.duplicates import SIMILAR, near_duplicates_of, shingles, similarity
from tools.text import folded

WORDS = [f"{a}{b}{c}" for a in "bdfgklm" for b in ("ai", "ou", "e") for c in "nrst"]


def text(rng: random.Random, words: int = 12) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def test_finds_what_curation_would_among_many() -> None:
    rng = random.Random(0)
    others = [text(rng) for _ in range(500)]
    for number in range(0, 500, 50):
        words = others[number].split()
        turned = " ".join(words[6:] + words[:6]).upper()
        assert near_duplicates_of([turned], [others[number]]) == [True]
        assert repeated([turned], enumerate(others)) == [number]
    assert repeated([text(rng)], enumerate(others)) == [None]


def test_the_nearest_come_first_and_strangers_not_at_all() -> None:
    rows = [(1, "the parcel is late again"), (2, "the parcel is late"), (3, "qqq zzz")]
    found = nearest("The parcel is late", rows, 5)
    assert [id_ for id_, _ in found] == [2, 1]
    assert found[0][1] == 1.0
    assert found[1][1] == pytest.approx(0.73, abs=0.05)
    assert [id_ for id_, _ in nearest("The parcel is late", rows, 1)] == [2]


def test_short_texts_are_alike_only_if_equal() -> None:
    rows = [(1, "yes"), (2, "no"), (3, "yes, yes"), (4, "I say yes"), (5, "x")]
    assert repeated(["YES", "yes!", "No ", "X"], rows) == [1, None, 2, 5]


def test_where_all_are_alike_one_is_found() -> None:
    rows = [(n, f"move the block number {n} to the left") for n in range(2 * COMPARED)]
    assert repeated(["move the block number 7 to the left!"], rows) != [None]


def test_longer_texts_that_hold_all_of_it_hide_nothing() -> None:
    rows = [
        (n, f"hello, my card is lost and the number {n} is away") for n in range(2, 3 * COMPARED)
    ]
    rows = [(0, "My card is lost"), (1, "my card was lost"), *rows]
    assert repeated(["my card  is lost", "my card is lost!"], rows) == [0, 0]
    assert [id_ for id_, _ in nearest("My card is lost!", rows, 2)] == [0, 1]


TEXT = st.text(st.sampled_from("abAB é\u1e9e\ufdfa\ud800"), max_size=40)


@settings(deadline=None)
@given(TEXT, st.lists(TEXT.filter(lambda text: folded(text) != ""), max_size=5))
def test_it_is_curations_own_measure(asked: str, others: list[str]) -> None:
    alike = [similarity(shingles(folded(asked)), shingles(folded(other))) for other in others]
    first = next((n for n, similar in enumerate(alike) if similar >= SIMILAR), None)
    assert repeated([asked], enumerate(others)) == [first]
    assert dict(nearest(asked, enumerate(others), 5)) == {
        n: similar for n, similar in enumerate(alike) if similar > 0
    }
