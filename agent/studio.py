"""The graph for LangGraph's own server, as langgraph.json names it.

The server brings its checkpointer and passes JSON only. So what a run needs beside its state is
opened here, in a run directory that belongs to the server's thread, while a run of it lasts; of the
input only the messages have to be given. Only the server loads this file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage, convert_to_messages
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs
from langgraph.graph.state import CompiledStateGraph

from agent.compose import Parts, check, services_for
from agent.engine import first_input, steps_allowed
from agent.intake import read_intake
from agent.planners.rules import RulesPlanner
from agent.runs import Run, write_manifest
from agent.settings import Settings, load_settings
from agent.trace import Tracing, tracing
from graph.builder import build_graph
from tools.hub.reach import reachable
from tools.services import Services

if TYPE_CHECKING:
    from langgraph_sdk.runtime import ServerRuntime

NOTHING_TO_FILL_IN = {"context_schema": None}
"""Services are no form that a person could be shown."""


@dataclass(frozen=True)
class Session:
    """What a run on the server needs beside its state, while it is open."""

    run: Run
    settings: Settings
    services: Services
    tracer: Tracing

    def begin(self, given: Any) -> Any:
        """Return the input for the graph; the first one makes the folder a run.

        Raises:
            UserError: The task cannot be used.
        """
        if (self.run.folder / "run.json").exists() or not isinstance(given, Mapping):
            return given
        messages = convert_to_messages(given["messages"])
        task = "\n\n".join(m.text for m in messages if isinstance(m, HumanMessage))
        intake = read_intake(task, metrics=self.services.metrics)
        intake.store(self.services.store)
        write_manifest(self.run, task, self.settings.model_dump(mode="json"), intake.notes)
        # What was given in the server's own form may say more, such as other limits.
        return dict(first_input(task, self.settings, self.services)) | dict(given)

    def end(self) -> None:
        """Note how the run stands when the server is done with it."""
        if (self.run.folder / "run.json").exists():
            report = self.run.report
            self.run.update(status=report["status"] if report else "interrupted")


class ServedGraph(CompiledStateGraph[Any, Services, Any, Any]):
    """The graph with the services of one run, which the server cannot pass."""

    def __init__(self, *, session: Session, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.session = session

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        """Run the graph as the server asks for; what it has for a context is left out."""
        given = await asyncio.to_thread(self.session.begin, input)
        ours: RunnableConfig = {
            "recursion_limit": steps_allowed(self.session.settings),
            "callbacks": [self.session.tracer],
        }
        options["context"] = self.session.services
        async for part in super().astream(given, merge_configs(config, ours), **options):
            yield part


@asynccontextmanager
async def make_graph(
    config: RunnableConfig, runtime: "ServerRuntime[Any]"
) -> AsyncIterator[CompiledStateGraph[Any, Any, Any, Any]]:
    """Give the server the graph: to look at, or for the time of a run to run.

    Args:
        config: Names the server's thread.
        runtime: Says what the server is about to do.
    """
    if runtime.execution_runtime is None:
        yield build_graph(RulesPlanner(), RulesPlanner()).compile().copy(NOTHING_TO_FILL_IN)
        return
    loop = asyncio.get_running_loop()
    # One thread opens and closes everything: what is current in a trace is so in one thread.
    with ThreadPoolExecutor(1, thread_name_prefix="tasksmith") as one:
        opened = opened_for(str(config["configurable"]["thread_id"]))
        graph = await loop.run_in_executor(one, opened.__enter__)
        try:
            yield graph
        finally:
            await loop.run_in_executor(one, opened.__exit__, None, None, None)


@contextmanager
def opened_for(thread: str, parts: Parts = Parts()) -> Iterator[ServedGraph]:  # noqa: B008
    """Open what a run of the server's thread needs, and close it afterwards.

    Raises:
        UserError: The settings cannot be used, or another process works on the run.
    """
    settings = load_settings()
    run = Run(settings.out / f"studio-{thread}")
    known = (run.folder / "run.json").exists()
    settings = Settings(**run.manifest["settings"]) if known else check(settings)[0]
    (run.folder / "models").mkdir(parents=True, exist_ok=True)
    with (
        run.lock(),
        services_for(run.folder, settings, parts, offline=not reachable()) as (services, planner),
        tracing(run.folder, run.id) as tracer,
    ):
        session = Session(run, settings, services, tracer)
        try:
            graph = build_graph(planner, RulesPlanner()).compile()
            yield ServedGraph(session=session, **vars(graph) | NOTHING_TO_FILL_IN)
        finally:
            session.end()
