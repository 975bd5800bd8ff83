import json
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langgraph.errors import GraphInterrupt
from opentelemetry.trace import get_current_span

from agent.errors import UserError
from agent.trace import Tracing, tracing
from agent.traces.reading import Step, read_steps, whole
from tools import trace_names as names
from tools.llm.spans import current_tracer


def node(tracer: Tracing, name: str, update: object, state: object = None) -> None:
    id_ = uuid4()
    tracer.on_chain_start({}, state, run_id=id_, name=name, metadata={"langgraph_node": name})
    # What runs inside a node is said to be of it, too.
    tracer.on_chain_start(
        {}, {}, run_id=uuid4(), parent_run_id=id_, name="inner", metadata={"langgraph_node": name}
    )
    tracer.on_chain_end(update, run_id=id_)


def by_name(folder: Path) -> dict[str, Step]:
    return {step.name: step for step in read_steps(folder)}


def test_steps_hang_below_each_other_in_one_trace(tmp_path: Path) -> None:
    for _ in range(2):
        with tracing(tmp_path, "r1") as tracer:
            outer, plumbing, tool = uuid4(), uuid4(), uuid4()
            tracer.on_chain_start(
                {}, {"rounds": [1, 2]}, run_id=outer, name="tools",
                metadata={"langgraph_node": "tools"},
            )  # fmt: skip
            tracer.on_chain_start({}, {}, run_id=plumbing, parent_run_id=outer, name="inner")
            tracer.on_tool_start(
                {"name": "finetune"}, "", run_id=tool, parent_run_id=plumbing,
                inputs={"model": "m", "method": None}, tool_call_id="call_1",
            )  # fmt: skip
            artifact = {"tool": "finetune", "student": "abc"}
            tracer.on_tool_end(
                ToolMessage("trained", tool_call_id="call_1", artifact=artifact), run_id=tool
            )
            tracer.on_chain_end({"decision": "went well"}, run_id=outer)
    steps = by_name(tmp_path)
    tool_step, node_step = steps["execute_tool finetune"], steps["tools"]
    assert tool_step.parent == node_step.id
    assert node_step.parent == steps["invoke_agent tasksmith"].id
    assert node_step.attributes[names.ROUND] == 3
    assert node_step.attributes[names.DECISION] == "went well"
    assert tool_step.attributes == {
        names.KIND: "tool",
        names.OPERATION: "execute_tool",
        names.TOOL: "finetune",
        names.TOOL_TYPE: "function",
        names.TOOL_CALL: "call_1",
        names.ARGUMENTS: '{"model": "m"}',
        names.RESULT: "trained",
        names.STUDENT: "abc",
        names.CURVE: "models/abc.curve.jsonl",
    }
    lines = (tmp_path / "trace.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6
    assert len({json.loads(line)["context"]["trace_id"] for line in lines}) == 1


def test_other_runs_have_other_traces(tmp_path: Path) -> None:
    for run in ("r1", "r2"):
        with tracing(tmp_path, run):
            pass
    lines = (tmp_path / "trace.jsonl").read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["context"]["trace_id"] for line in lines}) == 2


def chat(tracer: Tracing, messages: Sequence[Sequence[HumanMessage]], answer: AIMessage) -> None:
    id_ = uuid4()
    model = {"ls_model_name": "gpt"}
    tracer.on_chat_model_start({}, messages, run_id=id_, metadata=model)
    tracer.on_llm_end(LLMResult(generations=[[ChatGeneration(message=answer)]]), run_id=id_)


def test_a_planners_call_has_its_messages_and_tokens(tmp_path: Path) -> None:
    call = {"name": "evaluate", "args": {"student": "s"}, "id": "call_2"}
    answer = AIMessage(
        "",
        tool_calls=[call],
        usage_metadata={"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
        response_metadata={"model_name": "gpt-1", "finish_reason": "tool_calls"},
    )
    sent = [SystemMessage("do"), HumanMessage("x" * 5_000), ToolMessage("ok", tool_call_id="c")]
    with tracing(tmp_path, "r1") as tracer:
        chat(tracer, [sent], answer)  # type: ignore[list-item]
    step = by_name(tmp_path)["chat gpt"]
    told = whole(tmp_path, step)
    asked = json.loads(told[names.ASKED])
    assert [message["role"] for message in asked] == ["system", "user", "tool"]
    assert asked[1]["parts"] == [{"type": "text", "content": "x" * 5_000}]
    assert asked[2]["parts"][0]["response"] == "ok"
    (said,) = json.loads(told[names.ANSWERED])
    assert said["parts"] == [
        {"type": "tool_call", "id": "call_2", "name": "evaluate", "arguments": {"student": "s"}}
    ]
    assert (told[names.INPUT], told[names.OUTPUT], told[names.ANSWERED_BY]) == (7, 3, "gpt-1")
    assert told[names.FINISH] == ["tool_calls"]


def test_the_step_under_way_is_the_current_span_and_the_one_above_after_it(tmp_path: Path) -> None:
    with tracing(tmp_path, "r1") as tracer:
        outer, tool = uuid4(), uuid4()
        tracer.on_chain_start({}, {}, run_id=outer, name="t", metadata={"langgraph_node": "t"})
        above = get_current_span()
        tracer.on_tool_start({"name": "finetune"}, "", run_id=tool, parent_run_id=outer)
        assert get_current_span() is not above
        tracer.on_tool_end("trained", run_id=tool)
        assert get_current_span() is above
        tracer.on_chain_end({}, run_id=outer)


def test_a_review_that_closes_a_round_says_what_it_rests_on(tmp_path: Path) -> None:
    round_ = {"kept": False, "gain": -0.01, "p_better": 0.2}
    with tracing(tmp_path, "r1") as tracer:
        node(tracer, "review", {"decision": "not better", "rounds": [round_], "stop_reason": None})
    told = by_name(tmp_path)["review"].attributes
    assert told[names.KEPT] is False
    assert (told[names.GAIN], told[names.P_BETTER]) == (-0.01, 0.2)
    assert names.STOP_REASON not in told


def test_errors_are_marked_and_waiting_for_a_person_is_none(tmp_path: Path) -> None:
    with tracing(tmp_path, "r1") as tracer:
        for name, error in (("plan", ValueError("x" * 10_000)), ("agree", GraphInterrupt())):
            id_ = uuid4()
            tracer.on_chain_start({}, {}, run_id=id_, name=name, metadata={"langgraph_node": name})
            tracer.on_chain_error(error, run_id=id_)
        tool = uuid4()
        tracer.on_tool_start({"name": "evaluate"}, "", run_id=tool)
        tracer.on_tool_end(ToolMessage("no rows", tool_call_id="c", status="error"), run_id=tool)
    steps = by_name(tmp_path)
    assert steps["plan"].failed
    assert steps["plan"].attributes[names.ERROR] == "ValueError"
    assert len(steps["plan"].attributes[names.MESSAGE]) < 5_000
    assert not steps["agree"].failed
    assert steps["execute_tool evaluate"].failed
    assert steps["execute_tool evaluate"].attributes[names.MESSAGE] == "no rows"


def test_a_session_that_fails_says_with_what(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), tracing(tmp_path, "r1"):
        raise KeyboardInterrupt
    (root,) = read_steps(tmp_path)
    assert root.failed
    assert root.attributes[names.ERROR] == "KeyboardInterrupt"


def test_no_trace_yet(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has not taken a step"):
        list(read_steps(tmp_path))


def test_nothing_of_a_session_is_left_behind(tmp_path: Path) -> None:
    before = get_current_span()
    with tracing(tmp_path, "r1") as tracer:
        node(tracer, "plan", {})
        assert get_current_span() is not before
    assert get_current_span() is before


def test_another_thread_can_work_for_the_session(tmp_path: Path) -> None:
    with tracing(tmp_path, "r1") as tracer:
        with tracer.attached():
            current_tracer().start_span("chat m").end()
        assert not current_tracer().start_span("nobody's").is_recording()
    step, root = read_steps(tmp_path)
    assert (step.name, step.parent) == ("chat m", root.id)
