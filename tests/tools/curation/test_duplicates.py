import random
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.curation.duplicates import (
    SIMILAR,
    NearDuplicates,
    clusters,
    near_duplicates_of,
    shingles,
    similarity,
)
from tools.text import folded


def insert(index: NearDuplicates, text: str) -> int:
    return index.insert(index.fingerprint(text))


def first_match(index: NearDuplicates, text: str) -> int | None:
    return next(index.matches(index.fingerprint(text)), None)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(TEXTS)
@settings(deadline=None)
def test_case_width_and_space_make_no_difference(text: str) -> None:
    index = NearDuplicates()
    number = insert(index, text)
    assert first_match(index, f"  {folded(text)}\n") == number


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=50, deadline=None)
def test_equal_texts_share_a_cluster_and_numbers_come_in_order(texts: list[str]) -> None:
    found = clusters(texts + texts)
    assert found[: len(texts)] == found[len(texts) :]
    assert list(dict.fromkeys(found)) == list(range(len(set(found))))


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=50, deadline=None)
def test_what_is_found_is_similar(texts: list[str]) -> None:
    index = NearDuplicates()
    for text in texts:
        match = first_match(index, text)
        if match is not None:
            grams = shingles(folded(text))
            assert similarity(grams, shingles(folded(texts[match]))) >= SIMILAR
        insert(index, text)


def test_small_edits_of_long_texts_share_a_cluster() -> None:
    texts = [
        "I am still waiting for my new card to arrive, please help",
        "I am still waiting for my new card to arrive please help!",
        "Where can I see my current exchange rate for euros?",
        "トルコは三方を海に囲まれた国で、西はエーゲ海、北は黒海に面しています。",
        "トルコは三方を海に囲まれた国で、西はエーゲ海、北は黒海に面している。",
        "日本の首都は東京です。",
    ]
    assert clusters(texts) == [0, 0, 1, 2, 2, 3]


def test_very_short_texts_are_compared_exactly() -> None:
    assert clusters(["yes", "yes!", "YES", "はい", "はいよ"]) == [0, 1, 0, 2, 3]


def test_different_messages_stay_apart() -> None:
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnop", k=5)) for _ in range(400)]
    texts = [" ".join(rng.choices(words, k=8)) for _ in range(300)]
    assert clusters(texts) == list(range(300))


def test_near_duplicates_of_near_duplicates_share_a_cluster() -> None:
    text = (
        "one quick brown fox jumps over that lazy dog near our quiet river bank"
        " on a warm and sunny day in early june"
    )
    words = text.split()
    chain = [" ".join(words[i : i + 20]) for i in range(4)]
    grams = [shingles(text) for text in chain]
    assert any(similarity(a, b) < SIMILAR for a, b in combinations(grams, 2))
    assert len(set(clusters(chain))) == 1


def test_the_earliest_match_is_found() -> None:
    index = NearDuplicates()
    insert(index, "please send my parcel to another address")
    insert(index, "please send my parcel to another address!")
    assert first_match(index, "Please send my parcel to another address.") == 0


@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=8))
@settings(max_examples=50, deadline=None)
def test_equal_texts_are_near_duplicates_of_others(texts: list[str], others: list[str]) -> None:
    found = near_duplicates_of([*texts, *others], others)
    assert all(found[len(texts) :])
    assert near_duplicates_of(texts, []) == [False] * len(texts)


def test_near_duplicates_of_others_are_told_from_near_duplicates_of_each_other() -> None:
    texts = [
        "Please send my parcel to another address!",
        "where is the new card that I ordered a week ago",
        "where is the new card that I ordered a week ago?",
        "yes!",
    ]
    others = ["please send my parcel to another address.", "yes"]
    assert near_duplicates_of(texts, others) == [True, False, False, False]
