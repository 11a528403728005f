"""The worked values of the code format, and a registry that behaves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.codes.record import CodeRecord
from tracelib.codes.registry import Checks, Identified, Registration, UnitState
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import sign_code
from tracelib.trust.bundle import BrandEntry, Bundle, ProductEntry
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import Reason, Revocation, SignedRevocation, sign_revocation
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash


@pytest.fixture(scope="session")
def vectors(conformance_data: Path) -> dict[str, Any]:
    """``codes/vectors.json``, with the number of its cases checked."""
    data: dict[str, Any] = json.loads((conformance_data / "codes" / "vectors.json").read_text(encoding="utf-8"))
    counts = {name: len(data[name]) for name in ("codes", "accepted", "refused", "typed")}
    assert counts == {"codes": 7, "accepted": 6, "refused": 19, "typed": 2}
    assert len(data["serials"]["cases"]) == 9
    assert len(data["stickers"]["cases"]) == 2
    assert len(data["manifest"]["leaves"]) == 5
    return data


@dataclass
class FakeRegistry:
    """A registry in memory: ranges by key, states by unit."""

    covered: set[bytes] = field(default_factory=set)
    holds_k: bool = True
    registered: dict[tuple[bytes, str], Registration] = field(default_factory=dict)
    states: dict[tuple[str, str], UnitState] = field(default_factory=dict)
    counts: dict[tuple[str, str], Checks] = field(default_factory=dict)
    batches: dict[str, Identified] = field(default_factory=dict)
    counters_asked: list[int | None] = field(default_factory=list)

    def covers(self, key_hash: bytes) -> bool:
        return key_hash in self.covered

    def reads(self, key_hash: bytes, record: CodeRecord, counter: int | None) -> bool:
        return self.holds_k or counter is not None or record.sscc is not None

    def registration(self, key_hash: bytes, record: CodeRecord, counter: int | None) -> Registration | None:
        self.counters_asked.append(counter)
        return self.registered.get((key_hash, record.unit_id))

    def state(self, party_id: str, unit_id: str) -> UnitState | None:
        return self.states.get((party_id, unit_id))

    def checks(self, party_id: str, unit_id: str) -> Checks | None:
        return self.counts.get((party_id, unit_id))

    def identify(self, serial: str) -> Identified | None:
        return self.batches.get(serial)


@pytest.fixture
def registry() -> FakeRegistry:
    """An empty registry that covers nobody."""
    return FakeRegistry()


NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""The verifier's time in these tests: noon in China."""
TODAY = 2518
"""2026-11-23 as a code carries it: 2,518 days after 2020-01-01."""
GTIN = "06901234567892"
PREFIX = "7KQX"
DAY_S = 86_400


def seconds(day: int) -> int:
    """The first second of a code's day, in UTC+08:00 (2020-01-01 there is 1,577,808,000 s)."""
    return 1_577_808_000 + day * DAY_S


@dataclass
class World:
    """A test root with one issuer below it, and a line key below that one."""

    root: KeyPair = field(default_factory=lambda: KeyPair.from_secret(1, b"r" * 32))
    issuer: KeyPair = field(default_factory=lambda: KeyPair.from_secret(1, b"i" * 32))
    line: KeyPair = field(default_factory=lambda: KeyPair.from_secret(2, b"l" * 32))
    k: bytes = b"K" * 32
    brands: tuple[BrandEntry, ...] = (
        BrandEntry("GANNAN", "赣南脐橙", "Gannan navel orange", ("q.example.com",), "COOP"),
    )
    products: tuple[ProductEntry, ...] = (
        ProductEntry("COOP", GTIN, "脐橙", "Orange", ((1, "特级", "Extra"), (2, "一级", "")), bytes(32), "GANNAN"),
    )

    @property
    def root_set(self) -> RootSet:
        return RootSet("test", (self.root.public,), 1)

    @property
    def cipher(self) -> SerialCipher:
        return SerialCipher(self.k, PREFIX)

    @property
    def keys(self) -> dict[bytes, bytes]:
        return {k_hash(self.k): self.k}

    def claims(self, **changes: object) -> Delegation:
        """The issuer's claims: valid from day 2000 to day 3000 for some products under its prefix."""
        base: dict[str, Any] = {
            "issuer_hash": self.root.public.hash,
            "subject": "COOP",
            "key": self.issuer.public,
            "cti": bytes(16),
            "not_before": seconds(2000),
            "not_after": seconds(3000),
            "issued_at": seconds(2000),
            "root": self.root_set.root_id,
            "party": PartyName("示例合作社", "Example co-operative", "91360700MA35XXXX0X"),
            "may_delegate": 1,
            "max_units": 1_000_000,
            "products": (GTIN, "P/LILY", "P/LILY-250G", "06901234567908"),
            "prefix": PREFIX,
            "k_hash": k_hash(self.k),
            "sscc_prefixes": ("0690123",),
        }
        return Delegation(**(base | changes))

    def line_claims(self, **changes: object) -> Delegation:
        """The line key's claims: 80 days, same prefix and K, counters 1000 to 1999."""
        base: dict[str, Any] = {
            "issuer_hash": self.issuer.public.hash,
            "key": self.line.public,
            "not_before": seconds(2480),
            "not_after": seconds(2560),
            "cti": b"l" * 16,
            "may_delegate": 0,
            "max_units": 1000,
            "counter_window": (1000, 1999),
        }
        return self.claims(**(base | changes))

    def revoke(self, day: int, reason: Reason, signer: KeyPair | None = None, **target: object) -> SignedRevocation:
        """A revocation, of the issuer's whole key unless ``target`` says otherwise."""
        base: dict[str, Any] = {
            "root": self.root_set.root_id,
            "key_hash": self.issuer.public.hash,
            "day": day,
            "reason": reason,
            "issued_at": seconds(day),
        }
        return sign_revocation(signer or self.root, Revocation(**(base | target)))

    def ring(
        self,
        *delegations: Delegation,
        revocations: Sequence[SignedRevocation] = (),
        issued_day: int = TODAY,
        pinned: bool = True,
    ) -> KeyRing:
        """A key ring with these delegations (default: the issuer's)."""
        signers = {key.public.hash: key for key in (self.root, self.issuer)}
        signed = tuple(sign_delegation(signers[d.issuer_hash], d) for d in (delegations or (self.claims(),)))
        bundle = Bundle(
            root_set=self.root_set,
            seq=7,
            issued=seconds(issued_day),
            next_update=seconds(issued_day + 7),
            delegations=signed,
            revocations=tuple(revocations),
            brands=self.brands,
            products=self.products,
        )
        ring = KeyRing.build(bundle, self.root_set.fingerprint if pinned else None)
        assert ring.faults == []
        return ring

    def code(self, signer: KeyPair | None = None, **fields: object) -> str:
        """A signed carton of the issuer, first grade, issued today, counter 5; ``fields`` change it."""
        base: dict[str, Any] = {
            "gtin": GTIN,
            "lot": "26A0137",
            "serial": self.cipher.serial_of(5),
            "day": TODAY,
            "weight_10g": 500,
            "grade": 1,
            "level": 2,
        }
        return sign_code(signer or self.issuer, CodeRecord(**(base | fields)), "q.example.com")


@pytest.fixture
def world() -> World:
    """A test root, an issuer, a line key."""
    return World()
