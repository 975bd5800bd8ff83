from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.tool import invalid_tool_call
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import Field

from agent.planners.rules import RulesPlanner
from graph.builder import build_graph
from graph.conduct import IDLE_CALLS
from graph.planning import RECENT_MESSAGES, UnfitPlannerError
from tests.graph.test_graph import CONFIG, Evaluating, given, train
from tests.scripted import ScriptedModel, call
from tests.small_task import make_call, rows
from tools.services import BudgetError, Services
from tools.splits import INTAKE


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_call(tmp_path).services
    made.store.write(INTAKE, [replace(e, evidence="gold") for e in rows(60, "train", 0)])
    made.store.write("test file", rows(30, "test", 1, evidence="gold"))
    yield made
    made.store.close()


def run(planner: BaseChatModel, services: Services, **limits: Any) -> tuple[Any, list[str]]:
    """The last state of a run, and what was decided on the way."""
    graph = build_graph(planner, RulesPlanner()).compile(checkpointer=InMemorySaver())
    decisions = [
        str(update["decision"])
        for step in graph.stream(given(**limits), CONFIG, context=services)
        for update in step.values()
        if update and update.get("decision")
    ]
    return graph.get_state(CONFIG).values, decisions


def trainings(services: Services, n: int) -> list[AIMessage]:
    """Calls that each train another student."""
    steps = [train(services, f"f{i}") for i in range(n)]
    for number, step in enumerate(steps):
        step.tool_calls[0]["args"]["hyperparameters"] = {"smoothing": 0.1 + number}
    return steps


def corrections(model: ScriptedModel) -> list[str]:
    return [m.text for prompt in model.seen for m in prompt if m.name == "correction"]


def test_the_same_call_to_no_avail_is_corrected_then_stopped(services: Services) -> None:
    looks = [call("pick_model", f"p{i}", max_parameters=1) for i in range(6)]
    model = ScriptedModel(replies=looks)
    state, decisions = run(model, services, max_rounds=1)
    assert state["planner"] == "rules"
    assert any("called again to no avail 3 times" in text for text in decisions)
    assert any("no rows, no round came of it" in text for text in corrections(model))
    assert state["report"]["status"] == "done"


def test_many_different_calls_that_change_nothing_end_the_planners_turn(
    services: Services,
) -> None:
    looks = [call("evaluate", f"e{i}", student=f"nobody{i}") for i in range(IDLE_CALLS + 5)]
    state, decisions = run(ScriptedModel(replies=looks), services, max_rounds=1)
    assert state["planner"] == "rules"
    assert any(f"{IDLE_CALLS} calls in a row brought nothing" in text for text in decisions)


def test_two_calls_in_turn_are_calls_to_no_avail(services: Services) -> None:
    """Each trains another student than the one before, so something changes every time."""
    back_and_forth = trainings(services, 8)
    for number, step in enumerate(back_and_forth):
        step.tool_calls[0]["args"]["hyperparameters"] = {"smoothing": 0.5 + number % 2}
    model = ScriptedModel(replies=back_and_forth)
    state, _ = run(model, services, max_rounds=1)
    assert state["planner"] == "rules"
    assert len(model.seen) == 5
    assert state["report"]["status"] == "done"


def test_training_ever_anew_without_evaluating_ends_the_planners_turn(services: Services) -> None:
    model = ScriptedModel(replies=trainings(services, 30))
    state, _ = run(model, services, max_rounds=1)
    assert state["planner"] == "rules"
    assert len(model.seen) == IDLE_CALLS + 1
    assert state["report"]["status"] == "done"


def test_a_normal_course_is_left_alone(services: Services) -> None:
    normal = [
        call("search_hf_datasets", "s1", query="bank"),
        call("search_hf_datasets", "s2", query="bank customers"),
        call("pick_model", "p1"),
        *trainings(services, 2),
    ]
    model = Evaluating(replies=normal)
    state, _ = run(model, services, max_rounds=2)
    assert not corrections(model)
    assert state["planner"] == "given"
    assert len(state["report"]["rounds"]) == 2


def test_a_planner_that_uses_up_the_steps_leaves_enough_to_train(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIG, "recursion_limit", 60)
    model = ScriptedModel(replies=trainings(services, 30))
    state, decisions = run(model, services, max_rounds=1)
    assert any("few steps are left" in text for text in decisions)
    assert state["report"]["status"] == "done"


def test_arguments_that_are_no_json_are_named_and_never_sent_back(services: Services) -> None:
    broken = AIMessage(
        "",
        invalid_tool_calls=[
            invalid_tool_call(name="finetune", args='{"model": ', id="x", error="cut off")
        ],
    )
    model = Evaluating(replies=[broken, train(services)])
    state, _ = run(model, services, max_rounds=1)
    assert corrections(model) == ["The arguments of finetune were no valid JSON; call it again."]
    answers = [m for m in state["messages"] if isinstance(m, AIMessage)]
    assert not any(m.invalid_tool_calls for m in answers)
    assert all(m.text or m.tool_calls for m in answers)
    assert state["planner"] == "given"


def test_ids_that_a_server_repeats_are_told_apart(services: Services) -> None:
    """Rows are stored by the id of the call, so an id used twice would replace what it brought."""
    model = ScriptedModel(
        replies=[
            call("evaluate", "call_0", student="a"),
            call("evaluate", "call_0", student="b"),
            call("evaluate", "", student="c"),
            train(services, "call_0"),
            *[AIMessage("?")] * 3,
        ]
    )
    state, _ = run(model, services, max_rounds=1)
    ids = [m.tool_call_id for m in state["messages"] if isinstance(m, ToolMessage)]
    assert len(ids) == len(set(ids)) >= 4
    assert "" not in ids


class Failing(ScriptedModel):
    """Raises an error in place of its last reply."""

    error: Exception

    def _generate(self, messages: list[BaseMessage], *rest: Any, **more: Any) -> Any:
        if not self.replies:
            raise self.error
        return super()._generate(messages, *rest, **more)


@pytest.mark.parametrize("error", [BudgetError("no money"), UnfitPlannerError("no tools")])
def test_a_planner_that_cannot_go_on_leaves_it_to_the_rules(
    services: Services, error: Exception
) -> None:
    state, decisions = run(Failing(replies=[], error=error), services, max_rounds=1)
    assert f"{error}: the rules planner takes over" in decisions
    assert state["report"]["status"] == "done"


class Remembering(Evaluating):
    """Notes how long its prompts are."""

    lengths: list[int] = Field(default_factory=list)

    def _generate(self, messages: list[BaseMessage], *rest: Any, **more: Any) -> Any:
        self.lengths.append(len(messages))
        return super()._generate(messages, *rest, **more)


def test_a_long_run_keeps_its_prompts_short(services: Services) -> None:
    model = Remembering(replies=[*trainings(services, 12), *[AIMessage("?")] * 3])
    state, _ = run(model, services, max_rounds=12, patience=12)
    assert len(state["rounds"]) == 12
    assert max(model.lengths) <= RECENT_MESSAGES + 4
    for prompt in model.seen:
        asked = {c["id"] for m in prompt if isinstance(m, AIMessage) for c in m.tool_calls}
        answered = {m.tool_call_id for m in prompt if isinstance(m, ToolMessage)}
        assert asked == answered
        assert isinstance(prompt[1], HumanMessage)
