from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.browsing import COLUMNS, PAGE, Browser
from tools.by_hand import ByHand, Outputs
from tools.examples import Example, ExampleStore, Scored, Split
from tools.questions import FIELDS, MOST_OUTPUTS, SORTS, Field, Question
from tools.reasons import Reason

ROW = Example("my card was eaten", "card", "train", "a/b", "mit", "retrieved", cell="angry")
SPLITS: tuple[Split, ...] = ("train", "train", "validation", "test")
REASONS: tuple[Reason | None, ...] = (None, None, "duplicate", "too short", "near-duplicate")


def made(n: int) -> list[Example]:
    return [
        replace(
            ROW,
            input=f"Text NUMBER {i} of {'Ärger' if i % 7 == 0 else 'joy'}",
            output=("card", "rate", "pin")[i % 3],
            split=SPLITS[i % 4],
            source=("a/b", "user")[i % 2],
            round=i % 5,
            reason=REASONS[i % 5],
        )
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run") / "data.sqlite"
    with closing(ExampleStore(place)) as store:
        store.write("call", made(210))
        store.save_predictions("s", "oof", [Scored(i, "rate", i / 300, 0.1) for i in range(1, 100)])
        store.save_predictions("s", "test", [Scored(4, "pin", 0.5, 0.1)])
    with ByHand(place, Outputs()) as hand:
        hand.reject([1, 2])
    return place


@pytest.fixture(scope="module")
def browser(path: Path) -> Iterator[Browser]:
    with Browser(path) as opened:
        yield opened


def values_of(browser: Browser, id_: int) -> dict[Field, set[str]]:
    row = browser.whole(id_)
    assert row
    e = row.example
    status = {"rejected" if e.reason else "accepted"} | ({"changed by hand"} if row.by else set())
    return {
        "output": {e.output}, "source": {e.source}, "round": {str(e.round)}, "split": {e.split},
        "status": status, "reason": {e.reason} if e.reason else set(), "evidence": {e.evidence},
    }  # fmt: skip


_CHOICES: dict[Field, tuple[str, ...]] = {
    "output": ("card", "none such"), "round": ("3",), "split": ("train", "test"),
    "status": ("accepted", "rejected", "changed by hand"), "reason": ("duplicate",),
    "source": ("user",),
}  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(
    filters=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in _CHOICES.items()}
    ),
    text=st.sampled_from(["", "number 1", "ÄRGER", "rat"]),
)
def test_rows_and_counts_are_those_of_a_look_at_every_row(
    browser: Browser, filters: dict[Field, str], text: str
) -> None:
    question = Question(tuple(filters.items()), text)
    expected: dict[Field, Counter[str]] = {name: Counter() for name in FIELDS}
    found = set()
    for id_ in range(1, 211):
        row = browser.whole(id_)
        assert row
        words = (row.example.input + "\n" + row.example.output).casefold()
        values = values_of(browser, id_)
        wrong = {name for name, value in filters.items() if value not in values[name]}
        if text.casefold() not in words:
            continue
        if not wrong:
            found.add(id_)
        for name in FIELDS:
            if wrong <= {name}:
                expected[name].update(values[name])
    assert set(browser.find(question)) == found
    assert browser.counts(question) == {name: dict(c) for name, c in expected.items()}


def test_every_order_has_every_row_once(browser: Browser) -> None:
    for sort in SORTS:
        assert sorted(browser.find(Question(sort=sort))) == list(range(1, 211))
    assert browser.find(Question(sort="newest"))[0] == 210
    assert browser.find(Question(sort="least sure"))[0] == 1


def test_a_list_shows_what_the_student_said_without_having_learned(browser: Browser) -> None:
    listed = browser.listed([4, 5, 999])
    assert [(row.id, row.answer, row.confidence) for row in listed] == [
        (4, "pin", 0.5),
        (5, "rate", pytest.approx(5 / 300)),
    ]


def test_a_row_is_known_with_its_history(browser: Browser) -> None:
    row = browser.whole(1)
    assert row
    assert (row.by, row.example.cell, row.example.reason) == ("hand", "angry", "rejected by hand")
    assert [(a.student, a.split, a.output) for a in row.answers] == [("s", "oof", "rate")]
    assert [d.action for d in row.decisions] == ["rejected"]
    assert browser.whole(999) is None


def test_what_others_write_is_seen(tmp_path: Path) -> None:
    with closing(ExampleStore(tmp_path / "d")) as store, Browser(tmp_path / "d") as browser:
        assert list(browser.find(Question())) == []
        assert browser.student is None
        store.write("a", [ROW])
        assert list(browser.find(Question())) == [1]
        store.reject("x", [1], "did not help")
        assert browser.counts(Question())["reason"] == {"did not help": 1}
        assert list(browser.find(Question((("status", "accepted"),)))) == []


def test_what_a_row_repeats_is_found_again(tmp_path: Path) -> None:
    late = "my parcel was due on monday and is not here"
    rows = [
        replace(ROW, input=late, split="test"),
        replace(ROW, input=late.upper() + "!", reason="contamination"),
        replace(ROW, input=f" {late}", reason="duplicate"),
        ROW,
    ]
    with closing(ExampleStore(tmp_path / "d")) as store:
        store.write("a", rows)
    with Browser(tmp_path / "d") as browser:
        near = browser.around(2)
        assert near.repeats
        assert (near.repeats.example.id, near.repeats.example.split) == (1, "test")
        assert 0.8 < near.repeats.similarity < 1
        equal = browser.around(3).repeats
        assert equal
        assert (equal.example.id, equal.similarity) == (1, 1.0)
        assert browser.around(4).repeats is None
        assert [n.example.id for n in browser.around(1).like][:2] == [3, 2]


def test_outputs_are_a_filter_only_where_they_are_labels(tmp_path: Path) -> None:
    texts = [replace(ROW, output=f"answer {i}", input=f"{i}") for i in range(MOST_OUTPUTS + 1)]
    with closing(ExampleStore(tmp_path / "d")) as store:
        store.write("a", texts)
    with Browser(tmp_path / "d") as browser:
        assert browser.counts(Question())["output"] == {}
        assert browser.outputs() == []
        assert len(browser.find(Question((("output", "answer 3"),)))) == 1


def test_samples_are_training_rows(browser: Browser) -> None:
    samples = browser.samples(6)
    assert len(samples) == 3
    accepted = browser.find(Question((("split", "train"), ("status", "accepted"))))
    assert set(samples) <= {row.input for row in browser.listed(accepted)}


def test_all_rows_are_streamed_in_order(browser: Browser) -> None:
    ids = browser.find(Question(sort="oldest"))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in browser.stream(ids)]
    assert [row["id"] for row in rows] == list(range(1, 211))
    assert (rows[0]["status"], rows[0]["changed_by"], rows[4]["student_output"]) == (
        "rejected",
        "hand",
        "rate",
    )
    assert len(rows) > PAGE


def test_there_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Browser(tmp_path / "none")
    assert not (tmp_path / "none").exists()
