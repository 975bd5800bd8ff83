import json
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from agent.studio import make_graph

ROOT = Path(__file__).parents[2]


def test_langgraph_json_names_a_graph_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]
    assert named == {"tasksmith": "./agent/studio.py:make_graph"}
    monkeypatch.setenv("TASKSMITH_OUT", str(tmp_path / "runs"))
    monkeypatch.setenv("TASKSMITH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    end = make_graph().compile().invoke({"messages": [HumanMessage("Sort mails into a or b.")]})
    assert "--examples" in end["messages"][-1].text
    (report,) = (tmp_path / "runs").glob("*/report.json")
    assert json.loads(report.read_text(encoding="utf-8"))["status"] == "failed"
