"""Choose the planner that the settings ask for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

RULES = "rules"


def make_planner(name: str) -> "BaseChatModel":
    """Return the rules planner, or a chat model behind an OpenAI-compatible endpoint.

    The endpoint and the key come from OPENAI_BASE_URL and OPENAI_API_KEY, as langchain-openai
    reads them.
    """
    from agent.planners.rules import RulesPlanner

    if name == RULES:
        return RulesPlanner()
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=name, temperature=0)
