"""Tracing through a store: stories drawn by hand, told by events of several parties."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tracelib.batches.batch import Batch
from tracelib.batches.transformation import TransformationKind
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.codes.serial import check_character
from tracelib.errors import FormatError, NotFoundError
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.issuing.issuer import Issuer
from tracelib.operations.trace.chain import trace
from tracelib.store.code_values import Voided
from tracelib.store.insert import insert_all_new
from tracelib.store.tables.codes import CodeVoidRow
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import commissioning_event, identified, packing_event
from tracelib.trace.elements import Destination, ErrorDeclaration, QuantityElement, Source
from tracelib.trace.event import AggregationEvent, Event, ObjectEvent, TransformationEvent
from tracelib.trace.route.history import History, Mark, Passing
from tracelib.trace.route.walk import Way
from tracelib.trace.vocab import Action, BizStep, Disposition
from tracelib.trust.delegation import sign_delegation

HOST = "https://q.example.com"
DAY = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COOP, TRADER = "COOP1", "TRADE1"
LOT = "COOP1/ORANGE/GN-1"


def lot_uri(lot: str, product: str = "ORANGE") -> str:
    return f"{HOST}/P/{product}/10/{lot}"


def carton(number: int, lot: str = "GN-1") -> str:
    return f"{HOST}/P/ORANGE/10/{lot}/21/C{number}"


def box(name: str) -> str:
    return f"{HOST}/U/{name}"


def tell(store: Store, *told: Event, party: str = COOP, recorded_at: datetime = DAY + 99 * HOUR) -> None:
    with store.unit_of_work() as uow:
        for event in told:
            assert uow.events.append(party, event, recorded_at=recorded_at)


def activated(hour: int, *cartons: str) -> Event:
    return commissioning_event(cartons, event_time=DAY + hour * HOUR, weight_g=5020 if len(cartons) == 1 else None)


def packed(hour: int, parent: str, *children: str) -> Event:
    return packing_event(parent, children, event_time=DAY + hour * HOUR)


def unpacked(hour: int, parent: str, *children: str) -> Event:
    return identified(
        AggregationEvent(
            event_time=DAY + hour * HOUR,
            action=Action.DELETE,
            biz_step=BizStep.UNPACKING,
            parent_id=parent,
            child_epcs=children,
        )
    )


def moved(hour: int, step: BizStep, *epcs: str, place: str = "", to: str = "", disposition: str = "") -> Event:
    return identified(
        ObjectEvent(
            event_time=DAY + hour * HOUR,
            action=Action.OBSERVE,
            biz_step=step,
            disposition=disposition,
            epc_list=epcs,
            biz_location=place,
            source_list=(Source("possessing_party", f"{HOST}/L/{COOP}"),) if to else (),
            destination_list=(Destination("possessing_party", f"{HOST}/L/{to}"),) if to else (),
        )
    )


def harvested(hour: int, lot: str, kilograms: int) -> Event:
    return identified(
        ObjectEvent(
            event_time=DAY + hour * HOUR,
            action=Action.ADD,
            biz_step=BizStep.COMMISSIONING,
            quantity_list=(QuantityElement(lot_uri(lot), kilograms, "KGM"),),
        )
    )


def processed(hour: int, inputs: Sequence[tuple[str, int]], outputs: Sequence[tuple[str, int]]) -> Event:
    return identified(
        TransformationEvent(
            event_time=DAY + hour * HOUR,
            biz_step=BizStep.COMMISSIONING,
            input_quantity_list=tuple(QuantityElement(lot_uri(lot), kg, "KGM") for lot, kg in inputs),
            output_quantity_list=tuple(QuantityElement(lot_uri(lot), kg, "KGM") for lot, kg in outputs),
        )
    )


@pytest.fixture
def county(store: Store, other_issuer: Callable[[], Issuer]) -> Store:
    """A co-operative with one product and a registered batch, whose codes live at q.example.com, and a trader."""
    with store.unit_of_work() as uow:
        issuer = other_issuer()
        claims = replace(issuer.delegation, issuer_hash=issuer.signer.public.hash)
        uow.trust.add_delegation(sign_delegation(issuer.signer, claims), DAY)
        uow.catalog.add(Party(id=COOP, name_zh="示例合作社", name_en="Example Co-operative"))
        uow.catalog.add(Party(id=TRADER, name_zh="示例商行", name_en="Example Trading"))
        uow.catalog.add(Product(party_id=COOP, id="ORANGE", name_zh="赣南脐橙", weight_g=5000))
        uow.batches.add(
            [Batch(party_id=COOP, product_id="ORANGE", lot="GN-1", produced_on=date(2026, 11, 20), weight_g=900_000)],
            DAY,
        )
    return store


def history(store: Store, text: str, *ways: Way, at: datetime | None = None, one_step: bool = False) -> History:
    with store.reading() as uow:
        return trace(uow, text, ways=ways or (Way.BACK, Way.FORWARD), at=at, one_step=one_step)


def journey(found: History) -> list[tuple[int, str, str]]:
    """(hour, step, carried by) of everything that happened to the start."""
    return [(int((one.stop.at - DAY) / HOUR), one.stop.step, one.carried_by) for one in found.journey]


def links(found: History, passing: Passing) -> list[tuple[str, str, int | None]]:
    return [(one.source, one.target, one.weight_g) for one in found.links if one.passing is passing]


def test_a_carton_leads_to_its_lot_and_its_harvest(county: Store) -> None:
    tell(county, harvested(0, "GN-1", 900), activated(2, carton(1)), activated(2, carton(2)))
    found = history(county, carton(1))
    assert links(found, Passing.FILLED) == [(LOT, carton(1), 5020)]
    assert found.back == {carton(1), LOT}
    assert carton(2) not in found.things, "another carton of the lot is none of its history"
    assert [(s.thing, s.step, s.weight_g) for s in found.stops if s.thing == LOT] == [(LOT, "commissioning", 900_000)]
    assert found.things[LOT].weight_g == 900_000


def test_a_carton_is_shipped_and_received_on_its_pallet(county: Store) -> None:
    tell(
        county, activated(1, carton(1)), packed(2, box("P"), carton(1)), moved(3, BizStep.SHIPPING, box("P"), to=TRADER)
    )
    tell(county, moved(8, BizStep.RECEIVING, box("P"), place=f"{HOST}/L/{TRADER}"), party=TRADER)
    found = history(county, carton(1))
    assert journey(found) == [
        (1, "commissioning", ""),
        (2, "packing", box("P")),
        (3, "shipping", box("P")),
        (8, "receiving", box("P")),
    ]
    assert [one.stop.said_by for one in found.journey] == [COOP, COOP, COOP, TRADER]
    assert found.place is not None
    assert found.place.stop.place == f"{HOST}/L/{TRADER}"
    assert history(county, carton(1), at=DAY + 3 * HOUR).place.stop.parties[1] == f"{HOST}/L/{TRADER}"  # type: ignore[union-attr]


def test_what_left_the_pallet_before_it_was_shipped_was_not_shipped(county: Store) -> None:
    tell(
        county,
        activated(1, carton(1)),
        activated(1, carton(2)),
        packed(2, box("P"), carton(1), carton(2)),
        unpacked(3, box("P"), carton(2)),
        moved(4, BizStep.SHIPPING, box("P"), to=TRADER),
        moved(5, BizStep.RETAIL_SELLING, carton(2)),
    )
    assert (4, "shipping", box("P")) in journey(history(county, carton(1)))
    assert [step for _, step, _ in journey(history(county, carton(2)))] == [
        "commissioning", "packing", "unpacking", "retail_selling",
    ]  # fmt: skip
    assert carton(2) not in history(county, carton(1)).things, "what lies beside it is none of its history"


def test_a_repacked_carton_goes_with_its_second_pallet_from_then_on(county: Store) -> None:
    tell(
        county,
        packed(1, box("P"), carton(1)),
        moved(2, BizStep.STORING, box("P")),
        unpacked(3, box("P"), carton(1)),
        packed(4, box("Q"), carton(1)),
        moved(5, BizStep.SHIPPING, box("P")),
        moved(6, BizStep.SHIPPING, box("Q")),
    )
    steps = [(hour, step, by) for hour, step, by in journey(history(county, carton(1))) if "pack" not in step]
    assert steps == [(2, "storing", box("P")), (6, "shipping", box("Q"))]


def test_containers_in_containers_share_their_fate_only_while_it_lasts(county: Store) -> None:
    tell(
        county,
        packed(1, carton(1), f"{HOST}/item/A"),
        packed(2, box("P"), carton(1)),
        packed(3, box("LORRY"), box("P")),
        moved(4, BizStep.SHIPPING, box("LORRY")),
        unpacked(5, box("LORRY"), box("P")),
        moved(6, BizStep.SHIPPING, box("LORRY")),
        moved(7, BizStep.RECEIVING, box("P")),
    )
    steps = [(hour, step, by) for hour, step, by in journey(history(county, f"{HOST}/item/A")) if "pack" not in step]
    assert steps == [(4, "shipping", box("LORRY")), (7, "receiving", box("P"))]


def test_a_unit_without_a_lot_of_its_own_has_that_of_its_carton(county: Store) -> None:
    tell(county, activated(1, carton(1)), packed(2, carton(1), f"{HOST}/item/A"))
    found = history(county, f"{HOST}/item/A", Way.BACK)
    assert LOT in found.back


def test_merged_and_split_lots_lead_back_to_every_harvest_and_forward_to_every_carton(county: Store) -> None:
    tell(
        county,
        harvested(0, "H-1", 600),
        harvested(0, "H-2", 400),
        harvested(0, "H-3", 100),
        processed(1, [("H-1", 600), ("H-2", 400)], [("M-1", 1000)]),
        processed(2, [("M-1", 990)], [("GN-1", 900), ("REST", 90)]),
        activated(3, carton(1)),
    )
    back = history(county, carton(1), Way.BACK)
    assert links(back, Passing.MADE) == [
        (lot_uri("H-1"), lot_uri("M-1"), 600_000),
        (lot_uri("H-2"), lot_uri("M-1"), 400_000),
        (lot_uri("M-1"), LOT, 900_000),
    ]
    assert lot_uri("REST") not in back.things
    forward = history(county, lot_uri("H-2"), Way.FORWARD)
    assert forward.forward == {lot_uri("H-2"), lot_uri("M-1"), LOT, lot_uri("REST"), carton(1)}
    assert lot_uri("H-1") not in forward.things, "what it was mixed with did not come of it"


def test_desk_steps_are_part_of_the_chain_and_told_once(county: Store) -> None:
    request = TransformRequest(
        kind=TransformationKind.SPLIT, takes=[("GN-1", 500_000)], makes=[("GN-1A", 200_000), ("GN-1B", None)]
    )
    transform_batches(county, request, DAY + HOUR)
    tell(county, processed(1, [("GN-1", 200)], [("GN-1A", 200)]), activated(3, carton(1, "GN-1A")))
    found = history(county, carton(1, "GN-1A"))
    assert links(found, Passing.MADE) == [(LOT, "COOP1/ORANGE/GN-1A", 200_000)]
    assert history(county, "GN-1").forward == {
        LOT, "COOP1/ORANGE/GN-1A", "COOP1/ORANGE/GN-1B", carton(1, "GN-1A"),
    }  # fmt: skip


def test_a_pallet_leads_back_to_the_lots_in_it_and_forward_to_where_each_carton_went(county: Store) -> None:
    tell(
        county,
        activated(1, carton(1)),
        activated(1, carton(7, "GN-7")),
        packed(2, box("P"), carton(1), carton(7, "GN-7")),
        moved(3, BizStep.SHIPPING, box("P")),
    )
    later = (unpacked(4, box("P")), moved(5, BizStep.RETAIL_SELLING, carton(1)), packed(6, box("Q"), carton(7, "GN-7")))
    tell(county, *later, party=TRADER)
    found = history(county, box("P"))
    assert found.back == {box("P"), carton(1), carton(7, "GN-7"), LOT, lot_uri("GN-7")}
    assert {box("Q"), carton(1)} <= found.forward
    assert [(hour, step) for hour, step, _ in journey(found)] == [(2, "packing"), (3, "shipping"), (4, "unpacking")]
    sold = [(s.thing, s.said_by) for s in found.stops if s.step == "retail_selling"]
    assert sold == [(carton(1), TRADER)]
    assert carton(7, "GN-7") in history(county, box("Q"), Way.BACK).back


def test_the_trader_unpacks_what_the_cooperative_packed(county: Store) -> None:
    tell(county, packed(2, box("P"), carton(1)))
    tell(county, unpacked(4, box("P"), carton(1)), party=TRADER)
    tell(county, moved(5, BizStep.SHIPPING, box("P")))
    found = history(county, carton(1))
    assert [(s, by) for _, s, by in journey(found)] == [("packing", box("P")), ("unpacking", box("P"))]
    assert found.things[carton(1)].remarks == ()
    (link,) = found.links
    assert (link.at, link.until, link.said_by) == (DAY + 2 * HOUR, DAY + 4 * HOUR, COOP)


def test_an_event_that_both_parties_hold_is_told_once(county: Store) -> None:
    shipped = moved(3, BizStep.SHIPPING, box("P"), to=TRADER)
    both = (activated(1, carton(1)), packed(2, box("P"), carton(1)), shipped, unpacked(4, box("P"), carton(1)))
    tell(county, *both)
    tell(county, *both, party=TRADER)
    found = history(county, carton(1))
    assert [step for _, step, _ in journey(found)] == ["commissioning", "packing", "shipping", "unpacking"]
    assert found.things[carton(1)].remarks == ()


def test_late_events_are_placed_by_their_own_time(county: Store) -> None:
    story = [activated(1, carton(1)), packed(2, box("P"), carton(1)), moved(4, BizStep.SHIPPING, box("P"))]
    for event in reversed(story):
        tell(county, event, recorded_at=DAY + 50 * HOUR - (event.event_time - DAY))
    tell(county, unpacked(3, box("P"), carton(1)), recorded_at=DAY + 90 * HOUR)
    assert [step for _, step, _ in journey(history(county, carton(1)))] == ["commissioning", "packing", "unpacking"]


def test_what_was_declared_wrong_is_no_step_of_the_way_and_is_told(county: Store) -> None:
    wrong = moved(3, BizStep.SHIPPING, carton(1), to=TRADER)
    declaration = replace(wrong, error_declaration=ErrorDeclaration(declaration_time=DAY + 5 * HOUR))
    tell(county, activated(1, carton(1)), wrong, declaration)
    found = history(county, carton(1))
    assert [step for _, step, _ in journey(found)] == ["commissioning"]
    assert [(one.mark, one.detail) for one in found.things[carton(1)].remarks] == [(Mark.DECLARED_WRONG, "shipping")]


def test_a_cycle_ends(county: Store) -> None:
    tell(county, packed(1, box("A"), box("B")), packed(2, box("B"), box("C")), packed(3, box("C"), box("A")))
    found = history(county, box("A"))
    assert found.things.keys() == {box("A"), box("B"), box("C")}


def test_contradictions_voids_replacements_and_recalls_are_told(county: Store) -> None:
    old, new = _serials(2)
    name = f"{HOST}/U/{old}"
    tell(
        county,
        packed(1, box("P"), name),
        packed(2, box("Q"), name),
        moved(3, BizStep.HOLDING, name, disposition=Disposition.RECALLED),
    )
    with county.unit_of_work() as uow:
        voided = Voided(COOP, old, "damaged", DAY, "示例员", "", "ORANGE", "GN-1")
        insert_all_new(uow.session, CodeVoidRow, [asdict(voided)])
        uow.voids.add_replacements(COOP, [old], [new], "AB3D", 0)
    found = history(county, old)
    assert {(one.mark, one.detail, one.other) for one in found.things[old].remarks} == {
        (Mark.VOID, "damaged", ""),
        (Mark.REPLACED_BY, new, ""),
        (Mark.RECALLED, "", ""),
        (Mark.CONTRADICTION, "already_packed", box("P")),
    }


def _serials(count: int) -> list[str]:
    return [first + check_character(first) for first in (f"AB3D{number:010}" for number in range(count))]


def test_at_an_earlier_time_nothing_later_is_known(county: Store) -> None:
    tell(county, activated(1, carton(1)), packed(2, box("P"), carton(1)), moved(5, BizStep.SHIPPING, box("P")))
    tell(county, unpacked(6, box("P"), carton(1)))
    found = history(county, carton(1), at=DAY + 2 * HOUR)
    assert [step for _, step, _ in journey(found)] == ["commissioning", "packing"]
    assert [link.until for link in found.links if link.passing is Passing.PACKED] == [None]


def test_one_step_names_the_neighbours_and_goes_no_further(county: Store) -> None:
    tell(county, processed(0, [("H-1", 900)], [("GN-1", 900)]), activated(1, carton(1)), packed(2, box("P"), carton(1)))
    assert history(county, carton(1), Way.BACK, one_step=True).back == {carton(1), LOT}
    assert history(county, box("P"), Way.BACK, one_step=True).back == {box("P"), carton(1)}
    assert history(county, LOT, one_step=True).things.keys() == {LOT, lot_uri("H-1"), carton(1)}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("NOT-HERE", NotFoundError),
        (f"{HOST}/U/nothing", NotFoundError),
        ("006901234567890003", FormatError),
        ("AB3D0-00000-00000", FormatError),
        ("a b c d", FormatError),
    ],
)
def test_what_nobody_speaks_of_is_said(county: Store, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        history(county, text)
