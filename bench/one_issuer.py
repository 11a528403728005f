"""One co-operative, its product, its batches and its open issuer key: for measuring and for tests that kill.

The key comes from a fixed seed, so that every process has the same one.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.operations.issuing.issuer import Issuer
from tracelib.store.unit_of_work import Store
from tracelib.trust.delegation import Delegation, PartyName
from tracelib.trust.keys import KeyPair
from tracelib.trust.serial_key import k_hash

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SEED = bytes([7]) * 32
K = bytes(range(32))
PARTY, PRODUCT = "COOP1", "ORANGE"


def make_issuer() -> Issuer:
    """The open key, delegated a day before ``NOW`` and for thirty years."""
    pair = KeyPair.from_secret(1, SEED)
    seconds = int(NOW.timestamp())
    delegation = Delegation(
        issuer_hash=bytes(32),
        subject=PARTY,
        key=pair.public,
        cti=bytes(16),
        not_before=seconds - 86_400,
        not_after=seconds + 10**9,
        issued_at=seconds - 86_400,
        root=bytes(16),
        party=PartyName("示例合作社"),
        products=(f"P/{PRODUCT}",),
        max_units=2**40,
        prefix="AB3D",
        k_hash=k_hash(K),
    )
    return Issuer(pair, delegation, K)


def fill(store: Store, lots: Iterable[str]) -> None:
    """Party, product (5 kg a carton) and batches that suffice for two million cartons each."""
    day = date(2026, 11, 20)
    with store.unit_of_work() as uow:
        uow.catalog.add(Party(id=PARTY, name_zh="示例合作社"))
        uow.catalog.add(Product(party_id=PARTY, id=PRODUCT, name_zh="赣南脐橙", weight_g=5000))
        made = [Batch(party_id=PARTY, product_id=PRODUCT, lot=lot, produced_on=day, weight_g=10**10) for lot in lots]
        uow.batches.add(made, NOW)
