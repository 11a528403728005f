"""Codes that come into view of a running camera: one reading for each time, not one for each frame.

A frame that shows what the last one showed is not decoded again, so that an empty belt costs next to nothing. What is
seen must be seen in ``votes`` frames before it counts, and is new again once it was out of view for ``gone_s``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tracelib_scanner.decoders import opencv
from tracelib_scanner.decoders.symbol import Image, Symbol

Decode = Callable[[Image], list[Symbol]]

SMALL = (160, 120)
"""Size in pixels at which two frames are compared."""
CHANGED = 6.0
"""Grey levels by which a place of the small frame must differ to have changed: above a sensor's noise when averaged."""
CHANGED_PLACES = 12
"""So many places (0.06 per cent of the frame) make a change: a code of a centimetre that comes into view at a metre."""
TRIES = 3
"""A scene that stands still is decoded so often, for noise and light change; then it has no code that reads."""
BLACK = 8.0
"""Mean grey level below which a picture is black: cap on, light off."""


@dataclass
class Watcher:
    """What a camera sees, frame after frame. ``decode`` reads one grey frame."""

    decode: Decode
    votes: int = 1
    gone_s: float = 0.6
    _before: Image | None = None
    _tries: int = 0
    _last: frozenset[bytes] = frozenset()
    _seen_s: dict[bytes, float] = field(default_factory=dict)
    _votes: dict[bytes, int] = field(default_factory=dict)
    _same_since_s: float | None = None
    _black: bool = False

    def look(self, frame: Image, at_s: float) -> list[Symbol]:
        """Symbols that came into view with this frame; ``at_s``: when it was taken, on a clock that never goes back."""
        grey = opencv.as_grey(frame)
        if not self._is_worth_it(grey, at_s):
            self._seen_s.update(dict.fromkeys(self._last, at_s))  # the same picture: what was in it is in it still
            return []
        symbols = {symbol.data: symbol for symbol in self.decode(grey)}
        self._tries += 1
        self._votes = {data: self._votes.get(data, 0) + 1 for data in symbols}
        in_view = {data: seen_s for data, seen_s in self._seen_s.items() if at_s - seen_s <= self.gone_s}
        counted = [symbol for data, symbol in symbols.items() if self._votes[data] >= self.votes]
        new = [symbol for symbol in counted if symbol.data not in in_view]
        self._last = frozenset(symbol.data for symbol in counted)
        self._seen_s = {**in_view, **dict.fromkeys(self._last, at_s)}
        return new

    def still_s(self, at_s: float) -> float:
        """For how long every frame has been the same to the last bit: a sensor's noise never lets that happen."""
        return 0.0 if self._same_since_s is None else at_s - self._same_since_s

    @property
    def is_black(self) -> bool:
        """Whether the last frame was black."""
        return self._black

    def _is_worth_it(self, grey: Image, at_s: float) -> bool:
        """Whether the frame shows something else than the one before, or was not tried often enough."""
        import numpy as np

        small = opencv.load().resize(grey, SMALL, interpolation=opencv.load().INTER_AREA)
        self._black = float(small.mean()) < BLACK
        before, self._before = self._before, small
        if before is None:
            self._tries = 0
            return True
        difference = np.abs(small.astype(np.int16) - before)
        if not difference.any():
            self._same_since_s = at_s if self._same_since_s is None else self._same_since_s
        else:
            self._same_since_s = None
        if int((difference > CHANGED).sum()) >= CHANGED_PLACES:
            self._tries = 0
            return True
        return self._tries < TRIES
