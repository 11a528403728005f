"""What a key's delegation lets it sign: the step *delegation*. Region and season bind manifests, not codes."""

from typing import TYPE_CHECKING

from tracelib.codes import reasons
from tracelib.codes.asked import DAY_S, DAY_ZERO_S
from tracelib.codes.record import CodeRecord, Level
from tracelib.codes.serial import PREFIX_LENGTH
from tracelib.codes.url import UnverifiedCode
from tracelib.codes.verdict import Verdict

if TYPE_CHECKING:
    from tracelib.trust.delegation import Delegation
    from tracelib.trust.keyring import TrustedKey

Fault = tuple[Verdict, str]


def delegation_fault(code: UnverifiedCode, delegation: "Delegation", today: int) -> Fault | None:
    """The first claim that the code goes beyond, with its verdict; None if there is none.

    ``today`` is the verifier's day in UTC+08:00: a day later than tomorrow is not believed.
    """
    reason = _scope_fault(code.record, delegation) if code.suite == delegation.key.suite else reasons.SUITE
    if reason is not None:
        return Verdict.OUTSIDE_DELEGATION, reason
    day = code.record.day
    if day > today + 1:
        return Verdict.KEY_NOT_VALID_THAT_DAY, reasons.DAY_IN_FUTURE
    start = DAY_ZERO_S + day * DAY_S
    if start > delegation.not_after or start + DAY_S <= delegation.not_before:
        return Verdict.KEY_NOT_VALID_THAT_DAY, reasons.DAY_OUTSIDE
    return None


def _scope_fault(record: CodeRecord, delegation: "Delegation") -> str | None:
    gtin, product, sscc, lot, serial, _, weight_10g, _, level = record
    if serial is not None and serial[:PREFIX_LENGTH] != delegation.prefix:
        return reasons.PREFIX
    if lot is None:  # a logistic unit
        if sscc is not None and not sscc.startswith(delegation.sscc_prefixes):
            return reasons.SSCC_PREFIX
        return None if level == Level.PALLET else reasons.UNIT_LEVEL
    if (gtin or f"P/{product}") not in delegation.products:
        return reasons.PRODUCT
    return reasons.WEIGHT_MISSING if delegation.max_kg is not None and not weight_10g else None


def counter_outside_window(counter: int, key: "TrustedKey") -> bool:
    """Whether a delegation in the key's chain that shares its serial key has a counter window without ``counter``."""
    for delegation in _sharing(key):
        window = delegation.counter_window
        if window is not None and not window[0] <= counter <= window[1]:
            return True
    return False


def counter_over_quota(counter: int, key: "TrustedKey") -> bool:
    """Whether the counter proves over-issue: it is at or beyond the units of the delegation that names the prefix.

    A delegation with a counter window counts within it and has been judged by it.
    """
    return any(
        delegation.max_units is not None and delegation.counter_window is None and counter >= delegation.max_units
        for delegation in _sharing(key)
    )


def _sharing(key: "TrustedKey") -> list["Delegation"]:
    """The delegations of the chain, the key's own among them, that stand on the same serial key and prefix."""
    own = key.delegation
    return [d for d in key.delegations if d.k_hash == own.k_hash and d.prefix == own.prefix]
