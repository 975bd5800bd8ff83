"""The way up and down of a served model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.errors import UserError
from agent.predict import load_model, model_folder
from agent.runs import Run
from agent.web_access import listen
from tools.shipping.templates.web_guard import is_loopback

if TYPE_CHECKING:
    from tools.services import Student

_MOST_CONNECTIONS = 1_000
_GRACE_S = 2


def serve(run: Run, host: str, port: int, key: str | None, ready: Callable[[str], None]) -> None:
    """Serve the model of a run until Ctrl-C.

    Args:
        run: A finished run.
        host: Address to listen at.
        port: Port to listen at; any free one where 0.
        key: What clients have to show; needed where other machines can reach the address.
        ready: Told the address in a sentence when the model is loaded.

    Raises:
        UserError: The run has no model, the address cannot be had, or a key is missing.
    """
    local = is_loopback(host)
    if not local and not key:
        raise UserError(
            f"others can reach {host}: set TASKSMITH_SERVE_KEY (or give --api-key), and clients"
            " send it as their API key"
        )
    with listen(host, [port], _MOST_CONNECTIONS) as listening, _loaded(run) as student:
        import uvicorn

        from agent.serve.web import web_app

        app = web_app(student, run.id, key or None, local=local)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="error",
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        bound = listening.getsockname()[1]
        address = f"[{host}]" if ":" in host else host
        ready(f"{run.id} at http://{address}:{bound}/v1; Ctrl-C ends")
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            return


@contextmanager
def _loaded(run: Run) -> Iterator["Student"]:
    from agent.serve.vllm import can_run, vllm

    folder = model_folder(run)
    if can_run(folder):
        with vllm(folder) as student:
            yield student
    else:
        yield load_model(run)
