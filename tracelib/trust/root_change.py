"""A new root set in place of an old one: both must agree, each with as many of its keys as it asks for.

COSE_Sign (external_aad ``tracelib/root/1``) over a deterministic CBOR map: 1 the old root set, 2 the new one (their
bytes). Whoever holds keys of both signs once, and is counted on both sides. The verifier that pins the old fingerprint
may then pin the new one; delegations and bundles below the new root are made anew, for they name their root.
"""

from collections.abc import Iterable

from tracelib.trust import cbor, cose
from tracelib.trust.errors import CborError, ForeignRootError, RootSetError, ThresholdError
from tracelib.trust.keys import Signer
from tracelib.trust.root import LABEL, RootSet

LARGEST = 16 * 1024


def sign_root_change(signers: Iterable[Signer], old: RootSet, new: RootSet) -> bytes:
    """The signed change from ``old`` to ``new``. Raises what :func:`open_root_change` would raise for it."""
    raw = cose.sign(signers, LABEL, cbor.encode({1: old.encode(), 2: new.encode()}))
    open_root_change(raw, old.fingerprint)
    return raw


def open_root_change(raw: bytes, pinned: str) -> RootSet:
    """The new root set, for a verifier that pins the fingerprint of the old one.

    Raises ForeignRootError where the old root set is not the pinned one, RootSetError where test and production would
    change places, ThresholdError where too few keys of the old or of the new set signed, or what its parts raise.
    """
    old, new = _sets(cbor.decode(cose.read_sign(raw, largest=LARGEST)[0], largest=LARGEST))
    if old.fingerprint != pinned:
        raise ForeignRootError(what="root change", given=old.fingerprint, expected=pinned)
    if old.environment != new.environment:
        raise RootSetError(reason="test and production roots never follow each other")
    for root_set in (old, new):
        found = cose.count_signatures(raw, LABEL, root_set.keys, largest=LARGEST)
        if found < root_set.threshold:
            raise ThresholdError(what="root change", found=found, expected=root_set.threshold)
    return new


def _sets(value: object) -> tuple[RootSet, RootSet]:
    match value:
        case {1: bytes() as old, 2: bytes() as new, **rest} if not rest:
            return RootSet.decode(old), RootSet.decode(new)
    raise CborError(reason="not a root change")
