import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


def test_the_page_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "own.py").write_text("\n".join(blocks), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TASKSMITH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    report = import_module("own").main(tmp_path / "runs")
    assert report["status"] == "done"
    assert report["student"]["method"] == "words"
    assert report["rounds"][0]["validation"]["metric"] == "saved_cost"
    sources = {origin["source"] for origin in report["data"]["origins"]}
    assert "company/comments" in sources
    assert any(round_["accepted"] for round_ in report["rounds"][1:])
