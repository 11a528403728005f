"""USB readers in HID point-of-sale mode, read through ``/dev/hidraw…``: the best USB mode after a serial port."""

from dataclasses import dataclass

from tracelib.clock import Clock
from tracelib_scanner.drivers.device_node import DeviceNode
from tracelib_scanner.drivers.framed_reader import FramedReader, no_reads_from
from tracelib_scanner.fields import Table
from tracelib_scanner.hid_pos import HidPosFramer


@dataclass(frozen=True, slots=True)
class HidSettings:
    """The node, by a name that stays (a udev link), and the texts by which the reader says that it read nothing."""

    port: str
    no_reads: tuple[bytes, ...] = ()


def options(table: Table) -> HidSettings:
    """Settings from a ``[[device]]`` table: port, no_read."""
    return HidSettings(table.text("port", expected="a node such as /dev/hidraw0", required=True), no_reads_from(table))


def make(name: str, settings: object, clock: Clock) -> FramedReader:
    """The driver, not yet open."""
    if not isinstance(settings, HidSettings):
        raise TypeError(settings)
    return FramedReader(name, DeviceNode(settings.port), HidPosFramer(), clock, settings.no_reads)
