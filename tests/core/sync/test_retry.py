"""Delays between tries: doubling, limited, spread, and what the platform asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.sync.retry import RetryPolicy

POLICY = RetryPolicy(first_s=1, longest_s=60, attempts=6, settle_s=5, longest_wait_asked_s=300)


@pytest.mark.parametrize(
    ("failures", "spread", "expected"),
    [(1, 0.0, 0.5), (1, 1.0, 1.0), (2, 0.0, 1.0), (3, 0.5, 3.0), (7, 0.0, 30.0), (7, 1.0, 60.0), (10_000, 1.0, 60.0)],
)
def test_delays(failures: int, spread: float, expected: float) -> None:
    assert POLICY.delay_s(failures, spread) == expected


@pytest.mark.parametrize(("asked", "expected"), [(0.1, 0.5), (20.0, 20.0), (86_400.0, 300.0)])
def test_retry_after_is_a_lower_limit_that_has_a_limit(asked: float, expected: float) -> None:
    assert POLICY.delay_s(1, 0.0, asked_s=asked) == expected


def test_after_a_lost_reply_the_platform_gets_time_to_finish() -> None:
    assert POLICY.delay_s(1, 0.0, lost=True) == 5


@given(st.integers(1, 10**6), st.floats(0, 1), st.none() | st.floats(0, 1e9), st.booleans())
def test_no_delay_is_longer_than_the_limits(failures: int, spread: float, asked: float | None, lost: bool) -> None:
    assert 0 < POLICY.delay_s(failures, spread, asked_s=asked, lost=lost) <= 300


def test_giving_up() -> None:
    assert [POLICY.gives_up(n) for n in (5, 6, 7)] == [False, True, True]
