"""The EPCIS client against the manners of servers that exist (FasTnT, OpenEPCIS, Oliot) and of some that should not."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from tracelib.clock import FixedClock
from tracelib.errors import SyncError
from tracelib.sync.adapters.epcis import EpcisPlatform
from tracelib.sync.http import HttpClient
from tracelib.sync.platform import Capacity, Reply, Verdict
from tracelib.trace.build import commissioning_event
from tracelib.trace.event import EventKey

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
EVENTS = [commissioning_event([f"https://q.example.com/U/{n}"], event_time=AT) for n in range(3)]
TEXTS = [json.dumps(event.as_json()) for event in EVENTS]
KEYS = [event.key for event in EVENTS]


@dataclass
class Said:
    """What the server answers to one kind of request."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None


Answers = dict[str, Said | Callable[[str], Said]]


@contextmanager
def platform(answers: Answers) -> Iterator[tuple[EpcisPlatform, list[tuple[str, dict[str, str], bytes]]]]:
    """A client of a server that answers by the longest matching beginning of ``METHOD path``."""
    seen: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            line = f"{self.command} {self.path}"
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((line, {k.lower(): v for k, v in self.headers.items()}, body))
            begin = max((known for known in answers if line.startswith(known)), key=len)
            said = answers[begin]
            said = said if isinstance(said, Said) else said(line)
            content = b"" if said.body is None else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_OPTIONS = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        with HttpClient(f"http://127.0.0.1:{server.server_port}/epcis") as http:
            yield EpcisPlatform(http, FixedClock(AT)), seen
    finally:
        server.shutdown()
        server.server_close()


def send(said: Said) -> Reply:
    with platform({"POST /epcis/capture": said}) as (client, _):
        return client.send(TEXTS)


def problem(kind: str, detail: str = "") -> dict[str, object]:
    return {"type": f"epcisException:{kind}", "title": kind, "detail": detail, "status": 400}


def test_request_is_as_the_binding_says() -> None:
    with platform({"POST /epcis/capture": Said(202, {"Location": "/epcis/capture/7"})}) as (client, seen):
        reply = client.send(TEXTS)
    line, headers, body = seen[0]
    assert line == "POST /epcis/capture"
    assert headers["content-type"] == "application/json"
    assert headers["gs1-epcis-version"] == headers["gs1-cbv-version"] == "2.0.0"
    assert headers["gs1-capture-error-behaviour"] == "rollback"
    document = json.loads(body)
    assert document["creationDate"] == "2026-11-23T01:30:00.000+00:00"
    assert document["epcisBody"]["eventList"] == [event.as_json() for event in EVENTS]
    assert reply.verdict is Verdict.UNDERWAY
    assert reply.receipt.endswith("/epcis/capture/7")


@pytest.mark.parametrize(
    ("said", "verdict", "duplicate", "reason"),
    [
        (Said(201, {"Location": "capture/7"}), Verdict.STORED, False, ""),
        (Said(200), Verdict.STORED, False, ""),
        (Said(201, {"Location": "https://evil.example/7"}), Verdict.STORED, False, ""),
        (Said(200, body={"running": False, "success": False, "errors": [problem("ValidationException", "no")]}),
         Verdict.REFUSED, False, "ValidationException: no"),
        (Said(413, body=problem("CaptureLimitExceededException", "2 events")), Verdict.TOO_LARGE, False,
         "CaptureLimitExceededException: 2 events"),
        (Said(400, body=problem("ValidationException", "eventTime")), Verdict.REFUSED, False,
         "ValidationException: eventTime"),
        (Said(409, body=problem("ResourceAlreadyExistsException")), Verdict.REFUSED, True,
         "ResourceAlreadyExistsException"),
        (Said(400, body={"title": "Duplicate EPCIS Event"}), Verdict.REFUSED, True, "Duplicate EPCIS Event"),
        (Said(422), Verdict.REFUSED, False, "status 422"),
        (Said(400, body={"title": "x\x1b[31m" + "y" * 9000}), Verdict.REFUSED, False, None),
    ],
)  # fmt: skip
def test_answers_to_a_capture(said: Said, verdict: Verdict, duplicate: bool, reason: str | None) -> None:
    reply = send(said)
    assert (reply.verdict, reply.duplicate) == (verdict, duplicate)
    if reason is None:
        assert len(reply.reason) <= 300
        assert reply.reason.isprintable()
    else:
        assert reply.reason == reason


@pytest.mark.parametrize(
    ("said", "code", "retryable"),
    [
        (Said(401), "sync.login_refused", False),
        (Said(403), "sync.login_refused", False),
        (Said(404), "sync.wrong_address", False),
        (Said(415), "sync.wrong_address", False),
        (Said(307, {"Location": "/x"}), "sync.redirect", False),
        (Said(429, {"Retry-After": "7"}), "sync.busy", True),
        (Said(500), "sync.reply_lost", True),
        (Said(503), "sync.reply_lost", True),
        (Said(202), "sync.reply_lost", True),
        (Said(202, {"Location": "https://evil.example/capture/1"}), "sync.reply_lost", True),
    ],
)
def test_answers_that_are_errors(said: Said, code: str, retryable: bool) -> None:
    with pytest.raises(SyncError) as caught:
        send(said)
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    if code == "sync.busy":
        assert caught.value.params["retry_after_s"] == 7.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Capacity(100, 100_000)),
        ({"GS1-EPCIS-Capture-Limit": "500", "GS1-EPCIS-Capture-File-SizeLimit": "204800"}, Capacity(499, 184_320)),
        ({"GS1-EPCIS-Capture-Limit": "1", "GS1-EPCIS-Capture-File-Size-Limit": "10"}, Capacity(1, 500)),
        ({"GS1-EPCIS-Capture-Limit": "many", "GS1-EPCIS-Capture-File-Size-Limit": "9" * 50}, Capacity(100, 100_000)),
        ({"GS1-EPCIS-Capture-Limit": "999999999"}, Capacity(1000, 100_000)),
    ],
)
def test_announced_limits_are_taken_with_care(headers: dict[str, str], expected: Capacity) -> None:
    with platform({"OPTIONS": Said(204, headers)}) as (client, seen):
        assert client.capacity() == expected
        assert client.capacity() == expected
        assert len(seen) == 1, "asked once"


def test_a_server_without_options_gets_the_cautious_default() -> None:
    with platform({"OPTIONS": Said(405)}) as (client, _):
        assert client.capacity() == Capacity(100, 100_000)


@pytest.mark.parametrize(
    ("job", "verdict", "unsure"),
    [
        ({"running": True, "success": True}, Verdict.UNDERWAY, False),
        ({"running": True, "success": False}, Verdict.UNDERWAY, False),
        ({"running": False, "success": True}, Verdict.STORED, False),
        ({"running": False, "success": False}, Verdict.REFUSED, True),
    ],
)
def test_states_of_a_capture_job(job: dict[str, bool], verdict: Verdict, unsure: bool) -> None:
    with platform({"GET /epcis/capture/7": Said(200, body=job)}) as (client, _):
        reply = client.outcome("capture/7")
    assert reply is not None
    assert (reply.verdict, reply.unsure) == (verdict, unsure)


def test_a_forgotten_job_is_none_and_no_job_is_an_error() -> None:
    with platform({"GET /epcis/capture/7": Said(404), "GET /epcis/capture/8": Said(200, body=[])}) as (client, _):
        assert client.outcome("capture/7") is None
        with pytest.raises(SyncError) as caught:
            client.outcome("capture/8")
    assert caught.value.code == "sync.unusable_answer"


def found(*events: dict[str, Any]) -> dict[str, Any]:
    body = {"queryResults": {"resultsBody": {"eventList": list(events)}}}
    return {"type": "EPCISQueryDocument", "epcisBody": body}


def test_the_question_what_is_there() -> None:
    declared = {**EVENTS[1].as_json(), "errorDeclaration": {"declarationTime": "2026-11-24T09:30:00+08:00"}}
    with platform({"GET /epcis/events": Said(200, body=found(EVENTS[0].as_json(), declared))}) as (client, seen):
        assert client.known(KEYS) == {KEYS[0]}, "the declaration of event 1 is there, the event itself is not"
        declaration = EventKey(KEYS[1].event_id, "2026-11-24T01:30:00.000Z")
        assert client.known([declaration]) == {declaration}
    assert unquote(seen[0][0]).startswith("GET /epcis/events?EQ_eventID=" + "|".join(key.event_id for key in KEYS))


def test_many_questions_are_split() -> None:
    keys = [EventKey(f"urn:x:{n}") for n in range(45)]
    with platform({"GET /epcis/events": Said(200, body=found())}) as (client, seen):
        assert client.known(keys) == set()
    assert len(seen) == 3


@pytest.mark.parametrize(
    "said",
    [Said(501), Said(404), Said(200, {"Link": '<x>; rel="next"'}, found())],
    ids=["not implemented", "no such resource", "only a first page"],
)
def test_where_the_query_does_not_work_events_are_asked_for_one_by_one(said: Said) -> None:
    def single(line: str) -> Said:
        return Said(200, body=EVENTS[2].as_json()) if KEYS[2].event_id in unquote(line) else Said(404)

    with platform({"GET /epcis/events?": said, "GET /epcis/events/": single}) as (client, _):
        assert client.known(KEYS) == {KEYS[2]}


def test_an_answer_to_the_question_that_is_no_document_is_an_error() -> None:
    with platform({"GET /epcis/events": Said(200, body="hello")}) as (client, _), pytest.raises(SyncError) as caught:
        client.known(KEYS)
    assert (caught.value.code, caught.value.retryable) == ("sync.unusable_answer", True)
