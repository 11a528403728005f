"""A scale at work beside a station: opened again and again like every device, its newest weight at hand."""

import threading

from tracelib.clock import Clock
from tracelib_scanner.driver import readings
from tracelib_scanner.health import DeviceHealth, OnState
from tracelib_scanner.scales.settings import NAME, ScaleConfig


class Weighing:
    """The scale of a line. :meth:`run` in a thread of its own, :meth:`at` from any."""

    def __init__(self, config: ScaleConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._weights = config.source()
        self.health = DeviceHealth(NAME)

    def tell(self, on_state: OnState) -> None:
        """Whom changes of the scale's state are told to, from now on."""
        self.health = DeviceHealth(NAME, on_state)

    def at(self, monotonic_s: float) -> int | None:
        """Net grams on the scale at this moment; None for no weight that counts."""
        return self._weights.at(monotonic_s)

    def run(self, stop: threading.Event) -> None:
        """Keep the newest weight until ``stop`` is set; a scale that is away gives none."""
        for messages in readings(self._config.driver(self._clock), stop, self._clock.monotonic, self.health):
            newest = messages[-1]
            self._weights.put(self._config.weight_of(newest.data), newest.monotonic_s)
