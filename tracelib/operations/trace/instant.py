"""A time as people write it on the command line."""

from datetime import datetime, time

from tracelib.clock import CHINA
from tracelib.errors import FormatError

EARLIEST, LATEST = 1900, 9990
"""Years that any zone can write."""


class InstantError(FormatError):
    """No such time."""

    code = "trace.time"
    template = (
        "«{given}» is no time: write 2026-11-23 (the end of that day), 2026-11-23T09:30 (in UTC+08:00) or "
        "2026-11-23T09:30+08:00."
    )


def parse_instant(text: str) -> datetime:
    """An aware time: a day means its end, a time without zone is one of UTC+08:00. Raises InstantError."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InstantError(given=text) from None
    if len(text.strip()) == len("2026-11-23"):
        instant = datetime.combine(instant.date(), time(23, 59, 59, 999_999))
    if instant.utcoffset() is None:
        instant = instant.replace(tzinfo=CHINA)
    if not EARLIEST <= instant.year <= LATEST:
        raise InstantError(given=text)
    return instant
