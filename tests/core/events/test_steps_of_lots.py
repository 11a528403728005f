"""Steps of loose goods: no more of a lot leaves, comes back or is destroyed than there is.

The lot weighs 10,000,000 kg; one piece of the product weighs 5 kg by the catalogue.
"""

import pytest

from bench.farm_world import Farm
from bench.line_world import LOT, OTHER_PARTY, OWN_PARTY
from tracelib.errors import TraceError

LOOSE = f"{OWN_PARTY}/ORANGE/{LOT}"
TONS = 1000


def kg(amount: float) -> str:
    return f"{LOOSE}={amount}kg"


def refused(farm: Farm, step: str, what: str, *, hours: float = 50, party: str = OWN_PARTY) -> TraceError:
    count = len(farm.events(party))
    with pytest.raises(TraceError) as caught:
        farm.step(step, what, hours=hours, party=party)
    assert len(farm.events(party)) == count, "nothing is written"
    return caught.value


def test_no_more_leaves_than_there_is(farm: Farm) -> None:
    farm.step("ship", kg(9_999_900), hours=1)
    fault = refused(farm, "ship", kg(100.5))
    assert (fault.code, fault.params["given"], fault.params["left"]) == ("event.lot_too_much", "100.5", "100")
    assert refused(farm, "ship", f"{LOOSE}=21pcs").code == "event.lot_too_much", "21 pieces weigh 105 kg"
    farm.step("ship", f"{LOOSE}=20pcs", hours=2)
    assert refused(farm, "ship", kg(1)).code == "event.lot_gone"
    assert refused(farm, "ship", LOOSE).code == "event.lot_gone"
    assert refused(farm, "store", LOOSE).code == "event.lot_gone", "nothing of it is here"
    assert refused(farm, "ship", kg(1), hours=0.5).code == "event.lot_gone", "a late event takes nothing that is gone"


def test_what_was_shipped_is_sold_on_its_way_once(farm: Farm) -> None:
    farm.step("ship", kg(6000 * TONS), hours=1)
    farm.step("sell", kg(6000 * TONS), hours=2)
    assert refused(farm, "sell", kg(4001 * TONS)).params["left"] == f"{4000 * TONS}"
    farm.step("sell", kg(4000 * TONS), hours=3)
    assert refused(farm, "sell", kg(1)).code == "event.lot_gone"


def test_what_was_destroyed_goes_nowhere(farm: Farm) -> None:
    farm.step("destroy", LOOSE, hours=1)
    for step in ("ship", "sell", "store", "grade", "inspect", "destroy"):
        assert refused(farm, step, LOOSE).code == "event.lot_gone", step
    assert refused(farm, "sell", kg(1)).code == "event.lot_gone"


def test_no_more_comes_back_than_left(farm: Farm) -> None:
    assert refused(farm, "return", kg(1)).code == "event.lot_back"
    farm.step("ship", kg(100), hours=1)
    fault = refused(farm, "return", kg(101))
    assert (fault.code, fault.params["most"]) == ("event.lot_back", "100")
    farm.step("return", kg(60), hours=2)
    assert refused(farm, "return", kg(41)).params["most"] == "40"
    farm.step("return", kg(40), hours=3)
    farm.step("ship", LOOSE, hours=4)


def test_others_have_what_they_received(farm: Farm) -> None:
    assert refused(farm, "sell", kg(1), party=OTHER_PARTY).code == "event.never_received"
    farm.step("receive", kg(100), party=OTHER_PARTY, hours=1)
    farm.step("sell", kg(70), party=OTHER_PARTY, hours=2)
    assert refused(farm, "sell", kg(31), party=OTHER_PARTY).params["left"] == "30"
    farm.step("return", kg(10), party=OTHER_PARTY, hours=3)
    farm.step("sell", kg(40), party=OTHER_PARTY, hours=4)
    assert refused(farm, "sell", kg(1), party=OTHER_PARTY).code == "event.lot_gone"
