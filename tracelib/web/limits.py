"""How often one visitor may ask: a token bucket for each address, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable

MOST_VISITORS = 10_000


class RateLimit:
    """``burst`` requests at once, then ``per_second`` on; ``monotonic`` is a clock in seconds.

    Only the most recent visitors are remembered: a flood of addresses costs memory for 10,000 of them, no more.
    """

    def __init__(self, monotonic: Callable[[], float], *, per_second: float = 2.0, burst: int = 30) -> None:
        self._monotonic = monotonic
        self._per_second = per_second
        self._burst = burst
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, visitor: str) -> bool:
        """Whether this request may pass; it is counted if so."""
        now = self._monotonic()
        tokens, last = self._seen.pop(visitor, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - last) * self._per_second)
        allowed = tokens >= 1
        self._seen[visitor] = (tokens - 1 if allowed else tokens, now)
        if len(self._seen) > MOST_VISITORS:
            self._seen.popitem(last=False)
        return allowed
