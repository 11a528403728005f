"""Opening a recall: what it finds, told by hand; codes that answer *recalled*; what is refused."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.line_world import LOT, OTHER_PARTY, OWN_PARTY, World, make_world
from bench.recall_world import (
    HOME,
    NOW,
    SHOP,
    activated,
    epc,
    happened,
    open_key,
    packed,
    recall,
    ring_of,
    serial,
    transformed,
)
from tracelib.batches.transformation import TransformationKind
from tracelib.clock import FixedClock
from tracelib.codes.verify import Verdict, inspect_code
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.recalls.errors import (
    NoRecallKeyError,
    RecalledBatchError,
    RecallOpenError,
    RecallReasonError,
)
from tracelib.operations.recalls.open import Opening, open_recall, signings
from tracelib.operations.trust.bundle import make_bundle
from tracelib.store.unit_of_work import Store
from tracelib.trace.elements import QuantityElement
from tracelib.trace.recall import Fate
from tracelib.trace.vocab import Action, BizStep, Disposition
from tracelib.trust.keys import KeyPair

PALLET = "https://id.gs1.org/00/369012300000000017"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def test_the_oranges_of_the_example(world: World) -> None:
    """Five cartons: A B C on a pallet that went to a shop, where A was sold; D was sent without saying to whom."""
    a, b, c, d, e = activated(world, 5)
    packed(world, PALLET, [epc(a), epc(b), epc(c)], hours=1)
    happened(world, BizStep.SHIPPING, [PALLET], hours=2, to=SHOP)
    happened(world, BizStep.RETAIL_SELLING, [epc(a)], hours=9, at=SHOP, disposition=Disposition.RETAIL_SOLD)
    happened(world, BizStep.SHIPPING, [epc(d)], hours=3)
    found = recall(world)
    fates = {unit.unit_id: (unit.fate, unit.holder) for unit in found.affected.units}
    assert fates == {
        serial(a): (Fate.SOLD, SHOP),
        serial(b): (Fate.SENT, SHOP),
        serial(c): (Fate.SENT, SHOP),
        serial(d): (Fate.SENT, ""),
        serial(e): (Fate.STOCK, ""),
    }
    shop, nobody = found.summary.holders
    assert (shop.holder.id, shop.came, shop.now, shop.sold, shop.weight_g) == (SHOP, 3, 2, 1, 15_000)
    assert (nobody.holder.id, nobody.came, nobody.now, nobody.reachable) == ("", 1, 1, False)
    assert found.affected.containers == {PALLET[-18:]: 3}
    counts = found.opening.detail
    assert (counts["units"], counts["located"], counts["parties"], counts["reachable"]) == (5, 4, 2, 0)
    assert (counts["stock"], counts["sent"], counts["sold"]) == (1, 3, 1)


def test_only_what_lay_on_the_pallet_went_with_it(world: World) -> None:
    a, b, c = activated(world, 3)
    packed(world, PALLET, [epc(a), epc(b)], hours=1)
    packed(world, PALLET, [epc(a)], hours=2, action=Action.DELETE)
    happened(world, BizStep.SHIPPING, [PALLET], hours=3, to=SHOP)
    packed(world, PALLET, [epc(c)], hours=4)
    fates = {unit.unit_id: unit.fate for unit in recall(world).affected.units}
    assert fates == {serial(a): Fate.STOCK, serial(b): Fate.SENT, serial(c): Fate.STOCK}


def test_pallets_within_a_container_and_a_party_of_the_catalogue(world: World) -> None:
    (a,) = activated(world, 1)
    outer = "https://id.gs1.org/00/369012300000000024"
    packed(world, PALLET, [epc(a)], hours=1)
    packed(world, outer, [PALLET], hours=2)
    happened(world, BizStep.SHIPPING, [outer], hours=3, to=f"{HOME}/L/{OTHER_PARTY}")
    happened(world, BizStep.RECEIVING, [outer], hours=5, book=OTHER_PARTY, disposition=Disposition.IN_PROGRESS)
    found = recall(world)
    (line,) = found.summary.holders
    assert (line.holder.id, line.holder.known, line.came, line.now) == (OTHER_PARTY, True, 1, 1)
    assert found.affected.containers == {PALLET[-18:]: 1, outer[-18:]: 1}
    assert found.affected.units[0].container == PALLET[-18:]


def test_nothing_is_made_of_what_is_called_back(world: World) -> None:
    """GN-1 is called back: X, which was split from it before, is no way round that. A drill and GN-2 hinder nobody."""
    mine = f"{OWN_PARTY}/ORANGE"
    split = TransformRequest(kind=TransformationKind.SPLIT, takes=[(f"{mine}/{LOT}", 300_000)], makes=[("X", 300_000)])
    again = replace(split, takes=[(f"{mine}/X", 100_000)], makes=[("Y", 100_000)])
    transform_batches(world.store, split, NOW)
    recall(world, drill=True)
    transform_batches(world.store, replace(again, makes=[("Z", 100_000)]), NOW)
    number = recall(world).recall.number
    for request in (again, replace(split, makes=[("W", 300_000)])):
        with pytest.raises(RecalledBatchError) as refused:
            transform_batches(world.store, request, NOW)
        assert refused.value.params["number"] == number
    for lot in (LOT, "X", "Z"):
        with pytest.raises(RecalledBatchError):
            world.cartons(1, lot=lot)
    world.cartons(1, lot="GN-2")
    transform_batches(world.store, replace(again, takes=[(f"{mine}/GN-2", 1_000)], makes=[("G", 1_000)]), NOW)


def test_what_came_back_and_what_was_destroyed(world: World) -> None:
    a, b, c = activated(world, 3)
    happened(world, BizStep.SHIPPING, [epc(a), epc(b), epc(c)], hours=1, to=SHOP)
    happened(world, BizStep.RECEIVING, [epc(a), epc(b)], hours=9, disposition=Disposition.RETURNED)
    happened(world, BizStep.DESTROYING, [epc(a)], hours=10, disposition=Disposition.DESTROYED)
    found = recall(world)
    assert found.affected.fates() == {Fate.SENT: 1, Fate.RETURNED: 1, Fate.DESTROYED: 1}


def test_an_event_that_was_declared_wrong_moves_nothing(world: World) -> None:
    from tracelib.trace.elements import ErrorDeclaration

    (a,) = activated(world, 1)
    sent = happened(world, BizStep.SHIPPING, [epc(a)], hours=1, to=SHOP)
    with world.store.unit_of_work() as uow:
        uow.events.append(
            OWN_PARTY, replace(sent, error_declaration=ErrorDeclaration(declaration_time=NOW)), recorded_at=NOW
        )
    assert recall(world).affected.fates() == {Fate.STOCK: 1}


def test_every_batch_made_of_it_by_the_desk_and_by_events(world: World) -> None:
    """GN-1 is split into X, X is merged with GN-2 into M; two cartons of M are pressed into a bottle and a lot."""
    mine = f"{OWN_PARTY}/ORANGE"
    split = TransformRequest(kind=TransformationKind.SPLIT, takes=[(f"{mine}/{LOT}", 300_000)], makes=[("X", 300_000)])
    both = [(f"{mine}/X", None), (f"{mine}/GN-2", 100_000)]
    merge = TransformRequest(kind=TransformationKind.MERGE, takes=both, makes=[("M", None)], day=date(2026, 11, 21))
    for step in (split, merge):
        transform_batches(world.store, step, NOW)
    a, b = activated(world, 2, "M")
    bottle, juice = "https://juice.example.com/bottle/7", "https://juice.example.com/P/JUICE/10/J1"
    happened(world, BizStep.SHIPPING, [epc(a, "M"), epc(b, "M")], hours=1, to=f"{HOME}/L/{OTHER_PARTY}")
    transformed(world, [epc(a, "M"), epc(b, "M")], [bottle], hours=2, book=OTHER_PARTY,
                output_quantity_list=(QuantityElement(juice, 30, "KGM"),))  # fmt: skip
    happened(world, BizStep.SHIPPING, [bottle], hours=3, to=SHOP, book=OTHER_PARTY)
    found = recall(world)
    assert [f"{lot}" for _, lot in found.affected.batches] == [LOT, "X", "M"]
    assert found.affected.foreign == (juice,)
    assert found.affected.descent.joined_g == 100_000
    units = {unit.unit_id: (unit.lot, unit.fate, unit.holder) for unit in found.affected.units}
    assert units == {
        serial(a): (("ORANGE", "M"), Fate.SENT, OTHER_PARTY),
        serial(b): (("ORANGE", "M"), Fate.SENT, OTHER_PARTY),
        bottle: (("", ""), Fate.SENT, SHOP),
    }
    assert [one.claims.lot for one in found.revocations] == ["M"], "codes exist of M alone"


def test_void_units_are_told_apart(world: World) -> None:
    from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
    from tracelib.operations.units import Units

    texts = activated(world, 3)
    keys = world.line().serial_keys
    with world.store.reading() as uow:
        parts = Units(uow, keys, OWN_PARTY).named(f"{LOT}:2")
    void_parts(world.store, world.clock, parts, VoidAct(Reason.DAMAGED), serial_keys=keys)
    found = recall(world)
    assert (found.summary.units, found.summary.void) == (2, 1)
    assert [unit.unit_id for unit in found.affected.void] == [serial(texts[1])]


def test_codes_answer_recalled_at_once_and_in_the_next_bundle(world: World) -> None:
    (text,) = activated(world, 1)
    (fresh,) = world.cartons(1)
    assert inspect_code(text, ring_of(world), registry=None, now=NOW).verdict is Verdict.SIGNATURE_VALID
    found = recall(world)
    for one in (text, fresh):
        assert inspect_code(one, ring_of(world), registry=None, now=NOW).verdict is Verdict.RECALLED
    (other_lot,) = world.cartons(1, lot="GN-2")
    assert inspect_code(other_lot, ring_of(world), registry=None, now=NOW).verdict is Verdict.SIGNATURE_VALID
    with world.store.unit_of_work() as uow:
        root = KeyPair.from_secret(1, bytes([1]) * 32)
        bundle = make_bundle(uow, ring_of(world).root_set, [root], NOW)
    assert [one.hash for one in bundle.revocations] == [one.hash for one in found.revocations]


def test_one_event_says_that_the_batch_is_held(world: World) -> None:
    activated(world, 2)
    recall(world)
    with world.store.reading() as uow:
        events = [json.loads(one.document) for one in uow.events.events(OWN_PARTY) if one.biz_step == "holding"]
    (event,) = events
    assert (event["type"], event["action"], event["disposition"]) == ("ObjectEvent", "OBSERVE", "recalled")
    assert event["quantityList"] == [{"epcClass": f"{HOME}/P/ORANGE/10/{LOT}", "quantity": 2}]


def test_a_drill_finds_the_same_and_changes_nothing(world: World) -> None:
    (text,) = activated(world, 1)
    with world.store.reading() as uow:
        before = len(list(uow.events.events()))
    found = recall(world, drill=True)
    assert (found.recall.number, found.recall.drill, found.summary.units) == ("D261123-1", True, 1)
    assert inspect_code(text, ring_of(world), registry=None, now=NOW).verdict is Verdict.SIGNATURE_VALID
    with world.store.reading() as uow:
        assert len(list(uow.events.events())) == before
        assert uow.trust.revocations() == []
    assert recall(world).recall.number == "R261123-1", "a drill does not stand in the way of the real thing"


def test_goods_that_were_never_labelled_are_told_by_their_batch(world: World) -> None:
    lot = [QuantityElement(f"{HOME}/P/ORANGE/10/{LOT}", 120, "KGM")]
    happened(world, BizStep.SHIPPING, [], hours=1, to=SHOP, lots=lot)
    found = recall(world)
    (line,) = found.summary.holders
    assert (line.holder.id, line.came, line.loose_g) == (SHOP, 0, 120_000)
    assert found.revocations == ()


def test_loose_goods_that_came_back_or_were_sold_are_told_with_who_had_them(world: World) -> None:
    """120 kg to COOP2, which sold 30 kg and gave 50 kg back: it had 70 kg to answer for."""
    name, there = f"{HOME}/P/ORANGE/10/{LOT}", f"{HOME}/O/{OTHER_PARTY}"
    happened(world, BizStep.SHIPPING, [], hours=1, to=there, lots=[QuantityElement(name, 120, "KGM")])
    sold, back = [QuantityElement(name, 30, "KGM")], [QuantityElement(name, 50, "KGM")]
    retail, returned = Disposition.RETAIL_SOLD, Disposition.RETURNED
    happened(world, BizStep.RETAIL_SELLING, [], hours=2, book=OTHER_PARTY, lots=sold, disposition=retail)
    to, by = f"{HOME}/O/{OWN_PARTY}", there
    happened(world, BizStep.RECEIVING, [], hours=3, to=to, source=by, lots=back, disposition=returned)
    (line,) = recall(world).summary.holders
    assert (line.holder.id, line.loose_g, line.loose_sold_g) == (OTHER_PARTY, 70_000, 30_000)


def test_a_sale_to_nobody_named_names_no_receiver(world: World) -> None:
    """The farm shop's sale: customers whom nobody knows. The dealer's sale: the dealer can be asked."""
    own, other = activated(world, 2)
    there, sold = f"{HOME}/O/{OTHER_PARTY}", Disposition.RETAIL_SOLD
    happened(world, BizStep.RETAIL_SELLING, [epc(own)], hours=1, at=f"{HOME}/L/{OWN_PARTY}", disposition=sold)
    happened(world, BizStep.SHIPPING, [epc(other)], hours=1, to=there)
    happened(world, BizStep.RETAIL_SELLING, [epc(other)], hours=2, book=OTHER_PARTY, disposition=sold)
    lines = recall(world).summary.holders
    assert [(line.holder.id, line.came, line.sold) for line in lines] == [(OTHER_PARTY, 1, 1), ("", 1, 1)]


def test_opened_twice(world: World) -> None:
    first = recall(world)
    with pytest.raises(RecallOpenError) as refused:
        recall(world)
    assert refused.value.params["number"] == first.recall.number == "R261123-1"
    with world.store.reading() as uow:
        assert len(uow.recalls.find()) == 1


def test_without_a_key_nothing_is_written(world: World) -> None:
    activated(world, 1)
    with world.store.reading() as uow:
        opening = Opening(uow.batches.find(LOT, "ORANGE", OWN_PARTY)[0], "示例")
        with pytest.raises(NoRecallKeyError):
            signings(uow, ring_of(world), [], opening)
    with pytest.raises(NoRecallKeyError):
        open_recall(world.store, world.clock, ring_of(world), opening, {})
    with world.store.reading() as uow:
        assert (uow.recalls.find(), uow.changes.list(verb="recall.")) == ([], [])
    unsigned = recall(world, signed=False)
    assert (unsigned.revocations, unsigned.opening.detail["signed"]) == ((), False)


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 201])
def test_a_reason_is_one_line(world: World, reason: str) -> None:
    with world.store.reading() as uow, pytest.raises(RecallReasonError):
        Opening(uow.batches.find(LOT, "ORANGE", OWN_PARTY)[0], reason)


def test_the_key_that_signs_is_the_nearest_one_here(world: World) -> None:
    activated(world, 1)
    key = open_key(world, "mine")
    with world.store.reading() as uow:
        opening = Opening(uow.batches.find(LOT, "ORANGE", OWN_PARTY)[0], "示例")
        (planned,) = signings(uow, ring_of(world), [key.info], opening)
        assert (planned.signer, planned.target.batch) == ("mine", ("P/ORANGE", LOT))
        with pytest.raises(NoRecallKeyError):
            signings(uow, ring_of(world), [key.info], opening, by="another")


def test_a_running_line_refuses_from_the_next_scan_on(world: World, tmp_path: Path) -> None:
    from dataclasses import replace

    from tracelib.operations.capture import capture
    from tracelib.operations.line_answer import LineScan
    from tracelib.operations.pack import PackingSession
    from tracelib.operations.trust.ring import LiveRing

    first, second = world.cartons(2)
    (tmp_path / "trust.bundle").write_bytes(world.bundle)
    line = replace(world.line(), live=LiveRing(world.root, tmp_path / "trust.bundle"))

    def says(number: int, text: str) -> str:
        """What the line answers."""
        one = LineScan(number, "belt", "read", text.encode(), NOW, text)
        (captured,), _ = capture(line, PackingSession(1), [one], NOW)
        return captured.reason or captured.outcome.value

    assert says(1, first) == "activated"
    recall(world)
    assert says(2, second) == "recalled"
