from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tools.test_by_hand import LABELS, ROW, TESTED, TEXTS
from tools import repeating
from tools.by_hand import ByHand
from tools.curation.alike import repeated
from tools.examples import ExampleStore
from tools.services import ToolError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as opened:
        yield opened


@pytest.fixture
def hand(store: ExampleStore) -> Iterator[ByHand]:
    with ByHand(store.path, LABELS) as opened:
        yield opened


def test_a_short_test_row_is_found_among_longer_ones_like_it(
    store: ExampleStore, hand: ByHand
) -> None:
    longer = (f"hello, my card is lost and card {n} does not work" for n in range(300))
    held_out = [replace(TESTED, input=text) for text in ("my card is lost", *longer)]
    store.write("a", [*held_out, replace(ROW, input="My card is lost!", reason="contamination")])
    assert "repeats a test row" in hand.accept([302]).refused[302]
    with pytest.raises(ToolError, match="repeats a test row"):
        hand.add("my card is lost", "rate")


@pytest.mark.parametrize("output", ["card", "rate"])
def test_taking_back_makes_nothing_that_tests_train(
    store: ExampleStore, hand: ByHand, output: str
) -> None:
    store.write("a", [ROW])
    hand.reject([1])
    store.write("b", [replace(ROW, split="test", output=output)])
    assert 1 in hand.undo()
    assert [(e.id, e.split, e.reason) for e in store.rows_after(0)] == [
        (1, "train", "contamination"),
        (2, "test", None),
    ]
    hand.reject([2])
    store.write("c", [replace(ROW, output="pin")])
    hand.undo()
    assert [e.reason for e in store.rows_after(0)] == ["contamination", "contamination", None]


def test_the_run_may_write_while_rows_are_compared(
    store: ExampleStore, hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("a", [replace(ROW, input=text, reason="empty") for text in TEXTS])
    store.write("c", [replace(ROW, split="validation", input=TEXTS[1], reason="empty")])

    def compared(*asked: Any) -> list[int | None]:
        found = repeated(*asked)
        if store.count("test") == 0:
            store.write("b", [replace(ROW, split="test", input=TEXTS[0])])
            store.admit({5: "card"})
        return found

    monkeypatch.setattr(repeating, "repeated", compared)
    outcome = hand.accept([1, 2, 3])
    assert outcome.changed == (3,)
    assert "repeats a test row" in outcome.refused[1]
    assert "repeats a validation row" in outcome.refused[2]


def test_what_was_rejected_with_another_row_comes_back_with_it(
    store: ExampleStore, hand: ByHand
) -> None:
    store.write("a", [ROW])
    hand.reject([1])
    hand.accept([1])
    hand.reject([1])
    store.write("b", [ROW, TESTED])
    assert hand.reject([3]).changed == (3,)
    store.write("b", [ROW, TESTED])
    assert [e.reason for e in store.written_by("b")] == ["rejected by hand"] * 2
    hand.undo()
    assert set(hand.undo()) == {1, 2}
    assert [e.reason for e in store.rows_after(0)] == [None] * 3
    hand.undo()
    assert [e.reason for e in store.rows_after(0)] == ["rejected by hand", None, None]
