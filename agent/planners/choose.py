"""Choose the planner that the settings ask for."""

from typing import TYPE_CHECKING

from agent.errors import UserError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

RULES = "rules"


def make_planner(name: str) -> "BaseChatModel":
    """Return the rules planner, or a chat model behind an OpenAI-compatible endpoint.

    The endpoint and the key come from OPENAI_BASE_URL and OPENAI_API_KEY, as langchain-openai
    reads them.

    Raises:
        UserError: There is no key.
    """
    from agent.planners.rules import RulesPlanner

    if name == RULES:
        return RulesPlanner()
    from langchain_openai import ChatOpenAI
    from openai import OpenAIError

    try:
        return ChatOpenAI(model=name, temperature=0)
    except OpenAIError as error:
        first = str(error).split("\n")[0]
        raise UserError(f"the planner {name!r} cannot be used: {first}") from None
