"""Activate (赋码激活): a printed code becomes a carton of a registered batch, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.codes.epc import epc_uri
from tracelib.codes.verify import VerifiedCode
from tracelib.errors import NotFoundError, RuleError, StoreError
from tracelib.operations.line_facts import LineFacts
from tracelib.store.code_values import Activation
from tracelib.trace.build import commissioning_event, location_uri
from tracelib.trace.event import ObjectEvent

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

PALLET_LEVEL = 3


class OtherPartyError(RuleError):
    """A good code of another party."""

    code = "activation.other_party"
    template = "{unit} is a code of {owner}, and this line works for {party}: put the carton aside."


class NotRegisteredError(RuleError):
    """A good signature, and no manifest of its issuer holds the code."""

    code = "activation.not_registered"
    template = (
        "{unit} is signed by a real key of {owner} and stands in no registered manifest: it was issued off the books. "
        "Put it aside and ask {owner}."
    )


class BatchUnknownError(NotFoundError):
    """The code names a batch that this workspace does not have."""

    code = "activation.batch_unknown"
    template = "{unit} belongs to batch {lot} of {product}, which is not registered here: register the batch first."


class AlreadyActiveError(RuleError):
    """A second activation: two cartons carry the same code, or one was scanned twice."""

    code = "activation.already_active"
    template = "{unit} is already active since {since} (line {station}): this is a copy, or the same carton again."


class UnitVoidError(RuleError):
    """The code was made void."""

    code = "activation.void"
    template = "{unit} is void since {since} ({reason}): take the carton out and give it a new label."


class NotAnItemError(RuleError):
    """A logistic unit where a product is expected."""

    code = "activation.not_an_item"
    template = (
        "{unit} is the code of a logistic unit, not of a product: it closes a pallet and is not activated itself."
    )


class NoHomeError(RuleError):
    """The issuer's delegation names no host, so its units have no name outside this workspace."""

    code = "activation.no_home"
    template = "The key of {owner} was delegated without a host of its own, so {unit} cannot be named in an event."


class ActivatedMeanwhileError(StoreError):
    """Another line activated the unit between our look and our writing; nothing was written."""

    code = "activation.meanwhile"
    retryable = True
    template = "{unit} was activated by another line at the same moment: try again."


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom a line works. ``station`` is its name; ``gln`` the party's location number or empty."""

    party_id: str
    station: str
    gln: str = ""

    def read_point(self, code: VerifiedCode) -> str:
        """The station as events name it."""
        return location_uri(home_of(code), self.party_id, self.gln, self.station)

    def biz_location(self, code: VerifiedCode) -> str:
        """The party's place as events name it."""
        return location_uri(home_of(code), self.party_id, self.gln)


@dataclass(frozen=True, slots=True)
class Activated:
    """An activation that nothing forbids: the unit's new state, its grade (0: not graded), its EPC and the event."""

    activation: Activation
    grade: int
    epc: str
    event: ObjectEvent


def activate(
    uow: "UnitOfWork",
    place: Place,
    code: VerifiedCode,
    *,
    at: datetime,
    recorded_at: datetime,
    weight_g: int | None = None,
) -> Activated:
    """Make a verified code active at ``at`` (aware): state, event and outbox record in the caller's transaction.

    Nothing is written when it is refused. ``weight_g`` is the measured net weight in grams, where there is a scale.

    Raises what :func:`check_activation` and :func:`write_activations` raise.
    """
    uow.voids.share(place.party_id)
    done = check_activation(LineFacts(uow), place, code, at=at, weight_g=weight_g)
    uow.events.append(place.party_id, done.event, recorded_at=recorded_at)
    write_activations(uow, [done])
    return done


def check_activation(
    facts: LineFacts, place: Place, code: VerifiedCode, *, at: datetime, weight_g: int | None = None
) -> Activated:
    """What the activation of a code would be; writes nothing.

    Raises:
        NotAnItemError: a logistic unit.
        OtherPartyError: a code of another party.
        NotRegisteredError: the registry was asked and no manifest holds it.
        BatchUnknownError: its product and lot are no registered batch.
        UnitVoidError: void.
        AlreadyActiveError: active since an earlier time: the sign of a copy.
        NoHomeError: its issuer has no host to name it by.
    """
    record = code.record
    if record.lot is None or record.product_key is None:
        raise NotAnItemError(unit=record.unit_id)
    refuse_other_party(place, code)
    refuse_unregistered(code)
    product = facts.product_of_batch(place.party_id, record.product_key, record.lot)
    if product is None:
        raise BatchUnknownError(unit=record.unit_id, lot=record.lot, product=record.product_key)
    refuse_used(facts, place.party_id, record.unit_id)
    epc = epc_of(code, licensed=product.gtin_licensed)
    event = commissioning_event(
        [epc],
        event_time=at.astimezone(CHINA),
        read_point=place.read_point(code),
        biz_location=place.biz_location(code),
        lot=record.lot,
        weight_g=weight_g,
    )
    activation = Activation(
        party_id=place.party_id,
        unit_id=record.unit_id,
        product_key=record.product_key,
        lot=record.lot,
        activated_at=at,
        station=place.station,
        weight_g=weight_g,
        event_id=event.event_id,
    )
    return Activated(activation, record.grade, epc, event)


def write_activations(uow: "UnitOfWork", done: Sequence[Activated]) -> None:
    """Write the new states, all at once.

    Raises ``ActivatedMeanwhileError`` where another line was faster; the transaction must then be done again.
    """
    before = uow.codes.activate([one.activation for one in done]) if done else []
    if before:
        raise ActivatedMeanwhileError(unit=before[0].unit_id)


def owner_of(code: VerifiedCode) -> str:
    """The party that the code's key was delegated to."""
    return code.trusted_key.delegation.subject


def home_of(code: VerifiedCode) -> str:
    """The issuer's registered host: of its delegation, else of the nearest one above. Raises ``NoHomeError``."""
    key = code.trusted_key
    for delegation in (key.delegation, *reversed(key.delegations)):
        if delegation.home:
            return delegation.home
    raise NoHomeError(owner=owner_of(code), unit=code.record.unit_id)


def epc_of(code: VerifiedCode, *, licensed: bool) -> str:
    """The code as events name it; ``licensed`` says whether its GTIN is recorded as licensed."""
    return epc_uri(code.record, home_of(code), licensed)


def refuse_other_party(place: Place, code: VerifiedCode) -> None:
    """Raise ``OtherPartyError`` unless the code belongs to the line's party."""
    owner = owner_of(code)
    if owner != place.party_id:
        raise OtherPartyError(unit=code.record.unit_id, owner=owner, party=place.party_id)


def refuse_unregistered(code: VerifiedCode) -> None:
    """Raise ``NotRegisteredError`` if a registry that could tell says that no manifest holds the code."""
    if code.registered is False:
        raise NotRegisteredError(unit=code.record.unit_id, owner=owner_of(code))


def refuse_used(facts: LineFacts, party_id: str, unit_id: str) -> None:
    """Raise ``UnitVoidError`` or ``AlreadyActiveError`` if the unit is void or active."""
    history = facts.history(party_id, unit_id)
    if history.voided is not None:
        since = history.voided.voided_at.astimezone(CHINA).isoformat(timespec="seconds")
        raise UnitVoidError(unit=unit_id, since=since, reason=history.voided.reason)
    if history.activation is not None:
        since = history.activation.activated_at.astimezone(CHINA).isoformat(timespec="seconds")
        raise AlreadyActiveError(unit=unit_id, since=since, station=history.activation.station)
