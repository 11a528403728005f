"""The table [screen] of line.toml."""

from pathlib import Path
from typing import Any

import pytest

from tracelib_scanner.config import parse_config
from tracelib_scanner.errors import LineConfigError
from tracelib_scanner.kiosk.settings import ScreenSettings

LINE: dict[str, Any] = {
    "station": "LINE-1",
    "mode": "activate",
    "device": [{"name": "belt", "type": "serial", "port": "/dev/x"}],
}


def test_no_table_no_screen() -> None:
    assert parse_config(LINE, Path("line.toml")).screen is None


def test_an_empty_table_listens_on_this_machine_alone() -> None:
    screen = parse_config({**LINE, "screen": {}}, Path("line.toml")).screen
    assert screen == ScreenSettings("127.0.0.1", 8770, ())


def test_every_fault_is_named() -> None:
    given = {"host": "everywhere", "port": 70_000, "names": 5, "prot": 1}
    with pytest.raises(LineConfigError) as caught:
        parse_config({**LINE, "screen": given}, Path("line.toml"))
    found = [fault.message() for fault in caught.value.faults]
    assert [text.split(" ")[1].rstrip(":") for text in found] == ["host", "port", "names", "prot"]
    assert "did you mean «port»" in found[-1]
    with pytest.raises(LineConfigError):
        parse_config({**LINE, "screen": "yes"}, Path("line.toml"))
