"""The page's address, headers and state: what a browser of another page gets, and what is shown of which facts."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from tracelib.clock import FixedClock
from tracelib_scanner.board import Board
from tracelib_scanner.kiosk.app import Screen, make_app
from tracelib_scanner.kiosk.bulletin import Bulletin
from tracelib_scanner.kiosk.guard import is_known_host, is_same_origin
from tracelib_scanner.kiosk.settings import ScreenSettings

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def page(clock: FixedClock) -> Iterator[TestClient]:
    bulletin = Bulletin(clock.monotonic)
    bulletin.put(Board("LINE-1", ["belt"], 12).facts(NOW, ["A", "B"]), NOW)
    with TestClient(make_app(Screen(ScreenSettings(), bulletin, clock)), base_url="http://127.0.0.1:8770") as client:
        yield client


def test_the_state_is_whole(page: TestClient, clock: FixedClock) -> None:
    state = page.get("/state").json()
    assert (state["station"], state["waiting"], state["wanted"], state["alive"]) == ("LINE-1", 2, 12, True)
    assert state["now"] == "12:00:00"  # UTC+08:00
    assert state["devices"][0]["word"] == {"zh": "正在寻找", "en": "looked for"}
    clock.elapsed_s = 6.0
    assert page.get("/state").json()["alive"] is False


def test_monitoring_gets_the_status_as_prometheus_reads_it(clock: FixedClock) -> None:
    bulletin = Bulletin(clock.monotonic)
    board = Board("LINE-1", ["belt"], 0)
    with TestClient(make_app(Screen(ScreenSettings(), bulletin, clock)), base_url="http://127.0.0.1:8770") as client:
        assert client.get("/metrics").status_code == 503
        device = {"device": "belt", "state": "up", "opens": 2, "losses": 1, "readings": {"read": 5, "no_read": 0}}
        own = {"station": "LINE-1", "party": "GNQC", "not_stored": 0, "journal_p99_ms": None, "devices": [device]}
        bulletin.status = {**board.totals(0), **own, "read": 5, "reasons": {"bad_signature": 2}}
        bulletin.put(board.facts(NOW, []), NOW)
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = answer.text.splitlines()
        assert 'tracelib_line_up{station="LINE-1",party="GNQC"} 1' in lines
        assert 'tracelib_line_reasons_total{station="LINE-1",reason="bad_signature"} 2' in lines
        assert 'tracelib_device_state{station="LINE-1",device="belt",state="up"} 1' in lines
        clock.elapsed_s = 6.0
        assert 'tracelib_line_up{station="LINE-1",party="GNQC"} 0' in client.get("/metrics").text
        assert client.get("/metrics", headers={"host": "evil.example"}).status_code == 421


def test_the_page_loads_nothing_from_elsewhere_and_has_no_script_inside(page: TestClient) -> None:
    answer = page.get("/")
    assert "http" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script src="static/') == 1
    assert "style=" not in answer.text
    assert " on" + "click" not in answer.text
    for name in ("screen.js", "screen.css", "icon.svg"):
        found = page.get(f"/static/{name}")
        assert found.status_code == 200
        assert "//" not in found.text.replace("http://www.w3.org/", "").replace("// ", "")


@pytest.mark.parametrize("path", ["/", "/state", "/static/screen.js", "/nothing"])
def test_headers_keep_the_page_to_itself(page: TestClient, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:8770", "[", "10.0.0.1"])
def test_a_name_that_is_not_its_own_is_refused(page: TestClient, host: str) -> None:
    answer = page.get("/state", headers={"Host": host})
    assert answer.status_code == 421
    assert "LINE-1" not in answer.text


@pytest.mark.parametrize(
    ("settings", "host", "known"),
    [
        (ScreenSettings(), "localhost:8770", True),
        (ScreenSettings(), "[::1]:8770", True),
        (ScreenSettings("192.168.1.5"), "192.168.1.5:8770", True),
        (ScreenSettings("192.168.1.5"), "127.0.0.1:8770", False),
        (ScreenSettings("192.168.1.5", names=("Line-1.lan",)), "line-1.LAN", True),
        (ScreenSettings("0.0.0.0"), "10.1.1.1:8770", True),
        (ScreenSettings("0.0.0.0"), "localhost", True),
        (ScreenSettings("0.0.0.0"), "evil.example", False),
        (ScreenSettings("::"), "[fe80::1]:8770", True),
    ],
)
def test_known_names(settings: ScreenSettings, host: str, known: bool) -> None:
    assert is_known_host(host, settings) is known


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://127.0.0.1:8770", True),
        ("https://127.0.0.1:8770", True),
        ("http://127.0.0.1:8771", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        ("file://127.0.0.1:8770", False),
    ],
)
def test_where_writing_comes_from(page: TestClient, origin: str, same: bool) -> None:
    assert is_same_origin(origin, "127.0.0.1:8770") is same
    answer = page.post("/state", headers={"Origin": origin} if origin else {})
    assert answer.status_code == (405 if same else 403)
