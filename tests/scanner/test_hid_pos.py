"""HID POS reports, written by hand: id, length, AIM identifier, 56 bytes of data, two bytes, continued."""

from hypothesis import given
from hypothesis import strategies as st

from tracelib_scanner.framing import Frame
from tracelib_scanner.hid_pos import HidPosFramer
from tracelib_scanner.scan import ScanKind


def report(data: bytes, *, aim: bytes = b"]C1", more: bool = False, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return bytes([2, size]) + aim + data.ljust(56, b"\0") + b"\0\0" + bytes([more])


def test_a_report_is_a_code_with_its_identifier_and_gs() -> None:
    whole = report(b"0108712345678906\x1d10LOT1")
    assert len(whole) == 64
    assert HidPosFramer().feed(whole) == [Frame(b"]C10108712345678906\x1d10LOT1")]


def test_a_reader_that_leaves_out_the_bytes_before_the_last_is_understood() -> None:
    assert HidPosFramer().feed(bytes([2, 1]) + b"]Q1" + b"A".ljust(56, b"\0") + b"\0") == [Frame(b"]Q1A")]


def test_a_long_code_goes_over_reports() -> None:
    framer = HidPosFramer()
    assert framer.feed(report(b"A" * 56, more=True)) == []
    assert framer.is_waiting
    assert framer.feed(report(b"B")) == [Frame(b"]C1" + b"A" * 56 + b"B")]
    assert not framer.is_waiting


def test_a_rest_that_does_not_come_is_torn() -> None:
    framer = HidPosFramer()
    framer.feed(report(b"A" * 56, more=True))
    assert framer.silence(0.5) == []
    assert framer.silence(1.0) == [Frame(b"]C1" + b"A" * 56, ScanKind.TORN)]
    assert framer.feed(report(b"B")) == [Frame(b"]C1B")]


def test_other_reports_and_lengths_that_cannot_be_are_passed_over() -> None:
    framer = HidPosFramer()
    for odd in (b"", b"\x02", b"\x04" + report(b"A")[1:], report(b"A", length=57), report(b""), report(b"A") + b"\0"):
        assert framer.feed(odd) == [], odd
    assert framer.feed(report(b"A", aim=b"\0\0\0")) == [Frame(b"A")]


def test_a_code_without_end_is_bounded() -> None:
    framer = HidPosFramer()
    frames = [frame for _ in range(200) for frame in framer.feed(report(b"A" * 56, more=True))]
    assert {frame.kind for frame in frames} == {ScanKind.TOO_LONG}
    assert {len(frame.data) for frame in frames} == {4096}


@given(st.binary(max_size=70))
def test_noise_never_raises(data: bytes) -> None:
    HidPosFramer().feed(data)
