import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.small_task import make_call, rows, train
from tools import repeating
from tools.by_hand import ByHand, Outputs, summary
from tools.curation.alike import repeated
from tools.curation.pipeline import curator
from tools.curation.repair import repair
from tools.examples import Example, ExampleStore, Scored
from tools.services import ToolError
from tools.task import TaskSpec
from tools.teaching import Draft

LABELS = Outputs(("card", "rate"))
ROW = Example("my card was eaten by the machine", "card", "train", "a/b", "mit", "retrieved")
TESTED = replace(ROW, input="what is the euro worth right now", output="rate", split="test")
CALL = [replace(ROW, input=text) for text in ("lost my card", "the euro rate", "where is it")]
TEXTS = ("lost my card", "the euro rate", "where is it", "a new pin please")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as opened:
        yield opened


@pytest.fixture
def hand(store: ExampleStore) -> Iterator[ByHand]:
    with ByHand(store.path, LABELS) as opened:
        yield opened


def texts(store: ExampleStore) -> list[tuple[str, str]]:
    return [(e.input, e.output) for e in store.accepted("train")]


def test_a_round_undone_leaves_what_a_person_decided(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [replace(ROW, input=text) for text in TEXTS])
    assert hand.reject([1]).changed == (1,)
    assert hand.accept([2]).changed == (2,)
    assert hand.relabel([3], "rate").changed == (3,)
    store.reject("round-2", [1, 2, 3, 4], "did not help")
    assert texts(store) == [(TEXTS[1], "card"), (TEXTS[2], "rate")]
    assert store.restore("round-2") == 1
    assert [e.reason for e in store.written_by("a")] == ["rejected by hand", None, None, None]


def test_taking_back_gives_what_the_loop_made_of_it(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [ROW])
    hand.relabel([1], "rate")
    hand.reject([1])
    store.reject("round-2", [1], "did not help")
    assert hand.undo() == (1,)
    assert texts(store) == [(ROW.input, "rate")]
    assert hand.undo() == (1,)
    assert store.written_by("a") == [replace(ROW, id=1, reason="did not help")]
    assert hand.undo() == ()
    assert store.restore("round-2") == 1
    assert texts(store) == [(ROW.input, "card")]


def test_decisions_outlive_a_repeated_call(store: ExampleStore, hand: ByHand) -> None:
    call = [ROW, replace(ROW, input="a second one altogether")]
    store.write("a", call)
    store.write("b", [replace(ROW, input="yet another text")])
    hand.reject([1])
    hand.relabel([2], "rate")
    store.write("a", [])
    assert store.write("a", [replace(ROW, input="new, and first"), *call]) == 2
    found = {e.input: (e.output, e.reason) for e in store.written_by("a")}
    assert found[ROW.input] == ("card", "rejected by hand")
    assert found["a second one altogether"] == ("rate", None)
    hand.undo()
    hand.undo()
    assert [e.reason for e in store.written_by("a")] == [None, None, None]


def test_what_was_rejected_is_not_brought_again(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [ROW])
    hand.reject([1])
    assert store.write("b", [ROW, replace(ROW, output="rate")]) == 1
    assert texts(store) == [(ROW.input, "rate")]


def test_nothing_that_tests_is_trained_on(store: ExampleStore, hand: ByHand) -> None:
    again = replace(TESTED, input=TESTED.input.upper() + "!", split="train", reason="contamination")
    store.write("a", [TESTED, again, replace(ROW, reason="wrong language")])
    outcome = hand.accept([2, 3])
    assert outcome.changed == (3,)
    assert "repeats a test row" in outcome.refused[2]
    assert hand.relabel([2], "card").changed == ()
    with pytest.raises(ToolError, match="repeats a test row"):
        hand.add(TESTED.input, "rate")
    hand.reject([1])
    assert hand.accept([2]).changed == (2,)
    assert "repeats a training row" in hand.accept([1]).refused[1]


def test_a_short_test_row_is_found_among_longer_ones_like_it(
    store: ExampleStore, hand: ByHand
) -> None:
    longer = (f"hello, my card is lost and card {n} does not work" for n in range(300))
    held_out = [replace(TESTED, input=text) for text in ("my card is lost", *longer)]
    store.write("a", [*held_out, replace(ROW, input="My card is lost!", reason="contamination")])
    assert "repeats a test row" in hand.accept([302]).refused[302]
    with pytest.raises(ToolError, match="repeats a test row"):
        hand.add("my card is lost", "rate")


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


def test_what_cannot_be_right_is_taken_from_a_person(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [ROW])
    hand.relabel([1], "rate")
    hand.accept([1])
    store.reject("settle", [1], "contamination")
    hand.undo()
    assert store.written_by("a")[0].reason == "contamination"
    assert summary(store.path)["relabelled"] == 1
    assert store.restore("settle") == 0
    assert texts(store) == [(ROW.input, "rate")]


def test_labels_that_go_come_back_or_change_names(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [ROW, replace(ROW, input="a second one altogether")])
    hand.relabel([1], "rate")
    store.relabel({"rate": "card", "card": "rate"})
    assert [output for _, output in texts(store)] == ["card", "rate"]
    store.reject("agreed 2", [1, 2], "label not in task")
    assert texts(store) == []
    store.admit({1: "rate", 2: "rate"})
    assert [output for _, output in texts(store)] == ["card", "rate"]
    hand.undo()
    assert [output for _, output in texts(store)] == ["rate", "rate"]
    hand.reject([2])
    store.admit({2: "card"})
    assert [text for text, _ in texts(store)] == [ROW.input]


def test_outputs_are_the_tasks(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [replace(ROW, output="pin", reason="label not in task")])
    assert "no label of the task" in hand.accept([1]).refused[1]
    with pytest.raises(ToolError, match="no label of the task"):
        hand.relabel([1], "pin")
    assert hand.relabel([1], "card").changed == (1,)
    with pytest.raises(ToolError, match="empty"):
        hand.add("a text", " ")
    schema = Outputs(schema={"type": "object", "required": ["n"]})
    assert schema.fitted('{ "n" :1}') == '{"n": 1}'
    with pytest.raises(ToolError, match="JSON Schema"):
        schema.fitted("{}")


def test_corrections_are_gold_rows_of_the_users(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [ROW])
    id_ = hand.add("how much is a dollar", "rate")
    added = next(e for e in store.accepted("train") if e.id == id_)
    assert (added.source, added.evidence, added.licence) == ("user", "gold", "user")
    assert hand.add("How much is a dollar", "card") == id_
    assert hand.add(ROW.input, "rate") == 1
    assert texts(store) == [(ROW.input, "rate"), ("how much is a dollar", "card")]
    for _ in range(3):
        hand.undo()
    assert texts(store) == [(ROW.input, "card")]
    assert hand.add("how much is a dollar", "rate") == id_


def test_the_summary_counts_rows_and_late_changes_of_the_test(
    store: ExampleStore, hand: ByHand
) -> None:
    other = replace(TESTED, input="send money to my recipient")
    store.write("a", [TESTED, other, ROW, replace(ROW, input="the pin is wrong", reason="empty")])
    hand.relabel([1], "card")
    store.save_predictions("s", "test", [Scored(1, "rate", 0.9, 0.8)])
    hand.relabel([2], "card")
    hand.reject([3])
    hand.accept([4])
    hand.add("something else entirely", "card")
    counts = {"accepted": 1, "rejected": 1, "relabelled": 2, "corrected": 1}
    assert summary(store.path) == counts | {"test": 2, "test_after_use": 1}


def test_repair_and_curation_respect_decisions(tmp_path: Path) -> None:
    call = make_call(tmp_path)
    with closing(call.services.store) as store:
        wrong = replace(ROW, input="please help my card pin chip", output="rate")
        late = replace(ROW, input="an odd text that was too long for it", reason="too long")
        store.write("a", [*rows(60, "train", 1), wrong, late])
        student = train(call)
        sure = [Scored(e.id, "card", 1.0, 1.0) for e in store.accepted("train")]
        store.save_predictions(student, "oof", sure)
        asked = replace(call, best=student)
        doubted = repair(asked, store.accepted("train"), 60).dropped
        assert doubted
        spec = TaskSpec(instruction="sort")
        curator(store).batch("b", spec, ["card"])
        with ByHand(store.path, Outputs()) as hand:
            hand.accept(doubted)
            hand.accept([62])
        assert not set(doubted) & set(repair(asked, store.accepted("train"), 60).dropped)
        batch = curator(store).batch("c", spec, ["card"])
        draft = Draft("an odd text that was too long for it!", "card")
        assert batch.judge(draft) == "near-duplicate"


LOOP = ["loop rejects", "loop takes", "loop restores"]
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["accept", "reject", "card", "rate"]), st.integers(1, 3)),
        st.tuples(
            st.sampled_from(["loop rejects", "loop takes", "loop restores"]), st.integers(1, 3)
        ),
        st.tuples(st.just("again"), st.just(0)),
    ),
    max_size=12,
)


def loop_step(store: ExampleStore, what: str, id_: int) -> None:
    if what == "loop rejects":
        store.reject(f"round-{id_}", [id_], "did not help")
    elif what == "loop takes":
        store.reject(f"round-{id_}", [id_], "contamination")
    elif what == "loop restores":
        store.restore(f"round-{id_}")
    elif what == "again":
        store.write("call", CALL)


def hand_step(hand: ByHand, what: str, id_: int) -> None:
    if what in ("accept", "reject"):
        getattr(hand, what)([id_])
    elif what in LABELS.labels:
        hand.relabel([id_], what)


@settings(deadline=None, max_examples=20)
@given(_STEPS)
@example([("accept", 1), ("loop takes", 1), ("again", 0)])
@example([("rate", 1), ("loop takes", 1)])
def test_taking_everything_back_leaves_only_what_the_loop_did(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        with_hand, without = ExampleStore(Path(folder) / "a"), ExampleStore(Path(folder) / "b")
        with closing(with_hand), closing(without), ByHand(with_hand.path, LABELS) as hand:
            for store in (with_hand, without):
                store.write("call", CALL)
            for what, id_ in steps:
                loop_step(with_hand, what, id_)
                loop_step(without, what, id_)
                hand_step(hand, what, id_)
            while hand.undo():
                pass
            assert with_hand.written_by("call") == without.written_by("call")


def test_edits_wait_for_a_run_that_writes(store: ExampleStore, hand: ByHand) -> None:
    store.write("a", [replace(ROW, input=f"{text} {n}") for text in TEXTS for n in range(10)])

    def work() -> None:
        with closing(ExampleStore(store.path)) as run:
            for number in range(20):
                run.write(f"call-{number}", rows(50, "train", number))
                run.reject(f"round-{number}", range(1, 41), "did not help")
                run.restore(f"round-{number}")

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        for id_ in range(1, 41):
            assert hand.reject([id_]).changed == (id_,)
        working.result()
    assert {e.reason for e in store.written_by("a")} == {"rejected by hand"}
    assert store.count("train") == 20 * 50


@settings(deadline=None, max_examples=20)
@given(_STEPS, _STEPS)
def test_the_journal_knows_decisions_too(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        store = ExampleStore(Path(folder) / "data.sqlite")
        with closing(store), ByHand(store.path, LABELS) as hand:
            store.write("call", CALL)
            for step in before:
                loop_step(store, *step)
                hand_step(hand, *step)
            then, position = dumped(store.path), store.position()
            hand.add("a text that nobody has seen", "card")
            for step in after:
                loop_step(store, *step)
                hand_step(hand, *step)
            hand.undo()
            store.undo(position)
            assert dumped(store.path) == then


def dumped(path: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        tables = ("examples", "held", "by_hand")
        return [db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables]
