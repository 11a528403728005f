"""Tell the harvest of batches that were registered before their party had a name in events."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.errors import RuleError
from tracelib.operations.batches.lot_events import LotNames, write_harvests
from tracelib.operations.events.allowed import refuse
from tracelib.operations.events.errors import HarvestToldError, NotHarvestedError, WholeLotsError
from tracelib.operations.events.named import NamedLot, Names
from tracelib.operations.events.step import IDS_NOTED, StepDesk, require_note, require_past
from tracelib.trace.objects import Role, object_id

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


def tell_harvests(
    desk: StepDesk, what: Sequence[str], now: datetime, *, at: datetime | None = None, note: str = ""
) -> tuple[list[Batch], list[str]]:
    """Write the harvest of the batches that are named (also in lists), all or none; the batches and the event ids.

    Raises:
        the errors of ``Names.find``.
        WholeLotsError: units, or a part of a lot.
        HarvestToldError, NotHarvestedError, RefusedError: there is nothing to tell of a batch.
        FutureEventError, NoteError.
    """
    require_past(at, now)
    require_note(note)
    with desk.store.unit_of_work() as uow:
        homes = desk.homes(uow)
        for text in what:
            if "=" in text:
                raise WholeLotsError(given=text)
        named = Names(uow, homes, desk.serial_keys, desk.party or None).find(what)
        if named.units:
            raise WholeLotsError(given=named.units[0].unit_id)
        _require_untold(uow, named.lots)
        batches = [lot.batch for lot in named.lots]
        told = write_harvests(uow, LotNames(uow, homes), batches, now, at=at, harvested=True)
        for party_id, ids in told.items():
            mine = [batch.reference for batch in batches if batch.party_id == party_id]
            detail = {"lots": mine[:IDS_NOTED], "events": ids}
            uow.changes.add("event.harvest", mine[0], now, party_id=party_id, reason=note, detail=detail)
    return batches, [event_id for ids in told.values() for event_id in ids]


def _require_untold(uow: "UnitOfWork", lots: Sequence[NamedLot]) -> None:
    faults: list[RuleError] = []
    for party_id in sorted({lot.batch.party_id for lot in lots}):
        mine = {object_id(lot.element.epc_class): lot.batch for lot in lots if lot.batch.party_id == party_id}
        told = {
            name: event.key.event_id
            for name, _, event in uow.events.naming(party_id, list(mine), [Role.EPC])
            if event.biz_step == "commissioning" and not event.key.declaration_time
        }
        steps = uow.lineage.steps(party_id, {(one.product_id, one.lot) for one in mine.values()}, "out")
        made = {key for step in steps for key in step.outputs}
        for name, batch in mine.items():
            if name in told:
                faults.append(HarvestToldError(batch=batch.reference, event=told[name]))
            elif (batch.product_id, batch.lot) in made:
                faults.append(NotHarvestedError(batch=batch.reference))
    refuse(faults, len(lots))
