"""What becomes of recalled goods, counted and weighed: one season worked out by hand.

H is 100 kg. 60 kg of it are sorted: H1 gets 50, 10 are lost. H1 and 30 kg of GN-2 become M, 80 kg. 4 cartons of H and
10 of M, 5 kg each. So 100 + 30 - 10 = 120 kg are there: 70 on cartons, 50 loose.
6 cartons of M go to a shop; one is sold, two come back, one of these is destroyed. 10 kg of H are sent loose.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.line_world import LOT, OTHER_PARTY, OWN_PARTY, World, make_world
from bench.recall_world import HOME, NOW, SHOP, activated, epc, happened, recall, transformed
from tracelib.batches.batch import Batch
from tracelib.batches.transformation import TransformationKind
from tracelib.clock import FixedClock
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.recalls.account import Account, Closing, Counts, account_of, close_recall, note_return
from tracelib.operations.recalls.affected import Affected
from tracelib.operations.recalls.errors import (
    RecallClosedError,
    RecallCountError,
    RecallNoteError,
    RecallUnexplainedError,
)
from tracelib.operations.recalls.find import FoundRecall, find_recall
from tracelib.store.unit_of_work import Store
from tracelib.trace.elements import QuantityElement
from tracelib.trace.recall import Fate, RecallEntry, Verb
from tracelib.trace.vocab import BizStep, Disposition

KG = 1000


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def season(world: World) -> None:
    """What the head of this file tells."""
    batch = Batch(party_id=OWN_PARTY, product_id="ORANGE", lot="H", produced_on=date(2026, 11, 20), weight_g=100 * KG)
    with world.store.unit_of_work() as uow:
        uow.batches.add([batch], NOW)
    mine = f"{OWN_PARTY}/ORANGE"
    sort = TransformRequest(
        kind=TransformationKind.SPLIT,
        takes=[(f"{mine}/H", 60 * KG)],
        makes=[("H1", None)],
        loss_g=10 * KG,
        reason="示例：次果",
    )
    both = [(f"{mine}/H1", None), (f"{mine}/GN-2", 30 * KG)]
    merge = TransformRequest(kind=TransformationKind.MERGE, takes=both, makes=[("M", None)], day=date(2026, 11, 21))
    for step in (sort, merge):
        transform_batches(world.store, step, NOW)
    activated(world, 4, "H")
    m = [epc(text, "M") for text in activated(world, 10, "M")]
    happened(world, BizStep.SHIPPING, m[:6], hours=1, to=SHOP)
    happened(world, BizStep.RETAIL_SELLING, m[:1], hours=2, at=SHOP, disposition=Disposition.RETAIL_SOLD)
    happened(world, BizStep.RECEIVING, m[1:3], hours=3, disposition=Disposition.RETURNED)
    happened(world, BizStep.DESTROYING, m[1:2], hours=4, disposition=Disposition.DESTROYED)
    loose = [QuantityElement(f"{HOME}/P/ORANGE/10/H", 10, "KGM")]
    happened(world, BizStep.SHIPPING, [], hours=1, to=SHOP, lots=loose)


def opened(world: World, *, drill: bool = False) -> tuple[str, Affected]:
    season(world)
    found = recall(world, lot="H", drill=drill)
    return found.recall.number, found.affected


def stand(world: World, number: str, affected: Affected) -> tuple[FoundRecall, Account]:
    with world.store.reading() as uow:
        found = find_recall(uow, number)
    return found, account_of(affected, found)


def close(world: World, number: str, affected: Affected, closing: Closing) -> Account:
    return close_recall(world.store, world.clock, (number, None), affected, closing)[1]


def test_the_balance_while_it_is_open(world: World) -> None:
    number, affected = opened(world)
    _, account = stand(world, number, affected)
    units, loose = account.units, account.loose
    assert (units.total, units.left, units.back, units.destroyed, units.still_out, units.stock) == (14, 6, 2, 1, 4, 9)
    assert (loose.total, loose.left, loose.still_out, loose.stock) == (50 * KG, 10 * KG, 10 * KG, 40 * KG)
    assert account.weights() == {
        "registered": 100 * KG,
        "joined": 30 * KG,
        "process_loss": 10 * KG,
        "used": 0,
        "stock": (9 * 5 + 40) * KG,
        "still_out": (4 * 5 + 10) * KG,
        "destroyed": 5 * KG,
        "lost": 0,
        "missing": 0,
        "over": 0,
    }


def test_the_balance_when_it_is_closed(world: World) -> None:
    """4 of the 6 came back, 9 are destroyed, 1 was eaten: one is still out. Of the 40 kg loose 38 are found."""
    number, affected = opened(world)
    closing = Closing(
        Counts(returned=4, destroyed=9, lost=1), Counts(lost=10 * KG, stock=38 * KG), "示例：一箱找不到，散货少 2 公斤"
    )
    account = close(world, number, affected, closing)
    assert account.weights() == {
        "registered": 100 * KG,
        "joined": 30 * KG,
        "process_loss": 10 * KG,
        "used": 0,
        "stock": (3 * 5 + 38) * KG,
        "still_out": 5 * KG,
        "destroyed": 45 * KG,
        "lost": (5 + 10) * KG,
        "missing": 2 * KG,
        "over": 0,
    }
    weights = account.weights()
    assert weights["registered"] + weights["joined"] == sum(list(weights.values())[2:-1])
    assert (account.units.unexplained, account.loose.unexplained) == (1, 2 * KG)
    again = stand(world, number, affected)[1]
    assert again == account, "the closing entry tells the same later"
    with world.store.reading() as uow:
        (change,) = uow.changes.list(verb="recall.close")
    assert (change.detail["returned"], change.detail["destroyed"], change.detail["unexplained"]) == (4, 9, 1)


def test_what_came_back_unscanned_counts_beside_the_events(world: World) -> None:
    number, affected = opened(world)
    entry = RecallEntry(verb=Verb.RETURNED, at=NOW, units=3, weight_g=4 * KG, place="示例水果店")
    note_return(world.store, world.clock, (number, None), affected, entry)
    found, account = stand(world, number, affected)
    assert (account.units.back, account.units.still_out) == (2 + 3, 1)
    assert (account.loose.back, account.loose.still_out) == (4 * KG, 6 * KG)
    assert found.of(Verb.RETURNED)[0].place == "示例水果店"
    with pytest.raises(RecallCountError) as refused:
        note_return(world.store, world.clock, (number, None), affected, replace(entry, units=2, weight_g=7 * KG))
    assert [one.params for one in refused.value.faults] == [
        {"given": "7", "most": "6"},
        {"given": "11 kg", "most": "10 kg"},
    ]
    assert len(stand(world, number, affected)[0].entries) == 2


def test_every_count_that_cannot_be_is_told_at_once(world: World) -> None:
    number, affected = opened(world)
    closing = Closing(Counts(returned=1, destroyed=20, lost=9), Counts(returned=11 * KG))
    with pytest.raises(RecallCountError) as refused:
        close(world, number, affected, closing)
    assert [(one.code, *one.params.values()) for one in refused.value.faults] == [
        ("recall.returned_below_record", "1", "2"),
        ("recall.lost_too_many", "9", "5"),
        ("recall.destroyed_too_many", "20", "9"),
        ("recall.returned_too_many", "11 kg", "10 kg"),
    ]
    assert stand(world, number, affected)[0].closing is None


def test_it_does_not_end_without_a_word_about_what_is_missing(world: World) -> None:
    number, affected = opened(world)
    with pytest.raises(RecallUnexplainedError) as refused:
        close(world, number, affected, Closing(Counts(returned=4, lost=1)))
    assert refused.value.params == {"number": number, "units": 1, "weight_kg": "10"}
    close(world, number, affected, Closing(Counts(returned=5, lost=1), Counts(lost=10 * KG)))


def test_closed_twice_and_nothing_after_it(world: World) -> None:
    number, affected = opened(world)
    close(world, number, affected, Closing(note="示例"))
    for act in (
        lambda: close(world, number, affected, Closing(note="示例")),
        lambda: note_return(
            world.store, world.clock, (number, None), affected, RecallEntry(verb=Verb.RETURNED, at=NOW, units=1)
        ),
    ):
        with pytest.raises(RecallClosedError):
            act()
    assert recall(world, lot="H").recall.number == "R261123-2", "the batch can be called back again"


def test_a_drill_is_closed_without_counting_anything(world: World) -> None:
    number, affected = opened(world, drill=True)
    account = close(world, number, affected, Closing())
    assert account.units.still_out == 4


@pytest.mark.parametrize("note", ["a\nb", "x" * 201])
def test_a_note_is_one_line(world: World, note: str) -> None:
    number, affected = opened(world)
    with pytest.raises(RecallNoteError):
        close(world, number, affected, Closing(note=note))


def test_units_that_weigh_more_than_their_batch_are_said(world: World) -> None:
    """A scale may say more than the books: 3 cartons of 5 kg from a batch of 10 kg are 5 kg too much."""
    activated(world, 3)
    found = recall(world)
    batch = replace(found.affected)
    light = {key: one.model_copy(update={"weight_g": 10 * KG}) for key, one in batch.batches.items()}
    with world.store.reading() as uow:
        account = account_of(replace(batch, batches=light), find_recall(uow, found.recall.number))
    assert (account.over_g, account.loose.total, account.weights()["stock"]) == (5 * KG, 0, 15 * KG)
    assert LOT in found.recall.reference


def of_gn_1(world: World) -> Account:
    """The account of a fresh recall of GN-1."""
    found = recall(world)
    return stand(world, found.recall.number, found.affected)[1]


def test_what_came_back_and_went_out_again_is_out(world: World) -> None:
    cartons = [epc(text) for text in activated(world, 3)]
    happened(world, BizStep.SHIPPING, cartons, hours=1, to=SHOP)
    happened(world, BizStep.RECEIVING, cartons, hours=2, disposition=Disposition.RETURNED)
    happened(world, BizStep.SHIPPING, cartons[:2], hours=3, to=SHOP)
    units = of_gn_1(world).units
    assert (units.left, units.back, units.still_out, units.stock) == (3, 1, 2, 1)


def test_received_at_home_again_is_back_whatever_it_is_called(world: World) -> None:
    cartons = [epc(text) for text in activated(world, 2)]
    happened(world, BizStep.SHIPPING, cartons, hours=1, to=SHOP)
    happened(world, BizStep.RECEIVING, cartons[:1], hours=2, at=f"{HOME}/L/{OWN_PARTY}")
    units = of_gn_1(world).units
    assert (units.left, units.back, units.still_out, units.stock) == (2, 1, 1, 1)


def test_what_a_customer_brings_back_to_the_shop_is_at_the_shop(world: World) -> None:
    (carton,) = [epc(text) for text in activated(world, 1)]
    happened(world, BizStep.SHIPPING, [carton], hours=1, to=SHOP)
    happened(world, BizStep.RETAIL_SELLING, [carton], hours=2, at=SHOP, disposition=Disposition.RETAIL_SOLD)
    happened(world, BizStep.RECEIVING, [carton], hours=3, at=SHOP, disposition=Disposition.RETURNED, book=OTHER_PARTY)
    found = recall(world)
    (unit,) = found.affected.units
    assert (unit.fate, unit.holder, unit.back) == (Fate.SENT, SHOP, False)


def test_pieces_without_codes_weigh_what_the_codes_of_their_batch_weigh(world: World) -> None:
    """4 pieces of GN-1, whose codes say 5 kg each."""
    activated(world, 1)
    happened(world, BizStep.SHIPPING, [], hours=1, to=SHOP, lots=[QuantityElement(f"{HOME}/P/ORANGE/10/{LOT}", 4)])
    loose = of_gn_1(world).loose
    assert (loose.left, loose.still_out) == (20 * KG, 20 * KG)


def test_a_carton_of_which_juice_was_made_is_used_up_and_thins_no_weight(world: World) -> None:
    """3 cartons of 5 kg; one becomes a bottle of unknown weight. Two destroyed cartons weigh 10 kg, not less."""
    cartons = [epc(text) for text in activated(world, 3)]
    transformed(world, cartons[:1], ["https://juice.example.com/bottle/7"], hours=2)
    found = recall(world)
    _, account = stand(world, found.recall.number, found.affected)
    assert (account.units.total, account.weight_unknown, account.used_g) == (3, 1, 5 * KG)
    assert account.grams(2, 0) == 10 * KG
    weights = account.weights()
    assert weights["used"] == 5 * KG
    rest = sum(weights.values()) - weights["registered"] - weights["joined"] - 2 * weights["over"]
    assert rest == weights["registered"] + weights["joined"], "everything is somewhere"


def test_more_sent_than_there_was_is_said_and_can_be_closed(world: World) -> None:
    """H weighs 100 kg; 20 kg are sold, and then somebody sends «all», which is written as 100 kg."""
    batch = Batch(party_id=OWN_PARTY, product_id="ORANGE", lot="H", produced_on=date(2026, 11, 20), weight_g=100 * KG)
    with world.store.unit_of_work() as uow:
        uow.batches.add([batch], NOW)
    for hours, weight_kg in ((1, 20), (2, 100)):
        lots = [QuantityElement(f"{HOME}/P/ORANGE/10/H", weight_kg, "KGM")]
        happened(world, BizStep.SHIPPING, [], hours=hours, to=SHOP, lots=lots)
    found = recall(world, lot="H")
    number, affected = found.recall.number, found.affected
    weights = stand(world, number, affected)[1].weights()
    assert (weights["still_out"], weights["stock"], weights["over"]) == (120 * KG, 0, 20 * KG)
    account = close(world, number, affected, Closing(note="示例：出货重量写错"))
    assert account.loose.destroyed == 0


def test_loose_goods_that_a_shop_destroyed_are_out_no_more(world: World) -> None:
    uri = f"{HOME}/P/ORANGE/10/{LOT}"
    happened(world, BizStep.SHIPPING, [], hours=1, to=SHOP, lots=[QuantityElement(uri, 100, "KGM")])
    happened(world, BizStep.RECEIVING, [], hours=2, at=SHOP, book=OTHER_PARTY, lots=[QuantityElement(uri, 100, "KGM")])
    happened(world, BizStep.DESTROYING, [], hours=3, at=SHOP, book=OTHER_PARTY, lots=[QuantityElement(uri, 30, "KGM")],
             disposition=Disposition.DESTROYED)  # fmt: skip
    loose = of_gn_1(world).loose
    assert (loose.left, loose.destroyed, loose.still_out) == (100 * KG, 30 * KG, 70 * KG)
