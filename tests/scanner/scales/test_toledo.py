"""Toledo continuous, byte by byte. The messages are put together by hand from the table of status words."""

import random

import pytest

from tracelib_scanner.scales.toledo import ToledoFramer, weight_of
from tracelib_scanner.scales.weight import Weight, WeightSource

FIVE_KG = bytes.fromhex("02 2D 30 20") + b"  5000" + b"000000" + b"\r"
"""SWA 0x2D: three decimals, increment 1. SWB 0x30: kg, standing. SWC 0x20: the unit is as SWB says. So 5.000 kg."""
FIVE_KG_SUM = FIVE_KG + b"\x4f"
"""The bytes add up to 689, which is 49 in seven bits; 128 - 49 is 79, or 0x4F."""


def message(swa: int = 0x2D, swb: int = 0x30, swc: int = 0x20, weight: bytes = b"  5000") -> bytes:
    return bytes([0x02, swa, swb, swc]) + weight + b"000000\r"


@pytest.mark.parametrize(
    ("sent", "weight"),
    [
        (message(), Weight(5000, True)),
        (message(weight=b"004980"), Weight(4980, True)),
        (message(swb=0x38), Weight(5000, False)),  # in motion
        (message(swa=0x2C, weight=b"   512"), Weight(5120, True)),  # 5.12 kg
        (message(swa=0x2A, weight=b"    12"), Weight(12_000, True)),  # 12 kg
        (message(swa=0x29, weight=b"    12"), Weight(120_000, True)),  # 12 and a fixed nought: 120 kg
        (message(swa=0x2A, swc=0x21, weight=b"  4980"), Weight(4980, True)),  # grams
        (message(swa=0x2D, swc=0x22, weight=b"  1500"), Weight(1_500_000, True)),  # 1.500 t
        (message(swb=0x20, weight=b" 11000"), Weight(4990, True)),  # 11.000 lb are 4989.5 g: half to even
        (message(swb=0x32), Weight(None, True)),  # below zero
        (message(swb=0x34), Weight(None, True)),  # out of range
        (message(swb=0x70), Weight(None, True)),  # zero not captured
        (message(swc=0x23), Weight(None, True)),  # ounces
        (message(weight=b"      "), Weight(None, True)),  # a blank display
        (message(weight=b"000000"), Weight(0, True)),
    ],
)
def test_what_a_message_says(sent: bytes, weight: Weight) -> None:
    [frame] = ToledoFramer().feed(sent)
    assert weight_of(frame.data) == weight


def test_the_cut_makes_no_difference_and_noise_is_passed_over() -> None:
    stream = b"\xff\x02\x02noise" + FIVE_KG + b"\x02\x2d" + FIVE_KG + FIVE_KG[:9] + message(weight=b"  4980") + b"\x02"
    whole = [frame.data for frame in ToledoFramer().feed(stream)]
    assert [weight_of(data).grams for data in whole] == [5000, 5000, 4980]
    for cut in range(len(stream)):
        framer = ToledoFramer()
        assert [f.data for f in framer.feed(stream[:cut]) + framer.feed(stream[cut:])] == whole, cut


def test_checksum() -> None:
    framer = ToledoFramer(checksum=True)
    assert [weight_of(frame.data).grams for frame in framer.feed(FIVE_KG_SUM * 2)] == [5000, 5000]
    wrong = FIVE_KG.replace(b"5000", b"6000") + b"\x4f"
    assert framer.feed(wrong) == []
    assert len(framer.feed(FIVE_KG_SUM)) == 1  # and it finds the next one


def test_a_parity_bit_that_nobody_took_off() -> None:
    odd = bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in FIVE_KG)
    [frame] = ToledoFramer().feed(odd)
    assert weight_of(frame.data).grams == 5000


@pytest.mark.parametrize(
    "damaged",
    [
        message(swa=0x0D), message(swb=0x10), message(swc=0x00), message(swa=0x6D), message(weight=b" 50 00"),
        message(weight=b"50x000"), FIVE_KG[:-1] + b"\n",
    ],
)  # fmt: skip
def test_what_is_damaged_gives_no_weight(damaged: bytes) -> None:
    assert ToledoFramer().feed(damaged) == []


def test_random_bytes_never_raise_and_memory_is_bounded() -> None:
    rng, framer = random.Random(4), ToledoFramer(checksum=True)
    for _ in range(500):
        for frame in framer.feed(rng.randbytes(rng.randrange(200))):
            weight_of(frame.data)
        assert len(framer._buffer) < 64
    framer.silence(1)
    assert framer.is_waiting is False


def test_the_newest_weight_counts_while_it_is_stable_and_fresh() -> None:
    source = WeightSource(fresh_s=1.0, tare_g=200)
    assert source.at(0.0) is None
    source.put(Weight(5200, True), 10.0)
    assert (source.at(10.0), source.at(11.0), source.at(11.01)) == (5000, 5000, None)
    source.put(Weight(5300, False), 10.5)
    assert source.at(10.5) is None  # in motion: the carton is being lifted
    source.put(Weight(None, True), 10.6)
    assert source.at(10.6) is None
    source.put(Weight(200, True), 10.7)
    assert source.at(10.7) is None  # nothing but the carton itself
