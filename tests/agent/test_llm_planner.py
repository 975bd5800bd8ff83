import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from agent.planners.llm import MOST_TOKENS, ROLE, LLMPlanner, make_llm_planner
from agent.planners.rules import next_step
from agent.runs import list_runs
from graph.planning import USD, UnfitPlannerError
from graph.toolbox import TOOLS
from tests.agent.llm_run import bank
from tests.agent.test_llm_run import started
from tests.agent.test_rules import BASES, FRESH, ROWS
from tests.standin.bank import load_bank
from tests.standin.brain import Teacher
from tests.standin.server import StandIn
from tests.tools.llm.server import Server, Step, refused
from tools.llm.book import Book
from tools.llm.endpoint import Endpoint
from tools.llm.prices import Prices
from tools.services import BudgetError, EndpointError

KEY = "sk-canary-0123456789abcdef"
STANDING = FRESH | {"sources": 0, "rows": ROWS, "bases": BASES}
PROMPT = [HumanMessage("sort"), HumanMessage(json.dumps(STANDING), name="standing")]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "calls.sqlite", cap_usd=1.0)
    yield made
    made.close()


@pytest.fixture
def prices(tmp_path: Path) -> Prices:
    path = tmp_path / "prices.toml"
    path.write_text('["m"]\ninput = 1\noutput = 10\n', encoding="utf-8")
    return Prices(path)


def server(*faults: str) -> StandIn:
    return StandIn(Teacher(load_bank("tiny")), faults)


def asked(url: str, book: Book, prices: Prices, timeout_s: float = 20) -> AIMessage:
    planner = make_llm_planner(Endpoint("m", url, KEY), book, prices, timeout_s)
    answer: Any = planner.bind_tools(TOOLS).invoke(PROMPT)
    assert isinstance(answer, AIMessage)
    return answer


def test_it_answers_with_a_tool_call_and_its_price(book: Book, prices: Prices) -> None:
    with server() as url:
        answer = asked(url, book, prices)
    expected = next_step(STANDING)
    assert (answer.tool_calls[0]["name"], answer.tool_calls[0]["args"]) == expected
    used = answer.usage_metadata
    assert used
    usd = (used["input_tokens"] + 10 * used["output_tokens"]) / 1e6
    assert answer.response_metadata[USD] == pytest.approx(usd)
    assert book.usage(ROLE).usd == pytest.approx(usd)


def test_a_step_that_is_repeated_pays_nothing_and_costs_the_same(
    book: Book, prices: Prices
) -> None:
    standin = server()
    with standin as url:
        first, again = asked(url, book, prices), asked(url, book, prices)
    assert standin.log.stats()["requests"] == 1
    assert again.tool_calls == first.tool_calls
    assert again.usage_metadata == first.usage_metadata
    assert again.response_metadata[USD] == first.response_metadata[USD]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("unauthorized=always", "check OPENAI_API_KEY"),
        ("echo_key=always", "refused the key"),
        ("no_model=always:other", "no model named 'm'"),
        ("quota=always", "no credit"),
    ],
)
def test_what_no_retry_mends_is_said_at_once(
    book: Book, prices: Prices, fault: str, message: str
) -> None:
    standin = server(fault)
    with standin as url, pytest.raises(EndpointError, match=message) as caught:
        asked(url, book, prices)
    assert KEY not in str(caught.value)
    assert standin.log.stats()["requests"] == 1
    assert book.usage().usd == 0


@pytest.mark.parametrize(
    "fault",
    [
        "server_error=1,2",
        "rate_limit=1:0.1",
        "rate_limit_bare=1",
        "cut=1",
        "html=1",
        "empty_choices=1",
    ],
)
def test_passing_trouble_is_waited_out(book: Book, prices: Prices, fault: str) -> None:
    with server(fault) as url:
        assert asked(url, book, prices).tool_calls


def test_a_hanging_server_is_given_up(book: Book, prices: Prices) -> None:
    with server("hang=1:5") as url:
        assert asked(url, book, prices, timeout_s=0.5).tool_calls
    assert book.usage().usd  # what hung may have been billed, so it counts


def test_a_drip_does_not_beat_the_timeout(book: Book, prices: Prices) -> None:
    start = time.monotonic()
    with server("drip=1:0.1") as url:
        assert asked(url, book, prices, timeout_s=0.5).tool_calls
    assert time.monotonic() - start < 10
    usage = book.usage()
    assert usage.calls == 2


@pytest.mark.parametrize("pause", ["50", "86400"])
def test_a_long_pause_that_is_asked_for_ends_it(book: Book, prices: Prices, pause: str) -> None:
    start = time.monotonic()
    with (
        server(f"rate_limit=always:{pause}") as url,
        pytest.raises(EndpointError, match="too many"),
    ):
        asked(url, book, prices)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("fault", ["rate_limit=always:30", "hang=always:30"])
def test_a_planner_that_is_closed_waits_no_longer(book: Book, prices: Prices, fault: str) -> None:
    with server(fault) as url:
        planner = make_llm_planner(Endpoint("m", url, KEY), book, prices, 60)
        timer = threading.Timer(1, planner.close)
        timer.start()
        start = time.monotonic()
        with pytest.raises(EndpointError, match="closed"):
            planner.bind_tools(TOOLS).invoke(PROMPT)
        assert time.monotonic() - start < 5
        timer.join()


def test_a_server_that_knows_the_old_name_of_the_limit_only(book: Book, prices: Prices) -> None:
    good = {"role": "assistant", "content": "Hello."}
    answer = Step(json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": good}]}))

    def script(_number: int, body: dict[str, Any]) -> Step:
        if "max_completion_tokens" in body:
            return refused(400, "Unrecognized request argument: max_completion_tokens")
        return answer if "temperature" not in body else refused(400, "temperature is not supported")

    with Server(script) as scripted:
        for _ in range(2):
            asked(scripted.url, book, prices)
        first, *_, last = scripted.bodies
        assert asked(scripted.url, book, prices).content == "Hello."
    assert len(scripted.bodies) == 3
    assert first["max_completion_tokens"] == last["max_tokens"] == MOST_TOKENS


def test_a_prompt_that_is_too_long_is_one_for_the_rules(book: Book, prices: Prices) -> None:
    with server("context=always:100") as url, pytest.raises(UnfitPlannerError):
        asked(url, book, prices)


def test_nothing_is_sent_that_the_budget_may_not_cover(tmp_path: Path, prices: Prices) -> None:
    book = Book(tmp_path / "small.sqlite", cap_usd=0.01)
    standin = server()
    with standin as url, pytest.raises(BudgetError):
        asked(url, book, prices)
    assert standin.log.stats()["requests"] == 0
    book.close()


def test_the_key_is_nowhere_in_sight(book: Book, prices: Prices, tmp_path: Path) -> None:
    with server() as url:
        planner = make_llm_planner(Endpoint("m", url, KEY), book, prices, 20)
        planner.bind_tools(TOOLS).invoke(PROMPT)
        assert isinstance(planner, LLMPlanner)
        assert KEY not in repr(planner)
    for path in tmp_path.iterdir():
        assert KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_an_interrupted_run_ends_at_once_and_sends_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """At first the planner is under way, then the teacher."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = StandIn(Teacher(bank()), latency_s=2, slots=2)
    with server as url, started(tmp_path, "run", url) as process:
        deadline = time.monotonic() + 60
        while not server.log.entries:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        sent, start = len(server.log.entries), time.monotonic()
        assert process.wait(30) != 0
        assert time.monotonic() - start < 3
        assert len(server.log.entries) == sent
    assert list_runs(tmp_path / "runs")[0].status == "interrupted"
