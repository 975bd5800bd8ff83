from pathlib import Path

import pytest

from tools.files import write_text


def test_a_failing_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old"


def test_nothing_else_is_left_behind(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "ä")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
