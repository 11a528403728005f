"""The REST binding of the simulated platform, and its bad manners."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tracelib.sync.simulator.rules import document_fault, event_fault, header_fault
from tracelib.sync.simulator.state import Incoming, State

VERSION_HEADERS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
FORCED_REASON = "this platform does not like the event"


@dataclass(frozen=True)
class Faults:
    """Which manners, every how many events (refuse), stored deliveries (timeout, cut, twice) or requests; 0 = never.

    Counted over the life of the database.
    """

    refuse_every: int = 0
    timeout_after_accept_every: int = 0
    cut_every: int = 0
    twice_every: int = 0
    error_every: int = 0
    busy_every: int = 0
    hang_s: float = 30.0
    job_polls: int = 1
    synchronous: bool = False
    keep_duplicates: bool = False
    event_limit: int = 0
    byte_limit: int = 0
    token: str = ""


def make_app(state: State, faults: Faults, validator: Any = None) -> FastAPI:  # noqa: ANN401 - a jsonschema validator
    """The platform. ``validator``: an optional JSON schema validator for whole documents."""
    platform = _Platform(state, faults, validator)
    app = FastAPI(title="EPCIS 2.0 simulator", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/capture", platform.limits, methods=["OPTIONS"])
    app.add_api_route("/capture", platform.capture, methods=["POST"])
    app.add_api_route("/capture/{job_id}", platform.job, methods=["GET"])
    app.add_api_route("/events", platform.events, methods=["GET"])
    app.add_api_route("/events/{event_id:path}", platform.event, methods=["GET"])
    app.add_api_route("/stats", platform.stats, methods=["GET"])
    return app


class _Platform:
    """Handlers; each answers as the REST binding says, unless a fault is due."""

    def __init__(self, state: State, faults: Faults, validator: Any) -> None:  # noqa: ANN401 - see make_app
        self.state, self.faults, self.validator = state, faults, validator

    async def limits(self, request: Request) -> Response:
        """OPTIONS /capture: what the platform takes."""
        if not self._authorised(request):
            return _problem(401, "SecurityException", "a token is needed")
        headers = {"Allow": "OPTIONS, GET, POST", "GS1-Capture-Error-Behaviour": "rollback", **VERSION_HEADERS}
        if self.faults.event_limit:
            headers["GS1-EPCIS-Capture-Limit"] = str(self.faults.event_limit)
        if self.faults.byte_limit:
            headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(self.faults.byte_limit)
        return Response(status_code=204, headers=headers)

    async def capture(self, request: Request) -> Response:
        """POST /capture."""
        number = self.state.count("captures")
        body = await request.body()
        refused = self._refuse_request(request, body, number)
        if refused:
            return refused
        try:
            document = json.loads(body)
        except ValueError:
            return _problem(400, "ValidationException", "the body is no JSON")
        fault = document_fault(document) or self._schema_fault(document)
        if fault:
            return _problem(400, "ValidationException", fault)
        events = document["epcisBody"]["eventList"]
        if 0 < self.faults.event_limit < len(events):
            return _problem(413, "CaptureLimitExceededException", f"at most {self.faults.event_limit} events")
        for position, event in enumerate(events, 1):
            fault = event_fault(event)
            if fault:
                return _problem(400, "ValidationException", f"event {position}: {fault}")
        return await self._take([Incoming.of(event) for event in events])

    async def _take(self, events: list[Incoming]) -> Response:
        ordinals = self.state.ordinals(events)
        if any(_due(self.faults.refuse_every, ordinals[event.key]) for event in events):
            self.state.count("refusals")
            return self._answer(_failed_job([_fault("ValidationException", FORCED_REASON)]))
        known = self.state.store(events, keep_duplicates=self.faults.keep_duplicates)
        if known:
            self.state.count("duplicates")
            return self._answer(_failed_job([_already(key) for key in known]))
        number = self.state.count("deliveries")
        if _due(self.faults.timeout_after_accept_every, number):
            self.state.count("timeouts")
            await asyncio.sleep(self.faults.hang_s)
        if _due(self.faults.cut_every, number):
            self.state.count("cuts")
            return StreamingResponse(_broken(), headers={"Content-Length": "1000"})
        if _due(self.faults.twice_every, number):
            # It carried the request out twice, and the second answer is the one that arrives.
            self.state.count("twice")
            return self._answer(_failed_job([_already(event.key) for event in events]))
        return self._answer({"running": False, "success": True, "errors": []})

    async def job(self, job_id: str) -> Response:
        """GET /capture/{job}: runs for as many questions as ``job_polls`` says."""
        found = self.state.job(job_id)
        if found is None:
            return _problem(404, "NoSuchResourceException", "no such capture job")
        job, polls = found
        if polls < self.faults.job_polls:
            job = {**job, "running": True, "success": True, "errors": []}
        return JSONResponse({"captureID": job_id, "captureErrorBehaviour": "rollback", **job}, headers=VERSION_HEADERS)

    async def events(self, request: Request) -> Response:
        """GET /events?EQ_eventID=a|b: what is stored under these ids."""
        self.state.count("questions")
        if not self._authorised(request):
            return _problem(401, "SecurityException", "a token is needed")
        unknown = set(request.query_params) - {"EQ_eventID", "perPage"}
        if unknown or not request.query_params.get("EQ_eventID"):
            return _problem(400, "QueryParameterException", "EQ_eventID is the only query that is known here")
        return _query_document(self.state.events(request.query_params["EQ_eventID"].split("|")))

    async def event(self, event_id: str) -> Response:
        """GET /events/{eventID}."""
        found = self.state.events([event_id])
        return _query_document(found) if found else _problem(404, "NoSuchResourceException", "no such event")

    async def stats(self, listed: bool = False) -> dict[str, Any]:
        """GET /stats: what the platform holds; ``?listed=true`` with every key."""
        return self.state.stats(listed=listed)

    def _refuse_request(self, request: Request, body: bytes, number: int) -> Response | None:
        """Faults and refusals that come before anything is looked at."""
        if not self._authorised(request):
            return _problem(401, "SecurityException", "a token is needed")
        if _due(self.faults.busy_every, number):
            self.state.count("busy")
            return _problem(429, "ImplementationException", "too many requests", {"Retry-After": "1"})
        if _due(self.faults.error_every, number):
            self.state.count("errors")
            return _problem(500, "ImplementationException", "out of order for a moment")
        if 0 < self.faults.byte_limit < len(body):
            return _problem(413, "CaptureLimitExceededException", f"at most {self.faults.byte_limit} bytes")
        fault = header_fault(request.headers)
        return _problem(415 if "Content-Type" in fault else 400, "ValidationException", fault) if fault else None

    def _schema_fault(self, document: dict[str, Any]) -> str:
        if self.validator is None:
            return ""
        error = next(self.validator.iter_errors(document), None)
        return f"{error.json_path}: {error.message}"[:300] if error else ""

    def _authorised(self, request: Request) -> bool:
        return not self.faults.token or request.headers.get("authorization") == f"Bearer {self.faults.token}"

    def _answer(self, job: dict[str, Any]) -> Response:
        job_id = self.state.add_job({**job, "createdAt": datetime.now(UTC).isoformat()})
        headers = {"Location": f"/capture/{job_id}", **VERSION_HEADERS}
        if not self.faults.synchronous:
            return Response(status_code=202, headers=headers)
        if job["success"]:
            return Response(status_code=201, headers=headers)
        error = job["errors"][0]
        status = 409 if "AlreadyExists" in error["type"] else 400
        return JSONResponse(error, status_code=status, media_type="application/problem+json")


def _due(every: int, number: int) -> bool:
    return every > 0 and number % every == 0


async def _broken() -> AsyncIterator[bytes]:
    yield b"{"
    raise ConnectionAbortedError("the simulated platform cuts the connection")


def _fault(kind: str, detail: str) -> dict[str, Any]:
    return {"type": f"epcisException:{kind}", "title": kind, "detail": detail}


def _already(key: str) -> dict[str, Any]:
    return _fault("ResourceAlreadyExistsException", f"event {key} exists")


def _failed_job(errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"running": False, "success": False, "errors": errors}


def _problem(status: int, kind: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {**_fault(kind, detail), "status": status}
    return JSONResponse(
        body, status_code=status, media_type="application/problem+json", headers={**VERSION_HEADERS, **(headers or {})}
    )


def _query_document(bodies: list[str]) -> Response:
    record_time = datetime.now(UTC).isoformat()
    events = [{**json.loads(body), "recordTime": record_time} for body in bodies]
    return JSONResponse(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": record_time,
            "epcisBody": {
                "queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": events}},
            },
        },
        headers=VERSION_HEADERS,
    )
