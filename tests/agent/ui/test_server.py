import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.errors import UserError
from agent.settings import Settings
from agent.ui.guard import MOST_BODY, Login
from agent.ui.server import FIRST_PORT, Place, listen, serve_page
from tests.agent.ui.pages import answering, begun, serving

LOGIN = Login("ada", "pass word:ü")
API = "/gradio_api"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "runs"
    begun(out)
    return out


@pytest.fixture(scope="module")
def local(runs: Path) -> Iterator[httpx.Client]:
    """The page as only this machine reaches it, with its usual tabs."""
    with serving(runs) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="module")
def open_to_all(runs: Path) -> Iterator[str]:
    """The page as others may reach it, with a public endpoint, and for agents, too."""
    with serving(runs, LOGIN, mcp=True, tabs={"Answer": answering}) as address:
        yield address


def test_the_page_comes_with_its_tabs_and_asks_no_other_host(local: httpx.Client) -> None:
    answer = local.get("/")
    assert answer.status_code == 200
    for name in ("Chat", "Runs", "Models"):
        assert f'"label":"{name}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example"])
def test_a_foreign_name_leads_nowhere(local: httpx.Client, host: str) -> None:
    for path in ("/", "/config", f"{API}/info"):
        assert local.get(path, headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://[bad"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_origins_get_nothing(local: httpx.Client, headers: dict[str, str]) -> None:
    asked = {"data": [], "fn_index": 0, "session_hash": "x"}
    for answer in (
        local.post(f"{API}/queue/join", json=asked, headers=headers),
        local.post(f"{API}/run/predict", content=json.dumps(asked), headers=headers),
        local.post(f"{API}/upload", files={"files": b"x"}, headers=headers),
        local.get("/config", headers=headers),
    ):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_the_page_may_be_opened_from_a_link_elsewhere(local: httpx.Client) -> None:
    assert local.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring", f"{API}/vibe-code", f"{API}/proxy=https://example.org", f"{API}/runs",
        f"{API}/file=http://127.0.0.1:1/x", f"{API}/file=https://example.org/x", f"{API}/mcp/",
        f"{API}/dev/reload", f"{API}/process_recording", "/../etc/passwd", "/docs",
    ],
)  # fmt: skip
def test_what_the_page_does_not_use_is_closed(local: httpx.Client, path: str) -> None:
    assert local.get(path).status_code == 404


def test_files_of_the_machine_are_not_served(local: httpx.Client, runs: Path) -> None:
    (manifest,) = runs.glob("*/run.json")
    for path in (str(manifest), "/etc/passwd", f"{manifest.parent}/../../runs", "../../etc/passwd"):
        for form in (path, path.replace("/", "%2f"), path.replace("..", "%2e%2e")):
            answer = local.get(f"{API}/file={form}")
            assert answer.status_code in (403, 404)
            assert "format" not in answer.text


@pytest.mark.parametrize("endless", [False, True])
def test_a_file_of_the_machine_cannot_come_with_a_message(
    local: httpx.Client, runs: Path, endless: bool
) -> None:
    private = runs.parent / "private.csv"
    private.write_text("text,label\nmy secret,spam\n")
    path = "/dev/zero" if endless else str(private)
    sends = [
        function
        for function in local.get("/config").json()["dependencies"]
        if any(event == "submit" for _, event in function["targets"])
    ]
    assert sends
    known = {path.name for path in runs.iterdir()}
    for function in sends:
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        given = [None, {"text": "Sort mails into spam or ham", "files": [file]}]
        given += [None] * (len(function["inputs"]) - 2)
        asked = {"fn_index": function["id"], "data": given, "session_hash": "x"}
        assert local.post(f"{API}/run/predict", json=asked).status_code >= 400
    assert {path.name for path in runs.iterdir()} == known


def test_requests_have_a_size(local: httpx.Client) -> None:
    assert local.post(f"{API}/run/predict", content=b"x" * (MOST_BODY + 1)).status_code == 413


def test_programs_see_no_endpoint_but_the_public_one(local: httpx.Client, open_to_all: str) -> None:
    nothing = local.get(f"{API}/info").json()
    assert {*nothing["named_endpoints"]} <= {"/predict"}
    told = httpx.get(f"{open_to_all}{API}/info", auth=(LOGIN.user, LOGIN.password)).json()
    assert [*told["named_endpoints"]] == ["/predict"]
    assert told["unnamed_endpoints"] == {}


@pytest.mark.parametrize(
    "path", ["/", "/config", f"{API}/info", f"{API}/mcp/", f"{API}/heartbeat/x"]
)
def test_without_the_password_there_is_nothing(open_to_all: str, path: str) -> None:
    answer = httpx.get(f"{open_to_all}{path}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_password_opens_the_page(open_to_all: str) -> None:
    assert httpx.get(open_to_all, auth=(LOGIN.user, LOGIN.password)).status_code == 200
    assert httpx.get(open_to_all, auth=(LOGIN.user, "wrong")).status_code == 401


def test_headers_that_are_no_login_are_refused() -> None:
    for header in ("", "Basic", "Basic ???", "Bearer abc", "Basic 4pyT"):
        assert not LOGIN.fits(header)


def test_agents_find_and_call_one_tool(open_to_all: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def calling() -> tuple[list[Any], Any]:
        async with (
            httpx.AsyncClient(auth=(LOGIN.user, LOGIN.password)) as client,
            streamable_http_client(f"{open_to_all}{API}/mcp/", http_client=client) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, await session.call_tool("predict", {"run": "r", "text": "hello"})

    tools, called = asyncio.run(calling())
    assert [tool.name for tool in tools] == ["predict"]
    assert tools[0].description.startswith("Answer a text with the model of a run.")
    assert tools[0].inputSchema["properties"]["text"]["type"] == "string"
    assert not called.isError
    assert "HELLO" in called.content[0].text


@pytest.mark.parametrize("place", [Place("0.0.0.0"), Place(share=True), Place("::")])
def test_others_need_a_password_to_be_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    monkeypatch.delenv("TASKSMITH_UI_PASSWORD", raising=False)
    with pytest.raises(UserError, match="set TASKSMITH_UI_PASSWORD"):
        serve_page(Settings(out=tmp_path), place, print)


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"cannot listen at 127.0.0.1, port {port}"):
            serve_page(Settings(out=tmp_path), Place(port=port), print)


def test_without_a_wish_the_next_free_port_is_taken() -> None:
    said: list[str] = []
    with listen(Place(), said.append), listen(Place(), said.append) as second:
        port = second.getsockname()[1]
    assert port > FIRST_PORT
    assert said[-1] == f"port {FIRST_PORT} is taken; using {port}"
