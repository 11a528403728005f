"""Units, checks, counters and ranges in the store, on every database."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from tracelib.store.code_values import Activation, IssuedRange, Replacement, StoredManifest, UnitHistory, Voided
from tracelib.store.errors import ConflictError, RangeTakenError
from tracelib.store.unit_of_work import Store

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = bytes(range(32))


def activation(unit: str, minute: int = 0, station: str = "L1", party: str = "COOP1") -> Activation:
    return Activation(party, unit, "P/ORANGE", "GN-1", NOON + timedelta(minutes=minute), station)


def code_range(first: int, count: int, prefix: str = "AB3D", lot: str = "GN-1", minute: int = 0) -> IssuedRange:
    return IssuedRange(
        party_id="COOP1",
        prefix=prefix,
        first=first,
        count=count,
        issuer_key=KEY,
        profile="A",
        product_id="ORANGE",
        product_key="P/ORANGE",
        lot=lot,
        day=2518,
        attrs=500 * 256 + 2,
        weight_g=count * 5000,
        host="q.example.com",
        path="",
        reserved_at=NOON + timedelta(minutes=minute),
    )


def manifest(seq: int, first: int, prefix: str = "AB3D") -> StoredManifest:
    return StoredManifest(
        party_id="COOP1",
        issuer_key=KEY,
        seq=seq,
        prefix=prefix,
        first=first,
        cum_units=10,
        cum_weight_g=50_000,
        hash=bytes([seq]) * 32,
        document=b"signed",
        registered_at=NOON,
    )


def test_second_activation_changes_nothing_and_is_answered_with_the_first(store: Store) -> None:
    with store.unit_of_work() as uow:
        assert uow.codes.activate([activation("U1"), activation("U2", 1)]) == []
    with store.unit_of_work() as uow:
        earlier = uow.codes.activate([activation("U2", 9, "L2"), activation("U3", 9, "L2")])
    assert earlier == [activation("U2", 1)]
    with store.reading() as uow:
        states = uow.codes.states("COOP1", ["U2", "U3", "U4"])
    assert states == {
        "U2": UnitHistory(activation("U2", 1), None),
        "U3": UnitHistory(activation("U3", 9, "L2"), None),
        "U4": UnitHistory(None, None),
    }


def test_same_unit_twice_in_one_call_is_a_second_activation(store: Store) -> None:
    with store.unit_of_work() as uow:
        assert uow.codes.activate([activation("U1"), activation("U1", 5)]) == [activation("U1")]


def test_unit_of_another_party_is_another_unit(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.codes.activate([activation("U1")])
        assert uow.codes.activate([activation("U1", party="COOP2")]) == []
        assert uow.codes.states("COOP3", ["U1"])["U1"].activation is None


def test_thousands_of_units_at_once(store: Store) -> None:
    units = [activation(f"U{number}") for number in range(3000)]
    with store.unit_of_work() as uow:
        assert uow.codes.activate(units[:2000]) == []
    with store.unit_of_work() as uow:
        assert uow.codes.activate(units) == units[:2000]
        assert uow.codes.active_count("COOP1", "P/ORANGE", "GN-1") == 3000


def test_void_is_final_and_keeps_the_first_reason(store: Store) -> None:
    first = Voided("COOP1", "U1", "damaged", NOON, "", "torn", "ORANGE", "GN-1")
    with store.unit_of_work() as uow:
        uow.voids.add("COOP1", ["U1", "U1"], "damaged", NOON, note="torn", product_id="ORANGE", lot="GN-1")
        uow.voids.add("COOP1", ["U1", "U2"], "lost", NOON, product_id="ORANGE", lot="GN-1")
        assert uow.codes.states("COOP1", ["U1"])["U1"].voided == first
        assert uow.voids.voided("COOP1", ["U1", "U3"]) == {"U1": first}
        assert uow.voids.count_by_reason("COOP1", "ORANGE", "GN-1") == {"damaged": 1, "lost": 1}
        assert uow.voids.count_by_reason("COOP1", "ORANGE", "GN-2") == {}


def test_one_replacement_for_a_unit_found_from_both_sides(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.voids.add_replacements("COOP1", ["U1", "U2"], ["N1", "N2"], "AB3D", 12)
    with store.reading() as uow:
        assert uow.voids.replacements("COOP1", ["U2", "U3"]) == {"U2": Replacement("COOP1", "U2", "N2", "AB3D", 12)}
        around = [uow.voids.around("COOP1", unit) for unit in ("U1", "N1", "X")]
    assert around == [("N1", None), (None, "U1"), (None, None)]
    for old, new in (("U1", "N9"), ("U9", "N1")):
        with pytest.raises(ConflictError), store.unit_of_work() as uow:
            uow.voids.add_replacements("COOP1", [old], [new], "AB3D", 99)


def test_checks_are_counted_from_the_first(store: Store) -> None:
    with store.reading() as uow:
        assert uow.codes.checks("COOP1", "U1") is None
    for minute in (0, 3, 8):
        with store.unit_of_work() as uow:
            counted = uow.codes.record_check("COOP1", "U1", NOON + timedelta(minutes=minute))
    assert (counted.count, counted.first_at, counted.last_at) == (3, NOON, NOON + timedelta(minutes=8))
    with store.reading() as uow:
        assert uow.codes.checks("COOP1", "U1") == counted


def test_times_come_back_in_utc_whatever_the_offset_was(store: Store) -> None:
    china = timezone(timedelta(hours=8))
    with store.unit_of_work() as uow:
        uow.codes.record_check("COOP1", "U1", datetime(2026, 11, 23, 12, 0, tzinfo=china))
    with store.reading() as uow:
        found = uow.codes.checks("COOP1", "U1")
    assert found is not None
    assert found.first_at == NOON
    assert found.first_at.tzinfo is UTC


def test_naive_time_is_refused(store: Store) -> None:
    with store.unit_of_work() as uow, pytest.raises(Exception, match="no offset"):
        uow.codes.record_check("COOP1", "U1", datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001 - the fault


def test_ranges_follow_each_other_and_a_stale_view_is_refused(store: Store) -> None:
    with store.unit_of_work() as uow:
        assert uow.codes.next_counter("COOP1", "AB3D", 0) is None
        uow.codes.reserve(code_range(0, 100), 0, None)
    with store.unit_of_work() as uow:
        assert uow.codes.next_counter("COOP1", "AB3D", 0) == 100
        uow.codes.reserve(code_range(100, 20), 0, 100)
    for first, expected in ((0, None), (100, 100), (119, 120)):
        with pytest.raises(RangeTakenError), store.unit_of_work() as uow:
            uow.codes.reserve(code_range(first, 5), 0, expected)
    with store.reading() as uow:
        assert uow.codes.all_counters() == {"COOP1/AB3D/0": 120}
        assert uow.codes.issued_count("COOP1", "ORANGE", "GN-1") == 120
        assert uow.codes.issued_weight_g("COOP1", "ORANGE", "GN-1") == 600_000
        assert uow.codes.issued_weight_g("COOP1", "ORANGE", "GN-2") == 0


def test_counters_beyond_32_bits(store: Store) -> None:
    top = 2**50 - 10
    with store.unit_of_work() as uow:
        uow.codes.reserve(code_range(top, 10), top, None)
        assert uow.codes.next_counter("COOP1", "AB3D", top) == 2**50


def test_range_covering_a_counter(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.codes.reserve(code_range(0, 10), 0, None)
        uow.codes.reserve(code_range(20, 10, lot="GN-2"), 0, 10)
    with store.reading() as uow:
        found = {counter: uow.codes.covering("COOP1", "AB3D", counter) for counter in (0, 9, 10, 19, 20, 29, 30)}
        assert uow.codes.covering("COOP2", "AB3D", 0) is None
        assert uow.codes.covering("COOP1", "AB3E", 0) is None
    assert {counter: range_ and range_.lot for counter, range_ in found.items()} == {
        0: "GN-1", 9: "GN-1", 10: None, 19: None, 20: "GN-2", 29: "GN-2", 30: None,
    }  # fmt: skip


def test_range_is_pending_until_its_manifest_is_there(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.codes.reserve(code_range(0, 10), 0, None)
        assert [range_.first for range_ in uow.codes.pending("COOP1", KEY)] == [0]
        uow.codes.add_manifest(manifest(1, 0))
        assert uow.codes.pending("COOP1", KEY) == []
        assert [range_.seq for range_ in uow.codes.ranges_of("COOP1", "ORANGE", "GN-1")] == [1]
        last = uow.codes.last_manifest("COOP1", KEY)
    assert last == manifest(1, 0)


def test_a_second_manifest_with_the_same_seq_or_for_the_same_range_is_refused(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.codes.reserve(code_range(0, 10), 0, None)
        uow.codes.reserve(code_range(10, 10), 0, 10)
        uow.codes.add_manifest(manifest(1, 0))
    with pytest.raises(ConflictError), store.unit_of_work() as uow:
        uow.codes.add_manifest(manifest(1, 10))
    with pytest.raises(ConflictError), store.unit_of_work() as uow:
        uow.codes.add_manifest(manifest(2, 0))
    with pytest.raises(RangeTakenError), store.unit_of_work() as uow:
        uow.codes.add_manifest(manifest(2, 55))
    with store.reading() as uow:
        assert [stored.seq for stored in uow.codes.manifests("COOP1", KEY)] == [1]
        assert uow.codes.manifest("COOP1", KEY, 1) == manifest(1, 0)
        assert uow.codes.manifest("COOP1", KEY, 2) is None


def test_every_key_of_a_growing_table_begins_with_the_party(store: Store) -> None:
    from tracelib.store.tables import metadata

    growing = [table for table in metadata().tables.values() if table.name.startswith("code_")]
    assert len(growing) >= 6
    for table in growing:
        assert next(iter(table.primary_key.columns)).name == "party_id", table.name
        for index in table.indexes:
            assert next(iter(index.columns)).name == "party_id", index.name
        for constraint in table.constraints:
            columns = list(getattr(constraint, "columns", []))
            assert not columns or columns[0].name == "party_id", constraint


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM code_activation WHERE party_id = 'COOP1' AND unit_id = 'U1'",
        "SELECT * FROM code_range WHERE party_id = 'COOP1' AND prefix = 'A' AND first <= 5 ORDER BY first DESC LIMIT 1",
        "SELECT * FROM code_range WHERE party_id = 'COOP1' AND lot = 'L' AND product_id = 'P'",
        "SELECT * FROM code_range WHERE party_id = 'COOP1' AND issuer_key = x'00' AND seq IS NULL",
        "SELECT reason, count(*) FROM code_void WHERE party_id = 'COOP1' AND lot = 'L' AND product_id = 'P'",
    ],
)
def test_hot_queries_use_an_index(query: str, store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    with store.engine.connect() as connection:
        plan = " ".join(str(row[3]) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert "USING" in plan
    assert "INDEX" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


def test_a_look_at_many_units_goes_through_the_index_whatever_else_is_void(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    plans: list[str] = []

    def explain(connection: Connection, statement: str, parameters: Any) -> None:  # noqa: ANN401 - the driver's
        if statement.startswith("SELECT") and "json_each" in statement:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(str(row[3]) for row in rows))

    event.listen(store.engine, "before_cursor_execute", lambda c, _, s, p, *__: explain(c, s, p))
    with store.reading() as uow:
        uow.voids.voided("COOP1", ["U1"])
        uow.voids.replacements("COOP1", ["U1"])
        uow.voids.activations("COOP1", ["U1"])
    assert len(plans) == 3
    for plan in plans:
        assert "(party_id=? AND " in plan, plan
