"""Which socket a reader is plugged into, found by scanning with it, and that socket's name written into ``line.toml``.

Two adapters of one make without serial numbers share one name under ``/dev/serial/by-id``; what tells them apart is the
socket: ``/dev/serial/by-path``.
"""

import itertools
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from tracelib.errors import FormatError
from tracelib_scanner.drivers.serial_reader import SerialPort, SerialSettings
from tracelib_scanner.transport import TransportError

LOOK_S = 0.02
_TABLE = re.compile(r"\s*\[")
_DEVICE = re.compile(r"\s*\[\[\s*device\s*\]\]")
_FIELD = re.compile(r"\s*(name|port)\s*=\s*(.*)")


class BindTextError(FormatError):
    """A configuration whose device cannot be bound without changing more than its port."""

    code = "device.bind"
    template = (
        '{file} has no [[device]] with name = "{name}" and a port in a line of its own: write them, then bind again.'
    )


def sockets(root: Path = Path("/")) -> list[str]:
    """The names of the sockets that hold a serial adapter now."""
    return [str(link) for link in sorted((root / "dev/serial/by-path").glob("*")) if link.exists()]


def who_speaks(
    ports: Sequence[str], seconds: float, baud: int = 9600, now: Callable[[], float] = time.monotonic
) -> str:
    """The first of the ports that sends anything within the time; empty for none.

    Ports that cannot be opened, such as those of a running line, are left out.
    """
    with ExitStack() as stack:
        listening: dict[str, SerialPort] = {}
        for name in ports:
            port = SerialPort(SerialSettings(name, baud))
            with suppress(TransportError):
                port.open()
                stack.callback(port.close)
                listening[name] = port
        until_s = now() + seconds
        while listening and now() < until_s:
            for name, port in list(listening.items()):
                try:
                    if port.read_some(LOOK_S):
                        return name
                except TransportError:  # pulled meanwhile
                    del listening[name]
    return ""


def with_port(text: str, name: str, port: str, file: Path) -> str:
    """The text of a ``line.toml`` in which the device ``name`` has another port; nothing else is touched.

    Raises BindTextError where no such line is there.
    """
    lines = text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if _TABLE.match(line)] + [len(lines)]
    for start, end in itertools.pairwise(starts):
        if not _DEVICE.match(lines[start]):
            continue
        fields = {found[1]: i for i in range(start, end) if (found := _FIELD.match(lines[i]))}
        if {"name", "port"} <= fields.keys() and _value(lines[fields["name"]]) == name:
            place = fields["port"]
            ending = "\n" if lines[place].endswith("\n") else ""
            escaped = port.replace("\\", "\\\\").replace('"', '\\"')
            lines[place] = f'port = "{escaped}"{ending}'
            return "".join(lines)
    raise BindTextError(file=file, name=name)


def _value(line: str) -> str:
    import tomllib

    try:
        return str(tomllib.loads(line.strip())["name"])
    except (ValueError, KeyError):
        return ""
