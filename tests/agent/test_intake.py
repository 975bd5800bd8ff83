import json
from contextlib import closing
from pathlib import Path

import pytest

from agent.errors import UserError
from agent.intake import read_intake, task_text
from tools.examples import ExampleStore

TASK = "Sort messages into refund, charge or other."


def jsonl(path: Path, *pairs: tuple[str, str]) -> Path:
    rows = [f'{{"input": "{text}", "output": "{label}"}}\n' for text, label in pairs]
    path.write_text("".join(rows), encoding="utf-8")
    return path


def test_task_is_text_a_file_or_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "task.md"
    file.write_text("from a file")
    assert task_text("just text") == "just text"
    assert task_text(str(file)) == "from a file"
    assert task_text("-", "from a pipe") == "from a pipe"


@pytest.mark.parametrize("task", ["", "   \n", "-"])
def test_an_empty_task_is_refused(task: str) -> None:
    with pytest.raises(UserError, match="task is empty"):
        task_text(task, "")


def test_a_missing_task_file_is_not_taken_for_a_task() -> None:
    with pytest.raises(UserError, match=r"'tsak\.md' does not exist"):
        task_text("tsak.md")


def test_rows_reach_the_store_as_gold(tmp_path: Path) -> None:
    examples = jsonl(tmp_path / "e.jsonl", ("money back please", "Refund"), ("hi", "other"))
    test = jsonl(tmp_path / "t.jsonl", ("you charged me", "charge"))
    with closing(ExampleStore(tmp_path / "d.sqlite")) as store:
        read_intake(TASK, examples, test).store(store)
        assert {(e.output, e.evidence) for e in store.accepted("train")} == {
            ("refund", "gold"),
            ("other", "gold"),
        }
        assert store.label_counts("test") == {"charge": 1}


def test_test_rows_are_never_trained_on(tmp_path: Path) -> None:
    examples = jsonl(tmp_path / "e.jsonl", ("You charged me ", "charge"), ("hi", "other"))
    test = jsonl(tmp_path / "t.jsonl", ("you  charged me", "charge"))
    intake = read_intake(TASK, examples, test)
    assert [e.reason for e in intake.train] == ["contamination", None]
    assert any("not trained on" in note for note in intake.notes)


def test_unknown_labels_are_left_out_and_named(tmp_path: Path) -> None:
    examples = jsonl(tmp_path / "e.jsonl", ("a b", "refund"), ("c d", "weather"))
    intake = read_intake(TASK, examples)
    assert [e.output for e in intake.train] == ["refund"]
    assert any("'weather'" in note for note in intake.notes)
    with pytest.raises(UserError, match="no label in .* belongs to the task: weather"):
        read_intake(TASK, jsonl(tmp_path / "x.jsonl", ("c d", "weather")))


def test_demonstrations_in_the_prompt_count_as_examples() -> None:
    prompt = TASK + "\n\nInput: I want my money back\nOutput: refund\n\nInput: hello\nOutput: other"
    assert [(e.input, e.output) for e in read_intake(prompt).train] == [
        ("I want my money back", "refund"),
        ("hello", "other"),
    ]


def test_broken_files_name_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"input": "a", "output": "refund"}\n{"input": \n')
    with pytest.raises(UserError, match=r"broken\.jsonl, line 2"):
        read_intake(TASK, broken)
    with pytest.raises(UserError, match="does not exist"):
        read_intake(TASK, tmp_path / "nowhere.jsonl")


ORDERS = (
    "Turn orders into records.\n"
    '```json\n{"type": "object", "properties": {"item": {"type": "string"}, '
    '"count": {"type": "integer"}}, "required": ["item", "count"]}\n```'
)


def test_outputs_that_break_the_schema_are_left_out_and_others_spelled_alike(
    tmp_path: Path,
) -> None:
    file = tmp_path / "examples.jsonl"
    rows = [("two teas", {"count": 2, "item": "tea"}), ("a bun", {"item": "bun"})]
    file.write_text("".join(json.dumps({"input": i, "output": o}) + "\n" for i, o in rows))
    intake = read_intake(ORDERS, file)
    assert [row.output for row in intake.train] == ['{"item": "tea", "count": 2}']
    assert any("left out 1 rows" in note and "JSON Schema" in note for note in intake.notes)


def test_examples_that_all_break_the_schema_are_an_error(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text('{"input": "a bun", "output": "bun"}\n')
    with pytest.raises(UserError, match="no output in .* follows the task's JSON Schema"):
        read_intake(ORDERS, file)
