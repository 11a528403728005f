"""``tracelib serve``: the verification page."""

import socket
import sys
import time
from typing import TYPE_CHECKING

import click

from tracelib.errors import MissingExtraError, SettingsError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracelib.trust.keyring import KeyRing

RING_LIVES_S = 1.0


class AddressInUseError(SettingsError):
    """Nobody can listen on the address."""

    code = "serve.address"
    template = "{host}:{port} cannot be listened on ({detail}): give another with --port N or --host ADDRESS."


@click.command(cls=TranslatedCommand)
@click.option("--host", help="Address to listen on; default: the setting serve.host, 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one. Default: the setting serve.port."
)
@answers
@pass_context
def command(context: Context, host: str | None, port: int | None) -> None:
    """Serve the page that says what a scanned code proves, in Chinese and English. End it with Ctrl-C.

    It listens on this machine alone unless told otherwise. For the world put a web server with HTTPS before it.

    Give it the passphrase in TRACELIB_PASSPHRASE: without it nobody can tell from a serial number whether it was ever
    issued, the steps registration and quota stay open, and codes of an expired or revoked key are not accepted.

    Example: tracelib serve --port 8765
    """
    try:
        import uvicorn

        from tracelib.web.app import Desk, make_app
    except ModuleNotFoundError as error:
        raise MissingExtraError(what="tracelib serve", extra="web") from error

    address = host or context.settings.text("serve.host")
    wanted = context.settings.integer("serve.port") if port is None else port
    listener = _listen(address, wanted)
    desk = Desk(context.store, _ring(context), context.clock, context.serial_keys)
    desk.ring()
    url = f"http://{address}:{listener.getsockname()[1]}/"
    if context.out.json:
        context.out.value({"url": url})
    else:
        context.out.line(context.say("The page is at {url} (Ctrl-C ends it)", url=url))
    sys.stdout.flush()
    config = uvicorn.Config(make_app(desk), log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # from now on visitors queue, before the first request is served
    except OSError as error:
        listener.close()
        raise AddressInUseError(host=host, port=port, detail=error.strerror or error) from None
    return listener


def _ring(context: Context) -> "Callable[[], KeyRing]":
    """The key ring as it is now: what was recalled or imported meanwhile counts without a restart.

    A burst of visitors asks the store once a second.
    """
    from tracelib.operations.trust.ring import LiveRing

    live = LiveRing(context.settings.text("root"), context.bundle_path())
    held: list[tuple[float, KeyRing]] = []

    def ring() -> "KeyRing":
        """The ring that is held, or after a second the one that counts then."""
        if not held or time.monotonic() - held[0][0] > RING_LIVES_S:
            with context.store.reading() as uow:
                held[:] = [(time.monotonic(), live(uow))]
        return held[0][1]

    return ring
