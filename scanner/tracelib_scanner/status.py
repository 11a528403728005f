"""The status file of a running line: other programs see how it does, without a network and without asking it.

One JSON object beside the journal, replaced whole once a second, so that a reader never sees half of it. It is a
picture of the moment, no record: the journal and the store are the record.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from tracelib_scanner.board import Board, percentiles_ms
from tracelib_scanner.station import Station

STALE = timedelta(seconds=5)
"""A line whose last word is older is not running, or hangs."""
Status = Mapping[str, object]
_COUNTERS = {
    "read": "Readings answered.",
    "accepted": "Readings of good codes, and pallets packed.",
    "refused": "Readings refused.",
    "repeats": "The same code again within the window.",
    "nothing_read": "Readings without a code.",
}
_STATES = ("probing", "up", "degraded", "down", "ended")


def status_of(station: Station, board: Board, name: str, party: str, now: datetime) -> Status:
    """The facts of a line now."""
    p50, p99 = percentiles_ms(station.journal_s)
    return {
        "type": "line",
        "station": name,
        "party": party,
        "pid": os.getpid(),
        "at": now.isoformat(),
        **board.totals(len(station.session.waiting)),
        "not_stored": station.waiting_rows,
        "journal_p50_ms": p50,
        "journal_p99_ms": p99,
        "devices": [health.as_json() for health in station.health],
    }


def write_status(file: Path, status: Status) -> None:
    """Replace the status file. A full disk or a folder without rights must not stop a line: then there is no status."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(json.dumps(status), encoding="utf-8")
        part.replace(file)
    except OSError:
        return


def read_status(file: Path) -> Status | None:
    """What the line last said; None where it never said anything that can be read."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return cast(Status, value) if isinstance(value, dict) and value.get("type") == "line" else None


def is_running(status: Status, now: datetime) -> bool:
    """Whether the line has spoken within the last five seconds, and not to say that it ends."""
    return not status.get("ended") and abs(now - datetime.fromisoformat(str(status["at"]))) <= STALE


def as_prometheus(status: Status, *, running: bool) -> str:
    """The status in Prometheus' text format 0.0.4, for a text file collector."""
    return "\n".join(_metrics(status, running=running)) + "\n"


def _metrics(status: Status, *, running: bool) -> Iterator[str]:
    line = _labels(station=status["station"], party=status["party"])
    yield from _one("tracelib_line_up", "gauge", "Whether the line is running.", [(line, int(running))])
    for key, text in _COUNTERS.items():
        yield from _one(f"tracelib_line_{key}_total", "counter", text, [(line, status[key])])
    reasons = cast(Mapping[str, int], status["reasons"])
    refused = [(_labels(station=status["station"], reason=reason), count) for reason, count in sorted(reasons.items())]
    yield from _one("tracelib_line_reasons_total", "counter", "Readings by reason.", refused)
    yield from _one("tracelib_line_not_stored", "gauge", "Journalled, not yet stored.", [(line, status["not_stored"])])
    for key, text in (("p99_ms", "Reading to answer"), ("journal_p99_ms", "Write of the journal")):
        if status[key] is not None:
            yield from _one(f"tracelib_line_{key}", "gauge", f"{text}, 99 of 100, ms.", [(line, status[key])])
    yield from _device_metrics(status)


def _device_metrics(status: Status) -> Iterator[str]:
    devices = cast("list[Mapping[str, object]]", status["devices"])
    names = [(one, {"station": status["station"], "device": one["device"]}) for one in devices]
    states = [
        (_labels(**labels, state=state), int(one["state"] == state)) for one, labels in names for state in _STATES
    ]
    yield from _one("tracelib_device_state", "gauge", "1 for the state that the device is in.", states)
    for key, text in (("opens", "Times the device was opened."), ("losses", "Times it went away while open.")):
        yield from _one(
            f"tracelib_device_{key}_total", "counter", text, [(_labels(**labels), one[key]) for one, labels in names]
        )
    kinds = [
        (_labels(**labels, kind=kind), count)
        for one, labels in names
        for kind, count in cast(Mapping[str, int], one["readings"]).items()
    ]
    yield from _one("tracelib_device_readings_total", "counter", "Readings by kind.", kinds)


def _one(name: str, kind: str, text: str, values: Sequence[tuple[str, object]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        yield f"{name}{labels} {value}"


def _labels(**labels: object) -> str:
    """Labels as the format wants them: backslash, quote and line feed escaped."""
    escaped = {
        name: str(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
