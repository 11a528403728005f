"""The key ring: every key that counts under one root, its chain verified once. In memory: no files, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tracelib.errors import TraceError
from tracelib.trust.bundle import BrandEntry, Bundle, ProductEntry
from tracelib.trust.chain import Chain, is_line, verify_chains
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation
from tracelib.trust.errors import ChainError, ForeignRootError
from tracelib.trust.keys import PublicKey
from tracelib.trust.revocation import Revocation, SignedRevocation
from tracelib.trust.root import RootSet

MOST_CANDIDATES = 4
STALE_AFTER_S = 7 * 86400
OLD_AFTER_S = 30 * 86400
BUILD_S = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
"""No clock that is earlier than this version can be right."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key whose chain leads to the root. ``delegations`` run from the brand's to the key's own, which is
    ``delegation``; ``revocations`` are those of any key in the chain.
    """

    public: PublicKey
    delegation: Delegation
    delegations: Chain
    brand: BrandEntry | None = None
    revocations: tuple[Revocation, ...] = ()

    @property
    def party(self) -> PartyName:
        """Who holds the key, as its delegation names them."""
        return self.delegation.party

    @property
    def issuer_hash(self) -> bytes:
        """The key that signs this one's manifests: its own, or that of the issuer above a line key."""
        issuers = [d for level, d in enumerate(self.delegations, 1) if not is_line(d, level)]
        return (issuers[-1] if issuers else self.delegation).key.hash


class KeyRing:
    """Trusted keys, and what the bundle says beside them. Made by :meth:`build`, never changed.

    ``faults`` lists what was left out and why, ``revocations`` those that count, ``hosts`` the addresses that the
    brands' codes may show; ``earliest_s`` is the time (seconds since 1970) before which no clock is believed.
    """

    def __init__(self, root_set: RootSet, pinned: bool, bundle: Bundle | None, floor_s: int) -> None:
        self.root_set = root_set
        self.pinned = pinned
        self.bundle = bundle
        self.faults: list[TraceError] = []
        self.revocations: tuple[Revocation, ...] = ()
        self.hosts = frozenset(host for brand in (bundle.brands if bundle else ()) for host in brand.hosts)
        self.earliest_s = max(BUILD_S, floor_s, bundle.issued if bundle else 0)
        self._by_hash: dict[bytes, TrustedKey] = {}
        self._by_id: dict[bytes, tuple[TrustedKey, ...]] = {}
        self._by_prefix: dict[str, tuple[TrustedKey, ...]] = {}
        self._products = {(p.party, p.product_key): p for p in (bundle.products if bundle else ())}

    @classmethod
    def build(
        cls,
        bundle: Bundle | None,
        pinned: str | None,
        extra_delegations: Iterable[SignedDelegation] = (),
        extra_revocations: Iterable[SignedRevocation] = (),
        *,
        root_set: RootSet | None = None,
        floor_s: int = 0,
    ) -> "KeyRing":
        """A ring under the bundle's root set, or ``root_set`` where there is no bundle.

        ``pinned`` is the fingerprint that the verifier has from elsewhere, None for unpinned. ``floor_s`` is a time
        that has certainly passed (a journal's last entry).

        Raises ForeignRootError for another root than the pinned one, ChainError where there is no root at all.
        """
        root = bundle.root_set if bundle else root_set
        if root is None:
            raise ChainError(what="key ring", reason="there is neither a bundle nor a root set")
        if pinned is not None and root.fingerprint != pinned:
            raise ForeignRootError(what="bundle", given=root.fingerprint, expected=pinned)
        ring = cls(root, pinned is not None, bundle, floor_s)
        chains = verify_chains(root, bundle.delegations if bundle else (), extra_delegations)
        ring.faults.extend(chains.faults)
        in_bundle = {item.hash: item for item in (bundle.revocations if bundle else ())}
        single = {item.hash: item for item in extra_revocations if item.hash not in in_bundle}
        root_keys = {key.hash: key for key in root.keys}
        revocations = ring._verified(in_bundle.values(), chains.of_key, root_keys)
        revocations += ring._verified(single.values(), chains.of_key, root_keys if root.threshold == 1 else {})
        ring.revocations = tuple(revocations)
        ring._fill(chains.of_key)
        return ring

    @property
    def environment(self) -> str:
        """``production`` or ``test``."""
        return self.root_set.environment

    @property
    def fingerprint(self) -> str:
        """The root set's fingerprint, whether pinned or not."""
        return self.root_set.fingerprint

    @property
    def bundle_seq(self) -> int | None:
        """The bundle's sequence number, None without a bundle."""
        return self.bundle.seq if self.bundle else None

    @property
    def bundle_issued(self) -> str | None:
        """When the bundle was issued, ISO 8601 in UTC; None without a bundle."""
        return datetime.fromtimestamp(self.bundle.issued, UTC).isoformat() if self.bundle else None

    def state(self, now: datetime) -> str:
        """``fresh``, ``stale`` (over 7 days old), ``old`` (over 30), ``clock_wrong``, or ``none`` without a bundle."""
        now_s = int(now.timestamp())
        if now_s < self.earliest_s:
            return "clock_wrong"
        if self.bundle is None:
            return "none"
        age_s = now_s - self.bundle.issued
        return "old" if age_s > OLD_AFTER_S else "stale" if age_s > STALE_AFTER_S else "fresh"

    def candidates(self, key_id: bytes) -> tuple[TrustedKey, ...]:
        """The trusted keys with this 5-byte id, at most four. The id only selects."""
        return self._by_id.get(key_id, ())

    def key(self, key_hash: bytes) -> TrustedKey | None:
        """The trusted key with this full hash."""
        return self._by_hash.get(key_hash)

    def keys(self) -> Mapping[bytes, TrustedKey]:
        """All trusted keys by their full hash."""
        return self._by_hash

    def keys_of_prefix(self, prefix: str) -> tuple[TrustedKey, ...]:
        """The trusted keys that sign serials with this prefix of 4 characters."""
        return self._by_prefix.get(prefix, ())

    def product_entry(self, party: str, product_key: str) -> ProductEntry | None:
        """What the bundle says about a party's product."""
        return self._products.get((party, product_key))

    def hosts_of(self, key: TrustedKey) -> frozenset[str]:
        """The hosts of the brand that stands above a key, or of all brands where it is not known which.

        An owner of several brands may show the codes of one under the host of another.
        """
        if key.brand is None or self.bundle is None:
            return self.hosts
        owned = (brand.hosts for brand in self.bundle.brands if brand.owner == key.brand.owner)
        return frozenset(host for hosts in owned for host in hosts)

    def _verified(
        self, given: Iterable[SignedRevocation], chains: Mapping[bytes, Chain], root_keys: Mapping[bytes, PublicKey]
    ) -> list[Revocation]:
        """The revocations that the key itself or one above it signed; the others become faults.

        ``root_keys`` are those whose word counts: none outside a bundle where one root key alone makes nothing.
        """
        good = []
        for item in given:
            above = {d.key.hash: d.key for d in chains.get(item.claims.key_hash, ())} | dict(root_keys)
            try:
                if item.claims.root != self.root_set.root_id:
                    given_root, expected = item.claims.root.hex(), self.root_set.root_id.hex()
                    raise ForeignRootError(what="revocation", given=given_root, expected=expected)
                if item.signer not in above:
                    raise ChainError(what="revocation", reason="neither the key itself nor one above it signed it")
                item.verify(above[item.signer])
            except TraceError as fault:
                self.faults.append(fault)
            else:
                good.append(item.claims)
        return good

    def _fill(self, chains: Mapping[bytes, Chain]) -> None:
        by_key: dict[bytes, list[Revocation]] = {}
        for revocation in self.revocations:
            by_key.setdefault(revocation.key_hash, []).append(revocation)
        brands = {brand.owner: brand for brand in reversed(self.bundle.brands if self.bundle else ())}
        for key_hash, chain in chains.items():
            own = chain[-1]
            concerning = tuple(r for d in chain for r in by_key.get(d.key.hash, ()))
            key = TrustedKey(own.key, own, chain, brands.get(chain[0].subject), concerning)
            self._by_hash[key_hash] = key
            same_id = self._by_id.get(key.public.key_id, ())
            if len(same_id) < MOST_CANDIDATES:
                self._by_id[key.public.key_id] = (*same_id, key)
            else:
                self.faults.append(ChainError(what="delegation", reason="four other keys have its key id"))
            if own.signs_serials and own.prefix is not None:
                self._by_prefix[own.prefix] = (*self._by_prefix.get(own.prefix, ()), key)
