"""What a delegation lets its key issue. Every rule is a function of the delegation and of numbers; nothing is read."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracelib.clock import wall_text
from tracelib.codes.serial import COUNTERS
from tracelib.errors import RuleError

if TYPE_CHECKING:
    from tracelib.trust.delegation import Delegation

LARGEST_ISSUE = 100_000_000
"""More codes in one go are a slip of the hand: a province uses that many in a year."""


class CountError(RuleError):
    """A number of codes that nobody issues at once."""

    code = "issue.count"
    template = "«{given}» codes cannot be issued at once: expected 1 to {most}."


class KeyNotValidError(RuleError):
    """The key's delegation has not begun or has ended."""

    code = "issue.key_not_valid"
    template = "The key of {party} may sign from {first} to {last}, and it is {now}: ask for a new delegation."


class ClockBehindError(RuleError):
    """The clock is earlier than something that has certainly happened."""

    code = "issue.clock"
    template = "The clock says {now}, and the trust bundle or this program is of {earliest}: set the clock, then issue."


class ProductNotDelegatedError(RuleError):
    """The product is not among those that the key may sign."""

    code = "issue.product"
    template = "The key of {party} may not sign codes of {product}: its delegation names {allowed}."


class BatchQuotaError(RuleError):
    """The batch would get more codes than the delegation allows for one batch."""

    code = "issue.batch_quota"
    template = (
        "The delegation of {party} allows {most} codes for one batch: {issued} are issued for {batch}, "
        "{count} more are too many."
    )


class WeightQuotaError(RuleError):
    """The key would have signed more weight than its delegation allows."""

    code = "issue.weight_quota"
    template = (
        "The delegation of {party} allows {most_kg} kg in all: codes for {issued_g} g are issued, "
        "{needed_g} g more are too much."
    )


class WeightMissingError(RuleError):
    """The delegation limits weight, and the codes would state none."""

    code = "issue.weight_missing"
    template = (
        "The delegation of {party} limits weight, so every code must state one, and «{given}» g cannot be stated: "
        "a multiple of 10 g up to 655,350 g (the product's weight, or --weight-g)."
    )


class RegionError(RuleError):
    """The batch does not come from the region that the key is delegated for."""

    code = "issue.region"
    template = "The key of {party} is delegated for region {region}, and batch {batch} comes from «{origin}»."


def check_count(count: int) -> None:
    """Raise CountError unless ``count`` codes may be issued at once."""
    if not 1 <= count <= LARGEST_ISSUE:
        raise CountError(given=count, most=LARGEST_ISSUE)


def check_day(delegation: "Delegation", now: datetime) -> None:
    """Raise KeyNotValidError unless the key may sign now."""
    if not delegation.not_before <= now.timestamp() <= delegation.not_after:
        first, last = (_shown(seconds) for seconds in (delegation.not_before, delegation.not_after))
        raise KeyNotValidError(party=delegation.subject, first=first, last=last, now=wall_text(now))


def check_clock(earliest_s: int, now: datetime) -> None:
    """Raise ClockBehindError where ``now`` is before ``earliest_s``: a code would carry a day that never was."""
    if now.timestamp() < earliest_s:
        raise ClockBehindError(now=wall_text(now), earliest=_shown(earliest_s))


def check_product(delegation: "Delegation", product_key: str) -> None:
    """Raise ProductNotDelegatedError unless the delegation names the product."""
    if product_key not in delegation.products:
        allowed = ", ".join(delegation.products) or "–"
        raise ProductNotDelegatedError(party=delegation.subject, product=product_key, allowed=allowed)


def check_region(delegation: "Delegation", batch: str, origin: str | None) -> None:
    """Raise RegionError where the delegation names a region (division code) and the batch is from elsewhere."""
    if delegation.region and not (origin and origin.startswith(delegation.region)):
        raise RegionError(party=delegation.subject, region=delegation.region, batch=batch, origin=origin or "")


def check_batch_quota(delegation: "Delegation", batch: str, issued: int, count: int) -> None:
    """Raise BatchQuotaError where one batch would get too many codes."""
    most = delegation.max_batch_units
    if most is not None and issued + count > most:
        raise BatchQuotaError(party=delegation.subject, most=most, issued=issued, batch=batch, count=count)


def check_weight(delegation: "Delegation", unit_g: int | None, weight_10g: int, count: int, issued_g: int) -> None:
    """Raise where the delegation limits weight: WeightMissingError for codes without one, WeightQuotaError above it.

    ``issued_g`` is the nominal weight of everything that this key has issued.
    """
    if delegation.max_kg is None:
        return
    if not weight_10g:
        raise WeightMissingError(party=delegation.subject, given=unit_g)
    needed_g = weight_10g * 10 * count
    if issued_g + needed_g > delegation.max_kg * 1000:
        raise WeightQuotaError(
            party=delegation.subject, most_kg=delegation.max_kg, issued_g=issued_g, needed_g=needed_g
        )


def counter_window(delegation: "Delegation") -> tuple[int, int]:
    """The first and last counter that the delegation allows: its window, and no more of it than its quota of units."""
    first, last = delegation.counter_window or (0, COUNTERS - 1)
    return first, last if delegation.max_units is None else min(last, first + delegation.max_units - 1)


def _shown(seconds: int) -> str:
    return wall_text(datetime.fromtimestamp(seconds, UTC))
