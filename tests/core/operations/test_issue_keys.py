"""Which key of a workspace issues for a party."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracelib.errors import TraceError
from tracelib.operations.issuing.issuer import Issuer, NoPrefixError
from tracelib.operations.issuing.open_issuers import IssuerKeyMissingError, Issuers, KeyRevokedError, NoIssuerError
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyStore
from tracelib.trust.revocation import Reason, Revocation, SignedRevocation, sign_revocation
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash

# The same day as in conftest: 2026-11-23
NOON = 1_795_406_400
ROOT_PAIR = KeyPair.from_secret(1, bytes([99]) * 32)
ROOT = RootSet("test", (ROOT_PAIR.public,), 1)
K = bytes(range(32))
PASSPHRASE = b"keys"


def pair(seed: int) -> KeyPair:
    return KeyPair.from_secret(1, bytes([seed]) * 32)


def delegation(seed: int, prefix: str, issued_at: int = NOON - 86_400, **changes: object) -> Delegation:
    made = Delegation(
        issuer_hash=ROOT_PAIR.public.hash,
        subject="COOP1",
        key=pair(seed).public,
        cti=bytes([seed]) * 16,
        not_before=NOON - 86_400,
        not_after=NOON + 86_400 * 60,
        issued_at=issued_at,
        root=ROOT.root_id,
        party=PartyName("示例合作社"),
        products=("P/ORANGE",),
        prefix=prefix,
        k_hash=k_hash(K),
        may_delegate=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # of several types


@pytest.fixture(scope="module")
def keystore(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    """Three keys: old, new, and a line key; all hold K."""

    store = KeyStore(Path(tmp_path_factory.mktemp("keys")))
    for name, seed in (("old", 1), ("new", 2), ("line", 3)):
        created = datetime.fromtimestamp(NOON, UTC)
        store.add(name, pair(seed), PASSPHRASE, root=ROOT.fingerprint, environment="test", created=created)
        store.add_serial_key(store.open(name, PASSPHRASE), PASSPHRASE, K)
    return store


def issuers(keystore: KeyStore, *signed: SignedDelegation, revocations: tuple[SignedRevocation, ...] = ()) -> Issuers:
    ring = KeyRing.build(None, ROOT.fingerprint, signed, revocations, root_set=ROOT)
    assert not ring.faults
    return Issuers(keystore, lambda: PASSPHRASE, ring)


OLD = sign_delegation(ROOT_PAIR, delegation(1, "AB3D"))
NEW = sign_delegation(ROOT_PAIR, delegation(2, "AB3E", issued_at=NOON - 3600))
LINE = sign_delegation(
    pair(1), delegation(3, "AB3D", issuer_hash=pair(1).public.hash, counter_window=(500, 999), may_delegate=0)
)


def moment(seconds: int = 0) -> datetime:

    return datetime.fromtimestamp(NOON, UTC) + timedelta(seconds=seconds)


def test_newest_valid_delegation_issues(keystore: KeyStore) -> None:
    assert issuers(keystore, OLD, NEW).of_party("COOP1", moment()).prefix == "AB3E"
    later = sign_delegation(ROOT_PAIR, delegation(2, "AB3E", issued_at=NOON, not_before=NOON + 3600))
    assert issuers(keystore, OLD, later).of_party("COOP1", moment()).prefix == "AB3D"
    assert issuers(keystore, OLD, later).of_party("COOP1", moment(7200)).prefix == "AB3E"


def test_key_may_be_named(keystore: KeyStore) -> None:
    assert issuers(keystore, OLD, NEW).of_party("COOP1", moment(), "old").prefix == "AB3D"
    with pytest.raises(NoIssuerError):
        issuers(keystore, OLD, NEW).of_party("COOP1", moment(), "other")


def test_line_key_issues_nothing_and_its_counters_are_left_out(keystore: KeyStore) -> None:
    found = issuers(keystore, OLD, LINE)
    issuer = found.of_party("COOP1", moment())
    assert (issuer.key_hash, issuer.line_windows) == (pair(1).public.hash, ((500, 999),))
    assert found.key_hashes() == {pair(1).public.hash}


def test_key_of_another_root_issues_nothing(tmp_path: Path) -> None:
    foreign = KeyStore(tmp_path)
    created = datetime.fromtimestamp(NOON, UTC)
    foreign.add("old", pair(1), PASSPHRASE, root="ab" * 32, environment="test", created=created)
    foreign.add_serial_key(foreign.open("old", PASSPHRASE), PASSPHRASE, K)
    with pytest.raises(NoIssuerError):
        issuers(foreign, OLD).of_party("COOP1", moment())
    with pytest.raises(TraceError, match="root"):
        issuers(foreign, OLD)(pair(1).public.hash)


def test_party_without_key(keystore: KeyStore) -> None:
    with pytest.raises(NoIssuerError, match="COOP2"):
        issuers(keystore, OLD).of_party("COOP2", moment())
    with pytest.raises(NoIssuerError):
        issuers(keystore).of_party("COOP1", moment())


def test_revoked_key_issues_nothing_but_makes_its_old_codes_again(keystore: KeyStore) -> None:
    key = pair(1)
    claims = Revocation(root=ROOT.root_id, key_hash=key.public.hash, day=2518, reason=Reason.STOLEN, issued_at=NOON)
    found = issuers(keystore, OLD, revocations=(sign_revocation(key, claims),))
    with pytest.raises(KeyRevokedError, match="stolen"):
        found.of_party("COOP1", moment())
    assert found(key.public.hash).serial_key == K


def test_key_that_is_elsewhere(keystore: KeyStore) -> None:
    elsewhere = sign_delegation(ROOT_PAIR, delegation(7, "AB3F"))
    found = issuers(keystore, OLD, elsewhere)
    with pytest.raises(IssuerKeyMissingError):
        found(pair(7).public.hash)


def test_serial_keys_by_their_hash(keystore: KeyStore) -> None:
    assert issuers(keystore, OLD, NEW).serial_keys() == {k_hash(K): K}


def test_brand_key_without_full_prefix_issues_nothing(keystore: KeyStore) -> None:
    brand = replace(delegation(1, "AB3D"), prefix="AB3", k_hash=None)
    with pytest.raises(NoPrefixError):
        Issuer(pair(1), brand, K)
    with pytest.raises(NoIssuerError):
        issuers(keystore, sign_delegation(ROOT_PAIR, brand)).of_party("COOP1", moment())
