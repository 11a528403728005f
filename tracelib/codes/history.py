"""What became of a code after it was signed: the steps *revocation* to *checks*.

A code's day is its signer's claim. So once its key has expired (plus seven days) or is revoked, only a registration
counts, and one from before the revocation's day; who cannot see the registry says so and accepts nothing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tracelib.codes import reasons
from tracelib.codes.asked import DAY_S, Asked, day_start_s
from tracelib.codes.policy import counter_over_quota
from tracelib.codes.record import CodeRecord
from tracelib.codes.registry import Checks, Registration, UnitState
from tracelib.codes.verdict import STEP_AT, Judgement, Oks, StepName, Verdict

if TYPE_CHECKING:
    from tracelib.trust.keyring import TrustedKey
    from tracelib.trust.revocation import Revocation

GRACE_S = 7 * DAY_S
"""How long after its end a key's codes are still taken without a registry."""
_OFFLINE_OKS = (True, True, True, True, True, None, None, None, None, None)
_OFFLINE_DETAILS = {StepName.REGISTRATION: reasons.NO_REGISTRY}

Fault = tuple[Verdict, StepName, str]


class _Known(NamedTuple):
    """What the registry says about a code. ``unseen`` is why its silence does not mean *not registered*, if so."""

    unseen: str | None
    registration: Registration | None
    state: UnitState | None
    checks: Checks | None

    @property
    def sees(self) -> bool:
        """Whether the registry's silence means *not registered*."""
        return self.unseen is None


_NOTHING = _Known(unseen=reasons.NO_REGISTRY, registration=None, state=None, checks=None)


def judge_history(record: CodeRecord, key: "TrustedKey", counter: int | None, asked: Asked) -> Judgement:
    """The judgement on a code whose signature is good. ``counter`` is known where the serial key is held."""
    late = asked.now_s > key.delegation.not_after + GRACE_S
    if asked.registry is None and counter is None and not late and not key.revocations:  # nothing is left to ask
        return Judgement(Verdict.SIGNATURE_VALID, _OFFLINE_OKS, _OFFLINE_DETAILS, key)
    revocations = revoking(key, record.product_key, record.lot, record.serial) if key.revocations else ()
    known = _ask(record, key, counter, asked) if asked.registry is not None else _NOTHING
    fault = _refused(revocations, known, late) or _over_quota(key, counter, known) or _void(known)
    if fault is not None:
        verdict, step, reason = fault
        judgement = Judgement(verdict, _oks(known, counter, step), {step: reason}, key)
    elif known.registration is None and not known.sees and (revocations or late):
        judgement = _retired(key, bool(revocations))
    elif known is _NOTHING:
        judgement = Judgement(Verdict.SIGNATURE_VALID, _oks(known, counter, None), _OFFLINE_DETAILS, key)
    else:
        judgement = _in_use(key, counter, known)
    return judgement._replace(counter=counter, registration=known.registration, state=known.state, checks=known.checks)


def revoking(key: "TrustedKey", product_key: str | None, lot: str | None, serial: str | None) -> Sequence["Revocation"]:
    """The revocations that name a unit: its key or one above, its batch under such a key, or its serial."""
    chain = {delegation.key.hash for delegation in key.delegations}
    return [one for one in key.revocations if one.concerns(chain, product_key, lot, serial)]


def _ask(record: CodeRecord, key: "TrustedKey", counter: int | None, asked: Asked) -> _Known:
    registry, party, key_hash = asked.registry, key.delegation.subject, key.public.hash
    assert registry is not None  # noqa: S101 - the caller looked
    unseen = None if registry.reads(key_hash, record, counter) else reasons.NO_SERIAL_KEY
    return _Known(
        unseen=unseen if registry.covers(key_hash) else reasons.NOT_SEEN,
        registration=registry.registration(key_hash, record, counter),
        state=registry.state(party, record.unit_id),
        checks=registry.checks(party, record.unit_id),
    )


def _refused(revocations: Sequence["Revocation"], known: _Known, late: bool) -> Fault | None:
    """The refusal that a revocation or the key's end brings, as far as it can be told here."""
    if any(revocation.is_recall for revocation in revocations):
        return Verdict.RECALLED, StepName.REVOCATION, reasons.RECALLED
    if known.registration is not None:
        registered_s = known.registration.registered_at.timestamp()
        if any(registered_s >= day_start_s(revocation.day) for revocation in revocations):
            return Verdict.REVOKED, StepName.REVOCATION, reasons.REVOKED
    elif known.sees and revocations:
        return Verdict.REVOKED, StepName.REVOCATION, reasons.REVOKED
    elif known.sees and late:
        return Verdict.KEY_NOT_VALID_THAT_DAY, StepName.REGISTRATION, reasons.EXPIRED_UNREGISTERED
    return None


def _over_quota(key: "TrustedKey", counter: int | None, known: _Known) -> Fault | None:
    if counter is not None and counter_over_quota(counter, key):
        return Verdict.OVER_QUOTA, StepName.QUOTA, reasons.COUNTER_OVER_QUOTA
    if known.registration is not None and known.registration.over_quota:
        return Verdict.OVER_QUOTA, StepName.QUOTA, reasons.TOTAL_OVER_QUOTA
    return None


def _void(known: _Known) -> Fault | None:
    if known.state is not None and known.state.state == "voided":
        return Verdict.VOIDED, StepName.STATE, reasons.VOIDED
    return None


def _retired(key: "TrustedKey", revoked: bool) -> Judgement:
    """Signed by a key that is no longer in use, and nobody here can say whether the code was registered."""
    oks = (True, True, True, True, None if revoked else True, None, None, None, None, None)
    details = (
        {StepName.REVOCATION: reasons.REVOKED_UNSEEN} if revoked else {StepName.REGISTRATION: reasons.EXPIRED_UNSEEN}
    )
    return Judgement(Verdict.KEY_RETIRED_CHECK_ONLINE, oks, details, key)


def _in_use(key: "TrustedKey", counter: int | None, known: _Known) -> Judgement:
    """The judgement where a registry was asked and nothing speaks against the code."""
    if known.registration is None:
        if known.sees:
            oks = _oks(known, counter, StepName.REGISTRATION)
            return Judgement(Verdict.SIGNATURE_VALID, oks, {StepName.REGISTRATION: reasons.NOT_REGISTERED}, key)
        details = {StepName.REGISTRATION: known.unseen or reasons.NOT_SEEN}
    else:
        details = {}
    if known.state is not None and known.state.activated_at is not None:
        return Judgement(Verdict.ACTIVE, _oks(known, counter, None), details, key)
    if known.registration is None:
        return Judgement(Verdict.SIGNATURE_VALID, _oks(known, counter, None), details, key)
    oks = _oks(known, counter, StepName.ACTIVATION)
    return Judgement(Verdict.REGISTERED, oks, {StepName.ACTIVATION: reasons.NOT_ACTIVATED}, key)


def _oks(known: _Known, counter: int | None, failed_at: StepName | None) -> Oks:
    """The ten answers: true for what was looked at and found good, false where it failed, null after that.

    A step before the failed one is null where the registry cannot tell: a code may be void, or proven over quota,
    without standing in a manifest that can be seen here.
    """
    registration, state = known.registration, known.state
    within = counter is not None or (registration is not None and registration.over_quota is not None)
    found = (
        *(True,) * 5,
        registration is not None,
        within,
        state is not None and state.activated_at is not None,
        state is not None or registration is not None,
        known.checks is not None,
    )
    end = len(found) if failed_at is None else STEP_AT[failed_at]
    oks = [True if ok else None for ok in found[:end]]
    return tuple(oks if failed_at is None else [*oks, False, *[None] * (len(found) - end - 1)])
