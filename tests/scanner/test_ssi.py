"""Zebra's packets. Expected bytes are worked out by hand: length, opcode, source, status, data, two's complement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib_scanner.framing import Frame
from tracelib_scanner.scan import ScanKind
from tracelib_scanner.ssi import SsiFramer, packet

ACK = bytes.fromhex("04d00400ff28")  # 04+d0+04+00 = 0x00d8, 0x10000 - 0x00d8 = 0xff28
NAK = bytes.fromhex("05d1040001ff25")  # 05+d1+04+00+01 = 0x00db
AB = bytes.fromhex("07f300001c4142fe67")  # «AB» as QR code: 07+f3+00+00+1c+41+42 = 0x0199


def test_packets_as_the_guide_has_them() -> None:
    assert packet(0xD0) == ACK
    assert packet(0xD1, b"\x01") == NAK
    assert packet(0xF3, b"\x1cAB", source=0) == AB


def test_a_code_is_answered_only_after_it_is_on_disk() -> None:
    framer = SsiFramer()
    assert framer.feed(AB) == [Frame(b"]Q1AB")]
    assert framer.replies() == b""
    assert framer.acknowledgement() == ACK


def test_split_at_every_byte() -> None:
    for cut in range(len(AB) * 2):
        framer = SsiFramer()
        two = AB + packet(0xF3, b"\x03CD", source=0)
        assert framer.feed(two[:cut]) + framer.feed(two[cut:]) == [Frame(b"]Q1AB"), Frame(b"]C0CD")], cut


def test_every_damaged_bit_is_asked_for_again_and_never_a_code() -> None:
    for bit in range(8, len(AB) * 8):  # the first byte is the length: another one makes another packet, or none
        damaged = bytearray(AB)
        damaged[bit // 8] ^= 1 << bit % 8
        framer = SsiFramer()
        assert framer.feed(bytes(damaged)) == [], bit
        framer.silence(0.2)
        assert NAK in framer.replies(), bit


def test_a_repetition_after_a_lost_answer_is_answered_and_is_no_second_carton() -> None:
    framer = SsiFramer()
    again = packet(0xF3, b"\x1cAB", source=0, status=1)
    assert framer.feed(AB) == [Frame(b"]Q1AB")]
    assert (framer.feed(again), framer.replies()) == ([], ACK)
    assert framer.feed(AB) == [Frame(b"]Q1AB")], "without the bit it is read anew"


def test_a_repetition_of_what_never_arrived_is_taken() -> None:
    assert SsiFramer().feed(packet(0xF3, b"\x1cAB", source=0, status=1)) == [Frame(b"]Q1AB")]


@pytest.mark.parametrize(
    ("data", "expected"), [(b"\x1c]C1X", b"]C1X"), (b"\x7fX", b"X"), (b"\x0f01\x1d", b"]C101\x1d")]
)
def test_the_readers_own_identifier_stays_and_unknown_types_get_none(data: bytes, expected: bytes) -> None:
    assert SsiFramer().feed(packet(0xF3, data, source=0)) == [Frame(expected)]


def test_a_code_over_several_packets_is_said_to_be_too_long() -> None:
    assert SsiFramer().feed(packet(0xF3, b"\x1c" + b"A" * 200, source=0, status=2)) == [
        Frame(b"A" * 200, ScanKind.TOO_LONG)
    ]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_noise_never_raises_and_memory_is_bounded(pieces: list[bytes]) -> None:
    framer = SsiFramer()
    for piece in pieces:
        framer.feed(piece)
        assert len(framer._buffer) <= 257
    framer.lost()
    assert framer.feed(AB) == [Frame(b"]Q1AB")]
