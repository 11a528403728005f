"""The print log with two writers: what was decided on a log that has grown since is not written."""

from datetime import UTC, datetime

import pytest

from tracelib.batches.pieces import Piece
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import Kind, PrintEntry, Verb
from tracelib.store.errors import ConflictError
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = ("COOP1", "ORANGE", "T-1")
PIECES = (Piece("AB3D", 0, 40, 1),)


def entry(print_id: str, verb: Verb = Verb.BEGUN, order: str = "") -> PrintEntry:
    party_id, product_id, lot = KEY
    return PrintEntry(
        party_id=party_id, product_id=product_id, lot=lot, seq=0, at=NOW, operator="", verb=verb, order=order,
        kind=Kind.ORDER if order else Kind.LABELS, print_id=print_id, pieces=PIECES, count=40,
    )  # fmt: skip


@pytest.fixture
def other(store: Store, store_url: str) -> Store:
    if store.dialect != "postgresql":
        pytest.skip("SQLite lets one writer look at a time")
    return Store.open(store_url, operator="乙")


def order_of(number: str) -> tuple[PrintOrder, PrintRoll]:
    party_id, product_id, lot = KEY
    order = PrintOrder(
        party_id=party_id, number=number, product_id=product_id, lot=lot, at=NOW, operator="甲", house="示例印刷厂",
        format="csv", template="", roll_size=40, rolls=1, count=40, left_out=0, reason="",
    )  # fmt: skip
    roll = PrintRoll(
        party_id=party_id, number=number, roll=1, count=40, pieces=PIECES, first_serial="A", last_serial="B", file="f"
    )
    return order, roll


@pytest.mark.parametrize("look", ["entries", "last_seq", "entries_of_order"])
def test_a_log_that_grew_since_it_was_looked_at_takes_nothing(store: Store, other: Store, look: str) -> None:
    order, roll = order_of("261123-1")
    with store.unit_of_work() as uow:
        uow.prints.add_order(order, [roll])
        uow.prints.append(entry("261123-1", order="261123-1"))
    with pytest.raises(ConflictError), store.unit_of_work() as mine:  # noqa: PT012 - the whole transaction
        if look == "entries_of_order":
            assert len(mine.prints.entries_of_order("COOP1", "261123-1")) == 1
        else:
            getattr(mine.prints, look)(*KEY)
        with other.unit_of_work() as theirs:
            theirs.prints.append(entry("2"))
        mine.prints.entries(*KEY)  # a second look does not hide that the first one is stale
        mine.prints.append(entry("3"))
    with store.reading() as uow:
        assert [(one.seq, one.print_id) for one in uow.prints.entries(*KEY)] == [(1, "261123-1"), (2, "2")]


def test_entries_are_numbered_in_their_batch(store: Store) -> None:
    with store.unit_of_work() as uow:
        assert [one.seq for one in uow.prints.append(entry("1"), entry("1", Verb.DONE))] == [1, 2]
        assert [one.seq for one in uow.prints.append(entry("2"))] == [3]
        assert uow.prints.last_seq(*KEY) == 3
        assert uow.prints.last_seq("COOP1", "ORANGE", "T-2") == 0
