"""Which LLM plays which role in a run, and where its endpoint is.

Keys are read from the environment only, at every start anew, and are part of no setting, so that
none can get into a run's manifest.
"""

import os
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ValidationError

from agent.errors import UserError
from agent.settings import Settings
from tools.hub.access import offline
from tools.services import ToolError

if TYPE_CHECKING:
    from tools.llm.endpoint import Endpoint

Role = Literal["planner", "teacher", "judge"]
ROLES: tuple[Role, ...] = ("planner", "teacher", "judge")
RULES, OFFLINE = "rules", "offline"
NO_KEY = "none"
"""Sent where there is no key: servers of one's own mostly want none, but the client insists."""
_LIST_TIMEOUT_S = 10.0


def url_of(role: Role, settings: Settings) -> str | None:
    """Return the endpoint's address; None for that of OpenAI."""
    return _own_url(role, settings) or os.environ.get("OPENAI_BASE_URL") or None


def _key_of(role: Role, settings: Settings) -> str | None:
    """Return the key of a role: OPENAI_API_KEY goes to no address that is a role's own."""
    if role == "judge" and _is_teacher_again(settings):
        role = "teacher"
    own = os.environ.get(f"TASKSMITH_{role.upper()}_API_KEY")
    common = None if _own_url(role, settings) else os.environ.get("OPENAI_API_KEY")
    return own or common or None


def _own_url(role: Role, settings: Settings) -> str | None:
    url: str | None = getattr(settings, f"{role}_url")
    return url or None


def _is_teacher_again(settings: Settings) -> bool:
    """Say whether the judge is the teacher: the same model at the same address."""
    judge, teacher = _own_url("judge", settings), _own_url("teacher", settings)
    return judge == teacher and settings.judge in (None, settings.teacher)


def is_configured(role: Role, settings: Settings) -> bool:
    """Say whether there is an endpoint for a role, going by settings and environment."""
    return bool(url_of(role, settings) or _key_of(role, settings))


def endpoint(role: Role, model: str, settings: Settings) -> "Endpoint":
    """Return the endpoint of a role.

    Raises:
        UserError: There is neither a key nor an address, or one of them cannot be one; the message
            repeats neither.
    """
    from tools.llm.endpoint import Endpoint

    if not is_configured(role, settings):
        raise UserError(
            f"the {role} {model!r} needs an endpoint: set OPENAI_API_KEY, or OPENAI_BASE_URL for "
            "a server of your own"
        )
    try:
        return Endpoint(model, url_of(role, settings), _key_of(role, settings) or NO_KEY)
    except ToolError as error:
        raise UserError(f"the endpoint of the {role}: {error}") from None


def settle_models(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with every role decided, and what the user should know about that.

    A role without a model gets the one that its endpoint serves, if it serves just one; without
    an endpoint, rules plan and the offline teacher teaches.

    Raises:
        UserError: An address or a key cannot be one, whether or not it will be used: settings are
            written down, and an address could hold a password.
    """
    for role in ROLES:
        if _own_url(role, settings):
            endpoint(role, "", settings)
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
    asked = endpoint(role, "", settings)
    served = _served(asked)
    if len(served) == 1:
        return served[0]
    found = f"serves {len(served)} models" if served else "does not say which models it serves"
    notes.append(
        f"The endpoint at {asked.where} {found}: name one with --teacher "
        "and --planner, or TASKSMITH_MODEL, to use it."
    )
    return None


class _Model(BaseModel):
    id: str


class _Listing(BaseModel):
    data: list[_Model]


def _served(asked: "Endpoint") -> list[str]:
    """Return the models that an endpoint lists; none if it cannot be asked."""
    from openai import OpenAI, OpenAIError

    with OpenAI(
        base_url=asked.url, api_key=asked.api_key, timeout=_LIST_TIMEOUT_S, max_retries=0
    ) as client:
        try:
            # The client would take a web page for a list.
            raw = client.models.with_raw_response.list()
            return [model.id for model in _Listing.model_validate_json(raw.content).data]
        except (OpenAIError, ValidationError):
            return []


def first_line(settings: Settings, teacher: str | None = None, *, online: bool) -> str:
    """Return what a run works with: its models, and whether the Hub can be reached.

    Args:
        settings: Settled ones.
        teacher: Name of a teacher of one's own.
        online: Whether the Hub answers.
    """
    off = "switched off by HF_HUB_OFFLINE" if offline() else "not reachable, working offline"
    hub = "reachable" if online else off
    who = teacher or settings.teacher
    return f"Planner: {settings.planner}. Teacher: {who}. Hugging Face Hub: {hub}."
