import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from weakref import ref

import pytest

from tools.curation.pipeline import Batch, curator
from tools.examples import Evidence, Example, ExampleStore, Split
from tools.task import Label, TaskSpec
from tools.teaching import Draft

SPEC = TaskSpec(instruction="sort", labels=(Label(name="late"), Label(name="praise")))
LATE = "my parcel should have been here two days ago"
HELD = "the courier was really friendly and quick today"


def row(text: str, split: Split = "train", evidence: Evidence = "gold") -> Example:
    return Example(text, "late", split, "user", "mit", evidence)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    opened = ExampleStore(tmp_path / "data.sqlite")
    opened.write("intake", [row(LATE), row("where is it"), row(HELD, "test")])
    yield opened
    opened.close()


def batch(store: ExampleStore, call: str = "c1") -> Batch:
    return curator(store).batch(call, SPEC, SPEC.label_names)


@pytest.mark.parametrize(
    ("text", "label", "reason"),
    [
        ("  ", "late", "empty"),
        ("a new message", " ", "empty"),
        ("a new message", "later", "label not in task"),
        ("Wann kommt mein Paket endlich? Ich warte schon seit Tagen.", "late", "wrong language"),
        ("x" * 301, "late", "too long"),
        (f" {LATE.upper()} ", "late", "duplicate"),
        (f"{LATE}!!", "late", "near-duplicate"),
        (HELD.title(), "praise", "contamination"),
        (f"{HELD}!", "praise", "contamination"),
        ("nobody answers the telephone at your office", "late", None),
    ],
)
def test_a_draft_gets_the_first_reason_that_applies(
    store: ExampleStore, text: str, label: str, reason: str | None
) -> None:
    assert batch(store).judge(Draft(text, label)) == reason


def test_too_short_goes_by_the_training_examples(store: ExampleStore) -> None:
    store.write("intake", [row(LATE)])
    assert batch(store).judge(Draft("why", "late")) == "too short"


def test_labels_that_are_served_take_no_more(store: ExampleStore) -> None:
    draft = Draft("the driver waved at my dog", "praise")
    assert batch(store).judge(draft, wanted={"late"}) == "label has enough"
    assert batch(store).judge(draft, wanted={"praise"}) is None


def test_text_tasks_take_any_output(store: ExampleStore) -> None:
    spec = TaskSpec(instruction="summarise", output_type="text")
    assert curator(store).batch("c1", spec, ()).judge(Draft("a new message", "anything")) is None


def test_drafts_are_compared_with_earlier_ones_of_the_call(store: ExampleStore) -> None:
    current = batch(store)
    text = "nobody answers the telephone at your office"
    assert current.judge(Draft(text, "late")) is None
    assert current.judge(Draft(text.upper(), "late")) == "duplicate"
    assert current.judge(Draft(text + "?", "late")) == "near-duplicate"


def test_what_was_never_stored_does_not_count(store: ExampleStore) -> None:
    draft = Draft("nobody answers the telephone at your office", "late")
    assert batch(store).judge(draft) is None
    assert batch(store).judge(draft) is None


def test_a_repeated_call_is_not_compared_with_its_first_try(store: ExampleStore) -> None:
    text = "nobody answers the telephone at your office"
    store.write("c1", [row(text, evidence="synthetic")])
    assert batch(store, "c1").judge(Draft(text, "late")) is None
    assert batch(store, "c2").judge(Draft(text, "late")) == "duplicate"
    assert batch(store, "c2").judge(Draft(text + "!", "late")) == "near-duplicate"


def test_rejected_rows_do_not_count_until_they_are_restored(store: ExampleStore) -> None:
    text = "nobody answers the telephone at your office"
    store.write("c1", [row(text, evidence="synthetic")])
    store.reject("undo", [e.id for e in store.written_by("c1")], "did not help")
    assert batch(store, "c2").judge(Draft(text + "!", "late")) is None
    store.restore("undo")
    assert batch(store, "c3").judge(Draft(text + "!", "late")) == "near-duplicate"


def test_holding_out_covers_near_duplicates(store: ExampleStore) -> None:
    current = batch(store)
    assert current.holds_out(f"{HELD}!")
    assert not current.holds_out(LATE)


def test_what_curation_turned_down_says_nothing_about_lengths(store: ExampleStore) -> None:
    store.write("c1", [replace(row("x" * 900), reason="too long")])
    assert batch(store, "c2").judge(Draft("y" * 301, "late")) == "too long"


def test_a_store_has_one_curator(store: ExampleStore) -> None:
    assert curator(store) is curator(store)


def test_a_curator_goes_with_its_store(tmp_path: Path) -> None:
    opened = ExampleStore(tmp_path / "more.sqlite")
    kept = ref(curator(opened))
    opened.close()
    del opened
    gc.collect()
    assert kept() is None
