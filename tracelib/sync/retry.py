"""When to try again: pure arithmetic, no clock and no chance of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays that double up to a limit, spread so that many senders do not come back in step. Seconds.

    ``attempts``: failures in a row after which a push gives up for now. ``settle_s``: the least time between a lost
    reply and the question what became of it; a platform that is still at work has finished by then.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    attempts: int = 6
    settle_s: float = 2.0
    longest_wait_asked_s: float = 300.0

    def delay_s(self, failures: int, spread: float, *, asked_s: float | None = None, lost: bool = False) -> float:
        """How long to wait after the ``failures``-th failure in a row (from 1).

        ``spread`` in [0, 1) comes from the caller's random source; the delay lies between half and all of
        ``first_s * 2**(failures - 1)``. A platform's ``Retry-After`` (``asked_s``) is a lower limit, itself limited.
        """
        step = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))
        delay = step * (0.5 + 0.5 * spread)
        if lost:
            delay = max(delay, self.settle_s)
        if asked_s is not None:
            delay = max(delay, min(asked_s, self.longest_wait_asked_s))
        return delay

    def gives_up(self, failures: int) -> bool:
        """Whether so many failures in a row are enough."""
        return failures >= self.attempts
