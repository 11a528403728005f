"""Issue codes for logistic units (物流单元): pallets with an SSCC, or with a serial of the party's own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.clock import day_number
from tracelib.codes.record import Level
from tracelib.errors import RuleError
from tracelib.operations.export import check_printable
from tracelib.operations.issuing import rules as issue_rules
from tracelib.operations.issuing.issue import window_of
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.operations.issuing.register_range import Registered, Window, register_range
from tracelib.operations.issuing.validity import check_held
from tracelib.store.code_values import SSCC_SPACE, IssuedRange

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

SSCC_NUMBER_DIGITS = 17
"""Extension digit, company prefix and serial reference; the 18th is the check digit (GS1 General Specifications)."""


class NoSsccPrefixError(RuleError):
    """The delegation has no SSCC prefix, or all of them are used up."""

    code = "issue.no_sscc"
    template = (
        "{count} SSCC do not fit under the delegation of {party} (prefixes: {prefixes}). Issue units without --sscc, "
        "or ask for a delegation with an SSCC prefix."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRequest:
    """``count`` codes for pallets; with ``sscc`` numbered by SSCC, else by serials under the issuer's prefix."""

    count: int
    host: str
    path: str = ""
    sscc: bool = False


def issue_units(desk: Desk, issuer: Issuer, request: UnitRequest) -> Registered:
    """Reserve and register numbers for logistic units at level pallet; as ``issue.issue_codes``, without a batch.

    An SSCC takes no counter and no quota of the delegation; it comes from the first prefix with room.

    Raises CountError, KeyNotValidError, NotHeldTodayError, NoSsccPrefixError, CountersUsedUpError, CodeTooLongError,
    CodeFieldError, and the errors of ``counter_guard`` and of the store.
    """
    issue_rules.check_count(request.count)
    issue_rules.check_clock(issuer.earliest_s, desk.clock.now())
    issue_rules.check_day(issuer.delegation, desk.clock.now())
    wanted = _wanted(desk, issuer, request)
    check_printable(issuer, wanted)

    def place(uow: "UnitOfWork") -> tuple[IssuedRange, Window]:
        """The range, and where its counters come from."""
        check_held(uow, issuer.party_id, "", wanted.reserved_at)
        return wanted, sscc_window(uow, issuer, request.count) if request.sscc else window_of(issuer)

    return register_range(desk, issuer, wanted, place)


def _wanted(desk: Desk, issuer: Issuer, request: UnitRequest) -> IssuedRange:
    now = desk.clock.now()
    window = sscc_windows(issuer, request.count)[0] if request.sscc else None
    return IssuedRange(
        party_id=issuer.party_id,
        prefix=window.prefix if window else issuer.prefix,
        first=window.first if window else 0,
        count=request.count,
        issuer_key=issuer.key_hash,
        profile="A",
        product_id="",
        product_key="",
        lot="",
        day=day_number(now),
        attrs=int(Level.PALLET),
        weight_g=0,
        host=request.host,
        path=request.path,
        reserved_at=now,
    )


def sscc_windows(issuer: Issuer, count: int) -> list[Window]:
    """All numbers of 17 digits under each SSCC prefix of the delegation. Raises NoSsccPrefixError without any."""
    windows = []
    for prefix in issuer.delegation.sscc_prefixes:
        size = 10 ** (SSCC_NUMBER_DIGITS - len(prefix))
        windows.append(Window(SSCC_SPACE + prefix, int(prefix) * size, int(prefix) * size + size - 1))
    if not windows:
        raise NoSsccPrefixError(count=count, party=issuer.party_id, prefixes="–")
    return windows


def sscc_window(uow: "UnitOfWork", issuer: Issuer, count: int) -> Window:
    """The first SSCC prefix with room for ``count`` more. Raises NoSsccPrefixError."""
    windows = sscc_windows(issuer, count)
    for window in windows:
        start = uow.codes.next_counter(issuer.party_id, window.prefix, window.first) or window.first
        if start + count - 1 <= window.last:
            return window
    prefixes = ", ".join(issuer.delegation.sscc_prefixes)
    raise NoSsccPrefixError(count=count, party=issuer.party_id, prefixes=prefixes)
