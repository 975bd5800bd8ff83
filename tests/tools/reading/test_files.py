import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tools.reading.files import read_examples
from tools.services import ToolError
from tools.task import Demonstration, Label, TaskSpec

EXAMPLES = Path(__file__).parents[3] / "examples"
SPEC = TaskSpec(instruction="Sort.", labels=(Label(name="spam"), Label(name="ham")))


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def jsonl(folder: Path, *rows: Mapping[str, object]) -> Path:
    return write(folder, "x.jsonl", "\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize(("name", "rows"), [("parcels", 24), ("rezepte", 138)])
def test_bundled_examples(name: str, rows: int) -> None:
    read = read_examples(EXAMPLES / name / "examples.jsonl")
    assert len(read.pairs) == rows
    assert read.notes == ()


def test_columns_by_name_leave_metadata_out(tmp_path: Path) -> None:
    read = read_examples(jsonl(tmp_path, {"id": 1, "Message": "hi {x}", "Intent": "greet"}))
    assert read.pairs == (Demonstration(input="hi {x}", output="greet"),)
    assert read.notes == ("Columns not used: 'id'.",)


def test_several_inputs_are_joined(tmp_path: Path) -> None:
    row = {"context": "It rains.", "question": "Wet?", "answer": "yes"}
    read = read_examples(jsonl(tmp_path, row))
    assert read.pairs[0].input == "context: It rains. question: Wet?"
    assert read.pairs[0].output == "yes"


def test_labels_of_the_task_choose_the_output(tmp_path: Path) -> None:
    rows = [{"v2": f"message {n}", "label": n, "v1": "ham"} for n in range(3)]
    read = read_examples(jsonl(tmp_path, *rows), SPEC)
    assert [pair.output for pair in read.pairs] == ["ham"] * 3
    assert read.pairs[0].input == "message 0"
    assert read.notes[-1] == "Columns not used: 'label'."


def test_columns_by_content(tmp_path: Path) -> None:
    rows = [{"c1": "ab"[n % 2], "c2": f"a rather long and unique text {n}"} for n in range(6)]
    read = read_examples(jsonl(tmp_path, *rows))
    assert read.pairs[0] == Demonstration(input="a rather long and unique text 0", output="a")
    assert read.notes == (
        "I took 'c1' as the output: it has few distinct short values.",
        "I took 'c2' as the input: the longest text.",
    )


def test_numbers_and_booleans_become_text(tmp_path: Path) -> None:
    read = read_examples(jsonl(tmp_path, {"text": "a", "label": 0}, {"text": "b", "label": True}))
    assert [pair.output for pair in read.pairs] == ["0", "true"]


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"sentence": ["a", "b"], "label": [0, 1]}).to_parquet(path)
    assert [pair.output for pair in read_examples(path).pairs] == ["0", "1"]


def test_semicolons_quotes_and_byte_order_mark(tmp_path: Path) -> None:
    content = '\ufefftext;label\n"a; ""b"",\nc";x\nd, e;y\n'
    read = read_examples(write(tmp_path, "x.csv", content))
    assert [pair.input for pair in read.pairs] == ['a; "b",\nc', "d, e"]


def test_majority_settles_contradictions(tmp_path: Path) -> None:
    inputs = [("Win!", "spam"), ("win!", "spam"), ("WIN!", "ham"), ("hm", "ham"), ("hm", "spam")]
    rows = [*inputs, ("lunch?", "ham")]
    read = read_examples(jsonl(tmp_path, *({"text": t, "label": o} for t, o in rows)))
    assert [(pair.input, pair.output) for pair in read.pairs] == [
        ("Win!", "spam"),
        ("lunch?", "ham"),
    ]
    assert read.notes == (
        "Left out 1 repeated row.",
        "Left out 3 outputs that contradict another output of the same input.",
    )


def test_text_tasks_may_have_several_answers(tmp_path: Path) -> None:
    spec = TaskSpec(instruction="Translate.", output_type="text")
    path = jsonl(tmp_path, {"input": "hi", "output": "hallo"}, {"input": "hi", "output": "servus"})
    assert len(read_examples(path, spec).pairs) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.jsonl", '{"text": "a", "label": "b"}\n{"text', r"^x\.jsonl, line 2: not valid JSON \("),
        ("x.jsonl", '{"text": "a", "label": "b"}\n\n{"text": "c"}', r"line 3: no value in 'label'"),
        ("x.json", '[["a", "b"], ["", "b"]]', r"^x\.json, row 2: no value in 'input'"),
        ("x.jsonl", "3", r"line 1: not an object"),
        ("x.jsonl", " \n", r"^x\.jsonl: the file is empty$"),
        ("x.json", "[]", r"^x\.json: no rows"),
        ("x.json", '{"a": 1}', r"^x\.json: not a list of objects"),
        ("x.csv", "text,label\na,b\nc,d,e\n", r"^x\.csv, line 3: 3 fields where the header has 2"),
        ("x.csv", 'text,label\na,b\n"c,d\n', r"^x\.csv, line 3: not valid CSV"),
        ("x.csv", "text,label\n", r"^x\.csv: no rows"),
        ("x.csv", "input,output\na, \nb,\n", r"^x\.csv: no row has a value in 'output'; fill"),
        ("x.csv", "one\ntwo\n", r"^x\.csv: there is only the column 'one'; give each"),
        (
            "x.csv",
            ",".join(f"c{n}" for n in range(1006)) + "\n" + ",".join(["a"] * 1006),
            r"in the columns 'c0', 'c1', 'c2', 'c3', 'c4', 'c5' and 1,000 more; name them",
        ),
        ("x.json", "[" * 100_000, r"^x\.json: not readable JSON \(brackets in brackets"),
        ("x.parquet", "no", r"^x\.parquet: not valid Parquet"),
        ("x.docx", "no", r"^x\.docx: examples come as .*, not '\.docx'$"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        read_examples(write(tmp_path, name, content))


def test_missing_file() -> None:
    with pytest.raises(
        ToolError, match=r"^examples file 'x\.jsonl' does not exist; check the path$"
    ):
        read_examples(Path("x.jsonl"))


def test_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("text,label\nok,a\nschön,b\n".encode("latin-1"))
    with pytest.raises(ToolError, match=r"^x\.csv, line 3: not UTF-8"):
        read_examples(path)
