"""What a machine needs so that a line starts by itself: a systemd unit, udev rules, a first ``line.toml``. Pure texts.

The rules are limited to what ``line.toml`` names: a ModemManager that is kept off every port would also lose its modem.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracelib_scanner.config import LineConfig
from tracelib_scanner.found import Found

GROUPS = ("dialout", "input", "video")
"""Who may open serial ports, HID and keyboard nodes, cameras (Debian and its relatives)."""
USB_NAMES = ("/dev/serial/by-", "/dev/hidraw-by-id/")
"""What is plugged in by USB; a port of the mainboard is there without any reader."""
_PLAIN = re.compile(r"[0-9A-Za-z._:+-]+")

_UNIT = """\
# The packing line {station}. Written by: tracelib line install
[Unit]
Description=Packing line {station}
After=local-fs.target
StartLimitIntervalSec=0

[Service]
User={user}
SupplementaryGroups={groups}
WorkingDirectory={folder}
EnvironmentFile=-{environment}
ExecStart={command}
Restart=always
RestartSec=2
SuccessExitStatus=130
TimeoutStopSec=30
OOMScoreAdjust=-500
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={writable}
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""
_RULES = """\
# Readers of the packing line {station}. Written by: tracelib line install
# USB serial adapters of FTDI hand data on after 1 ms instead of 16.
ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{{latency_timer}}="1"
# HID POS readers get a name that stays, as keyboards have one.
SUBSYSTEM=="hidraw", SUBSYSTEMS=="usb", IMPORT{{builtin}}="usb_id", GROUP="input", MODE="0660", \\
  SYMLINK+="hidraw-by-id/$env{{ID_BUS}}-$env{{ID_SERIAL}}-if$env{{ID_USB_INTERFACE_NUM}}"
{ports}"""
_PORT = """\
# {name}: ModemManager would send it AT commands for twenty seconds after every plug.
SUBSYSTEM=="tty", SYMLINK=="{link}", GROUP="dialout", MODE="0660", \\
  ENV{{ID_MM_DEVICE_IGNORE}}="1", ENV{{ID_MM_PORT_IGNORE}}="1"
"""
_SAMPLE = """\
# A packing line. All paths are relative to this file. docs/line.md has every field.
station = "{station}"           # its name in scans, events and the journal
mode = "activate"            # or activate+pack, check, ship, receive, return, void
# cartons_per_pallet = 12    # for activate+pack
"""
_SAMPLE_DEVICE = """
[[device]]
name = "{name}"
type = "{type}"
port = "{port}"
"""
_NO_DEVICE = """
# No reader was found when this file was written. Plug it in, and: tracelib device list
[[device]]
name = "reader-1"
type = "serial"
port = "/dev/serial/by-id/usb-EXAMPLE_Scanner_0001-if00"
"""


@dataclass(frozen=True, slots=True)
class Service:
    """How the line is started: ``command`` words, whose ``user`` it runs as, the folders that it writes."""

    command: tuple[str, ...]
    user: str
    folder: Path
    writable: tuple[Path, ...]


def unit_name(station: str) -> str:
    """The unit's file name: ``tracelib-line-1.service`` for ``LINE-1``."""
    return f"tracelib-{station.lower()}.service"


def environment_file(station: str) -> str:
    """Where the passphrase may be kept for the unit, readable by root alone."""
    return f"/etc/tracelib/{station.lower()}.env"


def unit_text(config: LineConfig, service: Service) -> str:
    """The systemd unit (systemd.service(5), systemd.exec(5)). It ends the line as Ctrl-C does, and starts it again."""
    return _UNIT.format(
        station=config.station,
        user=_word(service.user),
        groups=" ".join(GROUPS),
        folder=str(service.folder).replace("%", "%%"),
        environment=environment_file(config.station),
        command=" ".join(_word(word, dollar=True) for word in service.command),
        writable=" ".join(_word(str(path)) for path in service.writable),
    )


def rules_text(config: LineConfig) -> str:
    """The udev rules (udev(7)) for the readers of a line; numbered behind those that make ``/dev/serial/by-id``."""
    return _RULES.format(station=config.station, ports="".join(_port_rules(config)))


def sample_text(found: Sequence[Found], station: str = "LINE-1") -> str:
    """A ``line.toml`` with the readers that are plugged in under names that stay."""
    devices = [one for one in found if one.stays and one.port.startswith(USB_NAMES)]
    parts = [
        _SAMPLE_DEVICE.format(name=f"reader-{number}", type=one.type, port=one.port.replace("\\", r"\\"))
        for number, one in enumerate(devices, 1)
    ]
    return _SAMPLE.format(station=station) + ("".join(parts) or _NO_DEVICE)


def _port_rules(config: LineConfig) -> Iterator[str]:
    for device in config.devices:
        port = str(getattr(device.settings, "port", ""))
        if device.type == "serial" and port.startswith("/dev/serial/"):
            link = re.sub(r"([*?\[\]|\\])", r"[\1]", port.removeprefix("/dev/")).replace('"', "?")
            yield _PORT.format(name=device.name, link=link)


def _word(text: str, *, dollar: bool = False) -> str:
    """A word of a unit file: quoted where it must be; specifiers, and in commands variables, are taken literally."""
    if _PLAIN.fullmatch(text.replace("/", "")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped.replace("$", "$$") if dollar else escaped}"'
