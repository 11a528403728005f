"""Replacing codes: once for each, the same goods and weight, readable from both sides."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.batches.manifest import decode_manifest
from tracelib.codes.record import Level
from tracelib.codes.serial import SerialCipher, grouped
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.batches.report import batch_report
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.issuer import Issuer
from tracelib.operations.issuing.register_range import CountersUsedUpError
from tracelib.operations.issuing.replace import (
    Keys,
    NotVoidError,
    Printed,
    Replaced,
    ReplacedMeanwhileError,
    ReplacementsNotWrittenError,
    plan_replace,
    replace_codes,
)
from tracelib.operations.issuing.rules import BatchQuotaError, WeightQuotaError
from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
from tracelib.operations.printing.log import PrintLog
from tracelib.operations.printing.replacements import write_replacements
from tracelib.operations.units import Units
from tracelib.store.code_values import IssuedRange
from tracelib.store.registry import StoreRegistry

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

TORN = VoidAct(Reason.DAMAGED, "torn")


def issue(county: "County", count: int, **more: object) -> list[str]:
    request = IssueRequest(batch=county.batch, count=count, level=Level.CARTON, host="q.example.com", grade=1)
    registered = issue_codes(county.desk, county.issuer, replace(request, **more))  # type: ignore[arg-type]
    return b"".join(code_lines(county.issuer, registered.range)).decode().splitlines()


def keys_of(county: "County", issuer: Issuer | None = None) -> Keys:
    by_hash = {one.key_hash: one for one in (county.issuer, issuer or county.issuer)}
    k_hash = county.issuer.delegation.k_hash or b""
    return Keys(lambda _: issuer or county.issuer, by_hash.__getitem__, {k_hash: county.issuer.serial_key})


def replaced(
    county: "County", *names: str, act: VoidAct | None = TORN, issuer: Issuer | None = None
) -> tuple[Replaced, dict[str, tuple[str, str]]]:
    """What was done, and the file as old serial to (new code, new serial)."""
    keys = keys_of(county, issuer)
    with county.store.reading() as uow:
        units = Units(uow, keys.serial_keys)
        plan = plan_replace(uow, units, [part for name in names for part in units.named(name)])
    done = replace_codes(county.desk, keys, plan, act, Printed("q.example.com", "C"))
    out = county.desk.keys.parent / "new.csv"
    write_replacements(PrintLog(county.store, county.desk.clock), keys, plan, out)
    with out.open(encoding="ascii") as stream:
        return done, {row["replaces"]: (row["code"], row["serial"]) for row in csv.DictReader(stream)}


def serial(line: str) -> str:
    return line.rpartition("/")[2]


def ranges(county: "County") -> list[IssuedRange]:
    with county.store.reading() as uow:
        return uow.codes.ranges_of(*county.batch)


def test_new_codes_for_the_same_goods(county: "County") -> None:
    county.store.operator = "Li"
    lines = issue(county, 10)
    county.clock.move(timedelta(days=2).total_seconds())
    done, pairs = replaced(county, "GN-1:3-5", serial(lines[8]))
    assert (done.count, done.before) == (4, 0)
    old, new = ranges(county)
    assert (new.count, new.attrs, new.lot, new.product_key, new.profile) == (4, old.attrs, "GN-1", "P/ORANGE", "A")
    assert (new.seq, new.replaces, new.day, new.path) == (2, True, old.day + 2, "C")
    cipher = SerialCipher(county.issuer.serial_key, "AB3D")
    expected = [serial(lines[place]) for place in (2, 3, 4, 8)]
    assert {one: unit for one, (_, unit) in pairs.items()} == {
        one: cipher.serial_of(10 + place) for place, one in enumerate(expected)
    }
    assert [code for code, _ in pairs.values()] == b"".join(code_lines(county.issuer, new)).decode().splitlines()
    with county.store.reading() as uow:
        assert {one.note for one in uow.voids.voided("COOP1", expected).values()} == {"torn"}
        changes = [(one.operator, one.verb, one.subject) for one in uow.changes.list("COOP1", limit=3)]
    assert changes.count(("Li", "code.replace", "COOP1/ORANGE/GN-1")) == 1
    assert changes.count(("Li", "code.void", "COOP1/ORANGE/GN-1")) == 2


def test_both_sides_are_told(county: "County") -> None:
    lines = issue(county, 2)
    _, pairs = replaced(county, "GN-1:1")
    old, (_, new) = serial(lines[0]), pairs[serial(lines[0])]
    with county.store.reading() as uow:
        registry = StoreRegistry(uow)
        before, after = registry.state("COOP1", old), registry.state("COOP1", new)
        assert registry.state("COOP1", serial(lines[1])) is None
    assert before
    assert (before.state, before.reason, before.note, before.replaced_by) == ("voided", "damaged", "torn", new)
    assert after
    assert (after.state, after.replaces, after.replaced_by) == ("issued", old, None)


def test_the_same_again_answers_the_same_replacement(county: "County") -> None:
    lines = issue(county, 4)
    _, first = replaced(county, "GN-1:2-3")
    again, second = replaced(county, "GN-1:2-4")
    assert (again.count, again.before) == (1, 2)
    assert {one: second[one] for one in first} == first
    assert set(second) == {serial(line) for line in lines[1:]}
    none, third = replaced(county, "GN-1:3", act=None)
    assert (none.count, none.before, len(ranges(county))) == (0, 1, 3)
    assert third == {serial(lines[2]): first[serial(lines[2])]}


def test_a_replacement_can_be_torn_too(county: "County") -> None:
    lines = issue(county, 1)
    _, first = replaced(county, "GN-1:1")
    (second,) = [unit for _, unit in first.values()]
    _, again = replaced(county, second)
    (third,) = [unit for _, unit in again.values()]
    with county.store.reading() as uow:
        assert uow.voids.around("COOP1", second) == (third, serial(lines[0]))
        report = batch_report(uow, uow.batches.find("GN-1")[0])
    assert (report.codes.issued, report.codes.replacements, report.codes.voided) == (3, 2, {"damaged": 2})


def test_void_first_and_replaced_later_keeps_the_first_reason(county: "County") -> None:
    lines = issue(county, 3)
    keys = keys_of(county)
    with county.store.reading() as uow:
        parts = Units(uow, keys.serial_keys).named("GN-1:1-2")
    void_parts(county.store, county.clock, parts, VoidAct(Reason.LOST), serial_keys=keys.serial_keys)
    done, _ = replaced(county, "GN-1:1-2", act=None)
    assert done.count == 2
    with pytest.raises(NotVoidError, match=f"1 of the codes are not void, the first is {grouped(serial(lines[2]))}"):
        replaced(county, "GN-1:1-3", act=None)
    replaced(county, "GN-1:1-3")
    with county.store.reading() as uow:
        reasons = uow.voids.count_by_reason(*county.batch)
    assert reasons == {"lost": 2, "damaged": 1}


def test_a_file_that_cannot_be_written_says_that_the_new_codes_stand(county: "County") -> None:
    issue(county, 2)
    replaced(county, "GN-1:1")
    keys = keys_of(county)
    with county.store.reading() as uow:
        units = Units(uow, keys.serial_keys)
        plan = plan_replace(uow, units, units.named("GN-1:1"))
    with pytest.raises(ReplacementsNotWrittenError, match="give the same command again"):
        write_replacements(
            PrintLog(county.store, county.desk.clock), keys, plan, county.desk.keys / "nowhere" / "new.csv"
        )


def left_g(county: "County") -> int:
    with county.store.reading() as uow:
        batch = uow.batches.get(*county.batch)
        assert batch
        return balance_of(uow, batch).left_g


def test_no_kilogram_is_lost_and_none_is_won(county: "County") -> None:
    issue(county, 1000)  # the whole batch: 5 t in cartons of 5 kg
    assert left_g(county) == 0
    replaced(county, "GN-1:1-40")
    assert left_g(county) == 0
    with county.store.reading() as uow:
        last = uow.codes.last_manifest("COOP1", county.issuer.key_hash)
    assert last
    signed = decode_manifest(last.document, county.issuer.signer.public).manifest
    assert (signed.count, signed.weight_g, signed.cum_units, signed.cum_weight_g) == (40, 200_000, 1040, 5_200_000)


def test_a_void_code_without_replacement_still_counts(county: "County") -> None:
    issue(county, 900)
    keys = keys_of(county)
    with county.store.reading() as uow:
        parts = Units(uow, keys.serial_keys).named("GN-1:1-100")
    void_parts(county.store, county.clock, parts, TORN, serial_keys=keys.serial_keys)
    assert left_g(county) == 500_000
    replaced(county, "GN-1:1-50")
    assert left_g(county) == 500_000


def test_quotas_of_the_delegation_count_every_signed_code(county: "County") -> None:
    issue(county, 10)
    limits: list[tuple[dict[str, object], type[Exception]]] = [
        ({"max_units": 11}, CountersUsedUpError),
        ({"max_batch_units": 11}, BatchQuotaError),
        ({"max_kg": 55}, WeightQuotaError),
    ]
    for limit, error in limits:
        with pytest.raises(error):
            replaced(county, "GN-1:1-2", issuer=county.limited(**limit))
    with county.store.reading() as uow:
        assert uow.voids.count_by_reason(*county.batch) == {}, "nothing of a refused replacement is written"
    assert replaced(county, "GN-1:1", issuer=county.limited(max_units=11))[0].count == 1


def test_units_of_several_kinds_get_a_range_each(county: "County") -> None:
    cartons = issue(county, 2)
    items = issue(county, 2, level=Level.ITEM, profile="sticker")
    sscc = issue_units(county.desk, county.issuer, UnitRequest(count=2, host="q.example.com", sscc=True))
    pallet = issue_units(county.desk, county.issuer, UnitRequest(count=1, host="q.example.com"))
    own = serial(b"".join(code_lines(county.issuer, pallet.range)).decode().strip())
    names = [serial(cartons[0]), serial(items[1])[:15], "369012300000000004", own]
    done, pairs = replaced(county, *names)
    assert sscc.range.count == 2
    assert set(pairs) == set(names)
    assert pairs["369012300000000004"][1] == "369012300000000028"
    assert sorted((one.range.profile, one.range.attrs & 15, one.range.count) for one in done.registered) == [
        ("A", 2, 1),
        ("A", 3, 1),
        ("A", 3, 1),
        ("C", 0, 1),
    ]
    assert pairs[names[1]][0].startswith("https://q.example.com/" + pairs[names[1]][1])


def test_a_new_key_replaces_codes_of_an_old_one(county: "County", other_issuer: Callable[..., Issuer]) -> None:
    lines = issue(county, 2)
    newer = other_issuer(suite=2, seed=7, prefix="QQQQ")
    _, pairs = replaced(county, "GN-1:1-2", issuer=newer)
    assert [unit[:4] for _, unit in pairs.values()] == ["QQQQ", "QQQQ"]
    assert set(pairs) == {serial(line) for line in lines}


def test_planned_before_somebody_else_was_faster(county: "County", tmp_path: Path) -> None:
    issue(county, 3)
    keys = keys_of(county)
    with county.store.reading() as uow:
        units = Units(uow, keys.serial_keys)
        plan = plan_replace(uow, units, units.named("GN-1:1-3"))
    replaced(county, "GN-1:2")
    with pytest.raises(ReplacedMeanwhileError):
        replace_codes(county.desk, keys, plan, TORN, Printed("q.example.com"))
    with county.store.reading() as uow:
        assert uow.voids.count_by_reason(*county.batch) == {"damaged": 1}
    assert len(ranges(county)) == 2


def test_large_runs_cross_the_pieces_that_are_worked_on(county: "County") -> None:
    county.batch = ("COOP1", "ORANGE", "GN-2")
    lines = issue(county, 9000)
    replaced(county, "GN-2:4000-4200")
    done, pairs = replaced(county, "GN-2:1-9000")
    assert (done.count, done.before, len(pairs)) == (8799, 201, 9000)
    assert list(pairs) == [serial(line) for line in [*lines[3999:4200], *lines[:3999], *lines[4200:]]]
    assert len({unit for _, unit in pairs.values()}) == 9000
