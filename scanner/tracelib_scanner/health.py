"""What is known of a device's health: its state, what it delivered, and whether it works badly.

One reading thread writes, everybody may look: single values are replaced, never changed in place.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from tracelib.errors import DeviceError
from tracelib_scanner.errors import DeviceTroubleError
from tracelib_scanner.reasons import COMES_AND_GOES, MUCH_IS_DAMAGED, READS_LITTLE
from tracelib_scanner.scan import Scan, ScanKind

LOOKED_AT = 20
"""Of so many last readings half must be bad before a device is said to work badly."""
LOSSES, LOSSES_S = 3, 60.0
"""So many losses within so many seconds are a bad plug or cable, not an accident."""
_BAD = {
    ScanKind.TORN: MUCH_IS_DAMAGED,
    ScanKind.TOO_LONG: MUCH_IS_DAMAGED,
    ScanKind.NO_READ: READS_LITTLE,
    ScanKind.UNREADABLE: READS_LITTLE,
}


class DeviceState(StrEnum):
    """What the loop knows of a device."""

    PROBING = "probing"
    """It was not open yet, and is being looked for."""
    UP = "up"
    DEGRADED = "degraded"
    """It is open and works badly; the error says how."""
    DOWN = "down"
    ENDED = "ended"


OnState = Callable[[str, DeviceState, DeviceError | None], None]
"""Called with device, new state and what brought it down or makes it work badly; from the reading thread."""


def _ignore(_device: str, _state: DeviceState, _error: DeviceError | None) -> None:
    pass


class DeviceHealth:
    """One device: state, counters since the start, and the judgement over its last readings and losses."""

    def __init__(self, device: str, on_state: OnState = _ignore) -> None:
        self.device = device
        self.state = DeviceState.PROBING
        self.error: DeviceError | None = None
        self.opens = 0
        self.losses = 0
        self.readings: Counter[ScanKind] = Counter()
        self.last_read_at: datetime | None = None
        self._on_state = on_state
        self._recent: deque[str] = deque(maxlen=LOOKED_AT)
        self._lost_s: deque[float] = deque(maxlen=LOSSES)

    def probing(self) -> None:
        """The loop begins to look for the device."""
        self._become(DeviceState.PROBING, None)

    def opened(self) -> None:
        """The device is open."""
        self.opens += 1
        self._become(DeviceState.UP, None)

    def failed(self, error: DeviceError, now_s: float) -> None:
        """The device could not be opened, or went away while it was open; said each time."""
        if self.state in (DeviceState.UP, DeviceState.DEGRADED):
            self.losses += 1
            self._lost_s.append(now_s)
        self._become(DeviceState.DOWN, error)

    def ended(self) -> None:
        """The loop is over."""
        self._become(DeviceState.ENDED, None)

    def took(self, scans: Sequence[Scan]) -> None:
        """The device delivered."""
        for scan in scans:
            self.readings[scan.kind] += 1
            self._recent.append(_BAD.get(scan.kind, ""))
            self.last_read_at = scan.at

    def settle(self, now_s: float, trouble: str = "") -> None:
        """Say that an open device works badly, or well again. ``trouble`` is what the driver itself complains of."""
        reason = trouble or self._judgement(now_s)
        known = str(self.error.params["detail"]) if self.error else ""
        if reason == known:
            return
        if reason:
            self._become(DeviceState.DEGRADED, DeviceTroubleError(device=self.device, detail=reason))
        else:
            self._become(DeviceState.UP, None)

    def as_json(self) -> dict[str, object]:
        """The facts for a status answer; ``reason`` is in English, a key of the catalogue's context ``device``."""
        return {
            "device": self.device,
            "state": self.state.value,
            "error": self.error.code if self.error else None,
            "reason": str(self.error.params["detail"]) if self.error else None,
            "opens": self.opens,
            "losses": self.losses,
            "readings": {kind.value: self.readings[kind] for kind in ScanKind},
            "last_read_at": self.last_read_at.isoformat() if self.last_read_at else None,
        }

    def _judgement(self, now_s: float) -> str:
        if len(self._lost_s) == LOSSES and now_s - self._lost_s[0] <= LOSSES_S:
            return COMES_AND_GOES
        bad = [reason for reason in self._recent if reason]
        if len(self._recent) == LOOKED_AT and len(bad) * 2 >= LOOKED_AT:
            return Counter(bad).most_common(1)[0][0]
        return ""

    def _become(self, state: DeviceState, error: DeviceError | None) -> None:
        self.state, self.error = state, error
        self._on_state(self.device, state, error)
