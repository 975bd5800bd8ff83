from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from agent.errors import UserError
from agent.models import endpoint, settle_models
from agent.settings import Settings

OPENAI = "sk-openai-0123456789abcdef"
TEACHER = "sk-teacher-0123456789abcdef"
ELSEWHERE = "http://elsewhere:1/v1"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OPENAI)
    for name in ("OPENAI_BASE_URL", "TASKSMITH_TEACHER_API_KEY", "TASKSMITH_JUDGE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def settled(**more: Any) -> Settings:
    return settle_models(Settings(planner="rules", teacher="m", **more))[0]


def test_a_judge_that_is_the_teacher_has_its_address_and_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TASKSMITH_TEACHER_API_KEY", TEACHER)
    for more in ({"teacher_url": ELSEWHERE}, {}):
        settings = settled(**more)
        teacher, judge = (endpoint(role, "m", settings) for role in ("teacher", "judge"))
        assert (judge.url, judge.api_key) == (teacher.url, TEACHER)


def test_the_common_key_goes_to_no_address_of_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settled(teacher_url=ELSEWHERE, judge="other", judge_url="http://third:1/v1")
    assert endpoint("teacher", "m", settings).api_key == "none"
    assert endpoint("judge", "other", settings).api_key == "none"
    assert endpoint("planner", "m", settings).api_key == OPENAI
    assert endpoint("judge", "m", settled(teacher_url=ELSEWHERE)).api_key == "none"
    monkeypatch.setenv("TASKSMITH_JUDGE_API_KEY", "own")
    assert endpoint("judge", "other", settings).api_key == "own"


def test_a_judge_with_a_model_of_its_own_is_where_others_are() -> None:
    settings = settled(teacher_url=ELSEWHERE, judge="other")
    judge = endpoint("judge", "other", settings)
    assert (judge.where, judge.api_key) == ("https://api.openai.com/v1", OPENAI)


@pytest.mark.parametrize("secret", ["http://me:hunter22@host/v1", "hunter22", "http://hunter22:x"])
@pytest.mark.parametrize("place", ["teacher_url", "planner_url", "OPENAI_BASE_URL"])
def test_what_is_no_plain_url_is_refused_and_not_repeated(
    secret: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(planner="rules")
    if place.isupper():
        monkeypatch.setenv(place, secret)
    else:
        settings = settings.model_copy(update={place: secret})
    with pytest.raises(UserError, match="URL") as caught:
        settle_models(settings)
    assert "hunter22" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_cannot_be_one_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-schlüssel")
    with pytest.raises(UserError, match="no key has") as caught:
        settle_models(Settings())
    assert "schl" not in str(caught.value)


@pytest.mark.parametrize("body", ["<html>Welcome</html>", '{"models": []}', "[1]", ""])
@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_a_page_is_no_list_of_models(body: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with page(body, kind) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        settings, notes = settle_models(Settings())
    assert (settings.planner, settings.teacher) == ("rules", "offline")
    assert f"{url} does not say which models it serves" in notes[0]


@contextmanager
def page(body: str, kind: str) -> Iterator[str]:
    """A server that answers everything with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()
