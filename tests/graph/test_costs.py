from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import PrivateAttr

from agent.planners.llm import ROLE
from graph.budget import with_talk
from graph.planning import PLANNER
from graph.state import State
from tests.graph.test_graph import CONFIG, Evaluating, compiled, given, train
from tests.small_task import make_call, rows
from tools.examples import Example
from tools.llm.book import Book
from tools.services import EndpointError, Services
from tools.splits import INTAKE
from tools.talking import TALK
from tools.task import TaskSpec


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    book = Book(tmp_path / "calls.sqlite", 1.0)
    made = replace(make_call(tmp_path).services, book=book)
    made.store.write(INTAKE, [replace(e, evidence="gold") for e in rows(60, "train", 0)])
    made.store.write("test file", rows(30, "test", 1, evidence="gold"))
    yield made
    made.store.close()
    book.close()


class Booking(Evaluating):
    """Books two requests an answer: one that is lost and one that tells no tokens."""

    _book: Book = PrivateAttr()
    _usd: float | None = PrivateAttr()

    def _generate(self, messages: list[BaseMessage], *rest: Any, **more: Any) -> Any:
        self._book.lose(self._book.reserve("lost", PLANNER, PLANNER, "m", self._usd))
        row = self._book.reserve("key", PLANNER, PLANNER, "m", self._usd)
        self._book.settle(row, "answer", self._usd, 100, 10)
        return super()._generate(messages, *rest, **more)


def ended(services: Services, usd: float | None) -> Any:
    assert isinstance(services.book, Book)
    model = Booking(replies=[train(services)])
    assert isinstance(services.book, Book)
    model._book, model._usd = services.book, usd
    return compiled(model).invoke(given(max_rounds=1), CONFIG, context=services)["report"]


def test_what_is_booked_for_the_planner_is_charged(services: Services) -> None:
    spent = ended(services, 0.01)["spent"]
    assert services.book
    assert ROLE == PLANNER
    used = services.book.usage(PLANNER)
    assert spent["by"]["plan"]["calls"] == used.calls == 4
    assert spent["by"]["plan"]["prompt_tokens"] == spent["prompt_tokens"] == 200
    assert spent["by"]["plan"]["usd"] == spent["usd"] == pytest.approx(0.04)
    assert spent["teacher_calls"] == spent["cached_calls"] == 0


def test_a_planner_without_a_price_makes_the_sum_unknown(services: Services) -> None:
    spent = ended(services, None)["spent"]
    assert spent["usd"] is spent["by"]["plan"]["usd"] is None


class Asked(Evaluating):
    """Meanwhile a person asks something, which another thread answers."""

    _book: Book = PrivateAttr()
    _usd: float = PrivateAttr()

    def _generate(self, *given: Any, **more: Any) -> Any:
        row = self._book.reserve("question", TALK, TALK, "m", self._usd)
        self._book.settle(row, "answer", self._usd, 100, 10)
        return super()._generate(*given, **more)


def answering(services: Services, usd: float) -> Any:
    assert isinstance(services.book, Book)
    model = Asked(replies=[train(services), train(services, "f2")])
    model._book, model._usd = services.book, usd
    return compiled(model).invoke(given(max_rounds=2), CONFIG, context=services)["report"]


def test_what_it_costs_to_hear_a_person_meanwhile_is_charged(services: Services) -> None:
    spent = answering(services, 0.01)["spent"]
    assert services.book
    used = services.book.usage(TALK)
    assert spent["by"][TALK]["calls"] == used.calls >= 2
    assert spent["by"][TALK]["usd"] == spent["usd"] == pytest.approx(used.usd)
    assert spent["teacher_calls"] == 0


def test_what_it_costs_to_hear_a_person_meanwhile_ends_a_run_as_well(services: Services) -> None:
    report = answering(services, 0.5)
    assert report["stop_reason"] == "usd"
    assert report["spent"]["usd"] == pytest.approx(1.0)


def test_a_call_that_costs_less_than_was_reserved_is_put_right_once(services: Services) -> None:
    assert isinstance(services.book, Book)
    open_ = services.book.reserve("question", TALK, TALK, "m", 0.5)
    state: Any = with_talk(cast(State, {}), services)
    assert state["spent"]["usd"] == 0.5
    services.book.settle(open_, "answer", 0.1, 100, 10)
    for _ in range(2):
        state |= with_talk(state, services)
        assert state["spent"]["usd"] == pytest.approx(0.1)
        assert state["used"][TALK]["usd"] == pytest.approx(0.1)


class Teaching:
    """Answers every test row, or fails; some of its answers may come from the cache."""

    name = "teacher"

    def __init__(self, book: Book, cached: bool = False, error: str = "") -> None:
        self.book, self.cached, self.error = book, cached, error

    def answer(
        self,
        spec: TaskSpec,
        examples: list[Example],
        texts: list[str],
        *,
        call: str,
        seed: int = 0,
        unclear: bool = False,
    ) -> list[str | None]:
        del spec, examples, seed, unclear
        if self.error:
            raise EndpointError(self.error)
        self.book.settle(self.book.reserve("b", call, "teacher", "m", 0.1), "a", 0.1, 100, 10)
        if self.cached:
            self.book.cached("b", call)
        return ["card" for _ in texts]


class Chatting(Teaching):
    """Is measured while the person asks something."""

    def answer(self, *given: Any, **more: Any) -> list[str | None]:
        self.book.settle(self.book.reserve("question", TALK, TALK, "m", 0.2), "a", 0.2, 100, 10)
        return super().answer(*given, **more)


def concluded(
    services: Services, teacher: type[Teaching] = Teaching, **more: Any
) -> tuple[Any, str]:
    assert isinstance(services.book, Book)
    teaching: Any = teacher(services.book, **more)
    model = Evaluating(replies=[train(services), AIMessage("?")])
    end = compiled(model).invoke(
        given(max_rounds=1), CONFIG, context=replace(services, prompted=teaching)
    )
    return end["report"], (services.workspace / "report.md").read_text(encoding="utf-8")


def test_what_it_costs_to_hear_a_person_at_the_end_is_charged(services: Services) -> None:
    spent = concluded(services, Chatting)[0]["spent"]
    assert spent["by"][TALK]["usd"] == pytest.approx(0.2)
    assert spent["usd"] == pytest.approx(0.3)


def test_an_endpoint_that_fails_at_the_end_is_named_in_the_report(services: Services) -> None:
    report, page = concluded(services, error="nobody answers at the URL")
    assert report["status"] == "done"
    assert report["teacher"] == {"value": None, "why": "nobody answers at the URL"}
    assert report["baselines"]["teacher"] is None
    assert "| not measured: nobody answers at the URL |" in page


@pytest.mark.parametrize("cached", [False, True])
def test_answers_from_the_cache_tell_no_time(services: Services, cached: bool) -> None:
    report, page = concluded(services, cached=cached)
    assert (report["teacher"]["per_million"]["seconds"] is None) == cached
    assert ("time not measured;" in page) == cached
    assert (" h as called here;" in page) != cached


def test_rounds_are_priced_where_an_llm_was_used(services: Services) -> None:
    _, page = concluded(services)
    lines = page.splitlines()
    head = lines.index("| round | data | accepted | validation | P(better) | kept | tokens | USD |")
    assert lines[head + 1].count("|") == lines[head].count("|") == lines[head + 2].count("|")
    assert lines[head + 2].endswith("| 0 | 0.0000 |")
    assert not lines[head + 3]
    model = Evaluating(replies=[train(services, "f2")])
    other: Any = CONFIG | {"configurable": {"thread_id": "2"}}
    bare = replace(services, book=None)
    compiled(model).invoke(given(max_rounds=1), other, context=bare)
    page = (services.workspace / "report.md").read_text(encoding="utf-8")
    assert "| round | data | accepted | validation | P(better) | kept |\n" in page
