"""Activate (赋码激活): a printed code becomes a carton of a registered batch, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.codes.epc import epc_uri
from tracelib.codes.verify import VerifiedCode
from tracelib.errors import NotFoundError, RuleError
from tracelib.store.code_values import Activation
from tracelib.trace.build import commissioning_event, location_uri

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.store.unit_of_work import UnitOfWork

OWN_PRODUCT = "P/"
PALLET_LEVEL = 3


class OtherPartyError(RuleError):
    """A good code of another party."""

    code = "activation.other_party"
    template = "{unit} is a code of {owner}, and this line works for {party}: put the carton aside."


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
    """What an activation left: the unit, its EPC, its batch, its grade (0: not graded), the event's id."""

    unit_id: str
    epc: str
    product_key: str
    lot: str
    grade: int
    event_id: str


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

    Raises:
        NotAnItemError: a logistic unit.
        OtherPartyError: a code of another party.
        BatchUnknownError: its product and lot are no registered batch.
        UnitVoidError: void.
        AlreadyActiveError: active since an earlier time: the sign of a copy.
    """
    record = code.record
    if record.lot is None or record.product_key is None:
        raise NotAnItemError(unit=record.unit_id)
    product = batch_product(uow, place, code)
    refuse_used(uow, place.party_id, record.unit_id)
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
    uow.codes.activate([activation])
    uow.events.append(place.party_id, event, recorded_at=recorded_at)
    return Activated(record.unit_id, epc, record.product_key, record.lot, record.grade, event.event_id)


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


def refuse_used(uow: "UnitOfWork", party_id: str, unit_id: str) -> None:
    """Raise ``UnitVoidError`` or ``AlreadyActiveError`` if the unit is void or active."""
    history = uow.codes.states(party_id, [unit_id])[unit_id]
    if history.voided is not None:
        since = history.voided.voided_at.astimezone(CHINA).isoformat(timespec="seconds")
        raise UnitVoidError(unit=unit_id, since=since, reason=history.voided.reason)
    if history.activation is not None:
        since = history.activation.activated_at.astimezone(CHINA).isoformat(timespec="seconds")
        raise AlreadyActiveError(unit=unit_id, since=since, station=history.activation.station)


def batch_product(uow: "UnitOfWork", place: Place, code: VerifiedCode) -> "Product":
    """The product of the registered batch that the code names.

    Raises:
        OtherPartyError, BatchUnknownError: see :func:`activate`.
    """
    refuse_other_party(place, code)
    record = code.record
    key = record.product_key or ""
    product = _product_of(uow, place.party_id, key)
    if product is None or uow.batches.get(place.party_id, product.id, record.lot or "") is None:
        raise BatchUnknownError(unit=record.unit_id, lot=record.lot, product=key)
    return product


def _product_of(uow: "UnitOfWork", party_id: str, product_key: str) -> "Product | None":
    if product_key.startswith(OWN_PRODUCT):
        return uow.catalog.product(party_id, product_key.removeprefix(OWN_PRODUCT))
    return next(iter(uow.catalog.products(party_id, gtin=product_key)), None)
