import socket
import sqlite3
import time
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.tools.llm.rig import KEY, asked, examples, prompt, prompts, rig
from tests.tools.llm.server import Json, Step, refused, said
from tools.llm.book import Book
from tools.llm.endpoint import Endpoint
from tools.llm.gateway import Gateway
from tools.llm.prices import Prices
from tools.llm.prompt import Reply
from tools.services import EndpointError

GOOD = Reply(examples("x"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "0.3"},
        {"Retry-After-Ms": "300", "Retry-After": "20"},
        {"Retry-After": format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)},
        {"Retry-After": "soon"},
    ],
)
def test_busy_servers_are_asked_again(tmp_path: Path, headers: dict[str, str]) -> None:
    def script(number: int, _body: Json) -> Step:
        return refused(429, "slow down", headers) if number < 3 else said(examples("x"))

    start = time.monotonic()
    with rig(tmp_path, script) as it:
        assert list(it.gateway.ask(prompts(6), "c")) == [GOOD] * 6
        assert len(it.server.bodies) == 9
        assert it.book.usage().calls == 6
    if "0.3" in headers.values() or "300" in headers.values():
        assert time.monotonic() - start >= 0.3


def test_a_retry_after_pauses_all_sending(tmp_path: Path) -> None:
    times: list[float] = []

    def script(number: int, _body: Json) -> Step:
        times.append(time.monotonic())
        if number == 0:
            return refused(429, "slow down", {"Retry-After": "0.5"})
        return said(examples("x"), delay_s=0.1)

    with rig(tmp_path, script, start=1) as it:
        assert list(it.gateway.ask(prompts(4), "c")) == [GOOD] * 4
    assert times[1] - times[0] >= 0.5


def test_a_server_that_fails_now_and_then(tmp_path: Path) -> None:
    def script(number: int, body: Json) -> Step:
        if number % 8 == 0:
            return Step("oops", 500)
        if number % 11 == 0:
            return Step("{}" * 50, cut=True)
        return said(examples(str(asked(body))))

    with rig(tmp_path, script) as it:
        replies = list(it.gateway.ask(prompts(40), "c"))
    assert replies == [Reply(examples(str(number))) for number in range(40)]


@pytest.mark.parametrize(
    ("count", "step"),
    [
        (1, refused(500, "on fire")),
        (100, refused(500, "on fire")),
        (100, refused(429, "on fire", {"Retry-After": "0"})),
    ],
)
def test_a_server_that_always_fails_is_given_up(tmp_path: Path, count: int, step: Step) -> None:
    start = time.monotonic()
    with rig(tmp_path, lambda *_: step, patience_s=1.5) as it:
        with pytest.raises(EndpointError, match=r"gave up after [12] s: .*on fire"):
            list(it.gateway.ask(prompts(count), "c"))
        assert 1.4 < time.monotonic() - start < 5
        assert len(it.server.bodies) < 80
        assert it.book.usage().calls == 0
        it.server.script = lambda *_: said(examples("x"))
        assert list(it.gateway.ask(prompts(3), "c")) == [GOOD] * 3


def test_nobody_there_is_said_early(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    book = Book(tmp_path / "book.sqlite", 1.0)
    gateway = Gateway(Endpoint("m", url, KEY), book, Prices(), "teacher", patience_s=1.0)
    with pytest.raises(EndpointError, match=rf"no endpoint at {url} .*is the server running"):
        list(gateway.ask(prompts(3), "c"))
    assert book.usage().usd == 0
    gateway.close()
    book.close()


@pytest.mark.parametrize("drip_s", [0.0, 0.02])
def test_hangs_and_drips_are_abandoned(tmp_path: Path, drip_s: float) -> None:
    good = said(examples("x"))

    def script(number: int, _body: Json) -> Step:
        if number > 1:
            return good
        return Step(good.body, drip_s=0.02) if drip_s else Step(good.body, delay_s=20)

    start = time.monotonic()
    with rig(tmp_path, script, call_timeout_s=0.8) as it:
        assert list(it.gateway.ask(prompts(4), "c")) == [GOOD] * 4
        usage = it.book.usage()
    assert time.monotonic() - start < 8
    assert usage.calls >= 6
    assert (usage.usd or 0) > 4 * 120e-6 + 2 * 200e-6


@pytest.mark.parametrize("settings", [{"start": 2, "most": 4}, {"total_timeout_s": 0}])
def test_a_prompt_that_alone_breaks_the_server_is_given_up(
    tmp_path: Path, settings: dict[str, float]
) -> None:
    def script(_number: int, body: Json) -> Step:
        bug = refused(500, "bug", {"Retry-After": "0"})
        return bug if asked(body) == 0 else said(examples("x"), delay_s=0.02)

    with rig(tmp_path, script, **settings) as it:
        first, *others = it.gateway.ask(prompts(60), "c")
    assert first.value is None
    assert first.problem.startswith("no answer: ")
    assert others == [GOOD] * 59


@pytest.mark.parametrize(
    "step",
    [
        Step("<html>Welcome</html>", content_type="text/html"),
        Step("<html>Welcome</html>"),
        Step('{"choices": []}'),
        Step(f'{{"error": "{KEY}"}}'),
        Step("", content_type=""),
        Step('{"choices": [{}]}' * 3, cut=True),
        Step("overloaded", 503),
    ],
)
def test_nonsense_once_is_asked_again_and_for_ever_given_up(tmp_path: Path, step: Step) -> None:
    def script(number: int, _body: Json) -> Step:
        return said(examples("x")) if number == 1 else step

    with rig(tmp_path, script, patience_s=0.1) as it:
        assert list(it.gateway.ask([prompt(0)], "c")) == [GOOD]
        with pytest.raises(EndpointError, match="gave up after") as caught:
            list(it.gateway.ask([prompt(1)], "c"))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (refused(401, "Incorrect API key provided"), "check OPENAI_API_KEY"),
        (refused(403, "Country not supported"), "check OPENAI_API_KEY"),
        (
            refused(404, "The model `m` does not exist", code="model_not_found"),
            "no model named 'm'",
        ),
        (Step("<h1>Not found</h1>", 404, content_type="text/html"), "does the URL end in /v1"),
        (refused(429, "You exceeded it", code="insufficient_quota"), "no credit left"),
        (refused(402, "Insufficient Balance"), "no credit left"),
        (refused(400, "messages: " + "bad " * 200), "does not accept the request"),
        (refused(400, "response_format", param="response_format"), "response_format"),
        (refused(418, "I'm a teapot"), "teapot"),
    ],
)
def test_what_no_retry_can_mend(tmp_path: Path, step: Step, message: str) -> None:
    start = time.monotonic()
    with rig(tmp_path, lambda *_: step) as it:
        with pytest.raises(EndpointError, match=message) as caught:
            list(it.gateway.ask(prompts(80), "c"))
        assert len(it.server.bodies) <= 100
        assert it.book.usage().usd == 0
    assert len(str(caught.value)) < 350
    assert "\n" not in str(caught.value)
    assert time.monotonic() - start < 6


def test_answers_under_way_are_kept_when_another_fails_for_good(tmp_path: Path) -> None:
    def script(_number: int, body: Json) -> Step:
        return refused(401, "no") if asked(body) == 0 else said(examples("x"), delay_s=0.3)

    with rig(tmp_path, script) as it:
        with pytest.raises(EndpointError):
            list(it.gateway.ask(prompts(5), "c"))
        it.server.script = lambda *_: said(examples("x"))
        assert list(it.gateway.ask(prompts(5), "c")) == [GOOD] * 5
        assert it.book.usage().cached_calls == 4


@pytest.mark.parametrize(
    "step",
    [
        refused(401, f"Incorrect API key provided: {KEY}"),
        refused(400, "x" * 150 + KEY + "x" * 100),
        Step(f"proxy says {KEY}", 502),
        Step(f'{{"error": "{KEY}"}}', 404),
        said(examples(KEY)),
        said(f"my key is {KEY}"),
    ],
)
def test_the_key_is_told_nowhere(tmp_path: Path, step: Step) -> None:
    told: list[str] = []
    with rig(tmp_path, lambda *_: step, patience_s=0.1) as it:
        told.append(repr(it.endpoint))
        try:
            told.append(repr(list(it.gateway.ask([prompt(0)], "c", told.append))))
        except EndpointError as error:
            told.append("".join(traceback.format_exception(error)))
        sent = repr(it.server.bodies)
        files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert KEY[:12] not in "".join(told)
    assert KEY not in sent
    assert KEY.encode() not in files


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("max_tokens is too large: {}. This model supports at most 4096 tokens", 4096),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 4,096]", 4096),
        ("`max_tokens` must be less than or equal to the maximum", 5000),
    ],
)
def test_a_limit_that_is_too_high_is_lowered_for_good(
    tmp_path: Path, words: str, limit: int
) -> None:
    def script(_number: int, body: Json) -> Step:
        asked_for = body["max_tokens"]
        if asked_for > limit:
            return refused(400, words.format(asked_for))
        return said(examples(str(asked_for)))

    with rig(tmp_path, script) as it:
        for number, sent in ((0, 2), (1, 3)):
            (reply,) = it.gateway.ask([prompt(number, max_tokens=10_000)], "c")
            assert reply == Reply(examples(str(limit)))
            assert len(it.server.bodies) == sent
        assert list(it.gateway.ask([prompt(2)], "c")) == [Reply(examples("100"))]


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_in_unknown_words_is_met_without_the_schema(tmp_path: Path, status: int) -> None:
    def script(_number: int, body: Json) -> Step:
        if body["response_format"]["type"] == "json_schema":
            return refused(status, "failed to parse grammar")
        return said(examples("x"))

    with rig(tmp_path, script) as it:
        assert list(it.gateway.ask(prompts(1), "c")) == [GOOD]
        it.server.script = lambda *_: refused(status, "no reason")
        with pytest.raises(EndpointError, match="no reason"):
            list(it.gateway.ask([prompt(1)], "c"))
    assert len(it.server.bodies) == 4


@pytest.mark.parametrize("status", [408, 504])
def test_what_came_too_late_may_have_been_billed(tmp_path: Path, status: int) -> None:
    def script(number: int, _body: Json) -> Step:
        return said(examples("x")) if number else refused(status, "too late")

    with rig(tmp_path, script) as it:
        assert list(it.gateway.ask(prompts(1), "c")) == [GOOD]
        assert it.book.usage().calls == 2


@pytest.mark.parametrize("answered", [True, False])
def test_a_book_that_breaks_ends_it_also_for_those_who_wait_for_budget(
    tmp_path: Path, *, answered: bool
) -> None:
    def script(_number: int, _body: Json) -> Step:
        with sqlite3.connect(tmp_path / "book.sqlite") as other:
            other.execute("DROP TABLE IF EXISTS requests")
        other.close()
        return said(examples("x"), delay_s=0.1) if answered else refused(500, "on fire")

    start = time.monotonic()
    with rig(tmp_path, script, cap_usd=0.001) as it:
        with pytest.raises(EndpointError, match=r"book\.sqlite cannot be used"):
            list(it.gateway.ask(prompts(20), "c"))
        assert len(it.server.bodies) < 5
    assert time.monotonic() - start < 5
