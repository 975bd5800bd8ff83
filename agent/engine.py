"""Drive the graph of one run: start it or go on with it, and turn its stream into events."""

import sqlite3
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver

from agent.models import RULES
from agent.planners.rules import RulesPlanner
from agent.runs import Run
from agent.settings import Settings
from agent.trace import tracing
from graph.builder import build_graph
from graph.mark import mark
from graph.state import Input
from tools.services import Services

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.graph.state import CompiledStateGraph

STEPS_PER_ROUND, STEPS_AROUND = 60, 100
"""Graph steps allowed; a usual round takes about twelve."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes:
        kind: `note` before the run, `progress` inside a step, `step` at the end of one.
        text: One line for a person.
        data: The state update of a step.
    """

    kind: Literal["note", "progress", "step"]
    text: str
    data: dict[str, Any] = field(default_factory=dict)


def drive(
    run: Run, prompt: str, settings: Settings, services: Services, planner: "BaseChatModel"
) -> Generator[Event, None, dict[str, Any]]:
    """Run the graph to its end, from the start or from the last checkpoint.

    Returns:
        The report.
    """
    connection = sqlite3.connect(run.folder / "state.sqlite", check_same_thread=False)
    try:
        with tracing(run.folder, run.id) as tracer:
            graph = build_graph(planner, RulesPlanner()).compile(
                checkpointer=SqliteSaver(connection)
            )
            config: RunnableConfig = {
                "configurable": {"thread_id": run.id},
                "recursion_limit": steps_allowed(settings),
                "callbacks": [tracer],
            }
            given = (
                None if graph.get_state(config).values else first_input(prompt, settings, services)
            )
            yield from _stream(graph, given, config, services)
            report: dict[str, Any] = graph.get_state(config).values["report"]
            return report
    finally:
        connection.close()


def _stream(
    graph: "CompiledStateGraph[Any, Services, Input, Any]",
    given: Input | None,
    config: RunnableConfig,
    services: Services,
) -> Generator[Event, None, None]:
    # With "sync" a step is on disk before the next begins: a crash repeats one step at most.
    parts = graph.stream(
        given,
        config,
        context=services,
        stream_mode=["updates", "custom"],
        version="v2",
        durability="sync",
    )
    for part in parts:
        if part["type"] == "custom":
            yield Event("progress", str(part["data"]["progress"]))
        elif part["type"] == "updates":
            for node, update in part["data"].items():
                yield from _step(node, update or {})


def _step(node: str, update: dict[str, Any]) -> Generator[Event, None, None]:
    if decision := update.get("decision"):
        yield Event("step", str(decision), {"node": node, **update})


def steps_allowed(settings: Settings) -> int:
    """Return how many steps the graph may take at most."""
    return STEPS_PER_ROUND * settings.max_rounds + STEPS_AROUND


def first_input(prompt: str, settings: Settings, services: Services) -> Input:
    """Return what the graph of an autonomous run begins with."""
    return {
        "messages": [HumanMessage(prompt)],
        "limits": {
            "max_rounds": settings.max_rounds,
            "minutes": settings.budget_minutes,
            "usd": settings.budget_usd,
            "patience": settings.patience,
            "min_gain": settings.min_gain,
            "target": settings.target,
        },
        "mode": "run",
        "planner": "rules" if settings.planner == RULES else "given",
        "student": settings.student,
        "mark": mark(services),
    }
