"""One carton held before a reader is read many times; that is one sighting, not many.

Suppression is a policy over the raw journal: every reading is journalled, repeats are marked, nothing is thrown away.
"""

from collections import OrderedDict

DEFAULT_WINDOW_S = 0.5
_REMEMBERED = 4096


class Debouncer:
    """Remembers when each device last read each text."""

    def __init__(self, window_s: float = DEFAULT_WINDOW_S) -> None:
        self.window_s = window_s
        self._last: OrderedDict[tuple[str, bytes], float] = OrderedDict()

    def is_repeat(self, device: str, data: bytes, monotonic_s: float) -> bool:
        """Whether the same device read the same data less than ``window_s`` ago; notes this reading.

        Each repeat extends the window, so a code that stays in view counts once. Time that went back (the machine was
        started anew) is never a repeat.
        """
        key = (device, data)
        before = self._last.pop(key, None)
        self._last[key] = monotonic_s
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return before is not None and 0 <= monotonic_s - before < self.window_s
