import json
from pathlib import Path
from uuid import uuid4

import pytest
from rich.console import Console

from agent.errors import UserError
from agent.trace import tracing
from agent.trace_tree import read_steps, tree


def write(path: Path, decision: str) -> None:
    with tracing(path, "r1") as tracer:
        node, tool = uuid4(), uuid4()
        tracer.on_chain_start({}, {}, run_id=node, name="tools")
        tracer.on_tool_start(
            {"name": "finetune"}, "", run_id=tool, parent_run_id=node, inputs={"model": "m"}
        )
        tracer.on_tool_end("trained", run_id=tool)
        tracer.on_chain_end({"decision": decision}, run_id=node)


def test_steps_come_back_as_a_tree(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    write(path, "went well")
    steps = read_steps(path)
    by_name = {step.name: step for step in steps}
    assert by_name["finetune"].parent == by_name["tools"].id
    console = Console(width=80, record=True, quiet=False, file=(tmp_path / "out").open("w"))
    console.print(tree("r1", steps))
    text = console.export_text()
    assert text.index("tools") < text.index("finetune") < text.index("trained")
    assert "decision: went well" in text
    console.file.close()


def test_a_trace_cut_off_by_a_crash_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    write(path, "before")
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[:-40], encoding="utf-8")
    write(path, "after")
    decisions = [step.attributes.get("decision") for step in read_steps(path)]
    assert {"before", "after"} <= set(decisions)


def test_long_values_are_cut_and_errors_marked(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with tracing(path, "r1") as tracer:
        node = uuid4()
        tracer.on_chain_start({}, {}, run_id=node, name="plan")
        tracer.on_chain_error(ValueError("x" * 10_000), run_id=node)
    (step,) = [step for step in read_steps(path) if step.name == "plan"]
    assert step.failed
    assert len(step.attributes["error"]) < 5_000
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(("node", "who"), [("specify", "specify"), ("conclude", "baseline")])
def test_nodes_that_call_an_llm_show_what_it_cost(tmp_path: Path, node: str, who: str) -> None:
    path = tmp_path / "trace.jsonl"
    used = {"calls": 1, "cached_calls": 0, "prompt_tokens": 1200, "completion_tokens": 30}
    dear = {key: 9 for key in used} | {"usd": 9.0}
    with tracing(path, "r1") as tracer:
        ids = uuid4(), uuid4()
        outputs = {"decision": "done", "used": {"plan": dear, who: used | {"usd": 0.5}}}
        for id_, name in zip(ids, (node, "review"), strict=True):
            tracer.on_chain_start({}, {}, run_id=id_, name=name)
            tracer.on_chain_end(outputs, run_id=id_)
    steps = {step.name: step.attributes for step in read_steps(path)}
    assert steps[node]["gen_ai.usage.input_tokens"] == "1200"
    assert steps[node]["usd"] == "0.5"
    assert "usd" not in steps["review"]


def test_no_trace_yet(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has not taken a step"):
        read_steps(tmp_path / "trace.jsonl")
