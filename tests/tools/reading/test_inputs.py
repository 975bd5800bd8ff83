from pathlib import Path

import pandas as pd
import pytest

from tools.reading.files import read_examples
from tools.reading.inputs import stream_inputs
from tools.services import ToolError


def test_plain_text_is_a_text_a_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("one\n\n  \ntwo\n", encoding="utf-8")
    assert [*stream_inputs(file)] == ["one", "two"]


def test_columns_are_joined_as_in_a_file_of_examples(tmp_path: Path) -> None:
    examples, questions = tmp_path / "examples.csv", tmp_path / "questions.csv"
    examples.write_text(
        "id,subject,body,category\n1,box wet,it was soaked,damage\n2,where,not here,late\n"
        "3,torn,the box is torn,damage\n4,still waiting,no sign of it,late\n"
    )
    questions.write_text("id,subject,body\n1,box wet,it was soaked\n")
    learned = [pair.input for pair in read_examples(examples).pairs]
    assert [*stream_inputs(questions)] == learned[:1] == ["subject: box wet body: it was soaked"]


def test_the_only_column_needs_no_known_name(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"remark": "hello"}\n')
    assert [*stream_inputs(file)] == ["hello"]


def test_tables_and_lines_of_any_size_are_read_as_they_come(tmp_path: Path) -> None:
    rows = [{"id": n, "text": f'text {n}, "é"\nof two lines'} for n in range(2_500)]
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_csv(tmp_path / "x.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "x.parquet")
    frame.to_json(tmp_path / "x.jsonl", orient="records", lines=True)
    for suffix in ("csv", "tsv", "parquet", "jsonl"):
        texts = stream_inputs(tmp_path / f"x.{suffix}")
        assert next(texts) == rows[0]["text"]
        assert [*texts] == [row["text"] for row in rows[1:]]


def test_a_long_text_is_no_broken_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("text\n" + "word " * 200_000 + "\n")
    assert len(next(stream_inputs(tmp_path / "x.csv"))) == 1_000_000


def test_lines_end_as_they_did_on_any_machine(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        (tmp_path / "x.csv").write_bytes(f"text,id{end}a,1{end}b,2{end}".encode())
        (tmp_path / "x.txt").write_bytes(f"a{end}{end}b{end}".encode())
        assert [*stream_inputs(tmp_path / "x.csv")] == ["a", "b"]
        assert [*stream_inputs(tmp_path / "x.txt")] == ["a", "b"]


def test_what_is_wrong_at_the_end_of_a_table_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"text": "a"}\n' * 300 + "{oops")
    with pytest.raises(ToolError, match="line 301"):
        stream_inputs(tmp_path / "x.jsonl")
    (tmp_path / "x.csv").write_text("text,label\n")
    with pytest.raises(ToolError, match="no rows"):
        stream_inputs(tmp_path / "x.csv")


def test_unknown_columns_are_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("left,right\na,b\n")
    with pytest.raises(ToolError, match="which of left, right holds the texts"):
        list(stream_inputs(file))
    with pytest.raises(ToolError, match="does not exist"):
        list(stream_inputs(tmp_path / "nowhere.txt"))
