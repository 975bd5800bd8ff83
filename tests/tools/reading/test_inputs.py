from pathlib import Path

import pytest

from tools.reading.files import read_examples
from tools.reading.inputs import read_inputs
from tools.services import ToolError


def test_plain_text_is_a_text_a_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("one\n\n  \ntwo\n", encoding="utf-8")
    assert read_inputs(file) == ["one", "two"]


def test_columns_are_joined_as_in_a_file_of_examples(tmp_path: Path) -> None:
    examples, questions = tmp_path / "examples.csv", tmp_path / "questions.csv"
    examples.write_text(
        "id,subject,body,category\n1,box wet,it was soaked,damage\n2,where,not here,late\n"
        "3,torn,the box is torn,damage\n4,still waiting,no sign of it,late\n"
    )
    questions.write_text("id,subject,body\n1,box wet,it was soaked\n")
    learned = [pair.input for pair in read_examples(examples).pairs]
    assert read_inputs(questions) == learned[:1] == ["subject: box wet body: it was soaked"]


def test_the_only_column_needs_no_known_name(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"remark": "hello"}\n')
    assert read_inputs(file) == ["hello"]


def test_unknown_columns_are_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("left,right\na,b\n")
    with pytest.raises(ToolError, match="which of left, right holds the texts"):
        read_inputs(file)
    with pytest.raises(ToolError, match="does not exist"):
        read_inputs(tmp_path / "nowhere.txt")
