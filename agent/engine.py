"""The thread of one run: the graph over its checkpoints, and its stream turned into events."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command, Interrupt, StateSnapshot

from agent.models import RULES
from agent.planners.rules import RulesPlanner
from agent.runs import Mode, Run
from agent.settings import Settings
from agent.trace import Tracing, tracing
from graph.builder import build_graph
from graph.mark import mark
from graph.state import Input
from tools.services import Services

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Json = dict[str, Any]
STEPS_PER_ROUND, STEPS_AROUND = 60, 100
"""Graph steps allowed; a usual round takes about twelve."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes:
        kind: `note` before the run, `progress` inside a step, `step` at the end of one; `said` is
            an answer to the person, `report` what came of it all.
        text: One line for a person; of an answer, all of it.
        data: The state update of a step, with its `node` and the `limits` it went by; the report.
        id: Names the step; one that is repeated after a crash has the same.
    """

    kind: Literal["note", "progress", "step", "said", "report"]
    text: str
    data: Json = field(default_factory=dict)
    id: str = ""


class Thread:
    """The LangGraph thread of a run. Reading it is safe while another thread drives it.

    Args:
        connection: To the run's checkpoints.
    """

    def __init__(
        self,
        run: Run,
        settings: Settings,
        services: Services,
        planner: "BaseChatModel",
        connection: sqlite3.Connection,
    ) -> None:
        self._run = run
        self._services = services
        self._tracer: Tracing | None = None
        self._config: RunnableConfig = {
            "configurable": {"thread_id": run.thread},
            "recursion_limit": steps_allowed(settings),
        }
        self._graph = build_graph(planner, RulesPlanner()).compile(
            checkpointer=SqliteSaver(connection)
        )

    def snapshot(self) -> StateSnapshot:
        """Return the state as it was last written down.

        What is left to do is in its `tasks`; `next` leaves out a step that was finished, but which
        a crash kept from being written down as done.
        """
        return self._graph.get_state(self._config)

    @contextmanager
    def traced(self) -> "Iterator[Tracing]":
        """Trace what happens inside, as part of the session of work where one is under way."""
        if self._tracer:
            yield self._tracer
            return
        with tracing(self._run.folder, self._run.id) as self._tracer:
            try:
                yield self._tracer
            finally:
                self._tracer = None

    def go(self, given: "Json | Command[Any] | None") -> Generator[Event]:
        """Drive the graph until it ends or asks.

        Args:
            given: New input, the answer to a question, or None to go on with what was cut off.
        """
        with self.traced() as tracer:
            parts = self._graph.stream(
                cast(Input, given),  # of its keys, later messages have only what is new
                self._config | {"callbacks": [tracer]},
                context=self._services,
                stream_mode=["tasks", "updates", "custom"],
                version="v2",
                # A step is on disk before the next begins: a crash repeats one step at most.
                durability="sync",
            )
            begun: dict[str, Json] = {}
            for part in parts:
                if part["type"] == "custom":
                    yield Event("progress", str(part["data"]["progress"]))
                elif part["type"] == "tasks" and "input" in part["data"]:
                    begun[part["data"]["name"]] = cast(Json, part["data"])
                elif part["type"] == "updates":
                    for node in begun.keys() & part["data"].keys():
                        yield from _told(begun[node], part["data"][node] or {})


def _told(task: Json, update: Json) -> Iterator[Event]:
    """Turn the update that came of a task of LangGraph's into events."""
    id_ = task["id"]
    if reply := update.get("reply"):
        yield Event("said", str(reply), id=id_)
    if decision := update.get("decision"):
        went_by = {"node": task["name"], "limits": task["input"]["limits"]}
        yield Event("step", str(decision), went_by | update, id_)
    if report := update.get("report"):
        yield Event("report", str(report["status"]), report, id_)


@contextmanager
def opened(
    run: Run, settings: Settings, services: Services, planner: "BaseChatModel"
) -> Iterator[Thread]:
    """Open the thread of a run."""
    path = run.folder / "state.sqlite"
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        yield Thread(run, settings, services, planner, connection)


def steps_allowed(settings: Settings) -> int:
    """Return how many steps the graph may take at most."""
    return STEPS_PER_ROUND * settings.max_rounds + STEPS_AROUND


def first_input(
    prompt: str,
    settings: Settings,
    services: Services,
    mode: Mode = "run",
    files: Sequence[str] = (),
    id_: int = 0,
) -> Json:
    """Return what the graph begins with.

    Args:
        prompt: The task in the person's words.
        settings: Those of the run.
        services: Those of the run.
        mode: `chat` stops to ask the person, `run` does not.
        files: Paths, in the run directory, of what came with the task.
        id_: Id of the message in the mailbox; 0 where it is in none.
    """
    return next_input(prompt, files, id_) | {
        "mode": mode,
        "limits": {
            "max_rounds": settings.max_rounds,
            "minutes": settings.budget_minutes,
            "usd": settings.budget_usd,
            "patience": settings.patience,
            "min_gain": settings.min_gain,
            "target": settings.target,
        },
        "planner": "rules" if settings.planner == RULES else "given",
        "student": settings.student,
        "mark": mark(services),
    }


def next_input(text: str, files: Sequence[str], id_: int) -> Json:
    """Return what a message of the person is to a thread that has ended."""
    message = HumanMessage(text, additional_kwargs={"files": list(files)})
    return {"messages": [message], "heard": id_, "mode": "chat"}


def answer(question: Interrupt, text: str, files: Sequence[str], id_: int) -> "Command[Any]":
    """Return what a message of the person is to a thread that waits for an answer."""
    # By the question's id: an answer that was cut off counts for no later question.
    return Command(resume={question.id: {"text": text, "id": id_, "files": list(files)}})
