import time

import httpx2
import openai
import pytest

from tests.standin.bank import load_bank
from tests.standin.brain import Teacher
from tests.standin.client import KEY, ask, serving, told
from tests.standin.faults import NAMES, Fault, Faults
from tests.standin.server import StandIn

WRITE = {"write": {"music": 2, "weather": 2}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "examples", "schema": {}}}


def faulty(*faults: str) -> StandIn:
    return StandIn(Teacher(load_bank("tiny")), faults)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limit", 429, "rate_limit_exceeded"),
        ("rate_limit_bare", 429, "rate_limit_exceeded"),
        ("quota", 429, "insufficient_quota"),
        ("server_error", 500, "server_error"),
        ("server_error=always:503", 503, "server_error"),
        ("no_schema", 400, "unsupported_parameter"),
        ("no_json_mode", 400, "unsupported_parameter"),
        ("unauthorized=always:sk-other", 401, "invalid_api_key"),
        ("no_model=always:other", 404, "model_not_found"),
        ("context=always:100", 400, "context_length_exceeded"),
        ("echo_key", 401, "invalid_api_key"),
    ],
)
def test_refusals(fault: str, status: int, code: str) -> None:
    server = faulty(fault if "=" in fault else f"{fault}=always")
    with serving(server) as client, pytest.raises(openai.APIStatusError) as caught:
        ask(client, WRITE, "x" * 100, response_format=SCHEMA)
    assert caught.value.status_code == status
    assert caught.value.code == code
    assert (KEY in str(caught.value)) == (fault == "echo_key")
    assert server.log.stats()["completion_tokens"] == 0
    retry_after = caught.value.response.headers.get("Retry-After")
    assert retry_after == ("1" if fault == "rate_limit" else None)


@pytest.mark.parametrize(
    "fault", [f"unauthorized=always:{KEY}", "no_model=always:m", "context=always", "no_schema=1"]
)
def test_refusals_let_pass_what_is_right(fault: str) -> None:
    with serving(faulty(fault)) as client:
        assert told(client, WRITE, response_format={"type": "json_object"})["examples"]


def test_only_the_numbered_requests() -> None:
    server = faulty("server_error=1,3-4")
    with serving(server) as client:
        for number in range(1, 6):
            if number in (1, 3, 4):
                with pytest.raises(openai.InternalServerError):
                    ask(client, WRITE)
            else:
                ask(client, WRITE)
    assert server.log.stats()["faults"] == {"server_error": 3}


def test_rates_are_drawn_by_seed_and_number() -> None:
    def hit(seed: int) -> list[int]:
        faults = Faults(["cut=0.2"], seed)
        return [number for number in range(1000) if faults.of(number)]

    assert hit(0) == hit(0) != hit(1)
    assert 150 < len(hit(0)) < 250


@pytest.mark.parametrize("line", ["nonsense=always", "cut=sometimes", "cut"])
def test_lines_that_make_no_sense(line: str) -> None:
    with pytest.raises(ValueError, match=r"no fault|invalid literal"):
        Fault.parse(line)


def test_hang_ends_without_an_answer() -> None:
    server = faulty("hang=1:0.3")
    began = time.monotonic()
    with serving(server) as client:
        with pytest.raises(openai.APIConnectionError):
            ask(client, WRITE)
        assert time.monotonic() - began > 0.3
        ask(client, WRITE)
    assert server.log.entries[0].completion_tokens > 0


def test_hang_outlasts_a_patient_client_but_not_the_server() -> None:
    with serving(faulty("hang=always")) as client, pytest.raises(openai.APITimeoutError):
        ask(client, WRITE, timeout=0.2)


def test_drip_takes_its_time() -> None:
    began = time.monotonic()
    with serving(faulty("drip=1:0.001")) as client:
        assert told(client, WRITE)["examples"]
        assert time.monotonic() - began > 0.4


def test_cut_loses_half_the_body() -> None:
    with (
        serving(faulty("cut=always")) as client,
        pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)),
    ):
        ask(client, WRITE)


def test_html_and_empty_choices() -> None:
    with serving(faulty("html=1", "empty_choices=2")) as client:
        page = ask(client, WRITE)
        empty = ask(client, WRITE)
    assert "<html>" in str(page)
    assert empty.choices == []


def test_every_fault_is_described() -> None:
    from tests.standin import faults

    assert [name for name in NAMES if name not in str(faults.__doc__)] == []
