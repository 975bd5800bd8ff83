"""Which LLM plays which role in a run, and where its endpoint is.

Keys are read from the environment only, at every start anew, and are part of no setting, so that
none can get into a run's manifest.
"""

import os
from typing import TYPE_CHECKING, Literal

from agent.errors import UserError
from agent.settings import Settings

if TYPE_CHECKING:
    from tools.llm.endpoint import Endpoint

Role = Literal["planner", "teacher", "judge"]
RULES, OFFLINE = "rules", "offline"
NO_KEY = "none"
"""Sent where there is no key: servers of one's own mostly want none, but the client insists."""
_LIST_TIMEOUT_S = 10.0


def url_of(role: Role, settings: Settings) -> str | None:
    """Return the endpoint's address; None for that of OpenAI."""
    own: str | None = getattr(settings, f"{role}_url")
    return own or os.environ.get("OPENAI_BASE_URL") or None


def _key_of(role: Role) -> str | None:
    own = os.environ.get(f"TASKSMITH_{role.upper()}_API_KEY")
    return own or os.environ.get("OPENAI_API_KEY") or None


def is_configured(role: Role, settings: Settings) -> bool:
    """Say whether there is an endpoint for a role, going by settings and environment."""
    return bool(url_of(role, settings) or _key_of(role))


def endpoint(role: Role, model: str, settings: Settings) -> "Endpoint":
    """Return the endpoint of a role.

    Raises:
        UserError: There is neither a key nor an address.
    """
    from tools.llm.endpoint import Endpoint

    if not is_configured(role, settings):
        raise UserError(
            f"the {role} {model!r} needs an endpoint: set OPENAI_API_KEY, or OPENAI_BASE_URL for "
            "a server of your own"
        )
    return Endpoint(model, url_of(role, settings), _key_of(role) or NO_KEY)


def settle_models(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with every role decided, and what the user should know about that.

    A role without a model gets the one that its endpoint serves, if it serves just one; without
    an endpoint, rules plan and the offline teacher teaches.
    """
    notes: list[str] = []
    planner = settings.planner or _only_model("planner", settings, notes) or RULES
    teacher = settings.teacher or _only_model("teacher", settings, notes) or OFFLINE
    judge = settings.judge or (None if teacher == OFFLINE else teacher)
    if settings.judge is None and settings.judge_url is None and teacher != OFFLINE:
        settings = settings.model_copy(update={"judge_url": settings.teacher_url})
    chosen = {"planner": planner, "teacher": teacher, "judge": judge}
    return settings.model_copy(update=chosen), tuple(dict.fromkeys(notes))


def _only_model(role: Role, settings: Settings, notes: list[str]) -> str | None:
    """Return the model for a role that none is named for."""
    if settings.model or not is_configured(role, settings):
        return settings.model
    served = _served(role, settings)
    if len(served) == 1:
        return served[0]
    found = f"serves {len(served)} models" if served else "does not say which models it serves"
    notes.append(
        f"The endpoint at {url_of(role, settings) or 'OpenAI'} {found}: name one with --teacher "
        "and --planner, or TASKSMITH_MODEL, to use it."
    )
    return None


def _served(role: Role, settings: Settings) -> list[str]:
    """Return the models that an endpoint lists; none if it cannot be asked."""
    from openai import OpenAI, OpenAIError

    key = _key_of(role) or NO_KEY
    url = url_of(role, settings)
    with OpenAI(base_url=url, api_key=key, timeout=_LIST_TIMEOUT_S, max_retries=0) as client:
        try:
            return [model.id for model in client.models.list()]
        except OpenAIError:
            return []
