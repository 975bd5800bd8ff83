"""Wire the nodes into a graph."""

from langchain_core.language_models import BaseChatModel
from langgraph.graph import START, StateGraph

from graph.agree import agree
from graph.approve import approve
from graph.conclude import conclude
from graph.mark import marked
from graph.planning import make_plan
from graph.review import review
from graph.routing import (
    after_agree,
    after_approve,
    after_heed,
    after_plan,
    after_review,
    after_specify,
)
from graph.saying import heed
from graph.specify import specify
from graph.state import Input, State
from graph.toolbox import tool_node
from tools.services import Services


def build_graph(
    planner: BaseChatModel, fallback: BaseChatModel
) -> StateGraph[State, Services, Input, State]:
    """Return the uncompiled graph, so that callers choose the checkpointer.

    Args:
        planner: The chat model that picks the tools.
        fallback: Takes the planner's place when it fails three times running.
    """
    return (
        StateGraph(State, Services, input_schema=Input)
        .add_node("specify", marked(specify))
        .add_node("agree", marked(agree))
        .add_node("plan", marked(make_plan(planner, fallback)))
        .add_node("approve", marked(approve))
        .add_node("tools", tool_node())
        .add_node("review", marked(review))
        .add_node("heed", marked(heed))
        .add_node("conclude", marked(conclude))
        .add_edge(START, "specify")
        .add_conditional_edges("specify", after_specify)
        .add_conditional_edges("agree", after_agree)
        .add_conditional_edges("plan", after_plan)
        .add_conditional_edges("approve", after_approve, ["tools", "review", "approve", "specify"])
        .add_edge("tools", "review")
        .add_conditional_edges("review", after_review, ["tools", "plan", "conclude", "heed"])
        .add_conditional_edges("heed", after_heed)
    )
