import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tools.reading.demonstrations import extract
from tools.reading.files import read_examples
from tools.reading.reader import read_task
from tools.services import ToolError
from tools.task import Demonstration

Pairs = list[tuple[str, str]]

# A line of text: any characters with something to read in it, no white space at its ends.
line = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=40
    )
    .map(str.strip)
    .filter(lambda text: any(c.isalnum() for c in text) and text[0] not in "\"'“”„‘’「«»`")
)
some_line_pairs = st.lists(st.tuples(line, line), min_size=3, max_size=8, unique_by=lambda p: p[0])
any_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(
    lambda text: bool(text.strip()) and text[0] not in "\"'“”„‘’「«»`"
)
some_pairs = st.lists(
    st.tuples(any_text, any_text), min_size=3, max_size=8, unique_by=lambda p: p[0]
)
label_name = st.from_regex(r"[a-z]{5,9}([_ ][a-z]{5,9})?", fullmatch=True)


def found(prompt: str) -> Pairs:
    return [(pair.input, pair.output) for pair in extract(prompt).demonstrations]


@settings(deadline=None)
@given(st.lists(label_name, min_size=2, max_size=12, unique=True), st.sampled_from("-*•"))
def test_bullet_list_is_recovered(names: list[str], bullet: str) -> None:
    prompt = "Classify the mail. The labels are:\n\n" + "\n".join(f"{bullet} {n}" for n in names)
    assert list(read_task(prompt).label_names) == names


@given(some_pairs)
def test_json_lines_are_recovered(pairs: Pairs) -> None:
    rows = (json.dumps({"input": i, "output": o}, ensure_ascii=False) for i, o in pairs)
    assert found("Do as shown.\n\n" + "\n".join(rows) + "\n\nThanks.") == pairs


@given(some_pairs)
def test_json_array_is_recovered(pairs: Pairs) -> None:
    rows = json.dumps([{"text": i, "label": o} for i, o in pairs], indent=1)
    assert found(f"Do as shown.\n```json\n{rows}\n```") == pairs


@given(some_line_pairs)
def test_input_output_blocks_are_recovered(pairs: Pairs) -> None:
    blocks = "\n\n".join(f"Input: {i}\nOutput: {o}" for i, o in pairs)
    assert found(f"Do as shown.\n\n{blocks}\n\nThanks.") == pairs


@given(some_line_pairs)
def test_markdown_tables_are_recovered(pairs: Pairs) -> None:
    cells = [(i.replace("|", "\\|"), o.replace("|", "\\|")) for i, o in pairs]
    rows = "\n".join(f"| {i} | {o} |" for i, o in cells)
    expected = [(i.replace("\\\\|", "\\|"), o.replace("\\\\|", "\\|")) for i, o in pairs]
    assert found(f"Do as shown.\n\n| text | label |\n|---|---|\n{rows}\n") == expected


@given(some_pairs, st.sampled_from(",;\t"))
def test_delimited_blocks_are_recovered(pairs: Pairs, delimiter: str) -> None:
    block = io.StringIO()
    csv.writer(block, delimiter=delimiter, lineterminator="\n").writerows(
        [("text", "label"), *pairs]
    )
    assume("\r" not in block.getvalue())
    assert found(f"Do as shown.\n\n{block.getvalue()}\nThanks.") == pairs


@given(some_pairs, st.sampled_from([".jsonl", ".json", ".csv", ".tsv"]))
def test_files_are_recovered(pairs: Pairs, suffix: str) -> None:
    rows = [{"input": i, "output": o} for i, o in pairs]
    buffer = io.StringIO(newline="")
    delimiter = "\t" if suffix == ".tsv" else ","
    csv.writer(buffer, delimiter=delimiter).writerows([("input", "output"), *pairs])
    content = {
        ".jsonl": "\n".join(map(json.dumps, rows)),
        ".json": json.dumps(rows),
    }.get(suffix, buffer.getvalue())
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"rows{suffix}"
        path.write_bytes(content.encode())
        read = read_examples(path).pairs
    assert set(read) <= {Demonstration(input=i, output=o) for i, o in pairs}
    assert read[0] == Demonstration(input=pairs[0][0], output=pairs[0][1])


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text('[]{}",:;\n\t0', max_size=60).map(str.encode),
        st.binary(max_size=200).map(lambda middle: b"PAR1" + middle + b"PAR1"),
    ),
    st.sampled_from([".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt"]),
)
def test_any_bytes_are_read_or_refused_in_one_line(content: bytes, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"rows{suffix}"
        path.write_bytes(content)
        try:
            message = str(len(read_examples(path).pairs))
        except ToolError as error:
            message = str(error)
    assert len(message.splitlines()) == 1


@settings(deadline=None)
@given(st.text(max_size=200) | st.text("Input:Output -> |,\n\t{}[]\"'1.oder", max_size=120))
def test_any_prompt_is_read_or_refused(prompt: str) -> None:
    try:
        message = read_task(prompt).language
    except ToolError as error:
        message = str(error)
    assert len(message.splitlines()) == 1


def test_deep_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 100_000)
    with pytest.raises(ToolError, match="deep.jsonl, line 1"):
        read_examples(path)
    assert read_task("Sort mails.\n" + "[" * 2_000).demonstrations == ()
