"""Split, merge, re-pack as pure values: what goes in is what comes out and the loss, whatever is asked for."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tracelib.batches.batch import HEAVIEST_G, Batch, BatchState
from tracelib.batches.errors import (
    BatchClosedForTakingError,
    BatchTakeError,
    BatchUsedUpError,
    ConservationError,
    LossReasonError,
    SameBatchError,
    TransformationPartyError,
    TransformationShapeError,
    WeightTextError,
    WeightUnitError,
)
from tracelib.batches.ledger import Balance, check_issue
from tracelib.batches.transformation import NewBatch, Take, Transformation, TransformationKind, transform
from tracelib.batches.weight import parse_weight
from tracelib.errors import RuleError

SPLIT, MERGE, REPACK = TransformationKind.SPLIT, TransformationKind.MERGE, TransformationKind.REPACK


def a_batch(lot: str = "L0", weight_g: int = 1_000_000, product: str = "BULK", **changes: object) -> Batch:
    fields = {"party_id": "GNQC", "product_id": product, "lot": lot, "produced_on": date(2026, 11, 3)}
    return Batch.model_validate({**fields, "weight_g": weight_g, **changes})


def new(lot: str, weight_g: int | None = None, product: str = "BULK") -> NewBatch:
    return NewBatch(product, lot, weight_g)


def check_conserved(made: Transformation) -> None:
    taken = sum(grams for _, grams in made.inputs)
    assert taken == sum(batch.weight_g for batch in made.outputs) + made.loss_g


@given(
    weight=st.integers(2, HEAVIEST_G),
    parts=st.lists(st.integers(1, HEAVIEST_G), min_size=1, max_size=6),
    issued=st.integers(0, HEAVIEST_G),
    taken=st.integers(0, HEAVIEST_G),
    loss=st.integers(0, HEAVIEST_G),
    rest=st.booleans(),
)
def test_no_split_gains_or_forgets_a_gram(
    weight: int, parts: list[int], issued: int, taken: int, loss: int, rest: bool
) -> None:
    balance = Balance(a_batch(weight_g=weight), min(issued, weight), min(taken, weight - min(issued, weight)))
    makes = [new(f"L{number}", grams) for number, grams in enumerate(parts, 1)]
    makes += [new("REST")] if rest else []
    take = Take(balance, None if rest else sum(parts) + loss)
    needed = sum(parts) + loss + rest  # the rest is a gram at least
    if needed > balance.left_g:
        with pytest.raises(RuleError):
            transform(SPLIT, [take], makes, loss_g=loss, reason="x")
        return
    made = transform(SPLIT, [take], makes, loss_g=loss, reason="x")
    check_conserved(made)
    assert made.inputs[0][1] <= balance.left_g
    assert bool(made.used_up) is (made.inputs[0][1] == balance.left_g)
    assert all(child.state is BatchState.REGISTERED and child.weight_g > 0 for child in made.outputs)


@given(weights=st.lists(st.integers(1, 10**9), min_size=2, max_size=9), loss=st.integers(0, 10**9), data=st.data())
def test_no_merge_gains_or_forgets_a_gram(weights: list[int], loss: int, data: st.DataObject) -> None:
    takes = [
        Take(Balance(a_batch(f"L{number}", weight)), data.draw(st.none() | st.integers(1, weight)))
        for number, weight in enumerate(weights)
    ]
    taken = sum(take.grams for take in takes)
    if loss >= taken:
        with pytest.raises(ConservationError):
            transform(MERGE, takes, [new("NEW")], loss_g=loss, reason="x")
        return
    made = transform(MERGE, takes, [new("NEW")], loss_g=loss, reason="x")
    check_conserved(made)
    assert made.outputs[0].weight_g == taken - loss


def test_what_is_on_codes_cannot_be_taken_out() -> None:
    balance = Balance(a_batch(weight_g=1_000_000), issued_g=600_000, taken_g=100_000)
    transform(SPLIT, [Take(balance, 300_000)], [new("A", 300_000)])
    with pytest.raises(BatchTakeError) as caught:
        transform(SPLIT, [Take(balance, 300_001)], [new("A", 300_001)])
    assert "300.001 kg cannot be taken out of batch GNQC/BULK/L0: 300 kg are left (600 kg are on codes" in str(
        caught.value
    )
    with pytest.raises(BatchUsedUpError):
        transform(SPLIT, [Take(Balance(a_batch(), issued_g=1_000_000))], [new("A")])
    with pytest.raises(BatchClosedForTakingError):
        transform(SPLIT, [Take(Balance(a_batch(state=BatchState.CLOSED)))], [new("A")])


def test_a_repacked_batch_is_as_old_as_its_oldest_goods_and_says_only_what_all_share() -> None:
    older = a_batch("L1", produced_on=date(2026, 11, 1), origin="360726", plot="三号果园", grower="示例户甲")
    newer = a_batch("L2", produced_on=date(2026, 11, 4), origin="360726", plot="三号果园", grower="示例户乙")
    takes = [Take(Balance(older)), Take(Balance(newer), 500_000)]
    made = transform(REPACK, takes, [new("L1", product="NAVEL-5KG")], loss_g=12_345, reason=" sorting ")
    (child,) = made.outputs
    assert child == a_batch(
        "L1",
        1_487_655,
        "NAVEL-5KG",
        produced_on=date(2026, 11, 1),
        origin="360726",
        plot="三号果园",
    )
    assert (made.reason, made.used_up) == ("sorting", (older,))
    again = transform(REPACK, takes, [new("L1", product="NAVEL-5KG")], day=date(2026, 11, 5))
    assert again.outputs[0].produced_on == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("kind", "takes", "makes", "error"),
    [
        (MERGE, [a_batch("L1")], [new("L3")], TransformationShapeError),
        (SPLIT, [a_batch("L1"), a_batch("L2")], [new("L3")], TransformationShapeError),
        (MERGE, [a_batch("L1"), a_batch("L2", product="OTHER")], [new("L3")], TransformationPartyError),
        (MERGE, [a_batch("L1"), a_batch("L2", party_id="WZBH")], [new("L3")], TransformationPartyError),
        (REPACK, [a_batch("L1")], [new("L3")], TransformationPartyError),
        (SPLIT, [a_batch("L1")], [new("L3", product="OTHER")], TransformationPartyError),
        (MERGE, [a_batch("L1"), a_batch("L1")], [new("L3")], SameBatchError),
        (SPLIT, [a_batch("L1")], [new("L1")], SameBatchError),
        (SPLIT, [a_batch("L1")], [new("L2"), new("L3")], ConservationError),
    ],
)
def test_what_does_not_go_together_is_refused(
    kind: TransformationKind, takes: list[Batch], makes: list[NewBatch], error: type[RuleError]
) -> None:
    with pytest.raises(error):
        transform(kind, [Take(Balance(batch)) for batch in takes], makes)


def test_a_loss_needs_a_reason_and_is_none_below_nothing() -> None:
    with pytest.raises(LossReasonError):
        transform(SPLIT, [Take(Balance(a_batch()))], [new("A")], loss_g=1, reason="  ")
    with pytest.raises(ConservationError):
        transform(SPLIT, [Take(Balance(a_batch()))], [new("A")], loss_g=-1, reason="x")


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("500kg", 500_000),
        ("1000斤", 500_000),
        ("3 市斤", 1500),
        ("1.5吨", 1_500_000),
        ("0.0005t", 500),
        ("250 G", 250),
        ("62.5公斤", 62_500),
        ("1㎏", 1000),
        ("10000吨", HEAVIEST_G),
    ],
)
def test_weights_with_their_unit(text: str, grams: int) -> None:
    assert parse_weight(text) == grams


@pytest.mark.parametrize("text", ["500", "500 箱", "3担", "2件", "1两", "5lb", "500kg/箱", "1e3kg", "1,000kg"])
def test_a_weight_without_a_unit_of_weight_is_never_guessed(text: str) -> None:
    with pytest.raises(WeightUnitError):
        parse_weight(text)


@pytest.mark.parametrize("text", ["", "kg", "-1kg", "0kg", "0.5g", "0.0001斤", "10000.000001t"])
def test_no_weight(text: str) -> None:
    with pytest.raises(WeightTextError):
        parse_weight(text)


class Desk(RuleBasedStateMachine):
    """A season of harvests, codes, splits, merges and closings, in any order: the books add up after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: dict[str, Balance] = {}
        self.harvested = self.lost = self.number = 0

    @rule(weight=st.integers(1, 10**7))
    def harvest(self, weight: int) -> None:
        self.harvested += weight
        self._put(a_batch(self._lot(), weight))

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), units=st.integers(1, 50), unit_10g=st.integers(1, 1000))
    def issue(self, data: st.DataObject, units: int, unit_10g: int) -> None:
        balance = self._any(data)
        try:
            check_issue(balance, unit_10g, units)
        except RuleError:
            return
        batch = balance.batch if balance.batch.state is BatchState.OPEN else balance.batch.moved_to(BatchState.OPEN)
        self._keep(Balance(batch, balance.issued_g + units * unit_10g * 10, balance.taken_g))

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=3), loss=st.integers(0, 10**5))
    def split(self, data: st.DataObject, parts: list[int], loss: int) -> None:
        take = Take(self._any(data), sum(parts) + loss)
        self._do(SPLIT, [take], [new(self._lot(), part) for part in parts], loss)

    @precondition(lambda self: len(self.batches) > 1)
    @rule(data=st.data(), loss=st.integers(0, 10**5))
    def merge(self, data: st.DataObject, loss: int) -> None:
        lots = data.draw(st.lists(st.sampled_from(sorted(self.batches)), min_size=2, max_size=4, unique=True))
        self._do(MERGE, [Take(self.batches[lot]) for lot in lots], [new(self._lot())], loss)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        balance = self._any(data)
        if balance.batch.state is not BatchState.CLOSED:
            self._keep(replace(balance, batch=balance.batch.moved_to(BatchState.CLOSED)))

    @invariant()
    def the_books_add_up(self) -> None:
        held = sum(balance.batch.weight_g - balance.taken_g for balance in self.batches.values())
        assert held + self.lost == self.harvested
        for balance in self.batches.values():
            assert balance.issued_g + balance.taken_g + balance.left_g == balance.batch.weight_g

    def _do(self, kind: TransformationKind, takes: list[Take], makes: list[NewBatch], loss: int) -> None:
        try:
            made = transform(kind, takes, makes, loss_g=loss, reason="x")
        except RuleError:
            return
        check_conserved(made)
        self.lost += made.loss_g
        for take, (batch, grams) in zip(takes, made.inputs, strict=True):
            state = batch.moved_to(BatchState.CLOSED) if batch in made.used_up else batch
            self._keep(Balance(state, take.balance.issued_g, take.balance.taken_g + grams))
        for batch in made.outputs:
            self._put(batch)

    def _lot(self) -> str:
        self.number += 1
        return f"L{self.number}"

    def _any(self, data: st.DataObject) -> Balance:
        return self.batches[data.draw(st.sampled_from(sorted(self.batches)))]

    def _put(self, batch: Batch) -> None:
        self._keep(Balance(batch))

    def _keep(self, balance: Balance) -> None:
        self.batches[balance.batch.lot] = balance


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
