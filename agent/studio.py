"""The graph for LangGraph's own server, as langgraph.json names it.

The server brings its checkpointer and takes JSON only, so the services are put together inside the
one outer node rather than passed in as context.
"""

from typing import TYPE_CHECKING, Any

from agent.app import NOTHING
from agent.compose import services_for
from agent.planners.choose import make_planner
from agent.runs import create, write_manifest
from agent.settings import Settings

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


def make_graph() -> "StateGraph[Any, None, Any, Any]":
    """Return a graph whose one node does a whole task, given `{"messages": [...]}`."""
    from langgraph.graph import START, MessagesState, StateGraph

    from agent.engine import graph_input
    from agent.planners.rules import RulesPlanner
    from graph.builder import build_graph

    def tasksmith(state: MessagesState) -> dict[str, Any]:
        settings = Settings()
        prompt = "\n\n".join(m.text for m in state["messages"] if m.type == "human")
        run = create(settings.out, prompt)
        write_manifest(run, prompt, settings.model_dump(mode="json"))
        graph = build_graph(make_planner(settings.planner), RulesPlanner()).compile()
        with services_for(run.folder, settings, NOTHING, offline=True) as services:
            end = graph.invoke(graph_input(prompt, settings), context=services)
        run.update(status=end["report"]["status"])
        return {"messages": end["messages"][len(state["messages"]) :]}

    return StateGraph(MessagesState).add_node(tasksmith).add_edge(START, "tasksmith")
