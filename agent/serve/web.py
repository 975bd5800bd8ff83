"""The routes of a served model, what it takes at most, and who may ask."""

import hmac
import json
import time
from typing import TYPE_CHECKING, Any

from agent.serve import wire
from agent.serve.batches import Batches, BusyError
from agent.serve.wire import Reply, RequestError
from agent.web_access import LOCAL_NAMES
from tools.services import Student

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

MOST_BYTES = 8_000_000
MOST_INPUTS = 1_024


def web_app(student: Student, name: str, key: str | None, *, local: bool) -> "FastAPI":
    """Return the app.

    Args:
        student: What answers.
        name: Id of the model.
        key: What clients have to show; None where everyone may ask.
        local: Whether only this machine can reach it. Pages in a browser then cannot, either, by
            having a name of their own lead here.
    """
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse, StreamingResponse
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import Request
    from starlette.responses import Response

    app = FastAPI(title=name, docs_url=None, redoc_url=None, openapi_url=None)
    batches = Batches(student)
    created = int(time.time())
    if local:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES)

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        asked = await _body(request, key)
        text = wire.input_of(asked)
        answer, tokens = await batches.answer_counted(text)
        reply = Reply(name, answer.output, *tokens)
        if not asked.get("stream"):
            return JSONResponse(wire.completion(reply))
        options = asked.get("stream_options")
        usage = isinstance(options, dict) and bool(options.get("include_usage"))
        return StreamingResponse(wire.events(reply, usage=usage), media_type="text/event-stream")

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        texts = wire.inputs_of(await _body(request, key), MOST_INPUTS)
        answers = await batches.answer(texts) if texts else []
        return JSONResponse(
            {"outputs": [{"output": a.output, "confidence": a.confidence} for a in answers]}
        )

    @app.get("/v1/models")
    async def models(request: Request) -> Response:
        _check(request, key)
        return JSONResponse(wire.models(name, created))

    @app.get("/health")
    async def health() -> Response:
        return JSONResponse({"status": "ok"})

    _answer_errors(app)
    return app


async def _body(request: "Request", key: str | None) -> dict[str, Any]:
    """Read the JSON object of a request.

    Raises:
        RequestError: The key is wrong, or the body is too large or no JSON object.
    """
    _check(request, key)
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise RequestError(f"the request has more than {MOST_BYTES:,} bytes", 413)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise RequestError("the request is no valid JSON") from None
    if not isinstance(value, dict):
        raise RequestError("the request must be a JSON object")
    return value


def _check(request: "Request", key: str | None) -> None:
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key is not None and not hmac.compare_digest(shown.encode(), key.encode()):
        raise RequestError("the API key is missing or wrong", 401)


def _answer_errors(app: "FastAPI") -> None:
    """Have every error be JSON as OpenAI's clients read it."""
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response

    def body(message: str, status: int) -> Response:
        return JSONResponse(wire.error(message, status), status)

    @app.exception_handler(RequestError)
    async def refused(_request: Request, error: RequestError) -> Response:
        return body(str(error), error.status)

    @app.exception_handler(BusyError)
    async def busy(_request: Request, _error: BusyError) -> Response:
        return body("too many requests wait already; try again in a moment", 503)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        return body(f"{request.method} {request.url.path}: {error.detail}", error.status_code)

    @app.exception_handler(Exception)
    async def failed(_request: Request, error: Exception) -> Response:
        return body(f"the model failed ({type(error).__name__})", 500)
