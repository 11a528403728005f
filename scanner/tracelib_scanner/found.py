"""Which readers this machine has, by the names that stay: what ``tracelib device list`` shows.

Looks at the device nodes and at sysfs, opens nothing, so a running line is not disturbed. Linux.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POS_PAGE, POS_SCANNER = b"\x05\x8c", b"\x09\x02"
"""Beginning of a HID report descriptor: usage page «bar code scanner» (0x8C), usage «bar code scanner» (0x02)."""
SERIAL_NODES = ("ttyUSB*", "ttyACM*", "ttyS*", "ttyAMA*")


@dataclass(frozen=True, slots=True)
class Found:
    """A device that a line could use. ``port`` is what ``line.toml`` should name; ``node`` is what it is called now.

    ``stays`` is false where only a name is known that may be another device's after the next start.
    """

    type: str
    port: str
    node: str
    name: str
    stays: bool


def find_devices(root: Path = Path("/")) -> list[Found]:
    """Serial ports, HID POS readers and keyboards under ``root`` (another one than ``/`` is for tests)."""
    return [*_serial(root), *_hid(root), *_keyboards(root)]


def _serial(root: Path) -> Iterator[Found]:
    known: set[Path] = set()
    for folder in ("by-id", "by-path"):
        for link in sorted((root / "dev/serial" / folder).glob("*")):
            node = link.resolve()
            if node not in known and node.exists():
                known.add(node)
                yield Found("serial", str(link), node.name, _readable(link.name), True)
    for pattern in SERIAL_NODES:
        for node in sorted((root / "dev").glob(pattern)):
            if node not in known and (root / "sys/class/tty" / node.name / "device/driver").exists():
                yield Found("serial", str(node), node.name, "", node.name.startswith(("ttyS", "ttyAMA")))


def _hid(root: Path) -> Iterator[Found]:
    for folder in sorted((root / "sys/class/hidraw").glob("hidraw*")):
        try:
            descriptor = (folder / "device/report_descriptor").read_bytes()
            lines = (folder / "device/uevent").read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        if descriptor.startswith(POS_PAGE + POS_SCANNER):
            facts = dict(line.partition("=")[::2] for line in lines)
            port = _link_to(root / "dev/hidraw-by-id", folder.name) or root / "dev" / folder.name
            stays = port.parent.name == "hidraw-by-id"
            yield Found("hid", str(port), folder.name, facts.get("HID_NAME", ""), stays)


def _keyboards(root: Path) -> Iterator[Found]:
    for link in sorted((root / "dev/input/by-id").glob("*-event-kbd")):
        yield Found("wedge", str(link), link.resolve().name, _readable(link.name), True)


def _link_to(folder: Path, node: str) -> Path | None:
    return next((link for link in sorted(folder.glob("*")) if link.resolve().name == node), None)


def _readable(link: str) -> str:
    """The maker's words in a link's name, as udev builds it: ``usb-Maker_Model_Serial-if00``."""
    return link.removeprefix("usb-").removesuffix("-event-kbd").partition("-if0")[0].replace("_", " ")
