"""Key events to text. Events are by hand from Linux input-event-codes.h; layouts as their countries have them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib_scanner.framing import Frame
from tracelib_scanner.key_layouts import KEYS, LAYOUTS
from tracelib_scanner.keyboard import KeyboardFramer
from tracelib_scanner.scan import ScanKind

ENTER, SHIFT, CTRL, ALT, ALT_GR, CAPS, F8 = 28, 42, 29, 56, 100, 58, 66
A, B, Q, Y, Z, TWO, SEVEN, EIGHT = 30, 48, 16, 21, 44, 3, 8, 9
DROPPED = struct.pack("@llHHi", 0, 0, 0, 3, 0) + struct.pack("@llHHi", 0, 0, 0, 0, 0)


def keys(*codes: int) -> bytes:
    """Keys pressed and released; a negative code is pressed and stays down, until it comes again."""
    found, down = b"", set[int]()
    for code in codes:
        held = abs(code)
        values = [0] if held in down else [1] if code < 0 else [1, 0]
        down = down - {held} if held in down else down | {held} if code < 0 else down
        for value in values:
            found += struct.pack("@llHHi", 0, 0, 1, held, value) + struct.pack("@llHHi", 0, 0, 0, 0, 0)
    return found


def texts(layout: str, data: bytes) -> list[str]:
    return [frame.data.decode() for frame in KeyboardFramer(layout).feed(data) if frame.kind is ScanKind.READ]


@pytest.mark.parametrize(
    ("layout", "events", "expected"),
    [
        ("us", keys(A, -SHIFT, A, SHIFT, A, TWO, ENTER), "aAa2"),
        ("us", keys(-SHIFT, TWO, SHIFT, ENTER), "@"),
        ("uk", keys(-SHIFT, TWO, SHIFT, ENTER), '"'),
        ("de", keys(Y, Z, -SHIFT, SEVEN, SHIFT, ENTER), "zy/"),
        ("de", keys(-ALT_GR, Q, EIGHT, ALT_GR, ENTER), "@["),
        ("fr", keys(Q, A, TWO, -SHIFT, TWO, SHIFT, ENTER), "aqé2"),
        ("us", keys(CAPS, A, TWO, -SHIFT, A, SHIFT, CAPS, A, ENTER), "A2aa"),
        ("us", keys(A, F8, B, ENTER), "a\x1db"),
        ("us", keys(A, -CTRL, 27, CTRL, B, ENTER), "a\x1db"),
        ("us", keys(A, -ALT, 82, 80, 73, ALT, B, ENTER), "a\x1db"),
        ("us", keys(79, 80, 81, 96), "123"),
    ],
)
def test_what_is_typed(layout: str, events: bytes, expected: str) -> None:
    assert texts(layout, events) == [expected]


def test_split_at_every_byte_and_two_codes() -> None:
    stream = keys(A, ENTER, B, ENTER)
    for cut in range(len(stream)):
        framer = KeyboardFramer("us")
        assert framer.feed(stream[:cut]) + framer.feed(stream[cut:]) == [Frame(b"a"), Frame(b"b")], cut


def test_a_key_held_down_is_not_typed_again() -> None:
    again, up = struct.pack("@llHHi", 0, 0, 1, A, 2), struct.pack("@llHHi", 0, 0, 1, A, 0)
    assert texts("us", keys(-A) + again + up + keys(ENTER)) == ["a"]


def test_lost_keys_make_the_code_torn_and_its_rest_no_code() -> None:
    framer = KeyboardFramer("us")
    frames = framer.feed(keys(A, B) + DROPPED + keys(Q, ENTER, A, B, ENTER))
    assert frames == [Frame(b"ab", ScanKind.TORN), Frame(b"ab")]


def test_lost_keys_with_the_end_among_them_spoil_only_what_comes_before_the_next_pause() -> None:
    framer = KeyboardFramer("us")
    assert framer.feed(DROPPED + keys(Q)) == [Frame(b"", ScanKind.TORN)]
    framer.silence(0.25)
    assert framer.feed(keys(A, ENTER)) == [Frame(b"a")]


def test_events_up_to_the_report_after_a_loss_are_passed_over() -> None:
    half = struct.pack("@llHHi", 0, 0, 0, 3, 0) + struct.pack("@llHHi", 0, 0, 1, SHIFT, 1)
    framer = KeyboardFramer("us")
    framer.feed(half + struct.pack("@llHHi", 0, 0, 0, 0, 0) + keys(ENTER))
    assert framer.feed(keys(A, ENTER)) == [Frame(b"a")], "the Shift of the lost events is not held down"


def test_no_end_for_ever_is_bounded() -> None:
    framer = KeyboardFramer("us")
    frames = framer.feed(keys(A) * 10_000)
    assert frames == [Frame(b"a" * 4096, ScanKind.TOO_LONG)]
    assert framer.feed(keys(ENTER, B, ENTER)) == [Frame(b"b")]


def test_every_ascii_character_that_a_code_may_hold_can_be_typed_on_a_us_keyboard() -> None:
    typed = {text for row in LAYOUTS["us"].values() for text in row}
    assert {chr(n) for n in range(0x20, 0x7F)} <= typed
    assert len(KEYS) == len(set(KEYS)) == 49


@given(st.binary(max_size=600))
def test_noise_never_raises(data: bytes) -> None:
    framer = KeyboardFramer("de")
    framer.feed(data)
    framer.lost()
    assert framer.feed(keys(A, ENTER)) == [Frame(b"a")]
