from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tools.by_hand import ByHand, Outputs
from tools.examples import Example, ExampleStore, Split
from tools.reasons import Reason
from tools.talk.regained import give_up, regain

TEXTS = ("amber birch cedar delta", "ember fjord grove harbor", "island jungle kernel lagoon")


def row(text: str, output: str = "loan", split: Split = "train", source: str = "a/b") -> Example:
    return Example(text, output, split, source, "mit", "retrieved")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as made:
        yield made


def bring_back(store: ExampleStore, name: str = "loan", unwanted: str = "") -> None:
    def unfit(row: Example) -> Reason | None:
        return "unwanted data set" if row.source == unwanted else None

    regain(store, [name], "amend-2", unfit)


def state(store: ExampleStore) -> list[tuple[str, str, Reason | None]]:
    return [(x.split, x.output, x.reason) for x in store.rows_after(0)]


def test_rows_come_back_where_they_were(store: ExampleStore) -> None:
    store.write("a", [row(TEXTS[0]), row(TEXTS[1], split="test"), row(TEXTS[2], "card")])
    store.write("b", [Example("xenon", "loan", "train", "w", "x", "synthetic", reason="refused")])
    before = state(store)
    give_up(store, ["loan"])
    assert [x.output for x in store.accepted("train")] == ["card"]
    bring_back(store)
    assert state(store) == before
    bring_back(store)
    assert state(store) == before


def test_they_take_the_spelling_that_the_label_has_now(store: ExampleStore) -> None:
    store.write("a", [row(TEXTS[0]), row(TEXTS[1], "card")])
    give_up(store, ["loan"])
    bring_back(store, "Loan")
    assert store.label_counts("train") == {"Loan": 1, "card": 1}


def test_nothing_that_has_come_since_is_trained_and_tested_at_once(store: ExampleStore) -> None:
    store.write("a", [row(TEXTS[0], split="test"), row(TEXTS[1]), row(TEXTS[2])])
    give_up(store, ["loan"])
    store.write("b", [row(TEXTS[0] + "!", "card"), row(TEXTS[1] + "?", "card", "test")])
    store.write("c", [row(TEXTS[2], "card")])
    store.write("given-7", [Example(TEXTS[0], "loan", "train", "user", "user", "gold",
                                    reason="label not in task")])  # fmt: skip
    for _ in range(2):
        bring_back(store)
        reasons = [x.reason for x in store.rows_after(0)]
        assert reasons == [
            None, "contamination", "duplicate", "contamination", None, None, "contamination"
        ]  # fmt: skip


def test_what_is_unwanted_by_now_stays_away(store: ExampleStore) -> None:
    store.write("a", [row(TEXTS[0], source="c/d"), row(TEXTS[1])])
    give_up(store, ["loan"])
    bring_back(store, unwanted="c/d")
    assert [x.reason for x in store.rows_after(0)] == ["unwanted data set", None]


def test_what_a_person_decided_holds_again(store: ExampleStore) -> None:
    store.write("a", [row(TEXTS[0], "card"), row(TEXTS[1])])
    with ByHand(store.path, Outputs()) as hand:
        hand.relabel([1], "loan")
        give_up(store, ["loan"])
        assert store.count("train") == 0
        bring_back(store)
        assert store.label_counts("train") == {"loan": 2}
        hand.undo()
    assert store.label_counts("train") == {"card": 1, "loan": 1}
