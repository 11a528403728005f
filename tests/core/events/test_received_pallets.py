"""A party works with what lies on the pallets that it received, which another party packed."""

import pytest

from bench.farm_world import Farm, serial
from bench.line_world import OTHER_PARTY, OWN_PARTY
from tracelib.errors import RuleError
from tracelib.trace.lifecycle import State

CRATE = "https://id.gs1.org/8003/04012345678901CRATE1"


def handed_over(farm: Farm) -> str:
    """The first pallet, shipped by the first party and received by the second."""
    sscc = serial(farm.pallets[0])
    farm.step("ship", sscc, other=OTHER_PARTY, hours=1)
    done = farm.step("receive", sscc, party=OTHER_PARTY, other=OWN_PARTY, hours=2)
    assert done.inside == 2, "the answer tells what came with the pallet"
    return sscc


def test_what_came_on_a_pallet_is_received_with_it_and_can_be_unpacked_and_sold(farm: Farm) -> None:
    sscc = handed_over(farm)
    one, other = farm.cartons[:2]
    assert farm.state(one, party=OTHER_PARTY) is State.RECEIVED
    with pytest.raises(RuleError) as caught:
        farm.step("sell", one, party=OTHER_PARTY, hours=3)
    assert caught.value.code == "event.still_inside"
    farm.step("unpack", one, parent=sscc, party=OTHER_PARTY, hours=3)
    farm.step("sell", one, party=OTHER_PARTY, hours=4)
    done = farm.step("sell", other, party=OTHER_PARTY, unpack=True, hours=5)
    assert done.taken_out == 1
    taken = [event for event in farm.events(OTHER_PARTY) if event["bizStep"] == "unpacking"]
    assert [event["parentID"] for event in taken] == [f"https://id.gs1.org/00/{sscc}"] * 2
    assert [farm.state(unit, party=OTHER_PARTY) for unit in (one, other)] == [State.SOLD, State.SOLD]
    farm.step("return", other, party=OTHER_PARTY, hours=6)
    assert farm.state(other, party=OTHER_PARTY) is State.RETURNED


def test_everything_is_taken_out_at_once(farm: Farm) -> None:
    sscc = handed_over(farm)
    farm.step("unpack", parent=sscc, party=OTHER_PARTY, hours=3)
    for carton in farm.cartons[:2]:
        farm.step("sell", carton, party=OTHER_PARTY, hours=4)
    with pytest.raises(RuleError) as caught:
        farm.step("unpack", farm.cartons[0], parent=sscc, party=OTHER_PARTY, hours=5)
    assert caught.value.code in ("containment.not_inside", "event.sold")


def test_packing_again_at_the_dealers_asks_for_taking_out_first(farm: Farm) -> None:
    handed_over(farm)
    carton, other = farm.cartons[:2]
    farm.step("receive", CRATE, party=OTHER_PARTY, hours=3)
    with pytest.raises(RuleError) as caught:
        farm.step("pack", carton, parent=CRATE, party=OTHER_PARTY, hours=4)
    assert caught.value.code == "containment.already_packed"
    farm.step("pack", carton, parent=CRATE, party=OTHER_PARTY, unpack=True, hours=4)
    farm.step("unpack", carton, parent=CRATE, party=OTHER_PARTY, hours=5)
    farm.step("sell", carton, party=OTHER_PARTY, hours=6)
    assert farm.state(other, party=OTHER_PARTY) is State.RECEIVED


def test_what_others_say_does_not_move_a_partys_own_goods(farm: Farm) -> None:
    """A dealer writes that a carton lies on its pallet, which never came here: the owner is not held up by it."""
    loose, (crate, mine) = farm.cartons[4], (CRATE, serial(farm.pallets[1]))
    farm.step("receive", crate, loose, party=OTHER_PARTY, hours=1)
    farm.step("pack", loose, parent=crate, party=OTHER_PARTY, hours=2)
    farm.step("unpack", farm.cartons[2], parent=mine, hours=3)
    farm.step("receive", mine, party=OTHER_PARTY, hours=3)
    farm.step("unpack", farm.cartons[3], parent=mine, party=OTHER_PARTY, hours=4)
    farm.step("pack", loose, parent=mine, hours=5)
    farm.step("unpack", farm.cartons[3], parent=mine, hours=6)
    assert farm.state(loose) is State.ACTIVE


def test_what_another_party_received_is_not_sold_once_more_by_the_first(farm: Farm) -> None:
    sscc = handed_over(farm)
    for what, more in ((sscc, {}), (farm.cartons[0], {"unpack": True})):
        with pytest.raises(RuleError) as caught:
            farm.step("sell", what, hours=3, **more)
        assert (caught.value.code, caught.value.params["party"]) == ("event.handed_over", OTHER_PARTY)
    farm.step("ship", sscc, party=OTHER_PARTY, other=OWN_PARTY, hours=4)
    farm.step("return", sscc, hours=5)
    assert farm.step("sell", farm.cartons[0], unpack=True, hours=6).taken_out == 1


def test_goods_shipped_to_a_customer_are_sold_on_the_way(farm: Farm) -> None:
    carton = farm.cartons[4]
    farm.step("ship", carton, hours=1)
    farm.step("sell", carton, hours=2)
    assert farm.state(carton) is State.SOLD
