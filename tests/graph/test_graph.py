import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import Field

from agent.planners.rules import RulesPlanner
from graph.builder import build_graph
from graph.toolbox import TOOLS
from tests.fakes import SilentTeacher
from tests.scripted import ScriptedModel, call
from tests.small_task import make_call, rows
from tools.services import Services
from tools.splits import INTAKE
from tools.teaching import Usage

TASK = "Sort questions of bank customers into card, rate or transfer."
CONFIG: Any = {"configurable": {"thread_id": "1"}, "recursion_limit": 200}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_call(tmp_path).services
    gold = [replace(e, evidence="gold") for e in rows(60, "train", 0)]
    made.store.write(INTAKE, gold)
    made.store.write("test file", rows(30, "test", 1, evidence="gold"))
    yield made
    made.store.close()


def given(mode: str = "run", planner: str = "given", **limits: Any) -> Any:
    return {
        "messages": [HumanMessage(TASK)],
        "limits": {
            "max_rounds": 3,
            "minutes": 5.0,
            "usd": 1.0,
            "patience": 2,
            "min_gain": 0.0,
            "target": None,
        }
        | limits,
        "mode": mode,
        "planner": planner,
        "student": None,
    }


def compiled(planner: BaseChatModel) -> Any:
    return build_graph(planner, RulesPlanner()).compile(checkpointer=InMemorySaver())


def train(services: Services, id_: str = "f1") -> AIMessage:
    base = str(services.workspace / "base")
    return call("finetune", id_, method="keywords", model=base)


def trained_id(model: ScriptedModel) -> str:
    standing = json.loads(model.seen[-1][-1].text)
    return str(standing["trained"])


class Evaluating(ScriptedModel):
    """Follows its script, and evaluates whatever has been trained and not evaluated yet."""

    def _generate(self, messages: list[Any], *rest: Any, **more: Any) -> Any:
        student = json.loads(messages[-1].text)["trained"]
        if student:
            self.replies.insert(0, call("evaluate", f"e{len(self.seen)}", student=student))
        return super()._generate(messages, *rest, **more)


def test_a_scripted_run_ends_with_a_report(services: Services) -> None:
    model = Evaluating(replies=[train(services)])
    end = compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)
    report = json.loads((services.workspace / "report.json").read_text())
    assert report == end["report"]
    assert report["stop_reason"] == "rounds"
    assert report["evidence"] == "gold"
    assert report["test"]["n"] == 30
    assert report["baselines"]["seed_only"] == report["test"]["value"]
    assert (services.workspace / "models" / report["student"]["id"] / "README.md").exists()


def test_the_planner_is_told_task_and_standing_and_sees_no_services() -> None:
    for tool in TOOLS:
        schema = convert_to_openai_tool(tool)["function"]
        assert "runtime" not in schema["parameters"]["properties"]
        assert schema["description"]


def test_calls_planned_together_run_one_after_the_other(services: Services) -> None:
    both = AIMessage(
        "",
        tool_calls=[*train(services, "f1").tool_calls, *train(services, "f2").tool_calls],
    )
    model = Evaluating(replies=[both])
    end = compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)
    answered = [m.tool_call_id for m in end["messages"] if isinstance(m, ToolMessage)]
    assert answered[:2] == ["f1", "f2"]
    assert len(model.seen) == 2  # the planner was not asked in between


def test_a_race_shows_in_the_standing_and_what_is_asked_for_comes_first(
    services: Services, tmp_path: Path
) -> None:
    other = str(shutil.copytree(services.workspace / "base", tmp_path / "other"))
    race = call("pick_model", "p1", race=True, also=[other])
    asked = given(max_rounds=1) | {"student": str(services.workspace / "base")}
    model = Evaluating(replies=[race, train(services)])
    compiled(model).invoke(asked, CONFIG, context=services)
    told = json.loads(model.seen[1][-1].text)["bases"][:2]
    assert {base["base"] for base in told} == {other, asked["student"]}
    assert all(base["race_score"] > 0.5 for base in told)


def test_tool_errors_go_back_to_the_planner(services: Services) -> None:
    model = Evaluating(replies=[call("evaluate", "x", student="nobody"), train(services)])
    end = compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)
    errors = [m for m in end["messages"] if isinstance(m, ToolMessage) and m.status == "error"]
    assert [m.tool_call_id for m in errors] == ["x"]
    assert "nobody" in errors[0].text
    assert end["report"]["status"] == "done"


def test_only_what_is_wrong_with_a_base_speaks_against_it(services: Services) -> None:
    model = Evaluating(
        replies=[
            call("finetune", "x", method="keywords", model="no/such/base"),
            call("finetune", "y", method="magic", model=str(services.workspace / "base")),
            train(services),
        ]
    )
    end = compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)
    assert end["failed_bases"] == ["no/such/base"]
    told = [json.loads(prompt[-1].text)["last_error"] for prompt in model.seen[1:3]]
    assert [error["of_base"] for error in told] == [True, False]


class EvaluatingTheFirst(ScriptedModel):
    """Trains two students, evaluates the first of them, then the second."""

    trained: list[str] = Field(default_factory=list)

    def _generate(self, messages: list[Any], *rest: Any, **more: Any) -> Any:
        student = json.loads(messages[-1].text)["trained"]
        if student and student not in self.trained:
            self.trained.append(student)
        if len(self.trained) == 2 and not self.replies:
            self.replies = [
                call("evaluate", f"e{i}", student=student) for i, student in enumerate(self.trained)
            ]
        return super()._generate(messages, *rest, **more)


def test_only_the_student_trained_last_ends_a_round(services: Services) -> None:
    first, second = train(services, "f1"), train(services, "f2")
    second.tool_calls[0]["args"]["hyperparameters"] = {"smoothing": 5.0}
    model = EvaluatingTheFirst(replies=[first, second])
    end = compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)
    assert end["report"]["student"]["id"] == model.trained[1] != model.trained[0]
    assert end["report"]["student"]["hyperparameters"] == {"smoothing": 5.0}


def test_the_planner_is_not_shown_examples_pasted_into_the_task(services: Services) -> None:
    model = Evaluating(replies=[train(services)])
    pasted = "\n\nInput: my secret sentence\nOutput: card\n\nInput: another one\nOutput: rate"
    asked = given(max_rounds=1) | {"messages": [HumanMessage(TASK + pasted)]}
    compiled(model).invoke(asked, CONFIG, context=services)
    shown = "".join(message.text for prompt in model.seen for message in prompt)
    assert "bank customers" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    "reply",
    [
        AIMessage("Let me think about it."),
        call("no_such_tool", "c"),
        call("generate_batch", "c", n="many", focus="everything"),
    ],
    ids=["chatter", "unknown tool", "invalid arguments"],
)
def test_three_useless_answers_bring_in_the_rules_planner(
    services: Services, reply: AIMessage
) -> None:
    replies = [reply.model_copy(deep=True) for _ in range(3)]
    for number, one in enumerate(replies):
        for tool_call in one.tool_calls:
            tool_call["id"] = f"c{number}"
    model = ScriptedModel(replies=replies)
    graph = compiled(model)
    decisions = [
        update.get("decision", "")
        for step in graph.stream(given(max_rounds=1), CONFIG, context=services)
        for update in step.values()
        if update
    ]
    assert any("rules planner takes over" in text for text in decisions)
    assert graph.get_state(CONFIG).values["planner"] == "rules"
    assert graph.get_state(CONFIG).values["report"]["stop_reason"]


def test_two_useless_answers_are_forgiven(services: Services) -> None:
    model = Evaluating(replies=[AIMessage("hm"), AIMessage("well"), train(services)])
    graph = compiled(model)
    graph.invoke(given(max_rounds=1), CONFIG, context=services)
    assert graph.get_state(CONFIG).values["planner"] == "given"


def test_in_chat_a_person_approves_costly_calls_once(services: Services) -> None:
    model = Evaluating(
        replies=[train(services, "f1"), train(services, "f2"), train(services, "f3")]
    )
    graph = compiled(model)
    graph.invoke(given("chat", max_rounds=2), CONFIG, context=services)
    yes: Command[Any] = Command(resume={"text": "yes", "id": 2, "files": []})
    graph.invoke(yes, CONFIG, context=services)
    (question,) = graph.get_state(CONFIG).interrupts
    assert [c["name"] for c in question.value["data"]["calls"]] == ["finetune"]
    refuse: Command[Any] = Command(resume={"text": "nein", "id": 3, "files": []})
    graph.invoke(refuse, CONFIG, context=services)
    (question,) = graph.get_state(CONFIG).interrupts
    assert question.value["ask"] == "approve"
    end = graph.invoke(yes, CONFIG, context=services)
    answers = {m.tool_call_id: m.text for m in end["messages"] if isinstance(m, ToolMessage)}
    assert answers["f1"] == "The user said: nein"
    assert end["report"]["status"] == "done"
    assert len(end["rounds"]) == 2


def test_in_chat_the_labels_are_asked_for_where_nothing_tells(tmp_path: Path) -> None:
    services = make_call(tmp_path).services
    graph = compiled(ScriptedModel(replies=[]))
    asked = given("chat") | {"messages": [HumanMessage("Classify messages by intent.")]}
    graph.invoke(asked, CONFIG, context=services)
    (question,) = graph.get_state(CONFIG).interrupts
    assert question.value["ask"] == "labels"
    model = ScriptedModel(replies=[AIMessage("ok")] * 3)
    graph = build_graph(model, RulesPlanner()).compile(checkpointer=graph.checkpointer)
    answer: Command[Any] = Command(resume={"text": "refund, charge, other", "id": 2, "files": []})
    graph.invoke(answer, CONFIG, context=services)
    names = [label["name"] for label in graph.get_state(CONFIG).values["spec"]["labels"]]
    assert names == ["refund", "charge", "other"]
    services.store.close()


def test_no_data_ends_with_a_report_that_says_so(tmp_path: Path) -> None:
    services = make_call(tmp_path).services
    end = compiled(RulesPlanner()).invoke(given(planner="rules"), CONFIG, context=services)
    assert end["report"]["status"] == "failed"
    assert end["report"]["stop_reason"] == "nothing to train"
    assert "--examples" in end["report"]["stop_detail"]
    assert end["report"]["test"]["value"] is None
    services.store.close()


class Dear(SilentTeacher):
    """A teacher whose bill grows by a dollar whenever one looks."""

    def __init__(self) -> None:
        self.bill = 0.0

    def usage(self) -> Usage:
        self.bill += 1.0
        return Usage(calls=1, usd=self.bill)


@pytest.mark.parametrize(
    ("change", "limits", "reason"),
    [
        ({}, {"target": 0.3}, "target"),
        ({"teacher": Dear()}, {}, "usd"),
        ({}, {"minutes": 1e-6}, "minutes"),
    ],
    ids=["target", "money", "time"],
)
def test_every_limit_ends_the_run(
    services: Services, change: Any, limits: Any, reason: str
) -> None:
    model = Evaluating(replies=[train(services, f"f{i}") for i in range(9)])
    end = compiled(model).invoke(given(**limits), CONFIG, context=replace(services, **change))
    assert end["report"]["stop_reason"] == reason


def test_state_stays_small_and_plain(services: Services) -> None:
    graph = compiled(Evaluating(replies=[train(services)]))
    graph.invoke(given(max_rounds=1), CONFIG, context=services)
    values = dict(graph.get_state(CONFIG).values)
    messages = values.pop("messages")
    assert len(json.dumps(values)) < 50_000
    assert all(len(m.model_dump_json()) < 20_000 for m in messages)


def test_picture_in_the_docs_is_of_this_graph() -> None:
    picture = compiled(RulesPlanner()).get_graph().draw_mermaid()
    body = picture.split("---\n", 2)[-1].strip()
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    assert body in page.read_text(encoding="utf-8")
