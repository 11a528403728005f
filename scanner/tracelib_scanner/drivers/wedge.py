"""Readers that type like a keyboard, taken for the line alone, so that their keys reach no other program."""

from dataclasses import dataclass

from tracelib.clock import Clock
from tracelib_scanner.drivers.device_node import DeviceNode
from tracelib_scanner.drivers.framed_reader import FramedReader, no_reads_from
from tracelib_scanner.fields import Table
from tracelib_scanner.key_layouts import LAYOUTS
from tracelib_scanner.keyboard import KeyboardFramer


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """The node (``/dev/input/by-id/…-event-kbd``), the layout the reader is set to, and whether it is taken alone."""

    port: str
    layout: str = "us"
    grab: bool = True
    no_reads: tuple[bytes, ...] = ()


def options(table: Table) -> WedgeSettings:
    """Settings from a ``[[device]]`` table: port, layout, grab, no_read."""
    return WedgeSettings(
        port=table.text("port", expected="a node such as /dev/input/by-id/…-event-kbd", required=True),
        layout=table.choice("layout", "us", tuple(LAYOUTS)),
        grab=table.flag("grab", True),
        no_reads=no_reads_from(table),
    )


def make(name: str, settings: object, clock: Clock) -> FramedReader:
    """The driver, not yet open."""
    if not isinstance(settings, WedgeSettings):
        raise TypeError(settings)
    node = DeviceNode(settings.port, grab=settings.grab)
    return FramedReader(name, node, KeyboardFramer(settings.layout), clock, settings.no_reads)
