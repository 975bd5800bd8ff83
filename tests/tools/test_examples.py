import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.examples import Example, ExampleStore, Scored, text_key

ROW = Example("hello", "greeting", "train", "user", "mit", "gold")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as opened:
        yield opened


def test_a_repeated_call_replaces_its_own_rows_only(store: ExampleStore) -> None:
    store.write("a", [ROW])
    store.write("b", [replace(ROW, input="bye")])
    store.write("a", [replace(ROW, input="hi"), replace(ROW, input="hey", reason="wrong language")])
    assert [e.input for e in store.accepted("train")] == ["bye", "hi"]
    assert [e.reason for e in store.written_by("a")] == [None, "wrong language"]


def test_a_failing_write_leaves_what_was_there(store: ExampleStore) -> None:
    store.write("a", [ROW])

    def rows() -> Iterator[Example]:
        yield replace(ROW, input="new")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.write("a", rows())
    assert [e.input for e in store.accepted("train")] == ["hello"]


def test_everything_survives_reopening(tmp_path: Path) -> None:
    full = replace(ROW, group="g", parents=(1, 2), round=3, licence="cc-by-4.0", source="a/b")
    with closing(ExampleStore(tmp_path / "d.sqlite")) as first:
        first.write("a", [full])
    with closing(ExampleStore(tmp_path / "d.sqlite")) as again:
        assert again.accepted("train") == [replace(full, id=1)]


def test_reject_and_restore(store: ExampleStore) -> None:
    store.write("a", [ROW, replace(ROW, input="bye")])
    ids = [e.id for e in store.accepted("train")]
    store.reject("round-2", ids[:1], "label doubt")
    store.reject("round-3", ids[:1], "did not help")
    assert [e.reason for e in store.written_by("a")] == ["label doubt", None]
    assert store.restore("round-3") == 0
    assert store.restore("round-2") == 1
    assert store.count("train") == 2


def test_counts_origins_and_rejections(store: ExampleStore) -> None:
    other = replace(ROW, input="x", output="other", source="a/b", licence="cc0-1.0", round=1)
    bad = replace(other, input="y", reason="duplicate")
    store.write("a", [ROW, replace(ROW, input="bye"), other, bad])
    assert store.label_counts("train") == {"greeting": 2, "other": 1}
    assert [(o.source, o.licence, o.rows) for o in store.origins()] == [
        ("user", "mit", 2),
        ("a/b", "cc0-1.0", 1),
    ]
    assert store.rejections(1) == {"duplicate": 1}


def test_predictions_are_replaced_whole(store: ExampleStore) -> None:
    store.save_predictions("s", "validation", [Scored(1, "a", 0.9, 0.8), Scored(2, "b", 0.6, 0.1)])
    store.save_predictions("s", "validation", [Scored(2, "c", 0.7, 0.2)])
    assert store.predictions("s", "validation") == {2: Scored(2, "c", 0.7, 0.2)}
    assert store.predictions("other", "validation") == {}


def test_readers_see_whole_transactions(store: ExampleStore) -> None:
    with closing(sqlite3.connect(store.path)) as reader:

        def rows() -> Iterator[Example]:
            yield ROW
            seen = reader.execute("SELECT COUNT(*) FROM examples").fetchone()[0]
            assert seen == 0
            yield replace(ROW, input="bye")

        store.write("a", rows())
        assert reader.execute("SELECT COUNT(*) FROM examples").fetchone()[0] == 2


@given(st.text())
def test_key_ignores_case_and_white_space(text: str) -> None:
    assert text_key(f"  {text}\n") == text_key(text)
    ascii_text = text.encode("ascii", "ignore").decode()
    assert text_key(ascii_text.upper()) == text_key(ascii_text.lower())
