"""The LLMs of a run, put to work: who plans, teaches and judges, all on one book."""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UserError
from agent.models import OFFLINE, ROLES, RULES, Role, endpoint
from agent.settings import Settings
from tools.services import TaskReader, ToolError
from tools.talking import Listener
from tools.teaching import Annotator, Teacher

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.llm.book import Book

BOOK = "calls.sqlite"
MOST_CALLS = 64
"""Calls in flight at most, unless the user begins with more."""


@dataclass(frozen=True)
class Cast:
    """Who plays which role; all but planner and teacher are None without an LLM.

    Attributes:
        stops: Each ends for good what one of them has under way; may be called from any thread.
    """

    planner: "BaseChatModel"
    teacher: Teacher
    book: "Book | None" = None
    judge: Annotator | None = None
    prompted: Annotator | None = None
    reader: TaskReader | None = None
    listener: Listener | None = None
    stops: tuple[Callable[[], None], ...] = ()


def assemble(folder: Path, settings: Settings, metrics: Collection[str], stack: ExitStack) -> Cast:
    """Return the cast that settled settings ask for; `stack` closes what it opens.

    Args:
        folder: The run directory.
        settings: Who plays which role.
        metrics: Names of the metrics that a task may ask for.
        stack: Closes what is opened.

    Raises:
        UserError: The price list is broken, or an endpoint or a key cannot be one.
    """
    from agent.planners.rules import RulesPlanner
    from tools.teachers.offline import OfflineTeacher

    if not any(_model(role, settings) for role in ROLES):
        return Cast(RulesPlanner(), OfflineTeacher())
    try:
        return _with_llms(folder, settings, metrics, stack)
    except ToolError as error:
        raise UserError(str(error)) from None


def check_models(settings: Settings) -> tuple[str, ...]:
    """Find out before a run begins whether its LLMs can be had; none of them is called.

    Returns:
        Notes for the user on prices that are not known.

    Raises:
        UserError: See `assemble`.
    """
    from tools.llm.prices import Prices

    try:
        prices = Prices(settings.prices)
        models = [(role, model) for role in ROLES if (model := _model(role, settings))]
        places = [endpoint(role, model, settings) for role, model in models]
    except ToolError as error:
        raise UserError(str(error)) from None
    unknown = dict.fromkeys(p.model for p in places if prices.cost(p, 1, 1) is None)
    return tuple(
        f"The price of {model} is unknown: its tokens are counted, but no budget in USD can hold. "
        "Give its price with --prices FILE."
        for model in unknown
    )


def _model(role: Role, settings: Settings) -> str | None:
    """Return the LLM that plays a role, if one does."""
    model: str | None = getattr(settings, role)
    return None if model in (None, RULES, OFFLINE) else model


def _with_llms(
    folder: Path, settings: Settings, metrics: Collection[str], stack: ExitStack
) -> Cast:
    from agent.planners.llm import make_llm_planner
    from agent.planners.rules import RulesPlanner
    from tools.llm.book import Book
    from tools.llm.gateway import Gateway
    from tools.llm.prices import Prices
    from tools.reading.llm_reader import LLMReader
    from tools.talk.llm import LLMListener
    from tools.teachers.annotator import LLMAnnotator
    from tools.teachers.llm import LLMTeacher
    from tools.teachers.offline import OfflineTeacher

    book = Book(folder / BOOK, settings.budget_usd)
    stack.callback(book.close)
    prices = Prices(settings.prices)
    stops: list[Callable[[], None]] = []

    def asker(role: Role, purpose: str) -> Gateway | None:
        model = _model(role, settings)
        if model is None:
            return None
        made = Gateway(
            endpoint(role, model, settings),
            book,
            prices,
            purpose,
            start=settings.concurrency,
            most=max(MOST_CALLS, settings.concurrency),
            call_timeout_s=settings.call_timeout,
        )
        stack.callback(made.close)
        stops.append(made.stop)
        return made

    planner: BaseChatModel = RulesPlanner()
    if plans := _model("planner", settings):
        where = endpoint("planner", plans, settings)
        planner = made = make_llm_planner(where, book, prices, settings.call_timeout)
        stops.append(made.close)
    teaching, judging = asker("teacher", "teacher"), asker("judge", "judge")
    answering = asker("teacher", "baseline")
    reading = asker("teacher", "reader") or asker("planner", "reader")
    listening = asker("planner", "talk") or asker("teacher", "talk")
    return Cast(
        planner,
        LLMTeacher(teaching) if teaching else OfflineTeacher(),
        book,
        judge=LLMAnnotator(judging) if judging else None,
        prompted=LLMAnnotator(answering) if answering else None,
        reader=LLMReader(reading) if reading else None,
        listener=LLMListener(listening, metrics) if listening else None,
        stops=tuple(stops),
    )
