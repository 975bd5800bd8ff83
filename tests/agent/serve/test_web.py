import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest

from agent.serve.web import MOST_BYTES, MOST_INPUTS, web_app
from tools.services import Prediction

Ask = Callable[[httpx.AsyncClient], Awaitable[Any]]


class Shouting:
    """Answers in capitals, and remembers what it was asked together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.free.wait(60)
        self.batches.append([*texts])
        if "boom" in texts:
            message = "out of order"
            raise RuntimeError(message)
        return [Prediction(text.upper(), 0.75, 0.5) for text in texts]


def ask(student: Shouting, what: Ask, key: str | None = None, host: str = "127.0.0.1") -> Any:
    """What `what` gets from a server in this process."""

    async def asking() -> Any:
        app = web_app(student, "shouting", key, local=key is None)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await what(client)

    return asyncio.run(asking())


def chat(text: Any, **more: Any) -> dict[str, Any]:
    return {"model": "any", "messages": [{"role": "user", "content": text}], **more}


def post(path: str, **how: Any) -> Ask:
    return lambda client: client.post(path, **how)


def test_what_comes_together_is_answered_together() -> None:
    student = Shouting()

    async def many(client: httpx.AsyncClient) -> list[str]:
        asked = [client.post("/v1/chat/completions", json=chat(f"text {n}")) for n in range(40)]
        answers = await asyncio.gather(*asked)
        return [answer.json()["choices"][0]["message"]["content"] for answer in answers]

    assert ask(student, many) == [f"TEXT {n}" for n in range(40)]
    assert len(student.batches) <= 5
    assert sum(student.batches, []) == [f"text {n}" for n in range(40)]


class Counting(Shouting):
    """Remembers which threads its tokenizer, if it had one, would be used in."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.threads.add(threading.get_ident())
        return super().predict(texts)

    def count(self, text: str, output: str) -> tuple[int, int, bool]:
        self.threads.add(threading.get_ident())
        return len(text), len(output), True


def test_one_thread_does_all_with_the_tokenizer() -> None:
    student = Counting()
    answer = ask(student, post("/v1/chat/completions", json=chat("four"))).json()
    assert answer["usage"]["total_tokens"] == 8
    assert answer["choices"][0]["finish_reason"] == "length"
    assert len(student.threads) == 1
    assert threading.get_ident() not in student.threads


def test_predict_answers_a_list() -> None:
    answer = ask(Shouting(), post("/predict", json={"inputs": ["a", "", "b"]})).json()
    assert answer["outputs"] == [{"output": o, "confidence": 0.75} for o in ("A", "", "B")]
    assert ask(Shouting(), post("/predict", json={"inputs": []})).json() == {"outputs": []}


@pytest.mark.parametrize(
    ("path", "how", "status", "words"),
    [
        ("/v1/chat/completions", {"content": b"{oops"}, 400, "no valid JSON"),
        ("/v1/chat/completions", {"content": b"[" * 100_000}, 400, "no valid JSON"),
        ("/v1/chat/completions", {"json": []}, 400, "must be a JSON object"),
        ("/v1/chat/completions", {"json": {}}, 400, "list of messages"),
        ("/v1/chat/completions", {"json": {"messages": [{"role": "system"}]}}, 400, "role 'user'"),
        ("/v1/chat/completions", {"json": chat(None)}, 400, "must be text"),
        ("/v1/chat/completions", {"json": chat([{"type": "image_url"}])}, 400, "must be text"),
        ("/v1/chat/completions", {"content": b" " * (MOST_BYTES + 1)}, 413, "more than 8,000,000"),
        ("/v1/chat/completions", {"json": chat("boom")}, 500, "the model failed"),
        ("/predict", {"json": {"inputs": "a"}}, 400, "list of texts"),
        ("/predict", {"json": {"inputs": [1]}}, 400, "list of texts"),
        ("/predict", {"json": {"inputs": ["a"] * (MOST_INPUTS + 1)}}, 400, "at most 1,024"),
        ("/v1/embeddings", {"json": {}}, 404, "POST /v1/embeddings"),
        ("/health", {"json": {}}, 405, "POST /health"),
    ],
)
def test_errors_are_as_openai_has_them(
    path: str, how: dict[str, Any], status: int, words: str
) -> None:
    answer = ask(Shouting(), post(path, **how))
    assert answer.status_code == status
    error = answer.json()["error"]
    assert words in error["message"]
    assert error["code"] == status
    assert error["type"] == ("server_error" if status == 500 else "invalid_request_error")


def test_a_model_that_failed_once_goes_on() -> None:
    student = Shouting()

    async def twice(client: httpx.AsyncClient) -> list[int]:
        return [
            (await client.post("/predict", json={"inputs": [text]})).status_code
            for text in ("boom", "a")
        ]

    assert ask(student, twice) == [500, 200]


def test_more_requests_than_it_has_room_for_are_turned_away() -> None:
    student = Shouting()
    student.free.clear()

    async def many(client: httpx.AsyncClient) -> list[int]:
        asked = [
            asyncio.ensure_future(client.post("/predict", json={"inputs": ["a"] * 300}))
            for _ in range(320)
        ]
        while sum(one.done() for one in asked) < 60:
            await asyncio.sleep(0.01)
        student.free.set()
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    found = ask(student, many)
    assert set(found) == {200, 503}
    assert found.count(200) >= 256


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 401), ({"Authorization": "Bearer ö"}, 401), ({"Authorization": "Bearer s3cret"}, 200)],
)
def test_a_key_is_asked_for(header: dict[str, str], status: int) -> None:
    sent = {name: value.encode() for name, value in header.items()}
    for path, content in (
        ("/v1/chat/completions", chat("a")),
        ("/predict", {"inputs": ["a"]}),
    ):
        how = {"json": content, "headers": sent}
        assert ask(Shouting(), post(path, **how), "s3cret").status_code == status
    for path, expected in (("/v1/models", status), ("/health", 200)):
        got = ask(Shouting(), lambda client, p=path: client.get(p, headers=sent), "s3cret")  # type: ignore[misc]
        assert got.status_code == expected


def test_a_page_under_a_name_of_its_own_gets_nothing() -> None:
    how = {"json": {"inputs": ["a"]}}
    assert ask(Shouting(), post("/predict", **how), host="evil.example").status_code == 400
    assert ask(Shouting(), post("/predict", **how), host="localhost:8000").status_code == 200
    assert ask(Shouting(), post("/predict", **how), "key", "evil.example").status_code == 401
