"""A small county for measuring and testing lines: a test root, two parties, batches, issued codes and pallets.

Everything is made through the operations that a real workspace uses; only the keys come from fixed seeds.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.clock import Clock
from tracelib.codes.record import Level
from tracelib.operations.activate import Place
from tracelib.operations.capture import Line
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.store.unit_of_work import Store
from tracelib.trust.bundle import BrandEntry, Bundle, open_bundle, sign_bundle
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash

HOST = "q.example.com"
PRODUCT = "ORANGE"
LOT = "GN-1"
OWN_PARTY, OTHER_PARTY = "COOP1", "COOP2"


@dataclass
class World:
    """A store with everything a line needs. ``bundle`` is the signed trust bundle, ``root`` its pinned fingerprint."""

    store: Store
    clock: Clock
    bundle: bytes
    root: str
    issuer: Issuer
    other: Issuer
    desk: Desk

    def line(self, station: str = "LINE-1", *, packs: bool = True, trusts_serial_keys: bool = True) -> Line:
        """A line of the first party."""
        keyring = KeyRing.build(open_bundle(self.bundle, self.root), self.root)
        keys = {k_hash(self.issuer.serial_key): self.issuer.serial_key} if trusts_serial_keys else {}
        return Line(self.store, keyring, Place(OWN_PARTY, station), packs, serial_keys=keys)

    def cartons(self, count: int, level: Level = Level.CARTON, lot: str = LOT, *, grade: int = 0) -> list[str]:
        """New codes of the first party."""
        request = IssueRequest(batch=(OWN_PARTY, PRODUCT, lot), count=count, level=level, host=HOST, grade=grade)
        return _lines(self.issuer, issue_codes(self.desk, self.issuer, request).range)

    def pallets(self, count: int, *, sscc: bool = False) -> list[str]:
        """New pallet codes of the first party."""
        request = UnitRequest(count=count, host=HOST, sscc=sscc)
        return _lines(self.issuer, issue_units(self.desk, self.issuer, request).range)

    def foreign(self, count: int = 1) -> list[str]:
        """Good codes of the second party, under the same root."""
        request = IssueRequest(batch=(OTHER_PARTY, PRODUCT, LOT), count=count, level=Level.CARTON, host=HOST)
        return _lines(self.other, issue_codes(self.desk, self.other, request).range)


def _lines(issuer: Issuer, range_: object) -> list[str]:
    from tracelib.store.code_values import IssuedRange

    assert isinstance(range_, IssuedRange)
    return b"".join(code_lines(issuer, range_)).decode().splitlines()


def make_world(store: Store, folder: Path, clock: Clock, seed: int = 1) -> World:
    """Fill an empty store. ``folder`` takes the counter guards; ``seed`` makes another root and other keys."""
    root_key = KeyPair.from_secret(1, bytes([seed]) * 32)
    root_set = RootSet("test", (root_key.public,), 1)
    now = int(clock.now().timestamp())
    delegations, issuers = [], []
    prefixes = ((OWN_PARTY, "AB3D", "3690123"), (OTHER_PARTY, "CD4E", "3690124"))
    for number, (party, *prefix) in enumerate(prefixes, 1):
        issuer, signed = _issuer(root_key, root_set, party, prefix, bytes([seed, number] * 16), now)
        issuers.append(issuer)
        delegations.append(signed)
    bundle = sign_bundle(
        [root_key],
        Bundle(
            root_set=root_set,
            seq=1,
            issued=now,
            next_update=now + 7 * 86_400,
            delegations=tuple(delegations),
            brands=(BrandEntry("GANNAN", "赣南脐橙（示例）", "Gannan orange (example)", (HOST,), OWN_PARTY),),
        ),
    )
    with store.unit_of_work() as uow:
        for party in (OWN_PARTY, OTHER_PARTY):
            uow.catalog.add(Party(id=party, name_zh=f"示例合作社 {party}", name_en=f"Example {party}"))
            uow.catalog.add(Product(party_id=party, id=PRODUCT, name_zh="赣南脐橙", weight_g=5000))
            lots = [(LOT, date(2026, 11, 20)), ("GN-2", date(2026, 11, 20) + timedelta(1))]
            uow.batches.add(
                [
                    Batch(party_id=party, product_id=PRODUCT, lot=lot, produced_on=day, weight_g=10_000_000_000)
                    for lot, day in lots
                ],
                clock.now(),
            )
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(store, folder, "W1", "M1", clock)
    return World(store, clock, bundle, root_set.fingerprint, issuers[0], issuers[1], desk)


def _issuer(
    root_key: KeyPair, root_set: RootSet, party: str, prefixes: list[str], secret: bytes, now: int
) -> tuple[Issuer, SignedDelegation]:
    prefix, sscc_prefix = prefixes
    pair = KeyPair.from_secret(1, secret)
    serial_key = bytes(reversed(secret))
    delegation = Delegation(
        issuer_hash=root_key.public.hash,
        subject=party,
        key=pair.public,
        cti=secret[:16],
        not_before=now - 86_400,
        not_after=now + 300 * 86_400,
        issued_at=now - 86_400,
        root=root_set.root_id,
        party=PartyName(f"示例合作社 {party}", f"Example {party}"),
        products=(f"P/{PRODUCT}",),
        prefix=prefix,
        k_hash=k_hash(serial_key),
        home=HOST,
        sscc_prefixes=(sscc_prefix,),
    )
    return Issuer(pair, delegation, serial_key), sign_delegation(root_key, delegation)
