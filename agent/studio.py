"""The graph for LangGraph's own server, as langgraph.json names it.

The server brings its checkpointer and takes JSON only, so a whole run is one node of it; the run
itself is checkpointed in its run directory, as any other.
"""

from typing import TYPE_CHECKING, Any

from agent.app import finish, run

if TYPE_CHECKING:
    from langgraph.graph import StateGraph


def make_graph() -> "StateGraph[Any, None, Any, Any]":
    """Return a graph whose one node does a whole task, given `{"messages": [...]}`."""
    from langchain_core.messages import AIMessage
    from langgraph.config import get_stream_writer
    from langgraph.graph import START, MessagesState, StateGraph

    def tasksmith(state: MessagesState) -> dict[str, Any]:
        events = run("\n\n".join(m.text for m in state["messages"] if m.type == "human"))
        write = get_stream_writer()
        report = finish(events, lambda event: write({"progress": event.text}))
        score = report["test"]["value"]
        found = f"test {score}" if report["status"] == "done" else report["stop_detail"]
        return {"messages": [AIMessage(f"{report['run']}: {report['status']}, {found}")]}

    return StateGraph(MessagesState).add_node(tasksmith).add_edge(START, "tasksmith")
