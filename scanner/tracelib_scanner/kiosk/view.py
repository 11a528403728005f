"""Facts as the page gets them: plain JSON, every word in Chinese and in English, because both are shown at once."""

from datetime import datetime
from typing import Any

from tracelib.clock import CHINA
from tracelib.codes.words import serial_as_printed
from tracelib.errors import TraceError
from tracelib.text import Language, translator
from tracelib_scanner.board import DONE, DeviceFacts, Facts, Reading
from tracelib_scanner.words import KNOWN_REASONS, OUTCOMES, STATES, both, what_happened, what_to_do

Both = dict[Language, str]
LOOKS = {**dict.fromkeys(DONE, "good"), "packed": "good", "refused": "bad", "nothing": "unclear", "repeat": "unclear"}
"""How an outcome looks and sounds."""


def page_facts(facts: Facts, now: datetime) -> dict[str, Any]:
    """Everything that the page shows."""
    today = facts.today
    return {
        "number": facts.number,
        "station": facts.station,
        "now": _time(now),
        "day": facts.day.isoformat(),
        "today": {
            "done": sum(today.get(outcome, 0) for outcome in DONE),
            "pallets": today.get("packed", 0),
            "refused": today.get("refused", 0),
            "nothing": today.get("nothing", 0),
        },
        "waiting": facts.waiting,
        "wanted": facts.wanted,
        "last": [_reading(reading, now) for reading in facts.last],
        "refused": _reading(facts.refused, now) if facts.refused else None,
        "devices": [_device(device) for device in facts.devices],
    }


def said(error: TraceError) -> Both:
    """An error's whole message in both languages."""
    return {"zh": error.message(translator("zh")), "en": error.message()}


def why(reading: Reading) -> Both:
    """Why, in a few words; what no list knows is said by the error itself."""
    if reading.error is not None and reading.reason not in KNOWN_REASONS:
        return said(reading.error)
    return both(what_happened(reading.reason)) if reading.reason else {"zh": "", "en": ""}


def _reading(reading: Reading, now: datetime) -> dict[str, Any]:
    advice = what_to_do(reading.reason)
    return {
        "row": reading.row,
        "at": _time(reading.at),
        "age_s": max(0.0, round((now - reading.at).total_seconds(), 1)),
        "device": reading.device,
        "look": LOOKS[reading.outcome],
        "outcome": reading.outcome,
        "word": both(OUTCOMES[reading.outcome]),
        "why": why(reading),
        "to_do": both(advice) if advice else {"zh": "", "en": ""},
        "detail": said(reading.error) if reading.error else None,
        "unit": serial_as_printed(reading.unit) or "",
        "lot": reading.lot,
        "cartons": reading.cartons,
        "times": reading.times,
    }


def _device(device: DeviceFacts) -> dict[str, Any]:
    return {
        "name": device.name,
        "state": device.state.value,
        "word": both(STATES[device.state.value]),
        "why": said(device.error) if device.error else None,
        "refused": device.outcomes.get("refused", 0),
        "nothing": device.outcomes.get("nothing", 0),
    }


def _time(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%H:%M:%S")
