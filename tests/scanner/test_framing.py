"""Bytes to frames. Expected frames are written by hand from what the reader was told to send."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib_scanner.framing import Frame, FramerState, Framing, feed, is_waiting, lost, silence, with_no_reads
from tracelib_scanner.scan import ScanKind

GS1 = b"]d2010690123456789210LOT-7\x1d21ABC"
STX_ETX = Framing(prefix=b"\x02", suffixes=(b"\x03",))


def run(framing: Framing, pieces: Iterable[bytes]) -> list[Frame]:
    state, frames = FramerState(), []
    for piece in pieces:
        state, new = feed(framing, state, piece)
        frames += new
    return frames


def data_of(frames: Iterable[Frame]) -> list[bytes]:
    return [frame.data for frame in frames]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r", b"\n\r\r\n"])
def test_double_suffix_makes_no_phantom(end: bytes) -> None:
    assert run(Framing(), [b"ONE" + end + b"TWO" + end]) == [Frame(b"ONE"), Frame(b"TWO")]


def test_split_at_every_position() -> None:
    stream = GS1 + b"\r\n" + b"https://q.example.com/X\r\n"
    for cut in range(len(stream) + 1):
        assert data_of(run(Framing(), [stream[:cut], stream[cut:]])) == [GS1, b"https://q.example.com/X"], cut


def test_one_byte_at_a_time_keeps_gs() -> None:
    assert run(Framing(), [bytes([byte]) for byte in GS1 + b"\r"]) == [Frame(GS1)]


def test_suffix_of_several_bytes_split() -> None:
    framing = Framing(suffixes=(b"<END>",))
    stream = b"A<EN" + b"B<END>C<END>"
    for cut in range(len(stream) + 1):
        assert data_of(run(framing, [stream[:cut], stream[cut:]])) == [b"A<ENB", b"C"]


def test_garbage_before_prefix_is_dropped() -> None:
    assert run(STX_ETX, [b"\x00\xffnoise\x02CODE\x03more noise\x03\x02NEXT\x03"]) == [Frame(b"CODE"), Frame(b"NEXT")]


def test_frame_begun_anew_leaves_a_torn_one() -> None:
    assert run(STX_ETX, [b"\x02HALF\x02WHOLE\x03"]) == [Frame(b"HALF", ScanKind.TORN), Frame(b"WHOLE")]


def test_megabyte_without_terminator_is_one_report_and_little_memory() -> None:
    framing, state, frames = Framing(max_length=4096), FramerState(), []
    for _ in range(1024):
        state, new = feed(framing, state, b"x" * 1024)
        frames += new
        assert len(state.buffer) <= 4096
    assert frames == [Frame(b"x" * 4096, ScanKind.TOO_LONG)]
    _, after = feed(framing, state, b"tail\rGOOD\r")
    assert after == [Frame(b"GOOD")]


def test_too_long_in_one_piece() -> None:
    assert run(Framing(max_length=16), [b"y" * 40 + b"\rGOOD\r"]) == [
        Frame(b"y" * 16, ScanKind.TOO_LONG),
        Frame(b"GOOD"),
    ]


def test_half_a_suffix_does_not_count_as_length() -> None:
    framing = Framing(suffixes=(b"\r\n",), max_length=16)
    assert run(framing, [b"x" * 16 + b"\r", b"\n"]) == [Frame(b"x" * 16)]
    assert run(framing, [b"x" * 17 + b"\r", b"\n"]) == [Frame(b"x" * 16, ScanKind.TOO_LONG)]


def test_silence_ends_a_frame_only_where_configured() -> None:
    by_silence = Framing(suffixes=(), idle_s=0.03)
    state, frames = feed(by_silence, FramerState(), b"CODE")
    assert (frames, is_waiting(state)) == ([], True)
    assert silence(by_silence, state, 0.02) == (state, [])
    assert silence(by_silence, state, 0.03) == (FramerState(), [Frame(b"CODE")])
    by_suffix, _ = feed(Framing(), FramerState(), b"CODE")
    assert silence(Framing(), by_suffix, 0.5) == (by_suffix, [])
    assert silence(Framing(), by_suffix, 1.0) == (FramerState(), [Frame(b"CODE", ScanKind.TORN)])


def test_hang_up_in_mid_code_is_torn_and_leftover_line_end_is_nothing() -> None:
    state, _ = feed(Framing(), FramerState(), b"DONE\rHAL")
    assert lost(state) == (FramerState(), [Frame(b"HAL", ScanKind.TORN)])
    state, _ = feed(Framing(suffixes=(b"\r",)), FramerState(), b"DONE\r\n")
    assert lost(state) == (FramerState(), [])


def test_no_read_text_is_no_code() -> None:
    assert with_no_reads(Frame(b"NR"), (b"NoRead", b"NR")).kind is ScanKind.NO_READ
    assert with_no_reads(Frame(b"NR1"), (b"NR",)).kind is ScanKind.READ
    assert with_no_reads(Frame(b"NR", ScanKind.TORN), (b"NR",)).kind is ScanKind.TORN


@settings(max_examples=150)
@given(
    data=st.lists(st.sampled_from([b"A", b"BC", b"\r", b"\n", b"\x02", b"\x03", b"\x1d", b"xxxxxxxxxx"]), max_size=40),
    cuts=st.lists(st.integers(1, 7), max_size=60),
    framing=st.sampled_from(
        [Framing(max_length=16), Framing(b"\x02", (b"\x03",), None, 16), Framing(b"", (b"\r\n",), None, 16)]
    ),
)
def test_how_bytes_are_cut_makes_no_difference(data: list[bytes], cuts: list[int], framing: Framing) -> None:
    stream = b"".join(data) + b"\r\n\x03"
    pieces, at = [], 0
    for size in cuts:
        pieces.append(stream[at : at + size])
        at += size
    assert run(framing, [*pieces, stream[at:]]) == run(framing, [stream])
