"""Whether the Hugging Face Hub can be reached, found out once."""

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from urllib.parse import urlsplit

from tools.hub.access import endpoint, offline

SECONDS = 2.0


def reachable(timeout_s: float = SECONDS) -> bool:
    """Say whether something answers at HF_ENDPOINT; never takes longer than `timeout_s`.

    HF_HUB_OFFLINE is taken at its word. Only a connection is made, nothing is sent.
    """
    if offline():
        return False
    url = urlsplit(endpoint())
    port = url.port or (80 if url.scheme == "http" else 443)
    # A thread, since name resolution knows no timeout of its own.
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reach")
    try:
        return pool.submit(_connects, url.hostname or "", port, timeout_s).result(timeout_s)
    except FutureTimeout:
        return False
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _connects(host: str, port: int, timeout_s: float) -> bool:
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False
