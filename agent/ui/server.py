"""The way up and down of the page."""

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent import web_access
from agent.errors import UserError
from agent.settings import Settings
from agent.ui.guard import MCP, MOST_UPLOADED, App, Guard, Login
from agent.web_access import LOCAL_NAMES, login
from tools.shipping.templates.web_guard import is_loopback

if TYPE_CHECKING:
    from agent.ui.page import Tab

FIRST_PORT, TRIED_PORTS = 7860, 40
_GRACE_S = 1


@dataclass(frozen=True)
class Place:
    """Where the page is to be.

    Attributes:
        port: None for 7860 or the next free one.
        share: Whether to have a public address, through Gradio's tunnel.
        mcp: Whether agents may call the public endpoint.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    mcp: bool = False

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host) and not self.share


def serve_page(settings: Settings, place: Place, say: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        settings: Those of new runs, and where the runs are.
        place: Where to listen.
        say: Told, a line at a time, where the page is.

    Raises:
        UserError: The address cannot be had, or others could reach it without a login.
    """
    asked = login(place.host, share=place.share)
    visitor = Login(*asked) if asked else None
    with listen(place, say) as listening, tempfile.TemporaryDirectory() as uploads:
        # Read when gradio is imported; by default uploads lie where everyone may look.
        os.environ |= {"GRADIO_TEMP_DIR": uploads, "GRADIO_ANALYTICS_ENABLED": "False"}
        app = page_app(settings, place, visitor)
        address = _address(place.host, listening.getsockname()[1])
        everyone = _share(listening) if place.share else None
        say(f"Tasksmith is at {address}; Ctrl-C ends")
        if everyone:
            say(f"and for everyone with the password at {everyone}")
        if place.mcp:
            say(_connecting(address, visitor))
        _run(app, listening)


def page_app(
    settings: Settings, place: Place, visitor: Login | None, tabs: Mapping[str, "Tab"] | None = None
) -> App:
    """Return the guarded page; `tabs` in place of the usual ones."""
    import gradio as gr
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from agent.ui.page import HEAD, STYLE, TABS, build_page
    from tools.shipping.templates.demo_page import theme

    page = build_page(settings, tabs or TABS)
    # Of a page that is only mounted, Gradio takes any path for a file that was uploaded.
    page.has_launched = True
    app = gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        page,
        path="/",
        css_paths=[STYLE],
        head=HEAD,
        theme=theme(),
        footer_links=[],
        run_history=False,
        max_file_size=MOST_UPLOADED,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=place.mcp,
    )
    guarded: App = Guard(app, visitor, mcp=place.mcp)
    if place.local:
        # Pages in a browser cannot have a name of their own lead here.
        guarded = TrustedHostMiddleware(guarded, LOCAL_NAMES)
    return guarded


def listen(place: Place, say: Callable[[str], None]) -> socket.socket:
    """Take the port, before anything slow is done.

    Raises:
        UserError: It is taken, or the address is none of this machine.
    """
    ports = range(FIRST_PORT, FIRST_PORT + TRIED_PORTS) if place.port is None else [place.port]
    listening = web_access.listen(place.host, ports)
    port = listening.getsockname()[1]
    if ports[0] and port != ports[0]:
        say(f"port {ports[0]} is taken; using {port}")
    return listening


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _share(listening: socket.socket) -> str:
    import httpx
    from gradio import networking

    host, port = listening.getsockname()[:2]
    try:
        return networking.setup_tunnel(host, port, secrets.token_urlsafe(32), None, None)
    except (RuntimeError, OSError, ValueError, httpx.HTTPError) as error:
        raise UserError(f"no share link can be had ({error}); leave out --share", 1) from None


def _connecting(address: str, visitor: Login | None) -> str:
    """Return how an agent connects, with a configuration to copy."""
    server: dict[str, object] = {"type": "http", "url": f"{address.rstrip('/')}{MCP}/"}
    if visitor:
        server["headers"] = {"Authorization": "Basic BASE64_OF_USER:PASSWORD"}
    snippet = json.dumps({"mcpServers": {"tasksmith": server}}, indent=2)
    return f"agents connect with MCP at {server['url']}, for instance\n{snippet}"


def _run(app: App, listening: socket.socket) -> None:
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=_GRACE_S, ws="none")
    )
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return
