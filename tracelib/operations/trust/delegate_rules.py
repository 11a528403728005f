"""What a grant may choose for itself: prefix, window of counters, end; and what it refuses before it signs."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracelib.errors import RuleError
from tracelib.identifiers.division import DivisionCode
from tracelib.identifiers.gtin import Gtin
from tracelib.trust.chain import LEVELS, Chain
from tracelib.trust.delegation import FULL_PREFIX, LAST_COUNTER, Delegation
from tracelib.trust.enrolment import Request
from tracelib.trust.keystore import OpenKey
from tracelib.trust.serial_key import CTI_BYTES, derive_serial_key, k_hash

SERIAL_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BRAND_PREFIX = 2
BRAND_LEVELS = 2
DAYS, LINE_DAYS = 365, 30
COUNTY_DIGITS = 6
LINE_UNITS = 100_000
"""Codes of a line key where neither it nor the key above has a limit."""


class PrefixSpaceError(RuleError):
    """No serial prefix is left below the parent's."""

    code = "delegate.prefix_space"
    template = "Below the prefix «{parent}» none is free any more: grant a new leading part, or name a prefix."


class CounterPassedError(RuleError):
    """A line key would get counters that the issuer has used."""

    code = "delegate.counter_passed"
    template = "Counters up to {used} are used already: the window must begin at {next} or later, it begins at {given}."


class WindowSpaceError(RuleError):
    """No counters are left for a line key."""

    code = "delegate.window_space"
    template = "A line key would need {wanted} counters behind those that are used or granted, and {left} are left."


class NothingToSignError(RuleError):
    """A key that signs codes would be delegated without products."""

    code = "delegate.no_products"
    template = (
        "The key would sign codes, and no product is named: name each with --product (GTIN of 14 digits or P/NUMBER). "
        "Only a key with --may-delegate and a prefix of 1 to 3 characters, such as a brand's, goes without."
    )


class SerialKeyMissingError(RuleError):
    """The serial key that belongs to the delegation is not here."""

    code = "delegate.serial_key"
    template = "The serial key of the delegation is missing or another one: ask for the grant file once more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a grant allows; None leaves a limit as the parent has it, or open below the root. Times in UTC.

    Without ``prefix`` it is a free one, without ``counter_window`` the next free one for a line key. Without
    ``not_after`` it is a year, 30 days for a line key, and not beyond the parent's end. ``region`` is a
    division code or its leading digits.
    """

    not_before: datetime
    not_after: datetime | None = None
    products: tuple[str, ...] = ()
    region: str | None = None
    season: str | None = None
    max_units: int | None = None
    max_kg: int | None = None
    max_batch_units: int | None = None
    may_delegate: int | None = None
    prefix: str | None = None
    sscc_prefixes: tuple[str, ...] = ()
    home: str | None = None
    counter_window: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Giver:
    """The parent key, the chain down to it (empty for a root key), and what it has granted before."""

    key: OpenKey
    root_id: bytes
    chain: Chain
    siblings: Sequence[Delegation]
    used: int = 0
    """The first counter under the parent's prefix that its own codes have not used."""

    @property
    def above(self) -> Delegation | None:
        """The parent key's own delegation, None for a root key."""
        return self.chain[-1] if self.chain else None


def choose_claims(giver: Giver, request: Request, limits: Limits, now: datetime) -> tuple[Delegation, bytes | None]:
    """The claims of a grant, and the serial key K that goes with its prefix (None where it signs no serials).

    Raises NothingToSignError, PrefixSpaceError, CounterPassedError, WindowSpaceError, SerialKeyMissingError,
    DelegationFormatError, and what a wrong GTIN or region raises. Whether it is within the parent is not judged here.
    """
    above = giver.above
    cti = secrets.token_bytes(CTI_BYTES)
    levels = BRAND_LEVELS if above is None else max(above.may_delegate - 1, 0)
    levels = levels if limits.may_delegate is None else limits.may_delegate
    prefix = limits.prefix or _free_prefix(above.prefix if above else "", levels, giver.siblings)
    products = limits.products or (above.products if above else ())
    _check_products(products, levels, prefix, limits)
    window = _window(giver, prefix, limits)
    units = limits.max_units if limits.max_units is not None or window is None else window[1] - window[0] + 1
    serial_key = _serial_key(giver, prefix, cti)
    claims = Delegation(
        issuer_hash=giver.key.signer.public.hash,
        subject=request.party_id,
        key=request.key,
        cti=cti,
        not_before=int(limits.not_before.timestamp()),
        not_after=int(_end(giver, limits, window).timestamp()),
        issued_at=int(now.timestamp()),
        root=giver.root_id,
        party=request.party,
        may_delegate=levels,
        products=products,
        region=_region(limits.region) or (above.region if above else None),
        season=limits.season or (above.season if above else None),
        max_units=_limit(units, above.max_units if above else None),
        max_kg=_limit(limits.max_kg, above.max_kg if above else None),
        max_batch_units=_limit(limits.max_batch_units, above.max_batch_units if above else None),
        prefix=prefix,
        sscc_prefixes=limits.sscc_prefixes,
        k_hash=k_hash(serial_key) if serial_key else None,
        home=limits.home or (above.home if above else None),
        counter_window=window,
    )
    return claims, serial_key


def _serial_key(giver: Giver, prefix: str | None, cti: bytes) -> bytes | None:
    """K for a full prefix: the parent's own where the prefix is shared, else a new one out of its serial secret."""
    if prefix is None or len(prefix) != FULL_PREFIX:
        return None
    above = giver.above
    if above is None or above.prefix != prefix or above.k_hash is None:
        return derive_serial_key(giver.key.serial_secret, cti)
    shared = giver.key.serial_keys.get(above.k_hash)
    if shared is None:
        raise SerialKeyMissingError()
    return shared


def _window(giver: Giver, prefix: str | None, limits: Limits) -> tuple[int, int] | None:
    """The window of counters: as asked for, or for a key that shares its parent's prefix the next free one.

    Either must lie behind every counter that the parent itself has used.
    """
    above = giver.above
    shares = above is not None and prefix is not None and prefix == above.prefix and len(prefix) == FULL_PREFIX
    if above is None or not shares:
        return limits.counter_window
    if limits.counter_window is not None:
        if limits.counter_window[0] < giver.used:
            raise CounterPassedError(used=giver.used - 1, next=giver.used, given=limits.counter_window[0])
        return limits.counter_window
    low, high = above.counter_window or (0, LAST_COUNTER if above.max_units is None else above.max_units - 1)
    taken = [child.counter_window[1] + 1 for child in giver.siblings if child.counter_window is not None]
    first = max(low, giver.used, *taken)
    left = high - first + 1
    units = limits.max_units or (LINE_UNITS if above.max_units is None else max(left // 10, 1))
    if units > left:
        raise WindowSpaceError(wanted=units, left=max(left, 0))
    return first, first + units - 1


def _check_products(products: Sequence[str], levels: int, prefix: str | None, limits: Limits) -> None:
    """NothingToSignError for a key that would sign but has no products; the errors of Gtin for a wrong GTIN."""
    for product in products:
        if not product.startswith("P/"):
            Gtin.parse(product)
    signs = levels == 0 or (prefix is not None and len(prefix) == FULL_PREFIX)
    units_only = levels == 0 and limits.sscc_prefixes
    if signs and not products and not units_only:
        raise NothingToSignError()


def _end(giver: Giver, limits: Limits, window: tuple[int, int] | None) -> datetime:
    """The end that was asked for; else 30 days for a line key and a year for others, not beyond the parent's."""
    if limits.not_after is not None:
        return limits.not_after
    line = window is not None or len(giver.chain) + 1 == LEVELS
    days = LINE_DAYS if line else DAYS
    end = limits.not_before + timedelta(days=days) - timedelta(seconds=1)
    return end if giver.above is None else min(end, datetime.fromtimestamp(giver.above.not_after, UTC))


def _region(text: str | None) -> str | None:
    """The leading digits that the codes of a region share: of a province or prefecture without its closing zeros."""
    if text is None or len(text) != COUNTY_DIGITS:
        return text
    return DivisionCode.parse(text).value.removesuffix("00").removesuffix("00")


def _limit(given: int | None, inherited: int | None) -> int | None:
    return inherited if given is None else given


def _free_prefix(parent: str | None, levels: int, siblings: Sequence[Delegation]) -> str | None:
    """A prefix of our own choice: 2 characters for a brand, 4 for who signs; the parent's own for a line key."""
    if parent is None:
        return None
    if len(parent) == FULL_PREFIX:
        return parent
    length = max(BRAND_PREFIX, len(parent) + 1) if levels >= BRAND_LEVELS else FULL_PREFIX
    taken = [s.prefix for s in siblings if s.prefix is not None]
    for _ in range(10_000):
        tried = parent + "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(length - len(parent)))
        if not any(tried.startswith(other) or other.startswith(tried) for other in taken):
            return tried
    raise PrefixSpaceError(parent=parent)
