"""Host names as they stand in links and in the list of a brand's official hosts (RFC 1123, lower case)."""

import re

from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.errors import IdentifierError

WHAT = "host"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")


class HostError(IdentifierError):
    """Not a host name."""

    code = "identifier.host"
    template = "{what}: «{given}» is not a host name such as q.example.com: lower case, no scheme, no port, no path."


def parse_host(text: str) -> str:
    """``text`` if it is a host name with at least one dot, lower-case ASCII (a Chinese name as ``xn--…``).

    Raises an :class:`~tracelib.identifiers.errors.IdentifierError`.
    """
    require_ascii(text, WHAT)
    if not _HOST.fullmatch(text):
        raise HostError(what=WHAT, given=text)
    return text
