"""Device types as names, loaded only when a line uses them.

A missing library is one clear error that names the extra, and never breaks another driver.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from tracelib_scanner.errors import UnknownDriverError

if TYPE_CHECKING:
    from tracelib.clock import Clock
    from tracelib_scanner.driver import ScanDriver
    from tracelib_scanner.fields import Table

DRIVERS: Mapping[str, str] = {
    "serial": "tracelib_scanner.drivers.serial_reader",
    "tcp": "tracelib_scanner.drivers.tcp",
    "hid": "tracelib_scanner.drivers.hid",
    "wedge": "tracelib_scanner.drivers.wedge",
    "camera": "tracelib_scanner.drivers.camera",
    "video": "tracelib_scanner.drivers.video",
    "replay": "tracelib_scanner.drivers.replay",
}
"""Device type to the module that has ``options`` and ``make``."""


class DriverModule(Protocol):
    """What a driver's module offers. Importing it needs no optional library; ``make`` does."""

    options: "Callable[[Table], object]"
    """Takes its fields from a configuration table (noting faults) and returns the driver's frozen settings."""

    make: "Callable[[str, object, Clock], ScanDriver]"
    """Name, settings, clock to a driver, not yet open; raises ``MissingExtraError``."""


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One device of a line: its name, its type and the settings its driver understood."""

    name: str
    type: str
    settings: object


def driver_module(type_name: str) -> DriverModule:
    """The module behind a device type; raises ``UnknownDriverError``."""
    if type_name not in DRIVERS:
        raise UnknownDriverError(given=type_name, known=", ".join(DRIVERS))
    return cast(DriverModule, importlib.import_module(DRIVERS[type_name]))


def make_driver(device: DeviceConfig, clock: "Clock") -> "ScanDriver":
    """The driver of a configured device; raises ``MissingExtraError`` where its library is not installed."""
    return driver_module(device.type).make(device.name, device.settings, clock)
