"""Readers that type like a keyboard: key events of the kernel to text.

Source: Linux ``input.h`` and ``input-event-codes.h``. The last resort among the ways to connect a reader: what is typed
depends on the layout the **reader** was set to, GS may be lost, and a full kernel queue loses keys. It says so
(SYN_DROPPED), and then the code it happened in is reported as torn, never guessed.
"""

import struct
from dataclasses import dataclass

from tracelib_scanner.framing import MAX_LENGTH, STALE_S, Frame
from tracelib_scanner.key_layouts import LAYOUTS, NUMBER_PAD, Layout
from tracelib_scanner.scan import ScanKind

EVENT = struct.Struct("@llHHi")
"""``struct input_event``: seconds, microseconds, type, code, value, as this machine's kernel lays it out."""
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
UP, DOWN = 0, 1
ENDS = frozenset({28, 96, 15})  # Enter, Enter of the number pad, Tab
SHIFTS = frozenset({42, 54})
CONTROLS = frozenset({29, 97})
ALT, ALT_GR, CAPS_LOCK, F8, RIGHT_BRACKET = 56, 100, 58, 66, 27
GS = "\x1d"
IDLE_S = 0.2
"""A reader types a key every few milliseconds: after so much silence what was skipped is over."""


@dataclass(slots=True)
class _Keys:
    """Which of the keys that change others are down."""

    shift: bool = False
    control: bool = False
    alt: bool = False
    alt_gr: bool = False
    caps: bool = False
    number: str = ""


class KeyboardFramer:
    """Key events to frames; see :class:`tracelib_scanner.framer.Framer`. Enter or Tab ends a code.

    GS comes as Ctrl+], as F8 or as Alt with 029 on the number pad, whatever the reader was set to.
    """

    idle_s: float | None = IDLE_S

    def __init__(self, layout: str) -> None:
        self._layout: Layout = LAYOUTS[layout]
        self._keys = _Keys()
        self._text: list[str] = []
        self._rest = b""
        self._dropped = False
        self._skipping = False

    @property
    def is_waiting(self) -> bool:
        """Whether a code has begun whose end has not come."""
        return bool(self._text or self._rest) or self._skipping

    def feed(self, data: bytes) -> list[Frame]:
        """The next events, in pieces of any size."""
        frames: list[Frame] = []
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            frames += self._event(kind, code, value)
        return frames

    def silence(self, seconds: float) -> list[Frame]:
        """A code after lost keys may begin; a code whose end did not come is torn."""
        if seconds >= IDLE_S:
            self._skipping, self._rest = False, b""  # the kernel hands out whole events only
        return self.lost() if self._text and seconds >= STALE_S else []

    def lost(self) -> list[Frame]:
        """What was begun is torn; no key is down any more."""
        torn = "".join(self._text).encode()
        self._text, self._rest, self._keys = [], b"", _Keys()
        self._dropped = self._skipping = False
        return [Frame(torn, ScanKind.TORN)] if torn else []

    def replies(self) -> bytes:
        """A keyboard waits for no answer."""
        return b""

    def acknowledgement(self) -> bytes:
        """A keyboard waits for no answer."""
        return b""

    def _event(self, kind: int, code: int, value: int) -> list[Frame]:
        if kind == EV_SYN:
            if code == SYN_DROPPED:
                return self._lose_keys()
            self._dropped = self._dropped and code != SYN_REPORT
            return []
        if kind != EV_KEY or self._dropped:
            return []
        if self._is_modifier(code, value):
            return []
        return self._pressed(code) if value == DOWN else []

    def _lose_keys(self) -> list[Frame]:
        frames = self.lost()
        self._dropped = self._skipping = True
        return frames or [Frame(b"", ScanKind.TORN)]

    def _is_modifier(self, code: int, value: int) -> bool:
        down, keys = value != UP, self._keys
        if code in SHIFTS:
            keys.shift = down
        elif code in CONTROLS:
            keys.control = down
        elif code == ALT_GR:
            keys.alt_gr = down
        elif code == ALT:
            keys.alt = down
            if not down and keys.number:
                number, keys.number = int(keys.number), ""
                self._add(chr(number) if number < 256 else "")
        elif code == CAPS_LOCK:
            keys.caps = keys.caps != (value == DOWN)
        else:
            return False
        return True

    def _pressed(self, code: int) -> list[Frame]:
        keys = self._keys
        if code in ENDS:
            skipped, self._skipping = self._skipping, False
            text, self._text = "".join(self._text), []
            return [Frame(text.encode())] if text and not skipped else []
        if keys.alt and code in NUMBER_PAD:
            keys.number = (keys.number + NUMBER_PAD[code])[-4:]
        elif code == F8 or (keys.control and code == RIGHT_BRACKET):
            self._add(GS)
        elif not keys.control and not keys.alt:
            self._add(self._character(code))
        if len(self._text) > MAX_LENGTH:
            text, self._text, self._skipping = "".join(self._text), [], True
            return [Frame(text.encode()[:MAX_LENGTH], ScanKind.TOO_LONG)]
        return []

    def _character(self, code: int) -> str:
        if code in NUMBER_PAD:
            return NUMBER_PAD[code]
        plain, shifted, with_alt_gr = self._layout.get(code, ("", "", ""))
        if self._keys.alt_gr:
            return with_alt_gr
        if plain.isalpha():
            return shifted if self._keys.shift != self._keys.caps else plain
        return shifted if self._keys.shift else plain

    def _add(self, character: str) -> None:
        if character and not self._skipping:
            self._text.append(character)
