"""The local web application: a page, the scenarios on offer, and answers that come piece by piece.

Nothing is read or written by request: files lie in memory, scenarios are those on offer, and what a reader saves is
saved by the browser.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from detente.errors import DetenteError
from detente.serve.engine import Busy, Engine, Maker, Question, Stale
from detente.serve.files import KINDS, page_files
from detente.serve.guard import App, Guard
from detente.serve.offer import NotOffered, Offer

#: bytes that a question may have, and seconds in which it must have come
LONGEST, PATIENCE = 16_384, 5.0
#: bytes that are let pass unread, so that whoever sends them hears why they are refused
DRAINED = 32_000_000
#: what is answered where something is refused in words
STATUS: dict[type[DetenteError], int] = {NotOffered: 404, Busy: 429, Stale: 409}
REFUSED = 422

Text = Annotated[StrictStr, Field(max_length=200)]


class Asked(BaseModel):
    """A question as it is sent."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    scenario: Text
    settings: dict[Text, StrictBool | StrictInt | StrictFloat | Text] = Field(max_length=300)
    window: Annotated[StrictStr, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    sequence: Annotated[StrictInt, Field(ge=0, le=2**53)]
    glance: StrictBool = False


class NotAsked(DetenteError):
    """What was sent is no question."""


class TooLong(DetenteError):
    """More was sent than a question needs, or more slowly."""


def application(offer: Offer, make: Maker, port: int) -> App:
    """The application behind its guard. ``make`` is called when the server starts, and what it made is closed."""

    @asynccontextmanager
    async def running(app: Any) -> AsyncIterator[None]:
        app.state.engine = engine = make()
        try:
            yield
        finally:
            engine.close()

    routes = [
        Route("/", _file("index.html")),
        *(Route(f"/{name}", _file(name)) for name in page_files()),
        Route("/scenarios", partial(_told, lambda request: _listed(offer))),
        Route("/scenarios/{name:path}", partial(_told, lambda request: _opened(offer, request.path_params["name"]))),
        Route("/answers", partial(_answers, offer), methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes, lifespan=running), port)


def _file(name: str) -> Callable[[Request], Any]:
    content, kind = page_files()[name], KINDS[name.rpartition(".")[2]]

    async def sent(request: Request) -> Response:
        return Response(content, media_type=f"{kind}; charset=utf-8")

    return sent


def _listed(offer: Offer) -> dict[str, Any]:
    return {"scenarios": offer.listed(), "first": offer.first()}


def _opened(offer: Offer, name: str) -> dict[str, Any]:
    return offer.open(name).as_dict()


async def _told(tell: Callable[[Request], Mapping[str, Any]], request: Request) -> Response:
    """What ``tell`` says of a request, or why it does not."""
    try:
        return JSONResponse(await asyncio.to_thread(tell, request))
    except DetenteError as error:
        return _refused(error)


async def _answers(offer: Offer, request: Request) -> Response:
    """Pieces of an answer, a line of JSON each; what is refused is refused before the first."""
    engine: Engine = request.app.state.engine
    try:
        asked = await _asked(request)
        offered = await asyncio.to_thread(offer.open, asked.scenario)
        question = Question(asked.window, asked.sequence, offered, asked.settings, asked.glance)
        pieces = engine.answers(question)
        first = await anext(pieces)
    except DetenteError as error:
        return _refused(error)
    except ClientDisconnect:
        return Response(status_code=400)
    return StreamingResponse(_lines(first, pieces), media_type="application/x-ndjson")


async def _asked(request: Request) -> Asked:
    """The question in a request. Raises TooLong, NotAsked."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise NotAsked("a question is JSON")
    body, length = bytearray(), 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                if len(body) <= LONGEST:
                    body += part
                length += len(part)
                if length > DRAINED:
                    break
    except TimeoutError as late:
        raise TooLong(f"a question must have come after {PATIENCE:g} seconds") from late
    if length > LONGEST:
        raise TooLong(f"a question has at most {LONGEST} bytes")
    try:
        return Asked.model_validate_json(bytes(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(step)[:80] for step in first["loc"])
        raise NotAsked(f"{where or 'the question'}: {first['msg']}") from error


def _refused(error: DetenteError) -> Response:
    """An error in words."""
    status = 413 if isinstance(error, TooLong) else STATUS.get(type(error), REFUSED)
    return JSONResponse({"error": str(error)}, status, {"connection": "close"} if status == 413 else None)


async def _lines(first: Mapping[str, Any], pieces: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    try:
        yield _line(first)
        async for piece in pieces:
            yield _line(piece)
    except DetenteError as error:
        yield _line({"kind": "failed", "error": str(error)})
    except Exception as error:  # the page says so; the next question may fare better
        what = f"{type(error).__name__}: {error}"
        yield _line({"kind": "failed", "error": f"{what}. This is a fault of detente, not of your setting."})
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]


def _line(piece: Mapping[str, Any]) -> bytes:
    return json.dumps(piece, ensure_ascii=False, allow_nan=False).encode() + b"\n"
