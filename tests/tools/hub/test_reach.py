import socket
import time

import pytest

from tools.hub.reach import reachable


def test_something_that_listens_is_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        assert reachable()
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        assert not reachable()


def test_a_closed_port_or_unknown_host_costs_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for endpoint in (f"http://127.0.0.1:{port}", "https://no-such-host.invalid"):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        start = time.monotonic()
        assert not reachable(timeout_s=1.0)
        assert time.monotonic() - start < 5
