from pathlib import Path

import pytest

from tools.reading.inputs import stream_inputs
from tools.reading.text_file import read_text
from tools.services import ToolError


def test_the_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "task.md"
    path.write_bytes(b"\xef\xbb\xbfSort mails.\r\nGently.")
    assert read_text(path) == "Sort mails.\r\nGently."
    assert [*stream_inputs(path.rename(tmp_path / "mails.txt"))] == ["Sort mails.", "Gently."]


@pytest.mark.parametrize("name", ["texts.txt", "texts"])
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(ToolError, match=r"^file '.*texts.*' does not exist; check the path$"):
        list(stream_inputs(path))
    path.write_bytes("ok\nschön\n".encode("latin-1"))
    with pytest.raises(ToolError, match=rf"^{name}, line 2: not UTF-8; save the file as UTF-8$"):
        list(stream_inputs(path))


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be read"):
        read_text(tmp_path)


def test_of_a_table_the_column_with_the_texts_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,Text\n1,hello\n", encoding="utf-8")
    assert [*stream_inputs(path)] == ["hello"]
    path.write_text("a,b\n1,hello\n", encoding="utf-8")
    with pytest.raises(ToolError, match=r"^x\.csv: which of a, b holds the texts\? name it"):
        list(stream_inputs(path))
