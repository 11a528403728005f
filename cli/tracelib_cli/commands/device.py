"""``tracelib device``: what readers are there, what they send, and whether they are set up right."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.errors import DeviceError, NotFoundError
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.errors import INTERRUPTED
from tracelib_cli.output import echo
from tracelib_cli.settings import NoWorkspaceError

if TYPE_CHECKING:
    from tracelib_scanner.driver import ScanDriver

PICTURE = click.Path(path_type=Path, dir_okay=False)
WAIT = click.FloatRange(min=0.1)
CONFIG = click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The line; default: line.toml.")


class NoSuchDeviceError(NotFoundError):
    """Neither a device of the line nor a port."""

    code = "device.not_named"
    template = (
        "«{given}» is no device of {file} and no port: give a name from there, a path, or HOST:PORT. What there is: "
        "tracelib device list"
    )


class ReaderNotRightError(DeviceError):
    """A reader that is not set up right."""

    code = "device.not_right"
    template = "{wrong} of {count} test codes did not come as they should; what to do stands beside each."


class NobodySpokeError(DeviceError):
    """No reader sent anything while one was waited for."""

    code = "device.nobody_spoke"
    template = (
        "No reader in a USB socket sent anything for {seconds} s. Is it a serial reader (tracelib device list), is "
        "its speed right (--baud), and does no running line hold it?"
    )


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Readers: which are there, what they send, are they set up right.

    Example: tracelib device list
    """


@command.command("list")
@answers
@pass_context
def list_devices(context: Context) -> None:
    """The readers of this machine, by the names to use in line.toml. Opens none.

    Example: tracelib device list
    """
    from tracelib_cli.device_view import show_found
    from tracelib_scanner.found import find_devices

    show_found(context, find_devices())


@command.command("watch")
@click.argument("device")
@CONFIG
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after so many readings.")
@click.option("--seconds", type=click.FloatRange(min=0.1), metavar="SECONDS", help="End after so long.")
@answers
@pass_context
def watch(context: Context, device: str, config: Path | None, count: int | None, seconds: float | None) -> int:
    """Show what a reader sends, byte for byte. Nothing is recorded; end it with Ctrl-C.

    DEVICE is a device of line.toml, a port or HOST:PORT. A running line keeps its devices to itself: end it first.

    Example: tracelib device watch belt
    """
    from tracelib_cli.device_view import watch_device

    with _driver(context, device, config) as driver:
        try:
            watch_device(context, driver, count, seconds)
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0


@command.command("test")
@click.argument("device")
@CONFIG
@click.option("--seconds", type=WAIT, default=60.0, metavar="SECONDS", help="Wait for a code so long.")
@click.option("--print", "picture", type=PICTURE, metavar="FILE", help="Write the test codes as a PNG to print.")
@answers
@pass_context
def test(context: Context, device: str, config: Path | None, seconds: float, picture: Path | None) -> int:
    """Test how a reader is set up: scan the codes shown, read what to change.

    Checks the AIM identifier, GS, prefix, suffix, upper and lower case, keyboard layout and Chinese. Status 10 when
    something does not come as it should.

    Example: tracelib device test /dev/serial/by-id/usb-EXAMPLE-if00
    """
    from tracelib_cli.device_view import run_checks, write_test_codes

    if picture is not None:
        write_test_codes(picture)
    with _driver(context, device, config) as driver:
        try:
            wrong, asked = run_checks(context, driver, seconds)
        except KeyboardInterrupt:
            return INTERRUPTED
    if wrong:
        raise ReaderNotRightError(wrong=wrong, count=asked)
    return 0


@command.command("bind")
@click.argument("name")
@CONFIG
@click.option("--seconds", type=WAIT, default=60.0, metavar="SECONDS", help="Wait for a code so long.")
@click.option("--baud", type=click.IntRange(50, 4_000_000), default=9600, show_default=True, help="Speed of the port.")
@answers
@pass_context
def bind(context: Context, name: str, config: Path | None, seconds: float, baud: int) -> int:
    """Bind the device NAME of line.toml to a USB socket: scan any code with the reader that shall be NAME.

    For two adapters of one make, which have one name: the socket tells them apart, so mark it. A running line takes the
    change over; the reader to be bound must not be one that it holds.

    Example: tracelib device bind belt
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_scanner.bind import sockets, who_speaks, with_port
    from tracelib_scanner.config import read_config

    file = config or _line_file(context)
    read_config(file)
    text = file.read_text(encoding="utf-8-sig")
    with_port(text, name, "", file)  # raises where there is nothing to bind
    if not context.out.json:
        echo(context.say("Scan any code with the reader that shall be {name} …", name=name), err=True)
    try:
        port = who_speaks(sockets(), seconds, baud)
    except KeyboardInterrupt:
        return INTERRUPTED
    if not port:
        raise NobodySpokeError(seconds=f"{seconds:g}")
    write_synced(file, with_port(text, name, port, file).encode(), private=False)
    if context.out.json:
        context.out.value({"device": name, "port": port, "config": file})
    else:
        context.out.line(context.say("{name} is the reader in the socket {port}.", name=name, port=port))
    return 0


@contextmanager
def _driver(context: Context, device: str, config: Path | None) -> "Iterator[ScanDriver]":
    """The named device, open."""
    driver = _make(context, device, config or _line_file(context))
    try:
        driver.open()
        yield driver
    finally:
        driver.close()


def _line_file(context: Context) -> Path:
    """The workspace's line; a reader may be tried before there is a workspace."""
    try:
        return context.settings.path("line")
    except NoWorkspaceError:
        return Path("line.toml")


def _make(context: Context, device: str, file: Path) -> "ScanDriver":
    from tracelib_scanner.config import read_config
    from tracelib_scanner.fields import Table
    from tracelib_scanner.registry import DeviceConfig, driver_module, make_driver

    if file.is_file():
        for one in read_config(file).devices:
            if one.name == device:
                return make_driver(one, context.clock)
    kind, field = _guess(device)
    if not kind:
        raise NoSuchDeviceError(given=device, file=file)
    settings = driver_module(kind).options(Table({field: device}, "", [], Path.cwd()))
    return make_driver(DeviceConfig(device, kind, settings), context.clock)


def _guess(place: str) -> tuple[str, str]:
    """Device type of a port and the field that names it; empty where it is no port."""
    if place.startswith("/dev/hidraw"):
        return "hid", "port"
    if place.startswith("/dev/input/"):
        return "wedge", "port"
    if place.startswith("/"):
        return "serial", "port"
    host, colon, port = place.rpartition(":")
    return ("tcp", "connect") if colon and host and port.isascii() and port.isdigit() else ("", "")
