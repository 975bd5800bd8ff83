"""The page of a model, served: what it answers to whom."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.browsers import watched
from tests.tools.shipping.pages import LOGIN
from tools.shipping.templates.web_guard import MOST_BYTES

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def pages() -> Iterator[list[str]]:
    """The addresses of a page for all on this machine, and of one behind a login."""
    program = [sys.executable, "-m", "tests.tools.shipping.pages"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@pytest.fixture
def at(pages: list[str]) -> str:
    return pages[0]


def predicted(at: str, text: str) -> Any:
    """What the API says to a text."""
    body, kind = json.dumps({"data": [text]}), {"Content-Type": "application/json"}
    asked = httpx.post(f"{at}/gradio_api/call/predict", content=body, headers=kind)
    event = asked.raise_for_status().json()["event_id"]
    lines = httpx.get(f"{at}/gradio_api/call/predict/{event}").text.splitlines()
    data = json.loads(lines[1].removeprefix("data: "))
    return data[0] if lines[0] == "event: complete" else data["error"]


def test_the_api_has_one_function(at: str) -> None:
    info = httpx.get(f"{at}/gradio_api/info").json()
    assert list(info["named_endpoints"]) == ["/predict"]
    assert not info["unnamed_endpoints"]
    assert info["named_endpoints"]["/predict"]["description"].startswith(
        "Answer a text. The task: Sort messages."
    )
    answer = predicted(at, "quite sure \ud800")
    assert (answer["confidence"], answer["unsure"], len(answer["likely"])) == (0.9, False, 5)
    assert predicted(at, "well") | {"likely": 0, "output": 0} == {
        "confidence": 0.4, "unsure": True, "likely": 0, "output": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [(" \n", "Write a text first."), ("x" * 1_000_000, "has 1,000,000 characters; at most 10,000")],
)
def test_what_cannot_be_answered(at: str, text: str, said: str) -> None:
    assert said in predicted(at, text)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "elsewhere.example"}, 400),
        ({"Host": "127.0.0.1.elsewhere.example"}, 400),
        ({"Host": "[broken"}, 400),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
    ],
)
def test_pages_from_elsewhere_get_nothing(at: str, headers: dict[str, str], status: int) -> None:
    url = f"{at}/gradio_api/call/predict"
    assert httpx.post(url, headers=headers, json={"data": ["sure"]}).status_code == status


@pytest.mark.parametrize(
    "path", ["file=/etc/passwd", "file/etc/passwd", "%66ile=/etc/passwd", "proxy=http://a.b/"]
)
def test_files_of_the_machine_are_no_part_of_the_page(at: str, path: str) -> None:
    assert httpx.get(f"{at}/gradio_api/{path}").status_code == 404


def test_nothing_is_uploaded_and_nothing_is_huge(at: str) -> None:
    assert httpx.post(f"{at}/gradio_api/upload", files={"files": b"text"}).status_code == 404
    url = f"{at}/gradio_api/call/predict"
    assert httpx.post(url, content=iter([b"{}"])).status_code == 411
    head = f"POST /gradio_api/call/predict HTTP/1.1\r\nHost: {at[7:]}\r\n"
    with socket.create_connection(("127.0.0.1", int(at.rpartition(":")[2])), 10) as connection:
        connection.sendall(f"{head}Content-Length: {MOST_BYTES + 1}\r\n\r\n".encode())
        assert b" 413 " in connection.recv(100)


def test_visitors_log_in(pages: list[str]) -> None:
    with httpx.Client(base_url=pages[1]) as client:
        assert client.get("/config").status_code == 401
        asked = client.post("/gradio_api/call/predict", json={"data": ["a"]})
        assert asked.status_code == 401
        name, password = LOGIN
        wrong = client.post("/login", data={"username": name, "password": "guess"})
        assert wrong.status_code == 400
        login = {"username": name, "password": password}
        foreign = client.post("/login", data=login, headers={"Origin": "http://a.example"})
        assert foreign.status_code == 403
        assert client.post("/login", data=login).status_code == 200
        assert client.get("/config").status_code == 200


def test_in_a_browser(at: str, phone: "Page") -> None:
    """An example is clicked, an answer is seen; nothing of it runs, and nothing is fetched."""
    watch = watched(phone)
    phone.goto(at)
    phone.locator("#examples button").nth(1).click()
    phone.wait_for_selector("#answer .output")
    answer = phone.locator("#answer").inner_text()
    assert "<img src=x onerror=" in answer
    assert "{{7*7}} ${7*7}" in answer
    assert "Unsure." in answer
    assert phone.input_value("#text textarea").startswith("second <img")
    phone.fill("#text textarea", "sure")
    phone.press("#text textarea", "Shift+Enter")
    phone.wait_for_selector("#answer :text('90%')")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.title() == "Sort <b>messages</b> ${1+1}"
    assert phone.locator("img[src=x]").count() == 0
    assert not watch.wrong
    assert not watch.elsewhere(at)
