"""A county on one desk: a party with a product, grades and batches, and its open issuer key."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracelib.batches.batch import Batch
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.clock import FixedClock
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.store.unit_of_work import Store
from tracelib.trust.delegation import Delegation, PartyName
from tracelib.trust.keys import KeyPair
from tracelib.trust.serial_key import k_hash

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
K = bytes(range(32))


@dataclass
class County:
    """What the tests of issuing work with."""

    store: Store
    desk: Desk
    issuer: Issuer
    clock: FixedClock
    batch: tuple[str, str, str] = ("COOP1", "ORANGE", "GN-1")

    def limited(self, **limits: object) -> Issuer:
        """The same key under a delegation with other limits."""
        return replace(self.issuer, delegation=replace(self.issuer.delegation, **limits))  # type: ignore[arg-type]


def an_issuer(suite: int = 1, seed: int = 1, prefix: str = "AB3D") -> Issuer:
    pair = KeyPair.from_secret(suite, bytes([seed]) * 32)
    delegation = Delegation(
        issuer_hash=bytes(32),
        subject="COOP1",
        key=pair.public,
        cti=bytes(16),
        not_before=int(NOW.timestamp()) - 86_400,
        not_after=int(NOW.timestamp()) + 86_400 * 300,
        issued_at=int(NOW.timestamp()) - 86_400,
        root=bytes(16),
        party=PartyName("示例合作社", "Example Co-operative"),
        products=("P/ORANGE", "06901234567892"),
        prefix=prefix,
        k_hash=k_hash(K),
        home="q.example.com",
        sscc_prefixes=("3690123", "4690123456789012"),
    )
    return Issuer(pair, delegation, K)


def make_county(store: Store, folder: Path) -> County:
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    with store.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP1", name_zh="示例合作社", name_en="Example Co-operative"))
        uow.catalog.add(Product(party_id="COOP1", id="ORANGE", name_zh="赣南脐橙", weight_g=5000))
        uow.catalog.add(Product(party_id="COOP1", id="LILY", name_zh="龙牙百合", gtin="06901234567892", weight_g=255))
        for number, name in ((1, "特级"), (2, "一级")):
            uow.catalog.add(Grade(party_id="COOP1", product_id="ORANGE", number=number, name_zh=name))
        day = date(2026, 11, 20)
        uow.batches.add(
            [
                Batch(
                    party_id="COOP1",
                    product_id="ORANGE",
                    lot="GN-1",
                    produced_on=day,
                    weight_g=5_000_000,
                    origin="360733",
                ),
                Batch(party_id="COOP1", product_id="ORANGE", lot="GN-2", produced_on=day, weight_g=10_000_000_000),
                Batch(party_id="COOP1", product_id="LILY", lot="WZ-1", produced_on=day, weight_g=5_000_000),
            ],
            NOW,
        )
    clock = FixedClock(NOW)
    return County(store, Desk(store, keys, "W1", "M1", clock), an_issuer(), clock)


@pytest.fixture
def county(store: Store, tmp_path: Path) -> County:
    """On SQLite, and on PostgreSQL where it is there."""
    return make_county(store, tmp_path)


@pytest.fixture
def other_issuer() -> Callable[..., Issuer]:
    """Another issuer key of the same party: ``other_issuer(suite=2, seed=7, prefix="QQQQ")``."""
    return an_issuer
