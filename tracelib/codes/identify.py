"""What can be said about stickers (profile C) and bare serials: they identify, and prove nothing.

MAC good, or the serial key not held: *identified*. MAC wrong: *bad signature*. A wrong check character never comes
here: it is *not ours*. What the registry knows against the batch or the unit (recalled, void) is said nevertheless.
"""

from typing import TYPE_CHECKING

from tracelib.codes import reasons
from tracelib.codes.asked import Asked
from tracelib.codes.history import revoking
from tracelib.codes.registry import Identified
from tracelib.codes.serial import PREFIX_LENGTH
from tracelib.codes.sticker import UnverifiedSticker, mac_fits
from tracelib.codes.verdict import Judgement, StepName, Verdict, failed
from tracelib.trust.serial_key import sticker_key

if TYPE_CHECKING:
    from tracelib.trust.keyring import TrustedKey


def judge_sticker(sticker: UnverifiedSticker, asked: Asked) -> Judgement:
    """The judgement on a sticker, or on a serial without a MAC."""
    keys = asked.keyring.keys_of_prefix(sticker.serial[:PREFIX_LENGTH])
    key = keys[0] if keys else None
    mac = _mac_ok(sticker, keys, asked)
    if mac is False:
        return failed(Verdict.BAD_SIGNATURE, StepName.SIGNATURE, reasons.STICKER_MAC, key)._replace(
            oks=(True, _true_if(key), None, False, None, None, None, None, None, None)
        )
    detail = reasons.IDENTIFIED_ONLY if sticker.mac is None else None if mac else reasons.NO_SERIAL_KEY
    details = {StepName.SIGNATURE: detail} if detail else {}
    oks = [True, _true_if(key), None, mac, None, None, None, None, None, None]
    counter = asked.counter_of(sticker.serial, key.delegation) if key and asked.serial_keys else None
    judgement = Judgement(Verdict.IDENTIFIED, tuple(oks), details, key, counter)
    identified = asked.registry.identify(sticker.serial) if asked.registry is not None else None
    if asked.registry is None or identified is None:
        return _recalled(judgement, sticker, None)
    judgement = judgement._replace(
        oks=(True, _true_if(key), None, mac, None, True, None, None, None, None),
        identified=identified,
        state=asked.registry.state(identified.party_id, sticker.serial),
        checks=asked.registry.checks(identified.party_id, sticker.serial),
    )
    return _recalled(judgement, sticker, identified)


def _mac_ok(sticker: UnverifiedSticker, keys: "tuple[TrustedKey, ...]", asked: Asked) -> bool | None:
    """Whether the MAC fits, by the one K that goes with the prefix; None without MAC or without that K."""
    if sticker.mac is None:
        return None
    for key in keys:
        k = asked.serial_keys.get(key.delegation.k_hash) if key.delegation.k_hash is not None else None
        if k is not None:
            return mac_fits(sticker_key(k), sticker)
    return None


def _recalled(judgement: Judgement, sticker: UnverifiedSticker, identified: Identified | None) -> Judgement:
    """The judgement with what speaks against the unit: a recall of its batch or serial, or that it is void."""
    key = judgement.key
    product_key, lot = (identified.product_key, identified.lot) if identified else (None, None)
    if key and any(one.is_recall for one in revoking(key, product_key, lot, sticker.serial)):
        oks = (*judgement.oks[:4], False, None, None, None, None, None)
        return judgement._replace(verdict=Verdict.RECALLED, oks=oks, details={StepName.REVOCATION: reasons.RECALLED})
    if judgement.state is not None and judgement.state.state == "voided":
        oks = (*judgement.oks[:8], False, None)
        return judgement._replace(verdict=Verdict.VOIDED, oks=oks, details={StepName.STATE: reasons.VOIDED})
    return judgement


def _true_if(key: object) -> bool | None:
    return True if key is not None else None
