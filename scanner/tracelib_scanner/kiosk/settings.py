"""The table ``[screen]`` of line.toml: where the operator's page listens and whom it knows."""

import ipaddress
from dataclasses import dataclass

from tracelib_scanner.fields import Table

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8770
HOST_SHAPE = "an IP address of this machine, such as 127.0.0.1"


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """``names`` are further names and addresses by which browsers may ask for the page."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    names: tuple[str, ...] = ()


def screen_settings(table: Table) -> ScreenSettings:
    """What the table says; its faults are noted."""
    host = table.text("host", DEFAULT_HOST, HOST_SHAPE)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        table.fault("host", host, HOST_SHAPE)
    settings = ScreenSettings(host, table.integer("port", DEFAULT_PORT, 0, 65_535), table.texts("names", ()))
    table.finish()
    return settings
