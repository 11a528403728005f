"""Bundle (信任包): made by whoever holds the root, taken over by everyone else."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.catalog.grade import Grade
from tracelib.catalog.product import Product, recorded_identity
from tracelib.trust.bundle import (
    BrandEntry,
    Bundle,
    ProductEntry,
    add_signature,
    count_signatures,
    decode_bundle,
    grade_list_hash,
    open_bundle,
    same_content,
    sign_bundle,
)
from tracelib.trust.errors import ForeignRootError, RollbackError, ThresholdError, TwinBundleError
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import Signer
from tracelib.trust.revocation import Revocation, SignedRevocation
from tracelib.trust.root import RootSet

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

NEXT_UPDATE_S = 7 * 86400


def make_bundle(
    uow: "UnitOfWork", root_set: RootSet, signers: Sequence[Signer], now: datetime, *, part: bool = False
) -> Bundle:
    """The next bundle: all delegations and revocations of the store, and the catalogue's names. It is kept and counted.

    Raises ThresholdError where too few of the root's keys are among ``signers``. With ``part`` one is enough: the
    others sign the file where they are (``add_to_bundle``), and it is kept and counted when the last one has.
    """
    issued = int(now.timestamp())
    fingerprint = root_set.fingerprint
    draft = Bundle(
        root_set=root_set,
        seq=uow.trust.highest_seq(fingerprint) + 1,
        issued=issued,
        next_update=issued + NEXT_UPDATE_S,
        delegations=tuple(item for item in uow.trust.delegations() if item.claims.root == root_set.root_id),
        revocations=tuple(item for item in uow.trust.revocations() if item.claims.root == root_set.root_id),
        brands=tuple(
            BrandEntry(brand.id, brand.name_zh, brand.name_en, tuple(brand.hosts), brand.owner)
            for brand in uow.catalog.brands()
        ),
        products=tuple(
            _entry(product, uow.catalog.grades(product.party_id, product.id)) for product in uow.catalog.products()
        ),
    )
    return _kept_when_whole(uow, decode_bundle(sign_bundle(signers, draft, at_least=1 if part else None)), now)


def add_to_bundle(uow: "UnitOfWork", data: bytes, signers: Sequence[Signer], pinned: str, now: datetime) -> Bundle:
    """The bundle in ``data`` with the signatures of ``signers`` added; kept and counted once they are enough.

    ForeignRootError, RollbackError, TwinBundleError as for a bundle from elsewhere; ThresholdError where no signer is a
    key of its root.
    """
    bundle = decode_bundle(data)
    _check_known(uow, bundle, pinned)
    mine = [signer for signer in signers if signer.public in bundle.root_set.keys]
    if not mine:
        raise ThresholdError(what="bundle", found=0, expected=1)
    for signer in mine:
        bundle = add_signature(bundle, signer)
    return _kept_when_whole(uow, bundle, now)


def import_bundle(uow: "UnitOfWork", data: bytes, pinned: str, now: datetime) -> Bundle:
    """Verify a bundle from elsewhere under the pinned root and keep it.

    An older one than the last is a RollbackError, another one with its number a TwinBundleError.
    """
    bundle = open_bundle(data, pinned)
    _check_known(uow, bundle, pinned)
    uow.trust.add_root(bundle.root_set, now)
    uow.trust.add_bundle(pinned, bundle.seq, data, now)
    _note(uow, "bundle.import", bundle, now)
    return bundle


def import_revocation(
    uow: "UnitOfWork", signed: SignedRevocation, pinned: str, bundle: Bundle | None, now: datetime
) -> Revocation:
    """Keep a single revocation that came between bundles; ChainError, ForeignRootError where it does not count."""
    root_set = bundle.root_set if bundle else uow.trust.root(pinned)
    ring = KeyRing.build(bundle, pinned, uow.trust.delegations(), [signed], root_set=root_set)
    if signed.claims not in ring.revocations:
        raise ring.faults[-1]
    uow.trust.add_revocation(signed, now)
    claims = signed.claims
    uow.changes.add("key.revoke_import", claims.key_hash.hex(), now, reason=str(claims.reason))
    return claims


def _check_known(uow: "UnitOfWork", bundle: Bundle, pinned: str) -> None:
    """The root, and the bundles that were seen before."""
    fingerprint = bundle.root_set.fingerprint
    if fingerprint != pinned:
        raise ForeignRootError(what="bundle", given=fingerprint, expected=pinned)
    seen = uow.trust.highest_seq(pinned)
    if bundle.seq < seen:
        raise RollbackError(given=bundle.seq, seen=seen)
    same = uow.trust.bundle(pinned, bundle.seq)
    if same is not None and not same_content(bundle.raw, same):
        raise TwinBundleError(seq=bundle.seq)


def _kept_when_whole(uow: "UnitOfWork", bundle: Bundle, now: datetime) -> Bundle:
    if count_signatures(bundle) >= bundle.root_set.threshold:
        uow.trust.add_root(bundle.root_set, now)
        uow.trust.add_bundle(bundle.root_set.fingerprint, bundle.seq, bundle.raw, now)
    _note(uow, "bundle.sign", bundle, now)
    return bundle


def _note(uow: "UnitOfWork", verb: str, bundle: Bundle, now: datetime) -> None:
    detail = {"seq": bundle.seq, "signatures": count_signatures(bundle), "needed": bundle.root_set.threshold}
    uow.changes.add(verb, bundle.root_set.fingerprint, now, detail=detail)


def _entry(product: Product, grades: Sequence[Grade]) -> ProductEntry:
    listed = tuple((grade.number, grade.name_zh, grade.name_en) for grade in grades)
    key = recorded_identity(product).key
    names = (product.name_zh, product.name_en)
    return ProductEntry(product.party_id, key, *names, listed, grade_list_hash(listed), product.brand_id)
