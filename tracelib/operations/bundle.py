"""Bundle (信任包): made by whoever holds the root, taken over by everyone else."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.catalog.grade import Grade
from tracelib.catalog.product import Product, recorded_identity
from tracelib.trust.bundle import BrandEntry, Bundle, ProductEntry, grade_list_hash, open_bundle, sign_bundle
from tracelib.trust.keys import Signer
from tracelib.trust.root import RootSet

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

NEXT_UPDATE_S = 7 * 86400


def make_bundle(uow: "UnitOfWork", root_set: RootSet, signers: Sequence[Signer], now: datetime) -> Bundle:
    """The next bundle: all delegations and revocations of the store, and the catalogue's names. It is kept and counted.

    Raises ThresholdError where too few of the root's keys are among ``signers``.
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
    raw = sign_bundle(signers, draft)
    uow.trust.add_bundle(fingerprint, draft.seq, raw, now)
    return open_bundle(raw, fingerprint)


def import_bundle(uow: "UnitOfWork", data: bytes, pinned: str, now: datetime) -> Bundle:
    """Verify a bundle from elsewhere under the pinned root and keep it; one older than the last is a RollbackError."""
    bundle = open_bundle(data, pinned, seen_seq=uow.trust.highest_seq(pinned))
    uow.trust.add_root(bundle.root_set, now)
    uow.trust.add_bundle(pinned, bundle.seq, data, now)
    return bundle


def _entry(product: Product, grades: Sequence[Grade]) -> ProductEntry:
    listed = tuple((grade.number, grade.name_zh, grade.name_en) for grade in grades)
    key = recorded_identity(product).key
    names = (product.name_zh, product.name_en)
    return ProductEntry(product.party_id, key, *names, listed, grade_list_hash(listed), product.brand_id)
