import random

import pytest

from tools.curation.alike import COMPARED, Texts, nearest
from tools.curation.duplicates import near_duplicates_of

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
        assert Texts(enumerate(others)).repeated(turned) == number
    assert Texts(enumerate(others)).repeated(text(rng)) is None


def test_the_nearest_come_first_and_strangers_not_at_all() -> None:
    rows = [(1, "the parcel is late again"), (2, "the parcel is late"), (3, "qqq zzz")]
    found = nearest("The parcel is late", rows, 5)
    assert [id_ for id_, _ in found] == [2, 1]
    assert found[0][1] == 1.0
    assert found[1][1] == pytest.approx(0.73, abs=0.05)
    assert [id_ for id_, _ in nearest("The parcel is late", rows, 1)] == [2]


def test_short_texts_are_alike_only_if_equal() -> None:
    assert Texts([(1, "yes"), (2, "no")]).repeated("YES") == 1
    assert Texts([(1, "yes"), (2, "no")]).repeated("yes!") is None


def test_where_all_are_alike_one_is_found() -> None:
    rows = [(n, f"move the block number {n} to the left") for n in range(2 * COMPARED)]
    assert Texts(rows).repeated("move the block number 7 to the left!") is not None
