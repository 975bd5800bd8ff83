from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.examples import Example, ExampleStore, Split
from tools.hub.clean_import import reject_contaminated

CARD = "where is the new card that I ordered a week ago"
RATE = "what is the exchange rate for euros in the app today"
MAIL = "please send all my letters to another address"


def row(text: str, split: Split) -> Example:
    return Example(text, "a", split, "me/mail", "mit", "retrieved")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    opened = ExampleStore(tmp_path / "data.sqlite")
    yield opened
    opened.close()


def reasons(examples: list[Example], store: ExampleStore) -> list[str | None]:
    return [example.reason for example in reject_contaminated(examples, store)[0]]


@pytest.mark.parametrize(
    ("mine", "imported", "reason"),
    [
        ("train", "test", "contamination"),
        ("train", "validation", "contamination"),
        ("train", "train", None),
        ("test", "train", "contamination"),
        ("test", "validation", "contamination"),
        ("validation", "train", "contamination"),
        ("validation", "test", "contamination"),
        ("test", "test", None),
    ],
)
def test_what_is_near_a_row_of_the_store_in_another_split_goes(
    store: ExampleStore, mine: Split, imported: Split, reason: str | None
) -> None:
    store.write("intake", [row(CARD, mine)])
    others = [row(RATE, "train"), row(MAIL, "train")]
    examples = [row(f"{CARD}?", imported), *others]
    assert reasons(examples, store) == [reason, None, None]


def test_of_imported_rows_the_one_for_the_latest_use_stays(store: ExampleStore) -> None:
    examples = [
        row(CARD, "train"),
        row(f"{CARD}?", "validation"),
        row(f"{CARD}!", "test"),
        row(RATE, "train"),
    ]
    assert reasons(examples, store) == ["contamination", "contamination", None, None]


def test_a_held_out_row_that_goes_takes_no_training_row_with_it(store: ExampleStore) -> None:
    store.write("intake", [row(CARD, "train")])
    examples = [row(f"{CARD}?", "test"), row(f"{CARD}!", "train"), row(RATE, "train")]
    assert reasons(examples, store) == ["contamination", None, None]


def test_texts_of_one_pattern_are_compared_exactly(store: ExampleStore) -> None:
    store.write("intake", [row(f"{CARD} {number}", "train") for number in range(3)])
    examples = [
        row(f"{CARD} {number}", "test" if number < 6 else "train") for number in range(3, 20)
    ]
    twin = row(f"{CARD} 4", "train")
    checked, near = reject_contaminated([*examples, twin], store)
    assert not near
    assert [example.reason for example in checked] == [*[None] * 17, "contamination"]


def test_what_shares_its_source_with_a_row_of_the_store_in_another_split_goes(
    store: ExampleStore,
) -> None:
    store.write("c1", [replace(row(CARD, "test"), group="me/mail#id=7")])
    same = replace(row("wo bleibt meine neue Karte", "train"), group="me/mail#id=7")
    other = replace(row("wie steht der Kurs heute", "train"), group="me/mail#id=8")
    assert reasons([same, other], store) == ["contamination", None]
