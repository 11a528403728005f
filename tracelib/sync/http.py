"""HTTP with limits: the only module that knows an HTTP client.

* Redirects are never followed, addresses on another host never fetched: a token goes where the settings say.
* An answer has a limit in bytes and a limit in time for the whole of it, so that neither 1 GB nor a slow drip holds us.
* The environment's proxies and credentials are not read. Nothing here logs headers or bodies.
"""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from tracelib.sync.errors import (
    AnswerTooLargeError,
    RedirectRefusedError,
    ReplyLostError,
    SyncAddressError,
    UnreachableError,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. ``total_s`` binds one request from its first byte to the last of the answer."""

    connect_s: float = 5.0
    read_s: float = 30.0
    total_s: float = 60.0
    answer_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read to its end. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A value for the ``Authorization`` header that never shows itself."""

    value: str = field(repr=False)

    def header(self) -> str:
        """The header's value: as it is where it names its scheme, else as a bearer token (RFC 6750)."""
        scheme = self.value.partition(" ")[0].lower()
        return self.value if scheme in ("bearer", "basic") else f"Bearer {self.value}"


class HttpClient:
    """Requests below one base address. Close it, or use it in ``with``."""

    def __init__(self, base: str, secret: Secret | None = None, limits: Limits | None = None) -> None:
        """Raises SyncAddressError where ``base`` is no plain http(s) address."""
        self.base = _checked_base(base)
        self.limits = limits or Limits()
        self.name = urlsplit(self.base).netloc
        timeout = httpx.Timeout(self.limits.read_s, connect=self.limits.connect_s)
        headers = {"Accept-Encoding": "identity", "User-Agent": "tracelib"}
        if secret:
            headers["Authorization"] = secret.header()
        self._socket: socket.socket | None = None
        self._client = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False, trust_env=False)

    def resolve(self, address: str, relative_to: str = "") -> str:
        """An absolute address for what an answer named. Raises RedirectRefusedError for another scheme or host."""
        url = urljoin(relative_to or f"{self.base}/", address)
        if _origin(url) != _origin(self.base):
            raise RedirectRefusedError(platform=self.name, location=url)
        return url

    def request(
        self,
        method: str,
        address: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request below the base address (or at an absolute address on the same host), read to its end.

        Raises UnreachableError (nothing left), ReplyLostError (something left, no whole answer came),
        RedirectRefusedError, AnswerTooLargeError.
        """
        url = self.resolve(address)
        deadline = time.monotonic() + self.limits.total_s
        with self._translated(), self._watchdog():
            request = self._client.build_request(
                method, url, content=body, headers=headers, params=params, extensions={"trace": self._note_socket}
            )
            response = self._client.send(request, stream=True)
            try:
                content = self._read(response, deadline)
            finally:
                response.close()
        _log.debug("%s %s: status %s, %s bytes", method, urlsplit(url).path, response.status_code, len(content))
        if response.is_redirect:
            raise RedirectRefusedError(platform=self.name, location=response.headers.get("location", "?"))
        return Answer(response.status_code, dict(response.headers.items()), content, url)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > self.limits.answer_bytes:
                raise AnswerTooLargeError(platform=self.name, limit=self.limits.answer_bytes)
            if time.monotonic() > deadline:
                raise ReplyLostError(platform=self.name, detail=f"not finished after {self.limits.total_s:g} s")
            chunks.append(chunk)
        return b"".join(chunks)

    def _note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def _watchdog(self) -> Iterator[None]:
        """Cut the connection when the time for the whole request is over: also where single bytes keep dripping in."""
        timer = threading.Timer(self.limits.total_s, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """httpx's exceptions as ours. Only a failed connection is certain to have carried nothing."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise UnreachableError(platform=self.name, detail=_reason(error)) from None
        except httpx.UnsupportedProtocol:
            raise SyncAddressError(given=self.base) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ReplyLostError(platform=self.name, detail=_reason(error)) from None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _checked_base(base: str) -> str:
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError:
        raise SyncAddressError(given=base) from None
    if parts.username or parts.password:
        # The address itself holds a secret: not even the message repeats it.
        raise SyncAddressError(given=f"{parts.scheme}://…@{parts.hostname}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or port == 0:
        raise SyncAddressError(given=base)
    return base.rstrip("/")
