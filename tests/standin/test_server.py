import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import openai
import pytest

from tests.standin.bank import load_bank
from tests.standin.brain import Teacher
from tests.standin.client import KEY, ask, connected, said, serving, told
from tests.standin.process import own_process
from tests.standin.server import StandIn

WRITE = {"write": {"music": 2, "weather": 1}}


def tiny(**more: float) -> StandIn:
    return StandIn(Teacher(load_bank("tiny")), **more)  # type: ignore[arg-type]


def test_answers_and_counts() -> None:
    server = tiny()
    with serving(server) as client:
        completion = ask(client, WRITE)
        again = said(client, WRITE)
        assert [model.id for model in client.models.list()] == ["standin"]
    examples = json.loads(completion.choices[0].message.content)["examples"]
    assert [e["output"] for e in examples] == ["music", "music", "weather"]
    assert again == completion.choices[0].message.content
    stats = server.log.stats()
    assert stats["requests"] == 2
    assert len(set(stats["hashes"])) == 1
    assert stats["prompt_tokens"] == 2 * completion.usage.prompt_tokens > 0
    assert completion.usage.completion_tokens == len(again.encode()) // 4
    assert KEY not in json.dumps([vars(e) for e in server.log.entries]) + json.dumps(stats)


def test_several_choices_differ() -> None:
    with serving(tiny()) as client:
        completion = ask(client, {"write": {"music": 3}}, n=2)
    assert len({choice.message.content for choice in completion.choices}) == 2


def test_streams_with_usage_where_asked_for() -> None:
    with (
        serving(tiny()) as client,
        ask(client, WRITE, stream=True, stream_options={"include_usage": True}) as stream,
    ):
        chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert json.loads(text)["examples"][0]["output"] == "music"
    assert len(chunks) > 4
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == len(text.encode()) // 4


def test_cuts_off_at_max_tokens() -> None:
    with serving(tiny()) as client:
        completion = ask(client, WRITE, max_tokens=5)
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens == 5


def test_refuses_what_it_does_not_know() -> None:
    with tiny() as url, httpx2.Client(base_url=url) as client:
        assert client.get("/elsewhere").status_code == 404
        assert client.post("/embeddings", json={}).status_code == 404
        assert client.post("/chat/completions", content=b"{").status_code == 400
        assert client.post("/chat/completions", json={"model": "m"}).status_code == 400


def test_works_on_as_many_as_there_are_slots() -> None:
    server = tiny(latency_s=0.3, slots=4)
    with serving(server) as client, ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        list(pool.map(lambda i: ask(client, WRITE, str(i)), range(8)))
    assert 0.6 <= time.monotonic() - began < 2
    assert server.log.most_in_flight == 8


def test_sustains_64_requests_in_a_process_of_its_own() -> None:
    args = ("--latency", "1", "--slots", "64", "--fault", "rate_limit=1")
    with own_process(*args) as url, connected(url) as client, ThreadPoolExecutor(64) as pool:
        with pytest.raises(openai.RateLimitError):
            ask(client, WRITE)
        began = time.monotonic()
        list(pool.map(lambda i: ask(client, WRITE, str(i)), range(128)))
        took = time.monotonic() - began
        stats = httpx2.get(url.replace("/v1", "/stats")).json()
    assert stats["most_in_flight"] == 64
    assert stats["statuses"] == {"429": 1, "200": 128}
    assert took < 4


def test_stops_though_requests_are_open() -> None:
    server = tiny(latency_s=60)
    with ThreadPoolExecutor(1) as pool, server as url, connected(url) as client:
        with socket.create_connection(("127.0.0.1", httpx2.URL(url).port or 0)):
            waiting = pool.submit(said, client, WRITE)
            while not server.log.most_in_flight:
                time.sleep(0.01)
            began = time.monotonic()
            server.stop()
            waiting.exception(timeout=5)
        assert time.monotonic() - began < 5
    assert not [t for t in threading.enumerate() if "process_request_thread" in t.name]


def test_same_rows_whatever_the_order() -> None:
    def all_rows(order: list[int]) -> list[str]:
        with serving(tiny()) as client:
            answers = [told(client, {"write": {"music": 2}}, str(i)) for i in order]
        return sorted(e["input"] for answer in answers for e in answer["examples"])

    forward = all_rows([0, 1, 2, 3])
    assert forward == all_rows([2, 0, 3, 1])
    assert len(set(forward)) == 8
