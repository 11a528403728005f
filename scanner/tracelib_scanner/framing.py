"""Bytes of a text reader to frames: a pure, incremental function.

Readers send ``[prefix] data [suffix]``; some send no suffix and only fall silent. How the bytes are cut into pieces on
their way makes no difference. GS (0x1D) and every other byte inside a frame is kept; an AIM identifier at its start is
taken off later (``Scan.text``), so that the journal holds what the reader sent.
"""

from dataclasses import dataclass, replace

from tracelib_scanner.scan import ScanKind

MAX_LENGTH = 4096
LINE_ENDS = b"\r\n"
"""Never part of a code: what is left of them beside a frame is a second suffix."""
STALE_S = 1.0
"""Silence within a code after which its rest will not come."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How a device marks its frames.

    Any one of ``suffixes`` ends a frame; empty frames are dropped, so CR LF counted as two ends makes no phantom scan.
    ``idle_s`` ends a frame by silence (for readers without suffix, 0.02 to 0.05); None: silence within a code means
    that it was torn. Bytes before ``prefix`` are noise.
    """

    prefix: bytes = b""
    suffixes: tuple[bytes, ...] = (b"\r", b"\n")
    idle_s: float | None = None
    max_length: int = MAX_LENGTH


@dataclass(frozen=True, slots=True)
class Frame:
    """A finished frame: ``READ``, or ``TORN`` or ``TOO_LONG`` with its first bytes."""

    data: bytes
    kind: ScanKind = ScanKind.READ


@dataclass(frozen=True, slots=True)
class FramerState:
    """What is remembered between two pieces. ``skipping``: inside a frame that was too long and is reported already."""

    buffer: bytes = b""
    skipping: bool = False


Step = tuple[FramerState, list[Frame]]


def feed(framing: Framing, state: FramerState, data: bytes) -> Step:
    """The next bytes of the device, in pieces of any size."""
    frames: list[Frame] = []
    rest = state.buffer + data
    skipping = state.skipping
    while (end := _first_end(framing.suffixes, rest)) is not None:
        found, rest = rest[: end[0]], rest[end[1] :]
        if not skipping:
            frames += _finished(framing, found)
        skipping = False
    # The last bytes may be the beginning of a suffix of several bytes, which is no part of the frame's length.
    partial = max((len(suffix) for suffix in framing.suffixes), default=1) - 1
    if not skipping and len(rest) > framing.max_length + partial:
        frames.append(Frame(rest[: framing.max_length], ScanKind.TOO_LONG))
        skipping = True
    if skipping:
        rest = rest[len(rest) - partial :] if partial else b""
    return FramerState(rest, skipping), frames


def silence(framing: Framing, state: FramerState, seconds: float) -> Step:
    """Nothing came for ``seconds``: the end of a frame where silence ends frames, else of a torn one after a while."""
    if framing.idle_s is not None and seconds >= framing.idle_s:
        return FramerState(), [] if state.skipping else _finished(framing, state.buffer)
    if seconds >= STALE_S:
        return lost(state)
    return state, []


def lost(state: FramerState) -> Step:
    """The device is gone: what was begun is torn."""
    torn = b"" if state.skipping else state.buffer.strip(LINE_ENDS)
    return FramerState(), [Frame(torn, ScanKind.TORN)] if torn else []


def is_waiting(state: FramerState) -> bool:
    """Whether a frame has begun whose end has not come."""
    return bool(state.buffer) or state.skipping


def _first_end(suffixes: tuple[bytes, ...], data: bytes) -> tuple[int, int] | None:
    """Where the first suffix begins and ends; of two that begin at one place the longer."""
    best: tuple[int, int] | None = None
    for suffix in suffixes:
        at = data.find(suffix)
        if at >= 0 and (best is None or (at, -len(suffix)) < (best[0], best[0] - best[1])):
            best = (at, at + len(suffix))
    return best


def _finished(framing: Framing, data: bytes) -> list[Frame]:
    """A complete frame: too long, begun anew after a torn one, or just data."""
    if len(data) > framing.max_length:
        return [Frame(data[: framing.max_length], ScanKind.TOO_LONG)]
    frames: list[Frame] = []
    if framing.prefix:
        noise, found, data = data.rpartition(framing.prefix)
        if not found:
            return []
        torn = noise.partition(framing.prefix)[2]
        if torn:
            frames.append(Frame(torn, ScanKind.TORN))
    data = data.strip(LINE_ENDS)
    return [*frames, Frame(data)] if data else frames


def with_no_reads(frame: Frame, no_reads: tuple[bytes, ...]) -> Frame:
    """A frame that holds the reader's no-read text is no data, whatever the text is."""
    is_no_read = frame.kind is ScanKind.READ and frame.data in no_reads
    return replace(frame, kind=ScanKind.NO_READ) if is_no_read else frame
