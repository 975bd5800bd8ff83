"""A Hugging Face Hub for tests: a real HTTP server on loopback that speaks its API.

with serving() as site:
    site.add_datasets(Path("../shared/catalogue"))
    HfApi(endpoint=site.url).list_datasets(filter="language:de")
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.hubsite.access import USER
from tests.hubsite.faults import Faults, hinder, instead
from tests.hubsite.hub import Hub
from tests.hubsite.log import Requests
from tests.hubsite.routes import route
from tests.hubsite.server import Server
from tests.hubsite.wire import RefusedError, Request, Response


class Site(Hub):
    """A hub with an address, where things may go wrong.

    Attributes:
        faults: What is to go wrong.
        requests: What was asked so far.
        token: May write in the namespace of `user`, and sees everything there.

    Args:
        seed: What the shares of faults are drawn by.
    """

    def __init__(self, *, viewer: bool = True, seed: int = 0) -> None:
        super().__init__(viewer=viewer)
        self.faults = Faults(seed)
        self.requests = Requests()
        self.user = USER
        self.token = self.access.token

    def respond(self, request: Request) -> Response:
        """Answer a request, or have it meet its faults."""
        faults = self.faults.strike(request)
        response = instead(faults, request)
        if response is None:
            try:
                self.access.check_token(request)
                response = route(self, request)
            except RefusedError as refused:
                response = refused.response
        return hinder(faults, response)


@contextmanager
def serving(site: Site | None = None, *, port: int = 0) -> Iterator[Site]:
    """Serve meanwhile; give the site, by default one without repositories."""
    site = site or Site()
    server = Server(port, site.respond, site.requests)
    site.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="hub site")
    thread.start()
    try:
        yield site
    finally:
        server.stop()
        thread.join(timeout=5)
