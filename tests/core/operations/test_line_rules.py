"""What a station expects beyond a good code: each rule alone, and on a line that reads."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bench.line_world import World, make_world
from tracelib.clock import FixedClock
from tracelib.codes.record import CodeRecord
from tracelib.errors import RuleError
from tracelib.operations.capture import Line, capture
from tracelib.operations.line_answer import LineScan, Outcome
from tracelib.operations.line_rules import (
    ExpectBatches,
    ExpectGrades,
    ExpectProducts,
    Frozen,
    LineRule,
    SeasonFrom,
)
from tracelib.operations.pack import PackingSession
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
CARTON = CodeRecord(product="NAVEL", lot="26A1", serial="QQ9FWPA2NREVT9P", grade=2, level=2)
LICENSED = CodeRecord(gtin="09521234543213", lot="26A1", serial="QQ9FWPA2NREVT9P", level=2)
PALLET = CodeRecord(sscc="036901230000000017", level=3)


@pytest.mark.parametrize(
    ("rule", "record", "at", "code"),
    [
        (ExpectBatches(("26A1", "26A2")), CARTON, NOW, ""),
        (ExpectBatches(("26A2",)), CARTON, NOW, "line.other_batch"),
        (ExpectBatches(("26A2",)), PALLET, NOW, ""),
        (ExpectProducts(("NAVEL",)), CARTON, NOW, ""),
        (ExpectProducts(("09521234543213",)), LICENSED, NOW, ""),
        (ExpectProducts(("NAVEL",)), LICENSED, NOW, "line.other_product"),
        (ExpectProducts(("P/NAVEL",)), CARTON, NOW, "line.other_product"),
        (ExpectProducts(("NAVEL",)), PALLET, NOW, ""),
        (ExpectGrades((1, 2)), CARTON, NOW, ""),
        (ExpectGrades((1,)), CARTON, NOW, "line.other_grade"),
        (ExpectGrades((1,)), LICENSED, NOW, "line.other_grade"),  # not graded is no first grade
        (ExpectGrades((0,)), LICENSED, NOW, ""),
        (ExpectGrades((1,)), PALLET, NOW, ""),
        (Frozen(("26A2",)), CARTON, NOW, ""),
        (Frozen(("26A1",)), CARTON, NOW, "line.frozen"),
        (Frozen(("26A1",)), PALLET, NOW, ""),
        (SeasonFrom(date(2026, 11, 23)), CARTON, datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), "line.before_season"),
        (SeasonFrom(date(2026, 11, 23)), CARTON, datetime(2026, 11, 22, 16, 0, tzinfo=UTC), ""),  # midnight in China
    ],
)
def test_each_rule_alone(rule: LineRule, record: CodeRecord, at: datetime, code: str) -> None:
    if not code:
        rule(record, at)
        return
    with pytest.raises(RuleError) as refused:
        rule(record, at)
    assert refused.value.code == code


@pytest.fixture
def world(tmp_path: Path, store: Store) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def test_a_refused_carton_is_untouched_and_pallets_are_not_asked(world: World) -> None:
    first, second = world.cartons(2, lot="GN-1"), world.cartons(1, lot="GN-2")
    (pallet,) = world.pallets(1)
    plain = world.line()
    line = Line(world.store, plain.keyring, plain.place, serial_keys=plain.serial_keys,
                rules=(ExpectBatches(("GN-1",)), ExpectProducts(("ORANGE",))))  # fmt: skip
    texts = [first[0], second[0], first[1], pallet]
    scans = [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(texts, 1)]
    answers, session = capture(line, PackingSession(2), scans, NOW)
    assert [one.outcome for one in answers] == [Outcome.ACTIVATED, Outcome.REFUSED, Outcome.ACTIVATED, Outcome.PACKED]
    assert (answers[1].reason, answers[1].lot, session.waiting) == ("line.other_batch", "GN-2", ())
    again, _ = capture(plain, session, [LineScan(9, "belt", "read", b"x", NOW, second[0])], NOW)
    assert again[0].outcome is Outcome.ACTIVATED  # nothing had happened to it
