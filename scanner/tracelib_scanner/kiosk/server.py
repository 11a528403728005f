"""The page's web server, in a thread beside the line. Whatever happens to it, the line goes on."""

import logging
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn

from tracelib_scanner.errors import ScreenAddressError
from tracelib_scanner.kiosk.app import Screen, make_app

log = logging.getLogger(__name__)
END_S = 3.0


class ScreenServer:
    """A running page, as a context manager. Its address is taken at once, or ``ScreenAddressError`` raised."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._listener = _listen(screen.settings.host, screen.settings.port)
        config = uvicorn.Config(
            make_app(screen),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=64,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._screen.bulletin.close()
        self._server.should_exit = True
        self._thread.join(END_S)
        self._listener.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except Exception:
            log.exception("the operator's page has ended; the line goes on")


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(32)
    except OSError as error:
        listener.close()
        raise ScreenAddressError(host=host, port=port, detail=error.strerror or error) from None
    return listener
