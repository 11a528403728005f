"""Who may ask: the names by which the page may be called, and where writing requests must come from.

A page of the world that a browser on this machine has open could otherwise reach the screen: by a name of its own that
points here (DNS rebinding: ``Host``), or by posting across origins (``Origin``).
"""

import ipaddress
from urllib.parse import urlsplit

from tracelib_scanner.kiosk.settings import ScreenSettings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_known_host(given: str, settings: ScreenSettings) -> bool:
    """Whether a ``Host`` header names this page. Where the page listens everywhere, any IP address does: no name of the
    world can be one.
    """
    name = _name(given)
    address = ipaddress.ip_address(settings.host)
    if name in {one.lower() for one in settings.names} or (name in LOOPBACK and (_is_local(settings))):
        return True
    if not _is_address(name):
        return False
    return address.is_unspecified or ipaddress.ip_address(name) == address


def is_same_origin(origin: str, host: str) -> bool:
    """Whether an ``Origin`` header is the page that was asked for as ``host``."""
    found = urlsplit(origin)
    return found.scheme in ("http", "https") and found.netloc.lower() == host.lower() and not found.path


def _is_local(settings: ScreenSettings) -> bool:
    address = ipaddress.ip_address(settings.host)
    return address.is_loopback or address.is_unspecified


def _name(host: str) -> str:
    """The name of ``name:port`` in small letters, an IPv6 address without its brackets; empty for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
