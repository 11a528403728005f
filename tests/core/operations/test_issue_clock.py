"""No code is issued while the clock is behind something that has certainly happened."""

from datetime import UTC, datetime, timedelta

import pytest

from tracelib.operations.issuing.rules import ClockBehindError, check_clock

BUNDLE = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_clock_behind_the_bundle_is_refused() -> None:
    with pytest.raises(ClockBehindError) as caught:
        check_clock(int(BUNDLE.timestamp()), BUNDLE - timedelta(seconds=1))
    assert caught.value.params == {"now": "2026-11-23 11:59", "earliest": "2026-11-23 12:00"}


def test_clock_at_or_after_the_bundle_is_fine() -> None:
    for later in (0, 1, 10**6):
        check_clock(int(BUNDLE.timestamp()), BUNDLE + timedelta(seconds=later))
    with pytest.raises(ClockBehindError):
        check_clock(int(BUNDLE.timestamp()) + 1, BUNDLE)
