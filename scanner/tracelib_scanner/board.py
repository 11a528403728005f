"""What a line has done since its start: a fold over its answers, from which report, status and screen speak."""

import statistics
from collections import Counter, deque

from tracelib_scanner.station import Answer

MEASURED = 10_000
"""The times are those of the last readings."""
LAST = 10


class Board:
    """Counters, times and the last answers of a line."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.last: deque[Answer] = deque(maxlen=LAST)
        self._replayed = 0
        self._cartons = 0
        self._latencies: deque[float] = deque(maxlen=MEASURED)

    def add(self, answer: Answer) -> None:
        """Count one answer."""
        captured = answer.captured
        self.outcomes[captured.outcome.value] += 1
        self._cartons += captured.cartons
        self.last.append(answer)
        if captured.reason:
            self.reasons[captured.reason] += 1
        if answer.latency_s is None:
            self._replayed += 1
        else:
            self._latencies.append(answer.latency_s)

    def totals(self, waiting: int) -> dict[str, object]:
        """Everything counted, times in milliseconds; ``waiting`` are the cartons that wait for a pallet."""
        outcomes = self.outcomes
        p50, p99 = percentiles_ms(self._latencies)
        return {
            "read": outcomes.total(),
            "accepted": outcomes["activated"] + outcomes["packed"],
            "activated": outcomes["activated"],
            "pallets": outcomes["packed"],
            "packed": self._cartons,
            "waiting": waiting,
            "refused": outcomes["refused"],
            "repeats": outcomes["repeat"],
            "nothing_read": outcomes["nothing"],
            "replayed": self._replayed,
            "reasons": dict(self.reasons),
            "p50_ms": p50,
            "p99_ms": p99,
        }


def percentiles_ms(seconds: "deque[float]") -> tuple[float | None, float | None]:
    """Median and 99 of 100 in milliseconds; None where nothing was measured."""
    times = sorted(seconds)
    if not times:
        return None, None
    return round(statistics.median(times) * 1000, 2), round(times[int(len(times) * 0.99)] * 1000, 2)
