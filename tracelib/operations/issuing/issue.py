"""Issue codes for a batch: a range of counters with a signed manifest. The codes themselves: ``operations.export``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracelib.batches.batch import Batch, BatchState
from tracelib.batches.ledger import check_issue
from tracelib.catalog.product import Product, production_identity, recorded_identity
from tracelib.clock import day_number
from tracelib.codes.record import Level, weight_field
from tracelib.errors import NotFoundError, RuleError
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.export import check_printable
from tracelib.operations.issuing import rules as issue_rules
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.operations.issuing.register_range import Registered, Window, register_range
from tracelib.operations.issuing.validity import check_held
from tracelib.operations.recalls.called_back import require_usable
from tracelib.store.code_values import IssuedRange

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

Profile = Literal["carton", "sticker"]
_PROFILES = {"carton": "A", "sticker": "C"}


class BatchGoneError(NotFoundError):
    """The batch, or its product, is not in the store."""

    code = "issue.no_batch"
    template = "There is no batch {batch} with a product in the catalogue: tracelib batch list, tracelib product list"


class OtherPartyError(RuleError):
    """The open key belongs to another party than the batch."""

    code = "issue.other_party"
    template = "The batch {batch} is not one of {party}, whose key is open: issue with a key of its own party."


class GradeUnknownError(RuleError):
    """The product has no grade of this number."""

    code = "issue.grade"
    template = "The product {product} has no grade {given}: its list has {count}. 0 is «not graded»."


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """What somebody wants: ``count`` codes at ``level`` for a batch, keyed (party_id, product_id, lot).

    ``profile`` is ``carton`` (signed, profile A) or ``sticker`` (profile C). ``grade`` 0 is «not graded». ``weight_g``
    is the nominal net weight of one unit; None takes the product's for cartons and states none for other levels.
    ``host`` and ``path`` are what the printed address begins with.
    """

    batch: tuple[str, str, str]
    count: int
    level: Level
    host: str
    path: str = ""
    profile: Profile = "carton"
    grade: int = 0
    weight_g: int | None = None


def issue_codes(desk: Desk, issuer: Issuer, request: IssueRequest) -> Registered:
    """Reserve a range of counters for a batch and register it with a signed manifest.

    When this returns, range and manifest are on disk, and every code of it can be made at any time. Asked for the same
    again after a run that was interrupted before its manifest was stored, the same range is answered (``resumed``).

    Raises:
        BatchGoneError, OtherPartyError, GradeUnknownError: the request does not fit the catalogue.
        NotHeldTodayError: the product, its party, its brand or the authorisation has ended or not begun.
        BatchStateError, BatchWeightError, RecalledBatchError: the batch does not allow it.
        the errors of ``issue_rules``, CountersUsedUpError: the delegation does not allow it.
        CodeTooLongError, CodeFieldError: such codes cannot be printed.
        the errors of ``counter_guard`` and of the store.
    """
    issue_rules.check_count(request.count)
    issue_rules.check_clock(issuer.earliest_s, desk.clock.now())
    issue_rules.check_day(issuer.delegation, desk.clock.now())
    with desk.store.reading() as uow:
        wanted = _wanted(uow, desk, issuer, request)
    check_printable(issuer, wanted)

    def place(uow: "UnitOfWork") -> tuple[IssuedRange, Window]:
        """The range as it is now, under all rules, and where its counters come from."""
        fresh = _wanted(uow, desk, issuer, request)
        check_held(uow, issuer.party_id, fresh.product_id, fresh.reserved_at)
        _check_rules(uow, issuer, request, fresh)
        return fresh, window_of(issuer)

    return register_range(desk, issuer, wanted, place)


def window_of(issuer: Issuer) -> Window:
    """Where the issuer's counters come from: its delegation's window without those given to its line keys."""
    first, last = issue_rules.counter_window(issuer.delegation)
    return Window(issuer.prefix, first, last, issuer.line_windows)


def _find(uow: "UnitOfWork", issuer: Issuer, request: IssueRequest) -> tuple[Batch, Product]:
    party_id, product_id, _ = request.batch
    reference = "/".join(request.batch)
    if party_id != issuer.party_id:
        raise OtherPartyError(batch=reference, party=issuer.party_id)
    batch, product = uow.batches.get(*request.batch), uow.catalog.product(party_id, product_id)
    if batch is None or product is None:
        raise BatchGoneError(batch=reference)
    return batch, product


def _wanted(uow: "UnitOfWork", desk: Desk, issuer: Issuer, request: IssueRequest) -> IssuedRange:
    _, product = _find(uow, issuer, request)
    identity = production_identity(product) if issuer.production else recorded_identity(product)
    weight_10g = weight_field(_unit_weight(product, request))
    now = desk.clock.now()
    return IssuedRange(
        party_id=issuer.party_id,
        prefix=issuer.prefix,
        first=0,
        count=request.count,
        issuer_key=issuer.key_hash,
        profile=_PROFILES[request.profile],
        product_id=product.id,
        product_key=identity.key,
        lot=request.batch[2],
        day=day_number(now),
        attrs=weight_10g << 8 | request.grade << 4 | request.level,
        weight_g=weight_10g * 10 * request.count,
        host=request.host,
        path=request.path,
        reserved_at=now,
    )


def _unit_weight(product: Product, request: IssueRequest) -> int | None:
    if request.weight_g is not None:
        return request.weight_g
    return product.weight_g if request.level is Level.CARTON else None


def _check_rules(uow: "UnitOfWork", issuer: Issuer, request: IssueRequest, wanted: IssuedRange) -> None:
    batch, product = _find(uow, issuer, request)
    grades = uow.catalog.grades(product.party_id, product.id)
    if not 0 <= request.grade <= len(grades):
        raise GradeUnknownError(product=product.id, given=request.grade, count=len(grades))
    (batch,) = uow.batches.hold([batch.key])
    require_usable(uow, [batch])
    check_issue(balance_of(uow, batch), wanted.attrs >> 8, request.count)
    delegation = issuer.delegation
    issue_rules.check_product(delegation, wanted.product_key)
    issue_rules.check_region(delegation, batch.reference, batch.origin)
    issued = uow.codes.issued_count(*request.batch)
    issue_rules.check_batch_quota(delegation, batch.reference, issued, request.count)
    last = uow.codes.last_manifest(issuer.party_id, issuer.key_hash)  # nothing is pending at this moment
    key_g = last.cum_weight_g if last else 0
    issue_rules.check_weight(delegation, _unit_weight(product, request), wanted.attrs >> 8, request.count, key_g)
    if batch.state is BatchState.REGISTERED:
        uow.batches.set_state(batch, BatchState.OPEN)
