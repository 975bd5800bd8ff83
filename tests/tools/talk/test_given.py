from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.small_task import rows
from tools.examples import ExampleStore
from tools.talk.given import admit, read_files, spelled, store_rows
from tools.task import Demonstration, Label, TaskSpec

SPEC = TaskSpec(instruction="Sort.", labels=(Label(name="Card"), Label(name="Rate")))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExampleStore]:
    with closing(ExampleStore(tmp_path / "data.sqlite")) as opened:
        yield opened


def pairs(*given: tuple[str, str]) -> list[Demonstration]:
    return [Demonstration(input=i, output=o) for i, o in given]


def test_rows_are_spelled_as_the_task_does_and_each_is_used_once(store: ExampleStore) -> None:
    held = rows(1, "test", 1)[0]
    store.write("test file", [held])
    given = pairs(
        ("my card is broken", "card"), ("MY CARD is broken", "Card"), ("what is the rate", "RATE"),
        (held.input + " please", "card"), ("a loan", "loan"), ("both", "card"), ("both", "rate"),
        (" ", "card"),
    )  # fmt: skip
    done = store_rows(store, "given-1", given, SPEC, 1)
    assert [(e.input, e.output, e.evidence) for e in store.accepted("train")] == [
        ("my card is broken", "Card", "gold"),
        ("what is the rate", "Rate", "gold"),
    ]
    assert done.accepted == 2
    assert done.left_out == {
        "duplicate": 1, "contamination": 1, "label not in task": 1, "contradiction": 2, "empty": 1,
    }  # fmt: skip
    assert done.unknown == ("loan",)
    assert "loan" in " ".join(done.notes)
    assert store_rows(store, "given-1", given, SPEC, 1) == done
    assert admit(store, ["given-1"], ["Loan"]) == 1
    assert store.label_counts("train")["Loan"] == 1
    assert admit(store, ["given-1"], ["Loan"]) == 0


def test_outputs_keep_to_the_schema() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    spec = TaskSpec(instruction="x", output_type="text", output_schema=schema)
    assert spelled('{"n":  3}', spec) == '{"n": 3}'
    assert spelled('{"n": "x"}', spec) is None
    assert spelled("anything", TaskSpec(instruction="x", output_type="text")) == "anything"


def test_files_that_are_none_are_told_in_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "0123abcd-empty.csv").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "good.jsonl").write_text('{"input": "a card", "output": "Card"}\n')
    names = ["0123abcd-empty.csv", "folder", "gone.csv", "../x.csv", "good.jsonl"]
    found, notes = read_files(tmp_path, names, SPEC)
    assert found == pairs(("a card", "Card"))
    assert len(notes) == 4
    assert notes[0].startswith("I could not use empty.csv: ")
    assert all("\n" not in note for note in notes)
