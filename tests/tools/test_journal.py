import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.examples import Example, ExampleStore, Scored
from tools.journal import training_rows

Change = Callable[[ExampleStore], object]
CALLS = st.sampled_from(["a", "b", "c"])
IDS = st.lists(st.integers(1, 12), max_size=6)
SPLITS = st.sampled_from(["train", "validation", "test"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.floats(0, 1)
EXAMPLES = st.builds(
    Example,
    input=TEXTS,
    output=TEXTS,
    split=SPLITS,
    source=st.just("user"),
    licence=st.just("mit"),
    evidence=st.just("gold"),
    round=st.integers(0, 3),
    group=TEXTS,
    parents=st.tuples(st.integers(1, 9)),
    reason=st.sampled_from([None, "duplicate"]),
    cell=TEXTS,
)
SCORED = st.builds(Scored, st.integers(1, 9), TEXTS, NUMBERS, NUMBERS)


def _write(call: str, rows: list[Example]) -> Change:
    return lambda store: store.write(call, rows)


def _reject(by: str, ids: list[int]) -> Change:
    return lambda store: store.reject(by, ids, "label doubt")


def _restore(by: str) -> Change:
    return lambda store: store.restore(by)


def _move(ids: list[int], split: str) -> Change:
    return lambda store: store.move(dict.fromkeys(ids, split))  # type: ignore[arg-type]


def _save(student: str, split: str, scored: list[Scored]) -> Change:
    return lambda store: store.save_predictions(student, split, scored)


CHANGES = st.one_of(
    st.builds(_write, CALLS, st.lists(EXAMPLES, max_size=4)),
    st.builds(_reject, CALLS, IDS),
    st.builds(_restore, CALLS),
    st.builds(_move, IDS, SPLITS),
    st.builds(_save, CALLS, SPLITS, st.lists(SCORED, max_size=4, unique_by=lambda s: s.example)),
)


def content(store: ExampleStore) -> list[object]:
    """Everything in a store, its journal included."""
    tables = ("examples", "predictions", "journal")
    return [sorted(store._db.execute(f"SELECT * FROM {t}"), key=repr) for t in tables]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(path)) as opened:
        yield opened


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=12), st.data())
def test_undoing_to_any_position_gives_what_was_there(
    changes: list[Change], data: st.DataObject
) -> None:
    # In memory, since hundreds of transactions would wait for a disk.
    with closing(ExampleStore(Path(":memory:"))) as store:
        then = {store.position(): content(store)}
        counts = {store.position(): 0}
        for change in changes:
            change(store)
            then[store.position()] = content(store)
            counts[store.position()] = store.count("train")
        assert dict(training_rows(store._db, counts)) == counts
        back = data.draw(st.lists(st.sampled_from(sorted(then)), min_size=1, max_size=3))
        for position in sorted(back, reverse=True):
            store.undo(position)
            assert content(store) == then[position]
        # What is done again after that is undone as well.
        store.write("a", [Example("new", "x", "train", "user", "mit", "gold")])
        store.undo(position)
        assert content(store) == then[position]


def test_ids_are_given_again_after_undoing(store: ExampleStore) -> None:
    row = Example("hello", "greeting", "train", "user", "mit", "gold")
    store.write("a", [row])
    position = store.position()
    store.write("b", [row, row])
    first = store.written_by("b")
    store.undo(position)
    assert store.written_by("b") == []
    store.write("b", [row, row])
    assert store.written_by("b") == first


def test_an_import_makes_one_entry(store: ExampleStore) -> None:
    row = Example("hello", "greeting", "train", "user", "mit", "gold")
    store.write("a", [row] * 1000)
    assert store.position() == 1


def test_a_store_of_an_earlier_version_gets_a_journal(path: Path) -> None:
    row = Example("hello", "greeting", "train", "user", "mit", "gold")
    with closing(ExampleStore(path)) as store:
        store.write("a", [row])
    with closing(sqlite3.connect(path)) as db, db:
        for name in ("examples_update", "examples_delete", "predictions_delete"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DROP TABLE journal")
    with closing(ExampleStore(path)) as store:
        assert store.position() == 0
        store.reject("b", [1], "duplicate")
        store.write("a", [])
        store.undo(0)
        assert store.accepted("train")[0].input == "hello"
