"""``tracelib line install``: files that systemd takes, rules for this line alone, nothing overwritten."""

import configparser
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib_scanner.found import Found
from tracelib_scanner.install import sample_text

RunCli = Callable[..., Any]
LINE = """
station = "LINE-7"
mode = "activate"
[[device]]
name = "belt"
type = "serial"
port = "/dev/serial/by-id/usb-EXAMPLE_Scanner_0001-if00"
[[device]]
name = "old"
type = "serial"
port = "/dev/ttyS0"
"""


def unit_of(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return {section: dict(parser[section]) for section in parser.sections()}


@pytest.fixture
def place(run_cli: RunCli, tmp_path: Path) -> Path:
    """A workspace in a folder whose name needs care."""
    folder = tmp_path / "packing 100% $HOME"
    assert run_cli("init", folder, env={"TRACELIB_PASSPHRASE": "a test"}).status == 0
    return folder


def test_the_unit_starts_this_line(run_cli: RunCli, place: Path) -> None:
    (place / "line.toml").write_text(LINE)
    done = run_cli("line", "install", "--user", "packing", "--json", cwd=place)
    assert done.status == 0, done.err
    unit = place / "install" / "tracelib-line-7.service"
    assert json.loads(done.out)["written"] == [str(unit), str(place / "install" / "70-tracelib.rules")]
    service = unit_of(unit)["Service"]
    assert service["User"] == "packing"
    escaped = str(place).replace("%", "%%")
    assert service["WorkingDirectory"] == escaped
    words = re.findall(r'"[^"]*"|\S+', service["ExecStart"])
    assert Path(words[0]).is_file()
    dollars = escaped.replace("$", "$$")
    assert words[1:] == ["--workspace", f'"{dollars}"', "line", "run", "--config", f'"{dollars}/line.toml"']
    assert service["EnvironmentFile"] == "-/etc/tracelib/line-7.env"
    assert "PASSPHRASE" not in unit.read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (package systemd)")
def test_systemd_finds_no_fault(run_cli: RunCli, place: Path) -> None:
    (place / "line.toml").write_text(LINE)
    assert run_cli("line", "install", "--user", "root", cwd=place).status == 0
    unit = place / "install" / "tracelib-line-7.service"
    judged = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    told = [line for line in judged.stderr.splitlines() if unit.name in line]
    assert (judged.returncode, told) == (0, []), judged.stderr
    unit.write_text(unit.read_text().replace("ExecStart=", "ExecStart=relative/"))  # it does look
    judged = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert judged.returncode != 0


def test_rules_are_for_the_readers_of_the_line(run_cli: RunCli, place: Path) -> None:
    (place / "line.toml").write_text(LINE)
    assert run_cli("line", "install", cwd=place).status == 0
    rules = (place / "install" / "70-tracelib.rules").read_text()
    assert 'SYMLINK=="serial/by-id/usb-EXAMPLE_Scanner_0001-if00"' in rules
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in rules
    assert 'ATTR{latency_timer}="1"' in rules
    assert "ttyS0" not in rules  # no USB, and ModemManager leaves it alone
    joined = rules.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    key = r'[A-Z]+(\{\w+\})?(==|=|\+=)"[^"]*"'
    assert len(lines) == 3
    assert all(re.fullmatch(rf"{key}(, +{key})*", line) for line in lines), lines


def test_a_new_line_is_written_once(run_cli: RunCli, place: Path) -> None:
    done = run_cli("line", "install", cwd=place)
    assert done.status == 0, done.err
    assert (place / "install" / "tracelib-line-1.service").is_file()
    (place / "line.toml").write_text((place / "line.toml").read_text() + "# mine\n")
    assert run_cli("line", "install", cwd=place).status == 0
    assert (place / "line.toml").read_text().endswith("# mine\n")
    (place / "line.toml").write_text("station = 7\n")
    refused = run_cli("line", "install", cwd=place)
    assert (refused.status, "line.config" in refused.err) == (7, True)


def test_the_sample_names_what_is_plugged_in() -> None:
    found = [
        Found("serial", "/dev/serial/by-id/usb-Zebra-if00", "ttyACM0", "Zebra", True),
        Found("serial", "/dev/ttyUSB0", "ttyUSB0", "", False),
        Found("serial", "/dev/ttyS0", "ttyS0", "", True),
        Found("wedge", "/dev/input/by-id/usb-Keyboard-event-kbd", "event3", "Keyboard", True),
    ]
    text = sample_text(found)
    assert 'port = "/dev/serial/by-id/usb-Zebra-if00"' in text
    assert text.count("[[device]]") == 1
    assert sample_text(found[1:]).count("EXAMPLE") == 1  # nothing to name yet
    assert "Keyboard" not in text  # it may be the one that somebody types on
