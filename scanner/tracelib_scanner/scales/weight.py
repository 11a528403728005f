"""What a scale says, and the newest weight that counts.

A weight counts while it is stable, within the scale's range, above zero and fresh; else there is none. A scan takes the
weight of its own moment, in the thread of its reader, before it is journalled.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weight:
    """One message of a scale: ``grams`` as displayed, None where it shows none that counts; ``stable``: no motion."""

    grams: int | None
    stable: bool


class WeightSource:
    """The newest weight. One thread puts, any asks."""

    def __init__(self, fresh_s: float, tare_g: int = 0) -> None:
        self._fresh_s = fresh_s
        self._tare_g = tare_g
        self._lock = threading.Lock()
        self._newest: tuple[Weight, float] | None = None

    def put(self, weight: Weight, monotonic_s: float) -> None:
        """A message that came at this moment. One that moves or shows nothing takes the last weight away."""
        with self._lock:
            self._newest = (weight, monotonic_s)

    def at(self, monotonic_s: float) -> int | None:
        """Net grams at this moment; None where nothing stable and fresh is there, or nothing but the tare."""
        with self._lock:
            newest = self._newest
        if newest is None:
            return None
        weight, put_s = newest
        if weight.grams is None or not weight.stable or monotonic_s - put_s > self._fresh_s:
            return None
        net = weight.grams - self._tare_g
        return net if net > 0 else None
