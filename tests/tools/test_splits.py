from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.curation.duplicates import clusters
from tools.examples import Example, ExampleStore, Split, text_key
from tools.reasons import Reason
from tools.splits import (
    GIVEN,
    INTAKE,
    Fresh,
    Shares,
    hold_out,
    hold_out_fresh,
    hold_out_given,
    settle,
    split_imported,
)

WORDS = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "island", "jungle",
    "kernel", "lagoon", "meadow", "nectar", "orchid", "pebble", "quartz", "river", "summit",
    "tundra", "umber", "valley", "willow", "xenon", "yonder", "zephyr",
]  # fmt: skip


def row(number: int, output: str, group: str = "", split: Split = "train") -> Example:
    digits = [WORDS[(number // 26**place + 7 * place) % 26] for place in range(4)]
    text = " ".join([*digits, WORDS[number * 11 % 26], WORDS[number * 17 % 26]])
    return Example(text, output, split, "a/b", "mit", "retrieved", group=group)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as opened:
        yield opened


pools = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["", "g1", "g2", "g3"])),
    min_size=5,
    max_size=60,
)


@settings(deadline=None, max_examples=50)
@given(pools, st.integers(0, 20), st.integers(0, 20), st.integers(0, 99))
def test_nothing_leaks_and_nothing_is_lost(
    pool: list[tuple[str, str]], validation: int, test: int, seed: int
) -> None:
    rows = [row(i, output, group) for i, (output, group) in enumerate(pool)]
    split = hold_out(rows, Shares(validation, test), seed)
    assert [e.input for e in split] == [e.input for e in rows]
    near = clusters([e.input for e in split])
    for keys in (near, [e.group or f"row {i}" for i, e in enumerate(split)]):
        homes: dict[object, set[str]] = {}
        for key, example in zip(keys, split, strict=True):
            homes.setdefault(key, set()).add(example.split)
        assert all(len(splits) == 1 for splits in homes.values())
    trained = {e.output for e in split if e.split == "train"}
    assert trained == {e.output for e in rows}
    assert split == hold_out(rows, Shares(validation, test), seed)


def test_shares_are_met_in_proportion_to_the_outputs() -> None:
    rows = [row(i, "common" if i % 4 else "rare") for i in range(400)]
    counts = Counter((e.split, e.output) for e in hold_out(rows, Shares(40, 80), seed=1))
    assert counts["test", "common"] == pytest.approx(60, abs=2)
    assert counts["test", "rare"] == pytest.approx(20, abs=2)
    assert counts["validation", "common"] == pytest.approx(30, abs=2)


def test_near_duplicates_stay_together() -> None:
    texts = ["your parcel number one is on its way", "your parcel number one is on its way!"]
    rows = [Example(t, "x", "train", "a/b", "mit", "retrieved") for t in texts * 1]
    rows += [row(i, "x") for i in range(20)]
    for seed in range(10):
        split = hold_out(rows, Shares(4, 6), seed)
        assert split[0].split == split[1].split


def test_a_data_sets_own_splits_are_kept(store: ExampleStore) -> None:
    rows = [row(i, "xy"[i % 2]) for i in range(50)]
    rows += [row(i, "xy"[i % 2], split="validation") for i in range(50, 60)]
    rows += [row(i, "xy"[i % 2], split="test") for i in range(60, 80)]
    counts = Counter(e.split for e in split_imported(rows, store, 0))
    assert counts == {"train": 50, "validation": 10, "test": 20}


def test_validation_serves_as_test_where_there_is_none(store: ExampleStore) -> None:
    rows = [row(i, "xy"[i % 2]) for i in range(100)]
    rows += [row(i, "xy"[i % 2], split="validation") for i in range(100, 120)]
    counts = Counter(e.split for e in split_imported(rows, store, 0))
    assert counts["test"] == 20
    assert counts["validation"] == pytest.approx(10, abs=2)


def test_a_lone_split_is_divided(store: ExampleStore) -> None:
    for split in ("train", "test"):
        rows = [row(i, "xy"[i % 2], split=split) for i in range(100)]
        counts = Counter(e.split for e in split_imported(rows, store, 0))
        assert counts["test"] == pytest.approx(20, abs=2)
        assert counts["validation"] == pytest.approx(10, abs=2)


def test_the_users_test_rows_come_first(store: ExampleStore) -> None:
    store.write("test file", [row(999, "x", split="test")])
    rows = [row(i, "xy"[i % 2]) for i in range(50)]
    rows += [row(i, "xy"[i % 2], split="test") for i in range(60, 80)]
    assert all(e.split != "test" for e in split_imported(rows, store, 0))


def mine(n: int) -> list[Example]:
    return [row(i, "xyz"[i % 3]) for i in range(n)]


@pytest.mark.parametrize(
    ("n", "test", "validation"), [(5, 0, 0), (60, 12, 0), (600, 120, 120)], ids=str
)
def test_settling_the_users_examples(
    store: ExampleStore, n: int, test: int, validation: int
) -> None:
    store.write(INTAKE, mine(n))
    settle(store, 0, written=False)
    assert store.count("test") == pytest.approx(test, abs=3)
    assert store.count("validation") == pytest.approx(validation, abs=3)
    before = store.written_by(INTAKE)
    settle(store, 0, written=False)
    assert store.written_by(INTAKE) == before


def test_rows_keep_their_ids_where_nothing_can_be_held_out(store: ExampleStore) -> None:
    store.write(INTAKE, [row(i, f"label {i}") for i in range(20)])
    before = store.written_by(INTAKE)
    settle(store, 0, written=False)
    assert store.written_by(INTAKE) == before


def test_settling_leaves_the_users_examples_alone_where_others_test(store: ExampleStore) -> None:
    store.write(INTAKE, mine(60))
    store.write("call_2", [row(999, "x", split="test")])
    settle(store, 0, written=False)
    assert len(store.accepted("train")) == 60


def test_settling_parts_imported_rows_from_what_it_holds_out(store: ExampleStore) -> None:
    store.write(INTAKE, mine(60))
    copies = [replace(e, input=e.input.upper() + "!", source="a/b") for e in mine(60)]
    store.write("call_2", copies)
    settle(store, 0, written=False)
    held = {e.input.casefold() for e in store.accepted("test")}
    trained = {e.input.casefold().rstrip("!") for e in store.accepted("train")}
    assert held
    assert not held & trained


def test_many_outputs_with_two_rows_each_are_tested_all_the_same() -> None:
    texts = [f"{word} number {i}" for i in range(90) for word in ("first", "another one, the")]
    examples = [
        Example(f"{text} {unlike(text)}", f"label {i // 2}", "train", "user", "user", "gold")
        for i, text in enumerate(texts)
    ]
    held = hold_out(examples, Shares(validation=0, test=36), 0)
    assert sum(e.split == "test" for e in held) == 36


def unlike(text: str) -> str:
    """Words that make texts unlike each other."""
    return " ".join(text_key(text)[i : i + 6] for i in range(0, 30, 6))


def test_of_written_texts_some_are_held_out_though_each_is_the_only_one(tmp_path: Path) -> None:
    store = ExampleStore(tmp_path / "data.sqlite")
    mine = [
        Example(f"question {i} {'abcdefgh'[i % 8] * 9}", f"answer {i}", "train", "user", "user",
                "gold") for i in range(40)
    ]  # fmt: skip
    store.write(INTAKE, mine)
    settle(store, 0, written=True)
    assert store.count("test") == 8
    store.close()


@pytest.mark.parametrize(("n", "validation"), [(59, 0), (60, 12), (100, 20)])
@pytest.mark.parametrize("own_test", [False, True])
def test_texts_validate_from_fewer_rows_on_and_always_the_same(
    store: ExampleStore, n: int, validation: int, own_test: bool
) -> None:
    store.write(INTAKE, [replace(e, output=f"answer to {e.input}") for e in mine(n)])
    if own_test:
        store.write("test file", [row(999, "x", split="test")])
    settle(store, 0, written=True)
    assert store.count("validation") == validation
    assert store.count("test") == (1 if own_test else n // 5)
    chosen = store.accepted("validation")
    store.write("round 2", [replace(row(i, "x"), evidence="synthetic") for i in range(500, 600)])
    settle(store, 0, written=True)
    assert store.accepted("validation") == chosen


def test_texts_that_are_nearly_alike_by_nature_are_held_out_one_by_one() -> None:
    actions = [" then ".join(words) for words in product(["walk left", "walk right"], repeat=6)]
    commands = [Example(text, text.upper(), "train", "source", "mit", "gold") for text in actions]
    held = hold_out(commands, Shares(validation=6, test=12), seed=0, written=True)
    assert Counter(e.split for e in held) == {"train": 46, "test": 12, "validation": 6}


def gold(numbers: range) -> list[Example]:
    return [replace(row(i, "ab"[i % 2]), evidence="gold") for i in numbers]


@pytest.mark.parametrize(("n", "by_people", "held"), [(30, False, 6), (9, False, 0), (30, True, 0)])
def test_given_rows_test_where_no_others_of_people_do(
    store: ExampleStore, n: int, by_people: bool, held: int
) -> None:
    tested = [replace(e, split="test") for e in gold(range(200, 220))]
    store.write(
        "found", tested if by_people else [replace(e, evidence="retrieved") for e in tested]
    )
    store.write(INTAKE, gold(range(100, 130)))
    store.write(f"{GIVEN}-2", gold(range(n)))
    hold_out_given(store, store.written_by(f"{GIVEN}-2"), 0, written=False)
    moved = [e for e in store.accepted("test") if e.id > 50]
    assert len(moved) == held
    assert {e.id for e in moved} <= {e.id for e in store.written_by(f"{GIVEN}-2")}
    assert store.count("train") == 30 + n - held


class Crashing(ExampleStore):
    """Is cut off whenever it is to reject a row after others have been moved."""

    def reject(self, by: str, ids: Iterable[int], reason: Reason) -> None:
        del by, ids, reason
        raise KeyboardInterrupt


def test_what_nearly_repeats_a_held_out_row_goes_with_the_move(tmp_path: Path) -> None:
    with closing(Crashing(tmp_path / "data.sqlite")) as store:
        store.write("found", [replace(row(i, "a"), split="test") for i in range(200, 220)])
        store.write("w", [replace(e, input=f"{e.input} too") for e in gold(range(30))])
        store.write(f"{GIVEN}-2", gold(range(30)))
        with suppress(KeyboardInterrupt):
            hold_out_given(store, store.written_by(f"{GIVEN}-2"), 0, written=False)
        held = {f"{e.input} too" for e in store.accepted("test")}
        assert sum(e.input in held for e in store.written_by("w")) == 6
        assert not held & {e.input for e in store.accepted("train")}


def test_what_is_new_is_tested_as_soon_as_there_is_enough(store: ExampleStore) -> None:
    store.write("old", [replace(row(i, "a"), split="test") for i in range(100, 110)])
    store.write("v", [replace(row(i, "a"), split="validation") for i in range(120, 130)])
    store.write("few", [row(i, "new") for i in range(9)])
    hold_out_fresh(store, Fresh(labels=["new"]), 0)
    assert "new" not in store.label_counts("test")
    store.write("more", [row(i, "new") for i in range(20, 51)])
    hold_out_fresh(store, None, 0)
    assert "new" not in store.label_counts("test")
    hold_out_fresh(store, Fresh(labels=["new"]), 0)
    assert store.label_counts("test")["new"] == store.label_counts("validation")["new"] == 8
    store.write("later", [row(i, "new") for i in range(60, 90)])
    hold_out_fresh(store, Fresh(labels=["new"]), 0)
    assert store.label_counts("test")["new"] == 8


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "held"), [(9, 0), (20, 4)])
def test_what_a_student_has_learned_from_never_tests_it(
    store: ExampleStore, seed: int, n: int, held: int
) -> None:
    store.write("old", [replace(row(i, "a"), split="test") for i in range(100, 110)])
    store.write("learned", [replace(row(i, "new"), round=1) for i in range(8)])
    store.write("unseen", [replace(row(i, "new"), round=2) for i in range(20, 20 + n)])
    hold_out_fresh(store, Fresh(labels=["new"], learned=1), seed)
    tested = [e.round for e in store.accepted("test") if e.output == "new"]
    assert tested == [2] * held
    assert {e.reason for e in store.written_by("learned")} == {None}
