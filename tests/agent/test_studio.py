import asyncio
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore
from langgraph_sdk.runtime import _ExecutionRuntime, _ReadRuntime

from agent.runs import list_runs

ROOT = Path(__file__).parents[2]
THREAD = {"configurable": {"thread_id": "t1"}}
NODES = {"specify", "plan", "approve", "tools", "review", "conclude"}


@pytest.fixture
def factory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What langgraph.json names, loaded as the server does; its runs are kept in `tmp_path`."""
    monkeypatch.setenv("TASKSMITH_OUT", str(tmp_path / "runs"))
    monkeypatch.setenv("TASKSMITH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (named,) = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"].values()
    path, _, name = named.partition(":")
    spec = importlib.util.spec_from_file_location("served", ROOT / path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def test_the_server_is_shown_the_graph_itself(factory: Any, tmp_path: Path) -> None:
    async def look() -> set[str]:
        store = InMemoryStore()
        reading: Any = _ReadRuntime(access_context="assistants.read", user=None, store=store)
        async with factory(config=THREAD, runtime=reading) as graph:
            assert graph.get_context_jsonschema() is None
            return set(graph.get_graph().nodes)

    assert asyncio.run(look()) >= NODES
    assert not (tmp_path / "runs").exists()


def test_a_thread_of_the_server_is_a_run(factory: Any, tmp_path: Path) -> None:
    kept = InMemorySaver()

    async def run(given: Any) -> list[Any]:
        store = InMemoryStore()
        running: Any = _ExecutionRuntime(
            access_context="threads.create_run", user=None, store=store
        )
        async with factory(config=THREAD, runtime=running) as graph:
            served = graph.copy(update={"checkpointer": kept})
            updates = served.astream(given, THREAD, context={}, stream_mode="updates")
            return [node async for update in updates for node in update]

    words = {"messages": [{"role": "user", "content": "Sort mails into a or b."}]}
    assert asyncio.run(run(words)) == ["specify", "plan", "review", "conclude"]
    (made,) = list_runs(tmp_path / "runs")
    assert (made.id, made.status) == ("studio-t1", "failed")
    assert "--examples" in (made.report or {})["stop_detail"]
    assert (made.folder / "trace.jsonl").read_text(encoding="utf-8")
