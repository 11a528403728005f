"""The application: every path is a code that somebody scanned, but for ``/`` and what lies under ``/-/``.

The path is taken as it came over the wire (never percent-decoded), so that the page judges exactly what was printed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape

from tracelib.clock import Clock
from tracelib.operations.check import Checked, check_code
from tracelib.text import Language, language_of
from tracelib.web.answer import answer_of
from tracelib.web.limits import RateLimit
from tracelib.web.words import saying

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keyring import KeyRing

LONGEST_PATH = 2048
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Desk:
    """What the page answers from. ``serial_keys`` holds K by its hash; without them some steps stay open."""

    store: "Store"
    ring: "Callable[[], KeyRing]"
    clock: Clock
    serial_keys: dict[bytes, bytes] = field(default_factory=dict, repr=False)


def make_app(desk: Desk, limit: RateLimit | None = None) -> FastAPI:
    """The application over a desk. ``limit`` of None takes the usual one."""
    app = FastAPI(title="yipinyima", docs_url=None, redoc_url=None, openapi_url=None)
    pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape())
    limiter = limit or RateLimit(desk.clock.monotonic)
    app.mount("/-/static", StaticFiles(directory=_HERE / "static"), name="static")

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        visitor = request.client.host if request.client else ""
        if len(request.scope["raw_path"]) > LONGEST_PATH:
            response: Response = PlainTextResponse("414 URI too long", 414)
        elif not request.url.path.startswith("/-/static/") and not limiter.allows(visitor):
            response = PlainTextResponse("429 Too many requests: wait a moment. 请求过多，请稍候。", 429)
        else:
            response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    @app.get("/-/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    def start(request: Request) -> Response:
        return _start(pages, request, "")

    @app.get("/-/check")
    def check(request: Request, code: str = "") -> Response:
        return _answer(pages, desk, request, code) if code.strip() else _start(pages, request, code)

    @app.get("/{path:path}")
    @app.head("/{path:path}")
    def scanned(request: Request, path: str) -> Response:
        text = f"https://{request.url.netloc}{request.scope['raw_path'].decode('latin-1')}"
        return _answer(pages, desk, request, text)

    return app


def _answer(pages: Environment, desk: Desk, request: Request, text: str) -> Response:
    ring = desk.ring()
    counted = request.method != "HEAD"
    checked = check_code(desk.store, ring, text, now=desk.clock.now(), serial_keys=desk.serial_keys, count=counted)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(_json(checked))
    language = _language(request)
    local = (request.url.hostname or "") in LOOPBACK
    answer = answer_of(checked.inspection, ring, checked.checks, language, local=local)
    return HTMLResponse(_render(pages, "verdict.html", request, language, answer=answer))


def _json(checked: Checked) -> dict[str, object]:
    checks = checked.checks
    counted = checks and {"before": checks.count, "first_at": checks.first_at and checks.first_at.isoformat()}
    return {**checked.inspection.as_json(), "checks": counted}


def _start(pages: Environment, request: Request, given: str) -> HTMLResponse:
    return HTMLResponse(_render(pages, "start.html", request, _language(request), given=given))


def _render(pages: Environment, name: str, request: Request, language: Language, **values: object) -> str:
    other = "en" if language == "zh" else "zh"
    query = request.url.include_query_params(lang=other)
    link = f"{query.path}?{query.query}"
    return pages.get_template(name).render(say=saying(language), language=language, other_language_link=link, **values)


def _language(request: Request) -> Language:
    """The language that was asked for, else the browser's; Chinese where neither says anything."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language") or "zh"
    return language_of(asked)
