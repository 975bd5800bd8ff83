"""Who may reach a page: this machine alone, or whoever knows user and password."""

import os
import socket
from collections.abc import Sequence

from agent.errors import UserError
from tools.shipping.templates.web_guard import is_loopback

_USER = "tasksmith"
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")
"""Names by which browsers and clients on this machine call it."""


def login(host: str, *, share: bool) -> tuple[str, str] | None:
    """Return user and password that visitors have to know; None where only this machine visits.

    They are read from the environment alone, so that no process list shows them.

    Args:
        host: Address to listen at.
        share: Whether the page gets a public address.

    Raises:
        UserError: Others could reach the page, and there is no password.
    """
    if is_loopback(host) and not share:
        return None
    password = os.environ.get("TASKSMITH_UI_PASSWORD")
    if not password:
        what = "--share" if share else f"--host {host}"
        raise UserError(
            f"others can reach a page with {what}: set TASKSMITH_UI_PASSWORD (and, if you like,"
            f" TASKSMITH_UI_USER, else {_USER!r}), which visitors have to give"
        )
    return os.environ.get("TASKSMITH_UI_USER") or _USER, password


def listen(host: str, ports: Sequence[int], backlog: int = 100) -> socket.socket:
    """Take the first of these ports that is free, before anything slow is done.

    Args:
        host: Address to listen at.
        ports: Ports to try; 0 for any.
        backlog: How many may wait to be let in.

    Raises:
        UserError: All are taken, or the address is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = ""
    for port in ports:
        try:
            return socket.create_server((host.strip("[]"), port), family=family, backlog=backlog)
        except OSError as error:
            reason = (error.strerror or str(error)).split(" (while")[0]
    at = f"{host}, port {ports[0]}" if ports[0] else host
    raise UserError(f"cannot listen at {at} ({reason}); name another --port or --host", 1)
