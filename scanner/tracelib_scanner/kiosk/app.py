"""The application: one page, a stream of facts, and the few things that an operator may do."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

from tracelib.clock import Clock
from tracelib_scanner.kiosk.bulletin import Bulletin
from tracelib_scanner.kiosk.guard import HEADERS, is_known_host, is_same_origin
from tracelib_scanner.kiosk.settings import ScreenSettings
from tracelib_scanner.kiosk.view import page_facts
from tracelib_scanner.status import as_prometheus

BEAT_S = 1.0
"""So often the page hears something; it greys its verdict when it hears nothing for three of these."""
PACE_S = 0.04
"""No faster than this: an eye sees no more, and many readings share one message."""
MOST_VIEWERS = 16
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Screen:
    """What the page shows and who may ask. ``run`` tells one start of the line from another."""

    settings: ScreenSettings
    bulletin: Bulletin
    clock: Clock
    run: str = ""


def make_app(screen: Screen) -> FastAPI:
    """The application over a running line."""
    app = FastAPI(title="yipinyima line", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    run = screen.run or secrets.token_hex(8)
    viewers: set[object] = set()

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = _refusal(request, screen.settings) or await call_next(request)
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    def page() -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    @app.get("/state")
    def state() -> Response:
        return JSONResponse(_state(screen, run))

    @app.get("/metrics")
    def metrics() -> Response:
        status = screen.bulletin.status
        if status is None:
            return PlainTextResponse("503 the line has not begun\n", 503)
        text = as_prometheus(status, running=screen.bulletin.is_alive)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/stream")
    async def stream() -> Response:
        if len(viewers) >= MOST_VIEWERS:
            return PlainTextResponse("503 too many screens\n", 503)
        return StreamingResponse(_messages(screen, run, viewers), media_type="text/event-stream")

    return app


def _refusal(request: Request, settings: ScreenSettings) -> Response | None:
    host = request.headers.get("host", "")
    if not is_known_host(host, settings):
        return PlainTextResponse("421 this page is not known by that name: set names in [screen] of line.toml\n", 421)
    if request.method not in ("GET", "HEAD") and not is_same_origin(request.headers.get("origin", ""), host):
        return PlainTextResponse("403 not from another page\n", 403)
    return None


def _state(screen: Screen, run: str) -> dict[str, object]:
    bulletin = screen.bulletin
    facts = bulletin.facts
    shown = page_facts(facts, screen.clock.now()) if facts is not None else {}
    return {**shown, "run": run, "alive": bulletin.is_alive and facts is not None}


async def _messages(screen: Screen, run: str, viewers: set[object]) -> AsyncIterator[str]:
    """The whole state as an event whenever something changed, and at least once a second."""
    viewer = object()
    viewers.add(viewer)
    try:
        while not screen.bulletin.closed:
            yield f"data: {json.dumps(_state(screen, run), ensure_ascii=False)}\n\n"
            await asyncio.sleep(PACE_S)
            await screen.bulletin.wait(BEAT_S)
    finally:
        viewers.discard(viewer)
