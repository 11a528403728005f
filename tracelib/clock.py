"""Time as an argument.

Event time is aware wall clock; every time-out is monotonic. A code's day of issue counts calendar days in UTC+08:00
since 2020-01-01 (docs/code-format.md, profile A, offset 6).
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
DAY_ZERO = date(2020, 1, 1)
LAST_DAY = 0xFFFF


def wall_text(instant: datetime) -> str:
    """An instant as every message, table and page for people writes it: ``2026-11-26 07:22``, in UTC+08:00."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def read_time(text: str) -> datetime:
    """A time as RFC 3339 writes it, its letters large or small (section 5.6); naive without zone. Raises ValueError."""
    return datetime.fromisoformat(text.upper())


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Aware wall clock time."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for time-outs."""
        ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Aware wall clock time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment in the past."""
        return time.monotonic()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and for repeating a run."""

    instant: datetime
    elapsed_s: float = field(default=0.0)

    def now(self) -> datetime:
        """The instant that was set."""
        return self.instant

    def monotonic(self) -> float:
        """Seconds by which the clock was moved."""
        return self.elapsed_s

    def move(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self.instant += timedelta(seconds=seconds)
        self.elapsed_s += seconds


def day_number(instant: datetime | date) -> int:
    """Days since 2020-01-01 of the calendar date in UTC+08:00, as codes carry it (0 to 65535)."""
    day = instant.astimezone(CHINA).date() if isinstance(instant, datetime) else instant
    number = (day - DAY_ZERO).days
    if not 0 <= number <= LAST_DAY:
        raise ValueError(f"{day} is outside the days a code can carry")
    return number


def date_of_day(number: int) -> date:
    """The calendar date of a code's day."""
    return DAY_ZERO + timedelta(days=number)
