"""When a device is said to work badly, and what monitoring is told."""

import json
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracelib.errors import DeviceError
from tracelib_scanner.board import percentiles_ms
from tracelib_scanner.errors import DeviceLostError, DeviceUnavailableError
from tracelib_scanner.health import DeviceHealth, DeviceState
from tracelib_scanner.reasons import COMES_AND_GOES, GONE, MUCH_IS_DAMAGED, NOBODY_CONNECTED, READS_LITTLE
from tracelib_scanner.scan import Scan, ScanKind
from tracelib_scanner.status import as_prometheus, is_running, read_status, write_status

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
LOST = DeviceLostError(device="belt", place="here", detail=GONE)


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def health(told: list[tuple[str, str]]) -> DeviceHealth:
    def note(_device: str, state: DeviceState, error: DeviceError | None) -> None:
        told.append((state.value, str(error.params["detail"]) if error else ""))

    return DeviceHealth("belt", note)


def scans(*kinds: ScanKind) -> list[Scan]:
    return [Scan(b"X", "belt", NOW, 0.0, kind) for kind in kinds]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ScanKind.TORN, MUCH_IS_DAMAGED),
        (ScanKind.TOO_LONG, MUCH_IS_DAMAGED),
        (ScanKind.NO_READ, READS_LITTLE),
        (ScanKind.UNREADABLE, READS_LITTLE),
    ],
)
def test_ten_bad_of_twenty_are_trouble_and_nine_are_not(
    health: DeviceHealth, told: list[tuple[str, str]], kind: ScanKind, reason: str
) -> None:
    health.opened()
    health.took(scans(*[ScanKind.READ] * 11, *[kind] * 9))
    health.settle(1.0)
    assert told == [("up", "")]
    health.took(scans(kind))  # the oldest good one is forgotten
    health.settle(1.1)
    health.settle(1.2)
    assert told == [("up", ""), ("degraded", reason)]
    health.took(scans(*[ScanKind.READ] * 11))
    health.settle(1.3)
    assert told[-1] == ("up", "")


def test_three_losses_in_a_minute_are_a_bad_plug(health: DeviceHealth, told: list[tuple[str, str]]) -> None:
    for at_s in (0.0, 10.0, 20.0):
        health.opened()
        health.failed(LOST, at_s)
        health.failed(DeviceUnavailableError(device="belt", place="here", detail=GONE), at_s + 1)
    assert health.losses == 3
    health.opened()
    health.settle(30.0)
    assert told[-1] == ("degraded", COMES_AND_GOES)
    health.settle(61.0)
    assert told[-1] == ("up", "")


def test_what_the_driver_complains_of_comes_first(health: DeviceHealth, told: list[tuple[str, str]]) -> None:
    health.opened()
    health.settle(0.1, NOBODY_CONNECTED)
    health.settle(0.2)
    assert told[1:] == [("degraded", NOBODY_CONNECTED), ("up", "")]


def test_status_file_is_replaced_whole_and_rubbish_is_no_status(tmp_path: Path) -> None:
    file = tmp_path / "LINE-1.status.json"
    assert read_status(file) is None
    write_status(file, {"type": "line", "at": NOW.isoformat()})
    found = read_status(file)
    assert found is not None
    assert is_running(found, NOW + timedelta(seconds=5))
    assert not is_running(found, NOW + timedelta(seconds=6))
    assert not is_running({**found, "ended": True}, NOW)
    for rubbish in ("", "{", "[]", '{"type": "other"}'):
        file.write_text(rubbish)
        assert read_status(file) is None
    write_status(tmp_path / "none" / "x.json", {"type": "line"})  # no folder: a line does not stop for that
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_prometheus_text(health: DeviceHealth) -> None:
    """The lines that a scrape must find, by the text format's own rules."""
    health.opened()
    health.took(scans(ScanKind.READ, ScanKind.NO_READ))
    counts = {"read": 2, "accepted": 1, "refused": 1, "repeats": 0, "nothing_read": 1, "not_stored": 0}
    status = {
        "station": 'A"\\\n',
        "party": "P",
        **counts,
        "reasons": {"voided": 1},
        "p99_ms": 4.5,
        "journal_p99_ms": None,
        "devices": [json.loads(json.dumps(health.as_json()))],
    }
    lines = as_prometheus(status, running=True).splitlines()
    assert 'tracelib_line_up{station="A\\"\\\\\\n",party="P"} 1' in lines
    assert 'tracelib_line_reasons_total{station="A\\"\\\\\\n",reason="voided"} 1' in lines
    assert 'tracelib_device_readings_total{station="A\\"\\\\\\n",device="belt",kind="no_read"} 1' in lines
    assert "# TYPE tracelib_line_read_total counter" in lines
    assert not any("journal_p99" in line for line in lines)


def test_percentiles() -> None:
    assert percentiles_ms(deque()) == (None, None)
    assert percentiles_ms(deque([0.001 * n for n in range(1, 101)])) == (50.5, 100.0)
