"""The EPCIS 2.0 REST binding, as a client: capture, capture jobs, and the question what is there.

Liberal in what it takes, after what open servers do: 200 and 201 count as done, a job's address may be relative, a job
may be unknown for a moment, limits may be exclusive or missing. One request is under way at a time.
"""

import json
from collections.abc import Sequence
from urllib.parse import quote

from tracelib.clock import Clock
from tracelib.errors import FormatError
from tracelib.sync.errors import (
    BusyError,
    LoginRefusedError,
    RedirectRefusedError,
    ReplyLostError,
    UnusableAnswerError,
    WrongAddressError,
)
from tracelib.sync.http import Answer, HttpClient
from tracelib.sync.platform import Capacity, Reply, Verdict
from tracelib.trace.documents.epcis import Document, document, event_key, read_document
from tracelib.trace.event import EventKey

HEADERS = {
    "Accept": "application/json, application/problem+json",
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
}
CAPTURE_HEADERS = {**HEADERS, "Content-Type": "application/json", "GS1-Capture-Error-Behaviour": "rollback"}

DEFAULT_CAPACITY = Capacity(events=100, bytes=100_000)
"""Where a platform does not say: what the smallest of the open servers takes."""
LARGEST_CAPACITY = Capacity(events=1000, bytes=4_000_000)
ENVELOPE_BYTES = 500
IDS_IN_QUESTION = 20
"""Event ids in one query: about 2 kB of address, which every server takes."""
LONGEST_REASON = 300

_MISPLACED = (404, 405, 406, 415, 501)
_DUPLICATE_MARKS = ("resourcealreadyexists", "duplicate")


class EpcisPlatform:
    """An EPCIS 2.0 repository as the target of a push."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._capacity: Capacity | None = None
        self._asks_by_query = True

    @property
    def name(self) -> str:
        """Host and port."""
        return self._http.name

    def capacity(self) -> Capacity:
        """What the platform announces (OPTIONS, asked once), else a cautious default."""
        if self._capacity is None:
            answer = self._http.request("OPTIONS", "capture", headers=HEADERS)
            self._refuse_login(answer)
            self._capacity = _announced(answer) if answer.status < 300 else DEFAULT_CAPACITY
        return self._capacity

    def send(self, documents: Sequence[str]) -> Reply:
        """POST an EPCISDocument to ``/capture``; all or nothing (``rollback``)."""
        body = document(documents, self._clock.now())
        answer = self._http.request("POST", "capture", body=body, headers=CAPTURE_HEADERS)
        if answer.status == 202:
            return self._accepted(answer)
        if answer.status in (200, 201, 204):
            return _job_reply(_object(answer.body), self._location(answer)) or Reply(
                Verdict.STORED, receipt=self._location(answer)
            )
        if answer.status == 413:
            return Reply(Verdict.TOO_LARGE, reason=_reason(answer))
        self._refuse_trouble(answer)
        duplicate = answer.status == 409 or _is_duplicate(_object(answer.body))
        return Reply(Verdict.REFUSED, reason=_reason(answer), duplicate=duplicate, unsure=duplicate)

    def outcome(self, receipt: str) -> Reply | None:
        """GET a capture job. None: the platform does not know it (any more, or not yet)."""
        answer = self._http.request("GET", receipt, headers=HEADERS)
        if answer.status in (404, 410):
            return None
        self._refuse_trouble(answer)
        if answer.status != 200:
            raise UnusableAnswerError(platform=self.name, detail=f"status {answer.status} for a capture job")
        reply = _job_reply(_object(answer.body), receipt)
        if reply is None:
            raise UnusableAnswerError(platform=self.name, detail="a capture job without «running» and «success»")
        return reply

    def known(self, keys: Sequence[EventKey]) -> set[EventKey]:
        """Which events are there: ``GET /events?EQ_eventID=…``; one by one where that query is not understood."""
        found: set[EventKey] = set()
        ids = list(dict.fromkeys(key.event_id for key in keys))
        for start in range(0, len(ids), IDS_IN_QUESTION):
            found |= self._held(ids[start : start + IDS_IN_QUESTION])
        return found.intersection(keys)

    def _held(self, ids: Sequence[str]) -> set[EventKey]:
        if self._asks_by_query:
            # Twice as many results as ids: an event and its error declaration share one id.
            params = {"EQ_eventID": "|".join(ids), "perPage": str(min(100, 4 * len(ids)))}
            answer = self._http.request("GET", "events", headers=HEADERS, params=params)
            self._refuse_login(answer)
            if answer.status == 200 and 'rel="next"' not in answer.headers.get("link", ""):
                return {event_key(event) for event in self._document(answer).events}
            if answer.status not in (200, 404, 405, 501):
                self._refuse_trouble(answer)
            self._asks_by_query = False
        found: set[EventKey] = set()
        for event_id in ids:
            answer = self._http.request("GET", f"events/{quote(event_id, safe='')}", headers=HEADERS)
            if answer.status == 200:
                found.update(event_key(event) for event in self._document(answer).events)
            elif answer.status != 404:
                self._refuse_trouble(answer)
                raise UnusableAnswerError(platform=self.name, detail=f"status {answer.status} for one event")
        return found

    def _accepted(self, answer: Answer) -> Reply:
        receipt = self._location(answer)
        if not receipt:
            raise ReplyLostError(platform=self.name, detail="status 202 without the address of the capture job")
        return Reply(Verdict.UNDERWAY, receipt=receipt)

    def _location(self, answer: Answer) -> str:
        location = answer.headers.get("location", "")
        try:
            return self._http.resolve(location, answer.url) if location else ""
        except RedirectRefusedError:
            return ""  # the events were taken all the same; what became of them is asked for another way

    def _document(self, answer: Answer) -> Document:
        try:
            return read_document(answer.body)
        except FormatError as error:
            raise UnusableAnswerError(platform=self.name, detail=str(error)) from None

    def _refuse_login(self, answer: Answer) -> None:
        if answer.status in (401, 403):
            raise LoginRefusedError(platform=self.name, status=answer.status)

    def _refuse_trouble(self, answer: Answer) -> None:
        """Statuses that speak of the platform or of the access, not of the events."""
        self._refuse_login(answer)
        if answer.status in _MISPLACED:
            raise WrongAddressError(platform=self.name, status=answer.status, path=answer.url)
        if answer.status == 429:
            asked = _seconds(answer.headers.get("retry-after", ""))
            raise BusyError(platform=self.name, status=answer.status, retry_after_s=asked)
        if answer.status >= 500 or answer.status == 408:
            raise ReplyLostError(platform=self.name, detail=f"status {answer.status}")


def _announced(answer: Answer) -> Capacity:
    events = _whole(answer.headers.get("gs1-epcis-capture-limit", ""))
    # One server leaves out a hyphen.
    size = answer.headers.get("gs1-epcis-capture-file-size-limit") or answer.headers.get(
        "gs1-epcis-capture-file-sizelimit", ""
    )
    octets = _whole(size)
    # One less, and a tenth less: servers disagree whether a limit itself is still allowed and what they count.
    return Capacity(
        events=max(1, min(events - 1 if events else DEFAULT_CAPACITY.events, LARGEST_CAPACITY.events)),
        bytes=max(ENVELOPE_BYTES, min(octets * 9 // 10 if octets else DEFAULT_CAPACITY.bytes, LARGEST_CAPACITY.bytes)),
    )


def _job_reply(job: dict[str, object], receipt: str) -> Reply | None:
    """A capture job as a reply (table in the REST binding); None where it is no job."""
    running, success = job.get("running"), job.get("success")
    if not isinstance(running, bool) or not isinstance(success, bool):
        return None
    if running and receipt:
        return Reply(Verdict.UNDERWAY, receipt=receipt)
    if success:
        return Reply(Verdict.STORED, receipt=receipt)
    errors = job.get("errors")
    faults = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    reason = "; ".join(dict.fromkeys(_problem(fault) for fault in faults)) or "the capture job failed without a reason"
    duplicate = bool(faults) and all(_is_duplicate(fault) for fault in faults)
    return Reply(Verdict.REFUSED, reason=_short(reason), receipt=receipt, duplicate=duplicate, unsure=True)


def _problem(body: dict[str, object]) -> str:
    """A problem document (RFC 9457) in one line."""
    parts = [str(body[name]) for name in ("title", "detail") if isinstance(body.get(name), str) and body[name]]
    return ": ".join(parts) or str(body.get("type", ""))


def _reason(answer: Answer) -> str:
    return _short(_problem(_object(answer.body)) or f"status {answer.status}")


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def _is_duplicate(body: dict[str, object]) -> bool:
    text = f"{body.get('type', '')} {body.get('title', '')} {body.get('detail', '')}".lower()
    return any(mark in text for mark in _DUPLICATE_MARKS)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _seconds(text: str) -> float | None:
    return float(_whole(text)) if _whole(text) else None
