"""The board: what follows from which news, counted by hand."""

from datetime import UTC, date, datetime, timedelta

from tracelib.codes.verdict import Verdict
from tracelib.operations.line_answer import Captured, LineScan, Outcome
from tracelib.text import phrases
from tracelib_scanner.board import Board
from tracelib_scanner.errors import DeviceLostError
from tracelib_scanner.health import DeviceState
from tracelib_scanner.reasons import GONE
from tracelib_scanner.station import Answer, DeviceChange
from tracelib_scanner.words import ASIDE, KINDS, KNOWN_REASONS, TO_DO, what_happened, what_to_do

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""12:00 in UTC+08:00."""


def answer(
    row: int, outcome: Outcome, reason: str = "", *, data: bytes = b"", at: datetime = NOON, cartons: int = 0
) -> Answer:
    scan = LineScan(row, "belt", "read", data or str(row).encode(), at, "text")
    return Answer(Captured(scan, outcome, reason, unit_id=f"U{row}", cartons=cartons), 0.004)


def board_of(*answers: Answer) -> Board:
    board = Board("LINE-1", ["belt"], 3)
    for one in answers:
        board.add(one)
    return board


def test_a_day_is_counted() -> None:
    board = board_of(
        *(answer(row, Outcome.ACTIVATED) for row in (1, 2, 3)),
        answer(4, Outcome.PACKED, cartons=3),
        answer(5, Outcome.REFUSED, "bad_signature"),
        answer(6, Outcome.NOTHING, "no_read"),
    )
    facts = board.facts(NOON, [])
    assert facts.today == {"activated": 3, "packed": 1, "refused": 1, "nothing": 1}
    assert (facts.number, [reading.row for reading in facts.last]) == (6, [6, 5, 4, 3, 2, 1])
    assert facts.refused is not None
    assert facts.refused.unit == "U5"
    assert facts.devices[0].outcomes == {"activated": 3, "packed": 1, "refused": 1, "nothing": 1}
    assert facts.devices[0].reasons == {"bad_signature": 1, "no_read": 1}


def test_midnight_of_the_line_begins_a_day() -> None:
    """16:00 UTC is midnight; a reading of yesterday that is made up for today counts nowhere."""
    midnight = datetime(2026, 11, 23, 16, tzinfo=UTC)
    board = board_of(answer(1, Outcome.ACTIVATED, at=midnight - timedelta(seconds=1)))
    assert board.facts(midnight - timedelta(seconds=1), []).today["activated"] == 1
    assert board.facts(midnight, []).today == {}
    board.add(answer(2, Outcome.REFUSED, "not_ours", at=midnight))
    board.add(answer(3, Outcome.ACTIVATED, at=midnight - timedelta(hours=2)))
    assert board.facts(midnight, []).today["refused"] == 1
    assert board.facts(midnight, []).today.get("activated", 0) == 0
    assert board.totals(0)["activated"] == 2


def test_what_the_day_held_before_the_start_counts() -> None:
    board = Board("LINE-1", ["belt"], 3)
    board.began(date(2026, 11, 23), {"activated": 40})
    board.add(answer(41, Outcome.ACTIVATED))
    assert board.facts(NOON, []).today["activated"] == 41


def test_the_same_code_again_changes_no_verdict() -> None:
    board = board_of(
        answer(1, Outcome.REFUSED, "not_ours", data=b"x"),
        answer(2, Outcome.ACTIVATED, data=b"y"),
        answer(3, Outcome.REPEAT, data=b"x"),
        answer(4, Outcome.REPEAT, data=b"y"),
        answer(5, Outcome.REPEAT, data=b"y"),
    )
    shown = [(reading.row, reading.outcome, reading.times) for reading in board.facts(NOON, []).last]
    assert shown == [(2, "activated", 3), (1, "refused", 2)]


def test_a_storm_of_no_reads_is_one_line() -> None:
    storm = [answer(row, Outcome.NOTHING, "no_read", data=b"NoRead") for row in range(2, 400)]
    board = board_of(answer(1, Outcome.ACTIVATED), *storm)
    shown = [(reading.row, reading.times) for reading in board.facts(NOON, []).last]
    assert shown == [(2, 398), (1, 1)]


def test_only_the_last_ten_are_kept() -> None:
    board = board_of(*(answer(row, Outcome.ACTIVATED) for row in range(1, 31)))
    assert [reading.row for reading in board.facts(NOON, []).last] == list(range(30, 20, -1))


def test_devices_and_what_waits() -> None:
    board = board_of()
    lost = DeviceLostError(device="belt", place="here", detail=GONE)
    board.add(DeviceChange("belt", DeviceState.DOWN, lost))
    facts = board.facts(NOON, ["A", "B"])
    assert (facts.devices[0].state, facts.devices[0].error) == (DeviceState.DOWN, lost)
    assert (facts.waiting, facts.wanted, facts.last_waiting) == (2, 3, "B")


def test_facts_do_not_change_afterwards() -> None:
    board = board_of(answer(1, Outcome.ACTIVATED))
    before = board.facts(NOON, [])
    board.add(answer(2, Outcome.ACTIVATED))
    assert (before.today["activated"], len(before.last), before.devices[0].outcomes["activated"]) == (1, 1, 1)


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    accepted = {Verdict.ACTIVE, Verdict.REGISTERED, Verdict.SIGNATURE_VALID}
    chinese = phrases("zh")
    for reason in KNOWN_REASONS - accepted:
        assert reason in TO_DO, reason
        for text in (what_happened(reason), what_to_do(reason)):
            assert chinese(text) != text, text
    assert set(KINDS) <= KNOWN_REASONS
    assert (what_to_do("a.new_rule"), what_to_do("")) == (ASIDE, "")
