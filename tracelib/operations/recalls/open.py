"""Open a recall: its codes answer *recalled* from now on, an event says so, and all that is affected is counted.

A drill does the same search and changes nothing: no revocation, no event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.clock import CHINA, Clock, wall_text
from tracelib.operations.events.home import Homes
from tracelib.operations.recalls.affected import Affected, LotName, affected_by
from tracelib.operations.recalls.descent import descent_of
from tracelib.operations.recalls.errors import NoRecallKeyError, RecallOpenError, RecallReasonError
from tracelib.operations.recalls.holders import Holders
from tracelib.operations.recalls.lot_names import lot_names
from tracelib.operations.recalls.signing import Signing, plan_signing
from tracelib.operations.recalls.summary import Summary, summary_of
from tracelib.operations.trust.revoke import revoke
from tracelib.store.retry import retried
from tracelib.trace.build import identified, millisecond
from tracelib.trace.elements import QuantityElement
from tracelib.trace.event import ObjectEvent
from tracelib.trace.recall import Recall, RecallEntry, Verb
from tracelib.trace.vocab import Action, BizStep, Disposition
from tracelib.trust.revocation import Reason, SignedRevocation

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork
    from tracelib.trust.keyring import KeyRing
    from tracelib.trust.keystore import KeyInfo, OpenKey

LONGEST_REASON = 200
GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class Opening:
    """What is to be called back, and why; ``signed``: codes are revoked (never in a drill). RecallReasonError."""

    batch: Batch
    reason: str
    drill: bool = False
    signed: bool = True

    def __post_init__(self) -> None:
        if not 0 < len(self.reason.strip()) <= LONGEST_REASON or not self.reason.isprintable():
            raise RecallReasonError(given=self.reason, most=LONGEST_REASON)

    @property
    def revokes(self) -> bool:
        """Whether codes are revoked."""
        return self.signed and not self.drill


@dataclass(frozen=True, slots=True)
class Opened:
    """The recall as it was opened, what it found, and the revocations that were signed. ``took_s``: the search."""

    recall: Recall
    opening: RecallEntry
    affected: Affected
    summary: Summary
    revocations: tuple[SignedRevocation, ...]
    took_s: float


def signings(
    uow: "UnitOfWork", ring: "KeyRing", held: Sequence["KeyInfo"], opening: Opening, by: str | None = None
) -> list[Signing]:
    """The revocations that opening will sign, so that its keys can be unlocked before.

    Raises RecallOpenError where the batch is called back already, NoRecallKeyError.
    """
    _require_new(uow, opening)
    if not opening.revokes:
        return []
    issued = uow.reach.issued(opening.batch.party_id, descent_of(uow, opening.batch).lots)
    return plan_signing(ring, held, issued, opening.batch.party_id, by)


def open_recall(
    store: "Store",
    clock: Clock,
    ring: "KeyRing",
    opening: Opening,
    keys: "Mapping[str, OpenKey]",
    by: str | None = None,
) -> Opened:
    """Find what is affected, then write recall, revocations and events in one transaction.

    ``keys``: by name, those of :func:`signings`. Raises RecallReasonError, RecallOpenError, NoRecallKeyError and what
    ``revoke`` raises; nothing is written then.
    """
    begun = clock.monotonic()
    with store.reading() as uow:
        _require_new(uow, opening)
        names = lot_names(uow, Homes(ring), opening.batch.party_id)
        affected = affected_by(uow, opening.batch, names)
        summary = summary_of(affected, Holders(uow, opening.batch.party_id))
    took_s = clock.monotonic() - begun
    held = [key.info for key in keys.values()]

    def step() -> Opened:
        """The whole writing transaction."""
        with store.unit_of_work() as uow:
            return _write(uow, _Act(ring, opening, keys, held, names, by), affected, summary, took_s, clock.now())

    return retried(step)


@dataclass(frozen=True, slots=True)
class _Act:
    ring: "KeyRing"
    opening: Opening
    keys: "Mapping[str, OpenKey]"
    held: "Sequence[KeyInfo]"
    names: LotName
    by: str | None


def _write(uow: "UnitOfWork", act: _Act, affected: Affected, summary: Summary, took_s: float, now: datetime) -> Opened:
    opening = act.opening
    batch = opening.batch
    uow.batches.hold([batch.key])
    _require_new(uow, opening)
    recall = uow.recalls.add(
        Recall(
            party_id=batch.party_id,
            number=_number(uow, batch.party_id, opening.drill, now),
            product_id=batch.product_id,
            lot=batch.lot,
            reason=opening.reason.strip(),
            drill=opening.drill,
            at=now,
            operator="",
        )
    )
    revocations = tuple(
        revoke(uow, act.ring, act.keys[one.signer], one.target, Reason.RECALL, now=now)
        for one in _signings_now(uow, act)
    )
    events = 0 if opening.drill else _write_events(uow, act.names, affected, summary, now)
    detail = {
        **summary.as_dict(),
        "took_ms": round(took_s * 1000),
        "revocations": [one.hash.hex() for one in revocations],
        "signed": opening.revokes,
        "events": events,
    }
    entry = uow.recalls.append(recall, RecallEntry(verb=Verb.OPENED, at=now, units=summary.units, detail=detail))
    told = {"batch": recall.reference, "drill": recall.drill, **summary.as_dict()}
    uow.changes.add("recall.open", recall.number, now, party_id=recall.party_id, reason=recall.reason, detail=told)
    return Opened(recall, entry, affected, summary, revocations, took_s)


def _signings_now(uow: "UnitOfWork", act: _Act) -> list[Signing]:
    """What has to be signed as things stand in the writing transaction: a batch may have been split meanwhile."""
    if not act.opening.revokes:
        return []
    batch = act.opening.batch
    issued = uow.reach.issued(batch.party_id, descent_of(uow, batch).lots)
    return plan_signing(act.ring, act.held, issued, batch.party_id, act.by)


def could_be_signed(ring: "KeyRing", held: Sequence["KeyInfo"], affected: Affected) -> bool:
    """Whether the keys of this workspace could revoke all codes: what a drill wants to know."""
    try:
        plan_signing(ring, held, affected.issued, affected.party_id)
    except NoRecallKeyError:
        return False
    return True


def _require_new(uow: "UnitOfWork", opening: Opening) -> None:
    batch = opening.batch
    before = uow.recalls.find(batch.party_id, batch=(batch.product_id, batch.lot))
    closed = uow.recalls.closed(before)
    for one in before:
        if one.drill is opening.drill and (one.party_id, one.number) not in closed:
            raise RecallOpenError(batch=one.reference, number=one.number, at=wall_text(one.at), operator=one.operator)


def _number(uow: "UnitOfWork", party_id: str, drill: bool, now: datetime) -> str:
    """``R261126-1``: a letter for recall or drill (D), the day, and a count within the day."""
    day = f"{'D' if drill else 'R'}{now.astimezone(CHINA):%y%m%d}-"
    taken = [int(one.number.removeprefix(day)) for one in uow.recalls.find(party_id, like=day, limit=10_000)]
    return f"{day}{max(taken, default=0) + 1}"


def _write_events(uow: "UnitOfWork", names: LotName, affected: Affected, summary: Summary, now: datetime) -> int:
    """One event says that these batches are held and recalled (CBV 2.0: ``holding``, ``recalled``).

    It names batches, not each of their units: it then also holds for units that are activated later, and a hundred
    thousand cartons cost one event. How many it made: none where no batch has a name that others understand.
    """
    elements = []
    for line in summary.batches:
        uri = names((line.batch.product_id, line.batch.lot))
        left_g = line.batch.weight_g - affected.descent.taken_g((line.batch.product_id, line.batch.lot))
        if uri and line.active:
            elements.append(QuantityElement(uri, line.active))
        elif uri and left_g > 0:
            elements.append(QuantityElement(uri, _kilograms(left_g), "KGM"))
    if not elements:
        return 0
    event = ObjectEvent(
        event_time=millisecond(now.astimezone(CHINA)),
        action=Action.OBSERVE,
        biz_step=BizStep.HOLDING,
        disposition=Disposition.RECALLED,
        quantity_list=tuple(elements),
    )
    uow.events.append(affected.party_id, identified(event), recorded_at=now)
    return 1


def _kilograms(grams: int) -> int | float:
    whole, rest = divmod(grams, GRAMS_PER_KG)
    return whole if not rest else grams / GRAMS_PER_KG
