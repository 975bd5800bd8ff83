import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sheet import write_sheet

FORMULAS = ("=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://a","b")')
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(tmp_path: Path, text: str) -> None:
    write_sheet(tmp_path / "s.csv", ["a"], [[text]])
    assert cells(tmp_path / "s.csv") == [["a"], [f"'{text}"]]


@given(st.lists(st.tuples(TEXTS), max_size=5))
def test_any_text_comes_back_as_it_was(rows: list[tuple[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.csv"
        assert write_sheet(path, ["a"], rows) == len(rows)
        back = [row[0] if row else "" for row in cells(path)[1:]]
    assert [text.removeprefix("'") for text in back] == [row[0].removeprefix("'") for row in rows]
    assert not any(text.startswith(("=", "+", "-", "@")) for text in back)


def test_numbers_and_nothing_stay_what_they_are(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.csv", ["a", "b", "c"], [[-1, None, 0.5]])
    assert cells(tmp_path / "s.csv")[1] == ["-1", "", "0.5"]
