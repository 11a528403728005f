"""Delivery and account of a print order's labels, and whether it adds up."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.batches.pieces import at_positions
from tracelib.batches.print_account import Matter, OrderState
from tracelib.batches.prints import Kind, Verb, print_counts
from tracelib.codes.record import Level
from tracelib.codes.serial import grouped
from tracelib.errors import TraceError
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.unit_pieces import numbered
from tracelib.operations.printing.account import Accounted, account_labels, plan_account
from tracelib.operations.printing.amounts import needs_keys
from tracelib.operations.printing.cancel import CancelDeliveredError, cancel_order
from tracelib.operations.printing.errors import (
    AccountedBeforeError,
    AmountTextError,
    NameBackError,
    NotDeliveredError,
    NothingLeftError,
    NothingToAccountError,
    NotNotedError,
    ReasonMissingError,
    RollMissingError,
    SumError,
    TooManyError,
    WhichLabelsError,
)
from tracelib.operations.printing.find import (
    FoundOrder,
    OrderCancelledError,
    OrderNameError,
    OrderNotFoundError,
    RollNotFoundError,
    RollsNotMadeError,
    find_order,
    require_made,
)
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print
from tracelib.operations.printing.make_rolls import RollJob, make_rolls
from tracelib.operations.printing.order import OrderRequest, place_order
from tracelib.operations.printing.receive import (
    CancelledArrivesError,
    Delivery,
    MissingError,
    NothingToReceiveError,
    NotMadeError,
    ReceivedAccountedError,
    printed_since,
    receive_rolls,
)
from tracelib.operations.printing.reconcile import Reconciled, reconcile_labels
from tracelib.store.code_values import Activation

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

K = bytes(range(32))


class Desk:
    """An order of 100 cartons in rolls of 40, 40 and 20."""

    def __init__(self, county: "County", folder: Path, make: bool = True) -> None:
        self.county, self.log = county, PrintLog(county.store, county.clock)
        request = IssueRequest(batch=county.batch, count=100, level=Level.CARTON, host="q.example.com")
        issue_codes(county.desk, county.issuer, request)
        with county.store.reading() as uow:
            batch = uow.batches.get(*county.batch)
        assert batch is not None
        asked = OrderRequest(batch=batch, house="示例印刷厂", roll_size=40, count=100)
        self.order = place_order(self.log, lambda _: county.issuer, asked, Again())
        if make:
            make_rolls(self.log, self.order, RollJob(lambda _: county.issuer, folder / "out", "赣南脐橙"))

    def receive(self, *rolls: int, missing: dict[int, int | None] | None = None, reason: str = "") -> FoundOrder:
        return receive_rolls(self.log, self.order, Delivery(rolls, missing or {}, reason))

    def account(self, roll: int | None, reason: str = "", **amounts: str | Sequence[str]) -> Accounted:
        name = self.order.number + (f"/{roll}" if roll else "")
        with self.county.store.reading() as uow:
            found = find_order(uow, name)
        given = {Verb(verb): [texts] if isinstance(texts, str) else texts for verb, texts in amounts.items()}
        keys = {self.county.issuer.delegation.k_hash or b"": K}
        return account_labels(self.log, found, given, reason, keys)

    def planned(self, roll: int | None, **amounts: str) -> int:
        """How many codes the same account would make void; nothing is written."""
        with self.county.store.reading() as uow:
            found = find_order(uow, self.order.number + (f"/{roll}" if roll else ""))
        keys = {self.county.issuer.delegation.k_hash or b"": K}
        given = {Verb(verb): [text] for verb, text in amounts.items()}
        return plan_account(self.log, found, given, "", keys).voided

    def reconcile(self, reason: str = "") -> Reconciled:
        return reconcile_labels(self.log, self.order, lambda _: self.county.issuer, reason)

    def open(self) -> set[tuple[Matter, int, int]]:
        return {(one.matter, one.roll, one.amount) for one in self.reconcile().open}

    def serial(self, position: int) -> str:
        return self.county.issuer.cipher.serial_of(position - 1)

    def activate(self, *positions: int) -> None:
        now = self.county.clock.now()
        entries = [Activation("COOP1", self.serial(n), "P/ORANGE", "GN-1", now) for n in positions]
        with self.county.store.unit_of_work() as uow:
            uow.codes.activate(entries)

    def void(self) -> set[str]:
        every = [self.serial(n) for n in range(1, 101)]
        with self.county.store.reading() as uow:
            return uow.prints.void_among("COOP1", every)


@pytest.fixture
def desk(county: "County", tmp_path: Path) -> Desk:
    return Desk(county, tmp_path)


def test_a_whole_order_that_adds_up(desk: Desk) -> None:
    found = desk.receive()
    assert (found.account.state, found.account.total.delivered) == (OrderState.DELIVERED, 100)
    desk.account(1, used="37", torn=["3-4"], lost=grouped(desk.serial(40)))
    desk.account(2, used="all")
    done = desk.account(3, used="15", misprint=f"{desk.serial(96)}..{desk.serial(98)}", returned="2")
    assert (done.voided, done.unnamed, done.found.account.total.unaccounted) == (3, 0, 0)
    assert desk.void() == {desk.serial(n) for n in (3, 4, 40, 96, 97, 98)}
    desk.activate(*range(41, 81))
    assert desk.reconcile().differences == ()


def test_voids_have_their_reasons(desk: Desk) -> None:
    desk.receive()
    desk.account(None, "刀口偏了", torn="1-1", lost="41-41", misprint="81-81")
    with desk.county.store.reading() as uow:
        found = uow.voids.voided("COOP1", [desk.serial(n) for n in (1, 41, 81)])
    assert [found[desk.serial(n)].reason for n in (1, 41, 81)] == ["damaged", "lost", "misprint"]
    assert found[desk.serial(1)].note == "刀口偏了"


def test_what_would_become_void_is_said_before_and_nothing_is_written(desk: Desk) -> None:
    desk.receive()
    desk.account(1, torn="1-3")
    assert (desk.planned(2, lost="all"), desk.planned(1, lost="4-6", used="all"), desk.planned(1, used="all")) == (
        40,
        3,
        0,
    )
    assert desk.void() == {desk.serial(n) for n in (1, 2, 3)}
    with pytest.raises(TooManyError):
        desk.planned(2, lost="41-80", used="1")
    assert desk.account(2, lost="all").voided == 40, "what was planned was not noted"


def test_a_wrong_delivery_is_corrected_with_a_reason(desk: Desk) -> None:
    desk.receive(missing={2: 5})
    with pytest.raises(ReasonMissingError):
        desk.receive(3, missing={3: 4})
    with pytest.raises(ReasonMissingError):
        desk.receive(missing={2: 3})  # nobody knows whether these are 3 in all or 3 more
    with pytest.raises(MissingError, match="at most 20 labels"):
        desk.receive(missing={3: 21}, reason="数错了")
    rolls = desk.receive(missing={3: 4, 2: 3}, reason="数错了").account.rolls
    assert [(roll.delivered, roll.missing) for roll in rolls] == [(40, 0), (37, 3), (16, 4)]
    with desk.county.store.reading() as uow:
        noted = uow.prints.entries_of_order("COOP1", desk.order.number)[-4:]
        changes = uow.changes.list("COOP1", None, "print.receive")
    assert [(e.roll, e.verb, e.count, e.reason) for e in noted] == [
        (2, Verb.RECEIVED, 2, "数错了"), (2, Verb.MISSING, -2, "数错了"),
        (3, Verb.RECEIVED, -4, "数错了"), (3, Verb.MISSING, 4, "数错了"),
    ]  # fmt: skip
    assert [dict(one.detail) for one in changes if one.reason == "数错了"] == [{"delivered": -2, "missing": 2}]
    desk.account(3, used="16")
    with pytest.raises(ReceivedAccountedError, match=r"only 15 labels: 16 .* Take 1 of them back"):
        desk.receive(missing={3: 5}, reason="数错了")
    assert desk.receive(3, missing={3: 1}).account.rolls[2].delivered == 19, "more of it arrived: no correction"
    with pytest.raises(NothingToReceiveError):
        desk.receive(missing={3: 1}, reason="数错了")


def test_what_is_named_for_the_order_goes_to_its_rolls(desk: Desk) -> None:
    desk.receive()
    done = desk.account(None, torn="39-42")
    assert [roll.sum_of(Verb.TORN) for roll in done.found.account.rolls] == [2, 2, 0]


@pytest.mark.parametrize(
    ("amounts", "differences"),
    [
        ({"used": "39"}, {(Matter.BALANCE, 1, 1)}),
        ({"used": "36", "torn": "4"}, {(Matter.VOID, 1, 4)}),
        ({"used": "36", "torn": "1-4"}, set()),
    ],
)
def test_differences_of_a_roll(desk: Desk, amounts: dict[str, str], differences: set[tuple[Matter, int, int]]) -> None:
    desk.receive(1)
    desk.account(1, **amounts)
    assert desk.open() == differences


def test_store_and_labels_disagree(desk: Desk) -> None:
    desk.receive(1)
    desk.account(1, used="2", returned="38")
    desk.activate(1, 2, 3)  # one more is on a box than labels were used
    with desk.county.store.unit_of_work() as uow:
        uow.voids.add("COOP1", [desk.serial(3), desk.serial(9)], "damaged", desk.county.clock.now())
    # 3 was used and became void on its box; 9 is void and nobody says where its label is
    assert desk.open() == {(Matter.ACTIVE, 1, 1), (Matter.VOID, 1, -1)}


def test_returned_labels_whose_codes_are_void(desk: Desk) -> None:
    desk.receive(1)
    desk.account(1, used="20", returned="20")
    with desk.county.store.unit_of_work() as uow:
        uow.voids.add("COOP1", [desk.serial(n) for n in range(21, 41)], "returned", desk.county.clock.now())
    assert desk.open() == set()
    desk.account(1, "有一枚贴掉了", returned="-1", used="1")
    assert desk.open() == {(Matter.VOID, 1, -1)}
    desk.account(1, "有两枚撕了", used="-2", torn="2")
    assert desk.open() == {(Matter.VOID, 1, 1)}, "a void of a returned label is none of a torn one"


def test_a_page_that_was_printed_again_adds_up(desk: Desk) -> None:
    desk.receive(1)
    desk.account(1, used="16", misprint="20")  # counted, and four of them named below
    key = desk.county.batch
    with desk.county.store.reading() as uow:
        pieces = at_positions(numbered(uow.codes.ranges_of(*key)), 1, 24)
    with logged_print(desk.log, file_entry(key, Kind.LABELS, "page.pdf", pieces), Again(True, "墨色太浅")) as record:
        record.done("00" * 32)
    assert desk.open() == {(Matter.BALANCE, 1, 4)}, "the 20 need no void"
    done = desk.account(1, "墨色太浅", misprint="21-24")
    assert (done.voided, done.again, desk.void()) == (0, 4, set())
    assert desk.open() == set()
    desk.activate(*range(1, 41))  # 24 of the page, 16 of the roll
    assert desk.open() == set()
    desk.account(1, "其实丢了一枚", misprint="-21-21", lost="21-21")
    assert desk.void() == {desk.serial(21)}, "a lost label may turn up on a box: its code is void, whoever has it"


def test_codes_that_were_printed_again_and_are_void_already_do_not_stay_valid(desk: Desk) -> None:
    desk.receive(1)
    key = desk.county.batch
    with desk.county.store.reading() as uow:
        pieces = at_positions(numbered(uow.codes.ranges_of(*key)), 1, 8)
    with logged_print(desk.log, file_entry(key, Kind.LABELS, "page.pdf", pieces), Again(True, "墨色太浅")) as record:
        record.done("00" * 32)
    with desk.county.store.unit_of_work() as uow:
        uow.voids.add("COOP1", [desk.serial(n) for n in range(1, 7)], "damaged", desk.county.clock.now())
    done = desk.account(1, torn="1-10")
    assert (done.voided, done.again) == (2, 2), "9 and 10 become void; of the 8 only 7 and 8 are valid"


def test_a_difference_is_settled_with_a_reason_and_opened_by_new_numbers(desk: Desk) -> None:
    desk.receive(1)
    desk.account(1, used="38")
    with pytest.raises(ReasonMissingError):
        desk.reconcile(" ")
    assert desk.reconcile("找不到，认账").open == ()
    assert [one.settled for one in desk.reconcile().differences] == [True]
    desk.account(1, used="1")
    assert desk.open() == {(Matter.BALANCE, 1, 1)}
    desk.account(1, "多记了", used="-1")
    assert desk.open() == set(), "as it was settled"


def test_missing_rolls_and_labels(desk: Desk) -> None:
    found = desk.receive(missing={2: None, 3: 5})
    assert [(roll.delivered, roll.missing) for roll in found.account.rolls] == [(40, 0), (0, 40), (15, 5)]
    desk.account(1, used="all")
    desk.account(3, used="15")
    assert desk.open() == {(Matter.MISSING, 2, 40), (Matter.MISSING, 3, 5)}
    for amounts in ({"used": "1"}, {"lost": "all"}):
        with pytest.raises(RollMissingError, match=r"tracelib code void COOP1/ORANGE/GN-1:41-80 --reason lost"):
            desk.account(2, **amounts)
    found = desk.receive(2)  # the lost roll turns up
    assert (found.account.rolls[1].delivered, found.account.rolls[1].missing) == (40, 0)
    with pytest.raises(NothingToReceiveError):
        desk.receive(2)


def test_codes_of_a_roll_that_never_came_may_be_void(desk: Desk) -> None:
    desk.receive(missing={2: None})
    desk.account(1, used="all")
    desk.account(3, used="all")
    with desk.county.store.unit_of_work() as uow:
        uow.voids.add("COOP1", [desk.serial(n) for n in range(41, 81)], "lost", desk.county.clock.now())
    assert desk.open() == {(Matter.MISSING, 2, 40)}


def test_all_that_is_left_counts_no_label_that_never_came(desk: Desk) -> None:
    desk.receive(missing={1: 2})
    assert desk.account(1, used="all").found.account.rolls[0].sums[Verb.USED] == 38
    assert desk.account(2, torn="41-45", used="all").found.account.rolls[1].sums[Verb.USED] == 35


def test_all_that_is_left_is_not_void_where_it_cannot_be_named(desk: Desk) -> None:
    desk.receive()
    desk.account(1, used="10")
    with pytest.raises(WhichLabelsError, match=r"30 labels of .*/1 are left, but 40 of its codes"):
        desk.account(1, lost="all")
    assert desk.account(2, lost="all").voided == 40


def test_counted_for_the_order_it_adds_up_as_a_whole(desk: Desk) -> None:
    desk.receive()
    desk.account(None, used="95", returned="4")
    assert desk.open() == {(Matter.BALANCE, 0, 1)}
    desk.account(2, lost="41-41")
    assert desk.open() == set()


def test_corrections(desk: Desk) -> None:
    desk.receive()
    desk.account(1, used="40")
    with pytest.raises(ReasonMissingError):
        desk.account(1, used="-1")
    with pytest.raises(SumError):
        desk.account(1, "数错了", used="-41")
    desk.account(1, "数错了", used="-1", torn="5-5")
    assert desk.reconcile().found.account.rolls[0].sums[Verb.USED] == 39
    with pytest.raises(AccountedBeforeError):
        desk.account(1, torn="4-6")
    assert desk.void() == {desk.serial(5)}, "what was refused made nothing void"


def test_a_correction_names_its_labels(desk: Desk) -> None:
    desk.receive()
    desk.account(2, used="41-60")
    desk.account(2, used="61-70")
    with pytest.raises(AccountedBeforeError, match=r"--used -50-61 --reason TEXT"):
        desk.account(2, torn="50-61")
    with pytest.raises(NameBackError, match="positions 41-70"):
        desk.account(2, "记错了", used="-11")
    with pytest.raises(ReasonMissingError):
        desk.account(2, used="-50-60")
    with pytest.raises(NotNotedError, match=r"^1 of the labels"):
        desk.account(2, "记错了", used="-60-71")
    desk.account(2, "记错了", used="-50-60")  # what the error said
    done = desk.account(2, torn="50-60")
    assert (done.voided, done.found.account.rolls[1].sums) == (11, {Verb.RECEIVED: 40, Verb.USED: 19, Verb.TORN: 11})
    assert desk.void() == {desk.serial(n) for n in range(50, 61)}


def test_a_correction_by_number_takes_back_all_that_was_named_or_what_was_counted(desk: Desk) -> None:
    desk.receive()
    desk.account(None, used="35-45")
    desk.account(None, "记错了", used="-11")
    assert desk.account(None, torn="35-45").voided == 11
    desk.account(1, used="1-5")
    desk.account(1, used="10")
    sums = desk.account(1, "数错了", used="-3").found.account.rolls[0].sums
    assert sums[Verb.USED] == 12
    with pytest.raises(AccountedBeforeError):
        desk.account(1, torn="5-5")


def test_what_became_void_stays_void_and_is_said(desk: Desk) -> None:
    desk.receive()
    desk.account(1, torn="1-4")
    done = desk.account(1, "没撕坏", torn=f"-{desk.serial(1)}", used="1-1")
    assert (done.stay_void, done.voided) == (1, 0)
    done = desk.account(1, "是丢了", torn="-3-4", lost="3-4")
    assert (done.stay_void, done.voided) == (0, 0)
    assert desk.void() == {desk.serial(n) for n in range(1, 5)}
    assert desk.account(1, "记错了", lost="-2").stay_void == 2


def test_no_more_labels_than_were_delivered(desk: Desk) -> None:
    desk.receive(missing={1: 2})
    desk.account(1, used="30")
    with pytest.raises(TooManyError, match=r"^That is 962 more .*/1: 38 labels were delivered, and 8 of them"):
        desk.account(1, used="970")
    assert desk.account(1, used="8").found.account.rolls[0].unaccounted == 0
    with pytest.raises(TooManyError):
        desk.account(None, used="61")
    assert desk.account(None, used="60").found.account.total.unaccounted == 0


@pytest.mark.parametrize("text", ["40-41", "99-1", "0-3", "AB3D"])
def test_only_labels_of_the_roll(desk: Desk, text: str) -> None:
    desk.receive()
    with pytest.raises(TraceError) as caught:
        desk.account(1, lost=text)
    assert caught.value.code == ("print.amount" if text == "AB3D" else "print.outside")
    assert desk.void() == set()


@pytest.mark.parametrize("text", ["abc", "-all", "1..", "-x-y"])
def test_text_that_names_no_labels_is_answered_in_the_words_of_the_command(desk: Desk, text: str) -> None:
    desk.receive()
    with pytest.raises(AmountTextError, match="1601-1601"):
        desk.account(1, "记错了", lost=text)


def test_all_of_nothing_is_not_noted(desk: Desk) -> None:
    desk.receive()
    desk.account(1, used="all")
    with desk.county.store.reading() as uow:
        before = len(uow.changes.list("COOP1", None, "print.account", 100))
    with pytest.raises(NothingLeftError, match=r"/1: what became of its 40 delivered labels"):
        desk.account(1, returned="all")
    with pytest.raises(NothingToAccountError):
        desk.account(1, used="0")
    with desk.county.store.reading() as uow:
        assert len(uow.changes.list("COOP1", None, "print.account", 100)) == before


@pytest.mark.parametrize("back", ["all", "40"], ids=["by name", "counted"])
def test_a_lost_roll_that_is_found_adds_up_and_its_codes_stay_void(desk: Desk, back: str) -> None:
    desk.receive(1)
    desk.account(1, lost="all")
    assert desk.account(1, "又找到了", lost="-40").stay_void == 40
    desk.account(1, returned=back)
    done = desk.reconcile()
    assert (done.differences, done.void_returned) == ((), 40)
    desk.account(1, "贴掉了五枚", returned="-40")
    desk.account(1, returned="35", used="5")
    assert desk.open() == {(Matter.VOID, 1, -5)}, "five void codes are on goods"
    assert desk.reconcile().void_returned == 35


def test_void_labels_that_were_returned_hide_no_torn_one_that_is_not_void(desk: Desk) -> None:
    desk.receive(1)
    desk.account(1, lost="1-20")
    desk.account(1, "又找到了", lost="-1-20")
    desk.account(1, returned="1-20", torn="3", used="17")
    assert desk.open() == {(Matter.VOID, 1, 3)}


def test_a_cancelled_order_says_so_and_its_labels_can_come_all_the_same(desk: Desk) -> None:
    found = cancel_order(desk.log, desk.order, "印刷厂弄错了")
    assert [bool(roll.sha256) for roll in found.account.rolls] == [True, True, True]
    with pytest.raises(OrderCancelledError, match="印刷厂弄错了"):
        require_made(found)
    with pytest.raises(CancelledArrivesError, match="印刷厂弄错了"):
        desk.receive()
    with desk.county.store.reading() as uow:
        assert printed_since(uow, find_order(uow, desk.order.number)) == 0
        pieces = at_positions(numbered(uow.codes.ranges_of(*desk.county.batch)), 1, 8)
    with logged_print(desk.log, file_entry(desk.county.batch, Kind.LABELS, "page.pdf", pieces), Again()) as record:
        record.done("00" * 32)
    with desk.county.store.reading() as uow:
        assert printed_since(uow, find_order(uow, desk.order.number)) == 8
    found = desk.receive(reason="还是印了")
    assert (found.account.state, found.account.total.delivered) == (OrderState.DELIVERED, 100)
    require_made(found)
    with desk.county.store.reading() as uow:
        counts = print_counts(uow.prints.entries(*desk.county.batch))
    assert [(piece.position, piece.count, times) for piece, times in counts] == [(1, 8, 2), (9, 92, 1)]
    desk.account(1, torn="1-10", returned="all")
    assert desk.void() == {desk.serial(9), desk.serial(10)}, "the new labels of 1 to 8 stay valid"


def test_no_delivery_note_before_every_file_is_made(county: "County", tmp_path: Path) -> None:
    desk = Desk(county, tmp_path, make=False)
    with county.store.reading() as uow:
        found = find_order(uow, desk.order.number)
    with pytest.raises(RollsNotMadeError, match=r"3 of the 3 rolls .* first is roll 1"):
        require_made(found)


def test_an_order_is_open_until_it_adds_up_or_is_settled(desk: Desk) -> None:
    assert desk.receive(missing={3: 2}).account.open
    desk.account(1, used="all")
    desk.account(2, used="all")
    assert desk.account(3, used="18").found.account.open, "two labels were missing"
    assert not desk.reconcile("印刷厂认账").found.account.open
    assert desk.account(3, "少了一枚", used="-1").found.account.open


def test_refusals(desk: Desk) -> None:
    with pytest.raises(NotDeliveredError):
        desk.account(1, used="1")
    with pytest.raises(RollNotFoundError):
        desk.receive(4)
    with pytest.raises(MissingError):
        desk.receive(missing={1: 41})
    desk.receive()
    with pytest.raises(NothingToAccountError):
        desk.account(1)
    with pytest.raises(NothingToReceiveError):
        desk.receive()


def test_a_roll_without_a_file_cannot_arrive(county: "County", tmp_path: Path) -> None:
    with pytest.raises(NotMadeError):
        Desk(county, tmp_path, make=False).receive()


def test_a_cancelled_order_frees_its_codes(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(ReasonMissingError):
        cancel_order(desk.log, desk.order, " ")
    cancel_order(desk.log, desk.order, "写错了印刷厂")
    with desk.county.store.reading() as uow:
        batch = uow.batches.get(*desk.county.batch)
        assert find_order(uow, desk.order.number).account.state is OrderState.CANCELLED
        assert print_counts(uow.prints.entries(*desk.county.batch)) == []
    assert batch is not None
    with pytest.raises(OrderCancelledError):
        make_rolls(desk.log, desk.order, RollJob(lambda _: desk.county.issuer, tmp_path / "out", "赣南脐橙"))
    with pytest.raises(OrderCancelledError):
        cancel_order(desk.log, desk.order, "再来一次")
    with pytest.raises(CancelledArrivesError):
        desk.receive()
    asked = OrderRequest(batch=batch, house="示例印刷厂", roll_size=40, count=100)
    assert place_order(desk.log, lambda _: desk.county.issuer, asked, Again()).count == 100


def test_what_was_delivered_is_not_cancelled(desk: Desk) -> None:
    desk.receive(1)
    with pytest.raises(CancelDeliveredError):
        cancel_order(desk.log, desk.order, "写错了印刷厂")


def test_who_said_what_is_in_the_book_of_changes(desk: Desk) -> None:
    desk.receive()
    desk.account(1, "", used="39")
    desk.reconcile("认账")
    with desk.county.store.reading() as uow:
        found = [(change.verb, change.subject) for change in uow.changes.list("COOP1", verb="print.")]
    number = desk.order.number
    assert sorted(found) == [
        ("print.account", f"{number}/1"),
        ("print.order", number),
        ("print.receive", number),
        ("print.reconcile", number),
    ]


@pytest.mark.parametrize(
    ("name", "error"),
    [("261123", OrderNameError), ("261123-1/x", OrderNameError), ("261123-9", OrderNotFoundError),
     ("COOP2/261123-1", OrderNotFoundError), ("261123-1/4", RollNotFoundError), ("261123-1/0", RollNotFoundError)],
)  # fmt: skip
def test_names_of_orders(desk: Desk, name: str, error: type[Exception]) -> None:
    with desk.county.store.reading() as uow:
        assert find_order(uow, "COOP1/261123-1/3").roll == 3
        with pytest.raises(error):
            find_order(uow, name)


def test_keys_are_needed_for_serials_and_voids_alone() -> None:
    assert not needs_keys({Verb.USED: ["40", "1-3", "all"], Verb.TORN: ["3"]})
    assert needs_keys({Verb.USED: ["7KQX9-Y93Q6-MJ608"]})
    assert needs_keys({Verb.TORN: ["1-3"]})
    assert needs_keys({Verb.LOST: ["all"]})
    assert not needs_keys({Verb.TORN: ["-3-4", "-2"]})
    assert needs_keys({Verb.USED: ["-7KQX9-Y93Q6-MJ608"]})
