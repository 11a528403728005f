"""Whether so much of a lot may take a step: what there was of it, and what left, came back and was destroyed.

::

    had  = the batch without what other batches were made of it; for others' lots what was received; what came back
    left = had − shipped, or sold − destroyed

Goods that were shipped are often sold on their way, so of what was shipped and what was sold the larger counts. Amounts
count whatever their time is, for a late event may not take what is gone; where an amount is not said, nothing is
refused for it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import kilograms
from tracelib.clock import wall_text
from tracelib.errors import RuleError
from tracelib.operations.events.allowed import Acting, refuse
from tracelib.operations.events.errors import (
    DestroyedError,
    LotBackError,
    LotGoneError,
    LotTooMuchError,
    NeverReceivedError,
)
from tracelib.operations.events.named import NamedLot
from tracelib.trace.elements import QuantityElement
from tracelib.trace.farm import FarmStep
from tracelib.trace.lifecycle import State
from tracelib.trace.objects import Role, object_id
from tracelib.trace.recall import ARRIVALS, DEPARTURES, Amount, amounts_of
from tracelib.trace.vocab import BizStep, Disposition, bare_word

if TYPE_CHECKING:
    from tracelib.store.event_repository import StoredEvent
    from tracelib.store.unit_of_work import UnitOfWork


@dataclass(slots=True)
class LotAccount:
    """What a party's book says of a lot, in grams. ``had`` is what it registered of it itself, None for others' lots.

    ``vague``: something left, and how much is not said. ``destroyed_at``: all of it was destroyed, whatever it was.
    """

    had: int | None
    received: int = 0
    returned: int = 0
    shipped: int = 0
    sold: int = 0
    destroyed: int = 0
    vague: bool = False
    came: bool = False
    destroyed_at: datetime | None = None

    def add(self, event: "StoredEvent", disposition: str, grams: int | None) -> None:
        """Take one event into the account; ``grams`` None where it does not say how much."""
        amount, step = grams or 0, event.biz_step
        if step in ARRIVALS:
            self.came = True
            if disposition == Disposition.RETURNED:
                self.returned += amount
            else:
                self.received += amount
        elif step in DEPARTURES:
            self.shipped, self.vague = self.shipped + amount, self.vague or grams is None
        elif step == BizStep.RETAIL_SELLING:
            self.sold, self.vague = self.sold + amount, self.vague or grams is None
        elif step == BizStep.DESTROYING:
            self.destroyed += amount
            if grams is None and (self.destroyed_at is None or event.event_time < self.destroyed_at):
                self.destroyed_at = event.event_time

    @property
    def total(self) -> int:
        """All that there ever was here."""
        return (self.had or 0) + self.received + self.returned

    @property
    def out(self) -> int:
        """What left."""
        return max(self.shipped, self.sold)

    def left_for(self, step: FarmStep) -> int:
        """How much may take a step yet. What was sold may be shipped to the customer; what is away may be destroyed."""
        gone = {BizStep.SHIPPING: self.shipped, BizStep.RETAIL_SELLING: self.sold}
        return self.total - self.destroyed - gone.get(step.biz_step, 0 if self._reaches_away(step) else self.out)

    @staticmethod
    def _reaches_away(step: FarmStep) -> bool:
        return State.SOLD in step.after or step.biz_step == BizStep.DESTROYING


def require_lots(acting: Acting, step: FarmStep, lots: Sequence[NamedLot]) -> None:
    """Raise where a lot cannot take the step: RefusedError, or the reason of the only one.

    DestroyedError, NeverReceivedError, LotGoneError, LotTooMuchError, LotBackError.
    """
    if not lots or step.name in ("receive", "unpack"):
        return
    accounts = _accounts(acting, lots)
    faults = [fault for lot in lots if (fault := _fault(acting, step, lot, accounts[_name(lot)]))]
    refuse(faults, len(lots))


def _fault(acting: Acting, step: FarmStep, lot: NamedLot, account: LotAccount) -> RuleError | None:
    reference, grams = lot.batch.reference, _grams(acting.uow, lot.element, lot)
    if account.destroyed_at is not None and account.destroyed_at <= acting.at:
        return DestroyedError(unit=reference, since=wall_text(account.destroyed_at))
    if account.had is None and not account.came:
        # what lies loose on a pallet of others came with it, and nobody says how much is here
        packed = bool(acting.uow.trace.naming([_name(lot)], (Role.CHILD,), 1))
        return None if packed else NeverReceivedError(unit=reference, party=acting.party_id)
    if step.name == "return":
        most = account.out - account.returned
        too_much = not account.vague and (grams or 1) > most
        return LotBackError(lot=reference, most=kilograms(max(most, 0))) if too_much else None
    unsaid = account.had is None and not account.received
    return None if unsaid else _spent_fault(step, reference, account, grams)


def _spent_fault(step: FarmStep, reference: str, account: LotAccount, grams: int | None) -> RuleError | None:
    left = account.left_for(step)
    if left <= 0:
        return LotGoneError(lot=reference, had=kilograms(account.total))
    takes = step.goes == "out" or step.biz_step == BizStep.DESTROYING
    if takes and grams is not None and grams > left:
        return LotTooMuchError(lot=reference, given=kilograms(grams), left=kilograms(left))
    return None


def _accounts(acting: Acting, lots: Iterable[NamedLot]) -> dict[str, LotAccount]:
    by_name = {_name(lot): lot for lot in lots}
    accounts = {name: LotAccount(_had(acting, lot)) for name, lot in by_name.items()}
    told = acting.uow.events.naming(acting.party_id, list(by_name), (Role.EPC,))
    wrong = {event.key.event_id for _, _, event in told if event.key.declaration_time}
    documents: dict[str, tuple[str, dict[str, list[Amount]]]] = {}
    for name, _, event in told:
        if event.key.event_id in wrong:
            continue
        if event.key.event_id not in documents:
            documents[event.key.event_id] = _read(event)
        disposition, amounts = documents[event.key.event_id]
        for amount in amounts[name]:
            accounts[name].add(event, disposition, _weigh(acting.uow, amount, by_name[name]))
    return accounts


def _read(event: "StoredEvent") -> tuple[str, dict[str, list[Amount]]]:
    """An event's disposition, and its amounts by object id."""
    document = json.loads(event.document)
    amounts: dict[str, list[Amount]] = defaultdict(list)
    for amount in amounts_of(document):
        amounts[amount.object_id].append(amount)
    return bare_word(str(document.get("disposition") or "")), amounts


def _had(acting: Acting, lot: NamedLot) -> int | None:
    batch = lot.batch
    if batch.party_id != acting.party_id:
        return None
    return batch.weight_g - acting.uow.lineage.taken_g(*batch.key)


def _name(lot: NamedLot) -> str:
    return object_id(lot.element.epc_class)


def _grams(uow: "UnitOfWork", element: QuantityElement, lot: NamedLot) -> int | None:
    return _weigh(uow, Amount(element.epc_class, element.quantity, element.uom), lot)


def _weigh(uow: "UnitOfWork", amount: Amount, lot: NamedLot) -> int | None:
    """Grams of an amount; pieces weigh what the catalogue says."""
    if amount.units is None:
        return amount.grams
    product = uow.catalog.product(lot.batch.party_id, lot.batch.product_id)
    return amount.units * product.weight_g if product and product.weight_g else None
