import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.tools.llm.rig import KEY, SCHEMA, asked, examples, prompt, prompts, rig
from tests.tools.llm.server import Json, Server, Step, refused, said
from tools.llm.book import Book
from tools.llm.gateway import Gateway
from tools.llm.prompt import Reply
from tools.services import EndpointError


def echo(_number: int, body: Json) -> Step:
    return said(examples(str(asked(body))))


def test_replies_keep_the_order_of_the_prompts(tmp_path: Path) -> None:
    def script(_number: int, body: Json) -> Step:
        return said(examples(str(asked(body))), delay_s=0.1 if asked(body) % 3 == 0 else 0)

    with rig(tmp_path, script) as it:
        replies = list(it.gateway.ask(prompts(40), "c"))
        assert replies == [Reply(examples(str(number))) for number in range(40)]
        assert 8 < it.server.most_at_once <= 64
        usage = it.book.usage("c")
    assert (usage.calls, usage.prompt_tokens, usage.completion_tokens) == (40, 4000, 400)
    assert usage.usd == pytest.approx(40 * 120e-6)


def test_the_same_prompts_again_send_nothing(tmp_path: Path) -> None:
    with rig(tmp_path, echo) as it:
        first = list(it.gateway.ask(prompts(5), "one"))
        it.gateway.close()
        assert list(it.gateway.ask(prompts(5), "two")) == first
        assert len(it.server.bodies) == 5
        assert it.book.usage("two").cached_calls == 5
        assert it.book.usage("two").usd == 0
        list(it.gateway.ask([prompt(0, temperature=0.5), prompt(0, max_tokens=9)], "three"))
        assert len(it.server.bodies) == 7


def test_a_request_asks_for_strict_json(tmp_path: Path) -> None:
    with rig(tmp_path, echo) as it:
        list(it.gateway.ask([prompt(3)], "c"))
        (body,) = it.server.bodies
        assert it.server.keys == [f"Bearer {KEY}"]
    schema = {"name": "examples", "schema": SCHEMA, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": schema}
    assert (body["model"], body["seed"], body["max_tokens"]) == ("m", 3, 100)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize("known", ["json_object", "text"])
def test_what_a_server_does_not_know_is_left_out(tmp_path: Path, known: str) -> None:
    def script(_number: int, body: Json) -> Step:
        kind = body.get("response_format", {"type": "text"})["type"]
        if kind not in (known, "text"):
            return refused(400, f"response_format.type {kind} is not available")
        if "max_tokens" in body:
            return refused(400, "Use 'max_completion_tokens' instead.", param="max_tokens")
        if "temperature" in body:
            return refused(400, "Unsupported value: 'temperature'", param="temperature")
        if "seed" in body:
            detail = [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
            return Step(f'{{"detail": {detail}}}'.replace("'", '"'), 422)
        return said(examples(body["messages"][0]["content"]))

    with rig(tmp_path, script) as it:
        (reply,) = it.gateway.ask([prompt(0)], "c")
        asked_first = len(it.server.bodies)
        assert len(list(it.gateway.ask([prompt(1), prompt(2)], "c"))) == 2
        assert len(it.server.bodies) == asked_first + 2
        assert it.book.usage().calls == 3
    assert reply.value is not None
    assert '"required": ["input", "output"]' in reply.value["examples"][0]["input"]


def test_many_at_once_learn_one_step_at_a_time(tmp_path: Path) -> None:
    def script(_number: int, body: Json) -> Step:
        if body["response_format"]["type"] == "json_schema":
            return refused(400, "json_schema is not supported", {})
        return said(examples(str(asked(body))))

    with rig(tmp_path, script) as it:
        replies = list(it.gateway.ask(prompts(30), "c"))
    assert all(reply.value for reply in replies)


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```",
        "Here you are:\n{}\nAnything else?",
        "<think>The user wants {{}}…</think>\n{}",
    ],
)
def test_wrapped_answers_cost_no_second_request(tmp_path: Path, text: str) -> None:
    value = '{"examples": [{"input": "x", "output": "a"}]}'
    with rig(tmp_path, lambda *_: said(text.format(value))) as it:
        assert list(it.gateway.ask([prompt(0)], "c")) == [Reply(examples("x"))]
        assert len(it.server.bodies) == 1


def test_a_truncated_answer_keeps_its_complete_items(tmp_path: Path) -> None:
    text = '{"examples": [{"input": "x", "output": "a"}, {"input": "y", "output'
    with rig(tmp_path, lambda *_: said(text, finish="length")) as it:
        expected = [Reply(examples("x"), truncated=True)]
        assert list(it.gateway.ask([prompt(0)], "c")) == expected
        assert list(it.gateway.ask([prompt(0)], "c")) == expected
        assert len(it.server.bodies) == 1


def test_a_malformed_answer_is_asked_for_once_more(tmp_path: Path) -> None:
    bad = "I would rather not. " * 500

    def script(number: int, _body: Json) -> Step:
        return said(bad if number == 0 else examples("x"))

    with rig(tmp_path, script) as it:
        assert list(it.gateway.ask([prompt(7)], "c")) == [Reply(examples("x"))]
        *_, answer, correction = it.server.bodies[1]["messages"]
        assert it.book.usage().calls == 2
        assert list(it.gateway.ask([prompt(7)], "c")) == [Reply(examples("x"))]
        assert len(it.server.bodies) == 2
    assert answer == {"role": "assistant", "content": bad[:2000]}
    assert "no JSON object" in correction["content"]
    assert correction["content"].endswith('\n{"write": 7}')


def test_malformed_answers_are_given_up_and_never_kept(tmp_path: Path) -> None:
    with rig(tmp_path, lambda *_: said("no")) as it:
        assert list(it.gateway.ask([prompt(0)], "c")) == [Reply(None, "malformed answer")]
        assert len(it.server.bodies) == 2
        list(it.gateway.ask([prompt(0)], "c"))
        assert len(it.server.bodies) == 4
        assert it.book.usage().usd == pytest.approx(4 * 120e-6)


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (said(examples("x"), finish="content_filter"), "refused"),
        (refused(400, "flagged", code="content_filter"), "refused"),
        (refused(400, "This model's maximum context length is 9 tokens", code=None), "too long"),
        (refused(400, "the request exceeds the available context size"), "too long"),
        (refused(400, "Please reduce max_tokens", code="context_length_exceeded"), "too long"),
        (refused(429, "Request too large for m on tokens per min"), "too long"),
        (refused(413, "Payload too large"), "too long"),
    ],
)
def test_prompts_that_will_never_do(tmp_path: Path, step: Step, problem: str) -> None:
    def script(_number: int, body: Json) -> Step:
        return step if asked(body) == 1 else said(examples("x"))

    with rig(tmp_path, script) as it:
        replies = list(it.gateway.ask(prompts(3), "c"))
        sent = len(it.server.bodies)
    good = Reply(examples("x"))
    assert replies == [good, Reply(None, problem), good]
    assert sent == 3


def test_usage_is_estimated_where_the_server_says_nothing(tmp_path: Path) -> None:
    with rig(tmp_path, lambda *_: said(examples("x"), usage={})) as it:
        list(it.gateway.ask([prompt(0)], "c"))
        usage = it.book.usage()
    assert 80 < usage.prompt_tokens < 300
    assert 5 < usage.completion_tokens < 20
    assert usage.usd is not None
    assert usage.usd > 0


def test_the_cap_holds_with_64_in_flight(tmp_path: Path) -> None:
    billed, lock = [0.0], threading.Lock()

    def script(number: int, body: Json) -> Step:
        # The dearest answer there is: every byte a token, and all of max_tokens used.
        size = sum(len(message["content"]) for message in body["messages"])
        usage = {"prompt_tokens": size, "completion_tokens": 100 if number % 2 else 20}
        with lock:
            billed[0] += (usage["prompt_tokens"] + 2 * usage["completion_tokens"]) / 1e6
        return said(examples("x"), usage=usage, delay_s=0.02)

    # All of one size, so that what does not fit for one fits for none.
    equal = [prompt(number) for number in range(100, 300)]
    with rig(tmp_path, script, cap_usd=0.03, start=64) as it:
        replies = list(it.gateway.ask(equal, "c"))
        spent = it.book.usage().usd
        assert it.server.most_at_once > 8
        sent = len(it.server.bodies)
        again = list(it.gateway.ask(equal, "again"))
        assert len(it.server.bodies) == sent
    assert spent == pytest.approx(billed[0])
    assert 0.029 < billed[0] <= 0.03
    assert sum(reply.value is not None for reply in replies) == sent
    assert {reply.problem for reply in replies} == {"", "budget"}
    assert again == replies


def test_closing_early_cancels_and_books_what_was_under_way(tmp_path: Path) -> None:
    def script(_number: int, body: Json) -> Step:
        return said(examples("x"), delay_s=20 if asked(body) else 0)

    start = time.monotonic()
    with rig(tmp_path, script, start=4) as it:
        replies = it.gateway.ask(prompts(20), "c")
        assert next(replies).value
        time.sleep(0.2)
        replies.close()  # type: ignore[attr-defined]
        usage = it.book.usage()
        assert it.book.reserve("k", "c", "teacher", "m", 10 - (usage.usd or 0) - 1e-9)
        sent = len(it.server.bodies)
        assert sent == usage.calls < 8
        assert (usage.usd or 0) > (sent - 1) * 200e-6
    assert time.monotonic() - start < 5


def test_closing_the_gateway_ends_an_ask_in_another_thread(tmp_path: Path) -> None:
    errors: list[str] = []

    with rig(tmp_path, lambda *_: said("x", delay_s=20)) as it:

        def work() -> None:
            try:
                list(it.gateway.ask(prompts(2), "c"))
            except EndpointError as error:
                errors.append(repr(error))

        thread = threading.Thread(target=work)
        thread.start()
        while len(it.server.bodies) < 2:
            time.sleep(0.01)
        it.gateway.close()
        thread.join(5)
        assert not thread.is_alive()
    assert errors == ["EndpointError('the gateway to m was closed')"]


def test_interrupt_and_kill_in_flight(tmp_path: Path) -> None:
    code = """
        import signal, sys
        from pathlib import Path
        from tests.tools.llm.rig import Endpoint, Gateway, Prices, Book, prompts
        # A shell has its background jobs ignore it, and so would this process.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        folder, url = Path(sys.argv[1]), sys.argv[2]
        book = Book(folder / "book.sqlite", 10.0)
        gateway = Gateway(Endpoint("m", url, "k"), book, Prices(folder / "prices.toml"), "teacher")
        for reply in gateway.ask(prompts(6), "c"):
            pass
    """
    (tmp_path / "prices.toml").write_text('["m"]\ninput = 1.0\noutput = 2.0\n')
    with Server(lambda *_: said("x", delay_s=20)) as server:
        command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), server.url]
        for number, kind in enumerate((signal.SIGINT, signal.SIGKILL), start=1):
            with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
                while len(server.bodies) < 6 * number:
                    time.sleep(0.02)
                os.kill(process.pid, kind)
                _, stderr = process.communicate(timeout=8)
            assert stderr.rstrip().endswith("KeyboardInterrupt" if kind == signal.SIGINT else "")
            assert "never awaited" not in stderr
            book = Book(tmp_path / "book.sqlite", 10.0)
            assert book.usage().calls == 6 * number
            assert (book.usage().usd or 0) > 6 * number * 200e-6
            book.close()


def test_progress_is_told_in_the_callers_thread(tmp_path: Path) -> None:
    told: list[str] = []

    def progress(message: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append(message)

    with rig(tmp_path, lambda *_: said(examples("x"), delay_s=1.2)) as it:
        list(it.gateway.ask(prompts(2), "c", progress))
    assert told[0] == "0 of 2 answers."


def test_a_stopped_gateway_is_closed_for_good(tmp_path: Path) -> None:
    errors: list[str] = []

    with rig(tmp_path, lambda *_: said("x", delay_s=20), start=2) as it:

        def work() -> None:
            for _ in range(2):
                try:
                    list(it.gateway.ask(prompts(9), "c"))
                except EndpointError as error:
                    errors.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        while len(it.server.bodies) < 2:
            time.sleep(0.01)
        it.gateway.stop()
        thread.join(5)
        assert not thread.is_alive()
        assert len(it.server.bodies) == 2
    assert errors == ["the gateway to m was closed"] * 2


def ask_on(gateway: Gateway) -> None:
    while True:
        list(gateway.ask([prompt(0)], "c"))


@pytest.mark.parametrize("seed", range(8))
def test_stopping_at_any_moment_leaves_nobody_waiting(tmp_path: Path, seed: int) -> None:
    with rig(tmp_path, lambda *_: said(examples("x"))) as it:

        def work() -> None:
            with pytest.raises(EndpointError, match="closed"):
                ask_on(it.gateway)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(random.Random(seed).uniform(0.05, 0.4))
        it.gateway.stop()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()
