import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.ui.data_tab import NAMES, DataTab
from agent.ui.data_view import differences
from agent.ui.wish import Wish
from tests.agent.ui.runs import ROW, context, with_rows
from tools.questions import SORTS

ANY = [""] * len(NAMES)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{constructor}} ${alert(1)} `x`",
    "# heading [x](javascript:alert(1))",
    "a\x1b[31m\u202egnp.exe",
    "long " * 200_000,
)


@pytest.fixture
def tab(tmp_path: Path) -> DataTab:
    rows = [
        ROW,
        replace(ROW, input="the euro rate", output="rate", round=1),
        replace(ROW, input="is my card here", split="test"),
        replace(ROW, input="Is my CARD here!", reason="contamination"),
        replace(ROW, input="a rate", output="pin", reason="label not in task", parents=(1,)),
        replace(ROW, input="another rate of the euro", output="rate"),
    ]
    with_rows(tmp_path, "run", rows)
    return DataTab(context(tmp_path))


def act(tab: DataTab, what: str, *ids: int, opened: int = 0, **more: Any) -> list[Any]:
    wish = {"what": what, "ids": list(ids), **more}
    return tab.act(wish, opened, "run", 1, "", SORTS[0], *ANY)


def test_filters_count_what_they_leave(tab: DataTab) -> None:
    page, number, *filters = tab.show("run", 1, "", "newest", *ANY)
    assert number == 1
    assert "6 rows" in page
    labels = dict(zip(NAMES, filters, strict=True))
    assert labels["status"]["choices"] == [
        ("any", ""), ("accepted (4)", "accepted"), ("rejected (2)", "rejected")
    ]  # fmt: skip
    page, _, *filters = tab.show("run", 1, "", "newest", "rejected", *ANY[1:])
    assert "2 rows" in page
    assert "value" not in filters[0]  # a slow answer leaves alone what has been chosen since
    assert "1 row," in tab.show("run", 1, "EURO", "newest", "", "rate", "", "", "1", "", "")[0]
    assert "No row fits" in tab.show("run", 1, "nowhere", "newest", *ANY)[0]


def test_a_click_edits_and_another_takes_it_back(tab: DataTab) -> None:
    said = act(tab, "reject", 1, 2)[2]
    assert "2 rows rejected" in said
    assert said.count("rejected by hand") == 2
    assert "1 row relabelled" in act(tab, "relabel", 5, output="rate")[2]
    assert "no label of the task" in act(tab, "relabel", 5, output="<b>")[2]
    assert "row 4 refused: it repeats a test row" in act(tab, "accept", 4)[2]
    assert "1 row as before" in act(tab, "undo")[2]
    assert "2 rows as before" in act(tab, "undo")[2]
    assert "nothing to undo" in act(tab, "undo")[2]


def test_a_row_opened_shows_all_of_it(tab: DataTab) -> None:
    row, opened, *rest = act(tab, "open", 4)
    assert opened == 4
    assert row.visible is True
    assert "repeats a held-out row" in row.value
    assert "<mark>" in row.value
    assert "row 1</button>" in act(tab, "open", 5)[0].value
    assert "Most like it" in act(tab, "near", 2)[0].value
    assert "is gone" in act(tab, "open", 77)[0].value
    assert act(tab, "close", 5)[0].visible == "hidden"
    edited = act(tab, "reject", 5, opened=5)
    assert "By hand" in edited[0].value


def test_what_comes_from_a_browser_is_not_relied_on(tab: DataTab) -> None:
    bad: list[Any] = [None, [], "x", {"what": "drop", "ids": "1"}, {"what": ["accept"]}]
    for data in bad:
        assert Wish.of(data, {"accept"}) == Wish()
    wish = Wish.of({"what": "accept", "ids": [1, "2", None, -1, True, 2**70]}, {"accept"})
    assert wish.ids == (1,)
    assert "6 rows" in act(tab, "page", page=10**9)[2]
    assert "6 rows" in act(tab, "accept", 999)[2]


def test_hostile_rows_are_text(tmp_path: Path) -> None:
    rows = [replace(ROW, input=text, output=f"<i>{n}") for n, text in enumerate(HOSTILE)]
    with_rows(tmp_path, "run", [*rows, *(replace(r, input=f"{r.input}.") for r in rows)])
    tab = DataTab(context(tmp_path))
    page = tab.show("run", 1, "", "newest", *ANY)[0]
    assert len(page) < 60_000
    opened = "".join(act(tab, "near", n)[0].value for n in range(1, 6))
    for html in (page, opened):
        for bad in ("<script", "<img", "<i>", "\x1b", "\u202e"):
            assert bad not in html
    assert "&lt;script&gt;" in page
    whole = act(tab, "whole", 5)[0].value
    assert whole.count("long") >= 200_000
    assert len(opened) < 200_000


def test_runs_without_data_or_gone_are_said(tmp_path: Path) -> None:
    with_rows(tmp_path, "empty", None)
    run = with_rows(tmp_path, "run", [ROW])
    tab = DataTab(context(tmp_path))
    assert "no examples yet" in tab.show("empty", 1, "", "newest", *ANY)[0]
    assert "no run is chosen" in tab.show(None, 1, "", "newest", *ANY)[0]
    assert "1 row" in tab.show("run", 1, "", "newest", *ANY)[0]
    shutil.rmtree(run.folder)
    assert "gone" in tab.show("run", 1, "", "newest", *ANY)[0]
    assert "gone" in act(tab, "reject", 1)[2]
    assert "gone" in act(tab, "open", 1)[0].value
    assert not run.folder.exists()
    with_rows(tmp_path, "run", [ROW, replace(ROW, input="made anew")])
    assert "2 rows" in tab.show("run", 1, "", "newest", *ANY)[0]


def test_examples_that_are_damaged_are_told_in_a_line(tab: DataTab, tmp_path: Path) -> None:
    run = with_rows(tmp_path, "damaged", [ROW])
    (run.folder / "data.sqlite").write_bytes(b"no such thing" * 1_000)
    assert "cannot be read or written" in tab.show("damaged", 1, "", "newest", *ANY)[0]


def test_the_filtered_rows_are_exported(tab: DataTab) -> None:
    path = Path(tab.export("run", 1, "", "oldest", "accepted", "rate", *ANY[2:]))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["input"] for row in rows] == ["the euro rate", "another rate of the euro"]
    shutil.rmtree(path.parent)


def test_differences_put_both_texts_together_again() -> None:
    mine, theirs = differences("my card is late", "my cards are late")
    assert "".join(part for _, part in mine) == "my card is late"
    assert "".join(part for _, part in theirs) == "my cards are late"
    assert (False, "card") in mine
    assert (True, "my ") in mine
