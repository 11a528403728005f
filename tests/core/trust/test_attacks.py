"""What an attacker who holds some keys, files or clocks may try against a verifier. Each test is named for its attack.

Single broken objects are in docs/vectors/trust.json (test_trust_vectors.py); here the pieces are put together.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracelib.trust.bundle import Bundle, open_bundle, sign_bundle
from tracelib.trust.delegation import Delegation, PartyName, SignedDelegation, sign_delegation
from tracelib.trust.enrolment import make_request, parse_request
from tracelib.trust.errors import (
    BundleFormatError,
    CborError,
    ChainError,
    EnrolmentFormatError,
    ForeignRootError,
    RollbackError,
    SignatureError,
    ThresholdError,
)
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import Reason, Revocation, SignedRevocation, sign_revocation
from tracelib.trust.root import RootSet

T0 = 1793491200
NOW = datetime.fromtimestamp(T0, UTC) + timedelta(days=1)
YEAR_S = 365 * 86400


def key(number: int) -> KeyPair:
    return KeyPair.from_secret(1, number.to_bytes(32, "big"))


ROOT, ROOT_B, ROOT_C, BRAND, ISSUER, LINE, SIBLING, THIEF = map(key, range(1, 9))
TEST_ROOT = RootSet("test", (ROOT.public,), 1)
PRODUCTION = RootSet("production", (ROOT.public, ROOT_B.public, ROOT_C.public), 2)


def delegate(parent: KeyPair, child: KeyPair, root: RootSet = TEST_ROOT, **changes: object) -> SignedDelegation:
    base = Delegation(
        issuer_hash=parent.public.hash,
        subject="COOP1",
        key=child.public,
        cti=child.public.hash[:16],
        not_before=T0,
        not_after=T0 + YEAR_S,
        issued_at=T0,
        root=root.root_id,
        party=PartyName("示例合作社"),
    )
    return sign_delegation(parent, replace(base, **changes))  # type: ignore[arg-type]


def brand(root: RootSet = TEST_ROOT, parent: KeyPair = ROOT, **changes: object) -> SignedDelegation:
    limits: dict[str, object] = {"may_delegate": 2, "prefix": "7K", "max_units": 1000, "subject": "ASSOC"}
    return delegate(parent, BRAND, root, **(limits | changes))


def issuer(child: KeyPair = ISSUER, root: RootSet = TEST_ROOT, **changes: object) -> SignedDelegation:
    limits: dict[str, object] = {"prefix": "7KQX", "k_hash": bytes(16), "max_units": 600, "products": ("P/ORANGE",)}
    return delegate(BRAND, child, root, **(limits | changes))


def ring(delegations: Iterable[SignedDelegation], revocations: Iterable[SignedRevocation] = ()) -> KeyRing:
    return KeyRing.build(None, TEST_ROOT.fingerprint, delegations, revocations, root_set=TEST_ROOT)


def bundle_of(root: RootSet, signers: Iterable[KeyPair], seq: int = 1, **parts: object) -> bytes:
    body = Bundle(root_set=root, seq=seq, issued=T0, next_update=T0 + 7 * 86400)
    return sign_bundle(signers, replace(body, **parts))  # type: ignore[arg-type]


def trusted(keys: KeyRing) -> set[bytes]:
    return set(keys.keys())


def hashes(*pairs: KeyPair) -> set[bytes]:
    return {pair.public.hash for pair in pairs}


# --- the root


def test_foreign_root_brings_its_own_bundle() -> None:
    foreign = RootSet("production", (THIEF.public, ISSUER.public), 2)
    raw = bundle_of(foreign, [THIEF, ISSUER])
    with pytest.raises(ForeignRootError):
        open_bundle(raw, PRODUCTION.fingerprint)
    with pytest.raises(ForeignRootError):
        KeyRing.build(open_bundle(raw), PRODUCTION.fingerprint)


def test_bundle_without_a_fingerprint_from_elsewhere_says_unpinned() -> None:
    opened = open_bundle(bundle_of(TEST_ROOT, [ROOT]))
    assert not KeyRing.build(opened, None).pinned
    assert KeyRing.build(opened, TEST_ROOT.fingerprint).pinned


def test_test_root_with_the_keys_of_production_is_another_root() -> None:
    as_test = RootSet("test", PRODUCTION.keys, PRODUCTION.threshold)
    assert as_test.fingerprint != PRODUCTION.fingerprint
    with pytest.raises(ForeignRootError):
        open_bundle(bundle_of(as_test, [ROOT, ROOT_B]), PRODUCTION.fingerprint)


def test_lower_threshold_is_another_root() -> None:
    weaker = RootSet("production", PRODUCTION.keys, 1)
    with pytest.raises(ForeignRootError):
        open_bundle(bundle_of(weaker, [ROOT]), PRODUCTION.fingerprint)


def test_delegation_of_a_test_root_is_slipped_into_production() -> None:
    """The same key is a root key of both: only the root in the claims tells them apart."""
    raw = bundle_of(PRODUCTION, [ROOT, ROOT_B], delegations=(brand(TEST_ROOT), issuer(root=TEST_ROOT)))
    keys = KeyRing.build(open_bundle(raw, PRODUCTION.fingerprint), PRODUCTION.fingerprint)
    assert trusted(keys) == set()
    assert [type(fault) for fault in keys.faults] == [ForeignRootError, ChainError]


def test_no_root_at_all() -> None:
    with pytest.raises(ChainError):
        KeyRing.build(None, None)


# --- too few of the root


def test_one_stolen_root_key_of_three_makes_no_bundle() -> None:
    with pytest.raises(ThresholdError):
        bundle_of(PRODUCTION, [ROOT])
    with pytest.raises(ThresholdError):
        bundle_of(PRODUCTION, [ROOT, ROOT, ROOT])
    with pytest.raises(ThresholdError):
        bundle_of(PRODUCTION, [ROOT, THIEF])


def test_one_stolen_root_key_of_three_makes_no_brand() -> None:
    """A single delegation file by one root key, and an issuer below it."""
    raw = bundle_of(PRODUCTION, [ROOT, ROOT_B])
    opened = open_bundle(raw, PRODUCTION.fingerprint)
    files = [brand(PRODUCTION), issuer(root=PRODUCTION)]
    alone = KeyRing.build(opened, PRODUCTION.fingerprint, files)
    assert trusted(alone) == set()
    assert len(alone.faults) == 2
    signed_by_two = open_bundle(bundle_of(PRODUCTION, [ROOT, ROOT_B], delegations=tuple(files)), PRODUCTION.fingerprint)
    assert trusted(KeyRing.build(signed_by_two, PRODUCTION.fingerprint, files)) == hashes(BRAND, ISSUER)


def test_one_stolen_root_key_of_three_revokes_nobody() -> None:
    files = (brand(PRODUCTION), issuer(root=PRODUCTION))
    opened = open_bundle(bundle_of(PRODUCTION, [ROOT, ROOT_B], delegations=files), PRODUCTION.fingerprint)
    by_one = revoke(ROOT, ISSUER, PRODUCTION)
    keys = KeyRing.build(opened, PRODUCTION.fingerprint, (), [by_one])
    found = keys.key(ISSUER.public.hash)
    assert found is not None
    assert found.revocations == ()
    assert len(keys.faults) == 1
    by_two = bundle_of(PRODUCTION, [ROOT, ROOT_B], delegations=files, revocations=(by_one,))
    found = KeyRing.build(open_bundle(by_two), None).key(ISSUER.public.hash)
    assert found is not None
    assert [r.reason for r in found.revocations] == [Reason.STOLEN]


def test_two_root_keys_give_one_prefix_twice() -> None:
    """Each alone is within bounds; together a serial would have two owners."""
    other = delegate(ROOT_B, SIBLING, PRODUCTION, subject="OTHER", may_delegate=2, prefix="7")
    raw = bundle_of(PRODUCTION, [ROOT, ROOT_B], delegations=(brand(PRODUCTION), other))
    keys = KeyRing.build(open_bundle(raw, PRODUCTION.fingerprint), PRODUCTION.fingerprint)
    assert len(trusted(keys)) == 1
    assert [fault.code for fault in keys.faults] == ["trust.widened"]


# --- the bundle


def test_rollback_to_a_bundle_before_the_revocation() -> None:
    old, new = bundle_of(TEST_ROOT, [ROOT], seq=4), bundle_of(TEST_ROOT, [ROOT], seq=5)
    assert open_bundle(new, TEST_ROOT.fingerprint, seen_seq=4).seq == 5
    assert open_bundle(new, TEST_ROOT.fingerprint, seen_seq=5).seq == 5
    with pytest.raises(RollbackError):
        open_bundle(old, TEST_ROOT.fingerprint, seen_seq=5)


def test_old_bundle_is_kept_alive_by_turning_the_clock_back() -> None:
    keys = KeyRing.build(open_bundle(bundle_of(TEST_ROOT, [ROOT])), None, floor_s=T0 + 10 * 86400)
    start = datetime.fromtimestamp(T0, UTC)
    assert keys.state(start + timedelta(days=11)) == "stale"
    assert keys.state(start + timedelta(days=2)) == "clock_wrong"
    without_journal = KeyRing.build(open_bundle(bundle_of(TEST_ROOT, [ROOT])), None)
    ages = {6.9: "fresh", 7.1: "stale", 29.9: "stale", 30.1: "old", 4000: "old", -0.1: "clock_wrong"}
    assert {d: without_journal.state(start + timedelta(days=d)) for d in ages} == ages


@pytest.mark.parametrize("data", [b"", b"\x84", b"{}", bytes(100), b"\x84\x40\xa0\x40\x80"], ids=bytes.hex)
def test_bundle_of_noise(data: bytes) -> None:
    with pytest.raises((CborError, BundleFormatError)):
        open_bundle(data)


def test_bundle_that_fills_the_memory() -> None:
    started = time.perf_counter()
    with pytest.raises((CborError, BundleFormatError)):
        open_bundle(bytes(65 * 1024 * 1024))
    assert time.perf_counter() - started < 1


# --- keys in the middle


def test_holder_of_one_key_puts_himself_below_another() -> None:
    """The thief names the brand as his parent but can sign with his own key only."""
    genuine = delegate(THIEF, SIBLING, may_delegate=0)
    forged = replace(genuine, claims=replace(genuine.claims, issuer_hash=BRAND.public.hash))
    keys = ring([brand(), forged])
    assert trusted(keys) == hashes(BRAND)
    assert isinstance(keys.faults[0], SignatureError)


def test_line_key_delegates_on() -> None:
    keys = ring([brand(), issuer(may_delegate=0), delegate(ISSUER, THIEF)])
    assert trusted(keys) == hashes(BRAND, ISSUER)


def test_two_keys_that_vouch_for_each_other() -> None:
    circle = [delegate(THIEF, SIBLING, may_delegate=1), delegate(SIBLING, THIEF, may_delegate=2)]
    keys = ring([brand(), *circle])
    assert trusted(keys) == hashes(BRAND)
    assert len(keys.faults) == 2


def test_key_above_is_delegated_again_from_below() -> None:
    keys = ring([brand(), issuer(may_delegate=1), delegate(ISSUER, BRAND)])
    assert trusted(keys) == hashes(BRAND, ISSUER)
    found = keys.key(BRAND.public.hash)
    assert found is not None
    assert len(found.delegations) == 1


def test_single_file_takes_the_place_of_a_bundled_key() -> None:
    """A dishonest brand grants a key that the bundle gives to an issuer of another brand, dated earlier."""
    other = delegate(ROOT, SIBLING, subject="OTHER", may_delegate=2, prefix="9", issued_at=1)
    stolen = delegate(SIBLING, ISSUER, subject="OTHER", prefix="9ZZZ", k_hash=bytes(16), issued_at=1)
    raw = bundle_of(TEST_ROOT, [ROOT], delegations=(brand(), issuer(), other))
    keys = KeyRing.build(open_bundle(raw), TEST_ROOT.fingerprint, [stolen])
    found = keys.key(ISSUER.public.hash)
    assert found is not None
    assert found.delegation.subject == "COOP1"
    assert len(keys.faults) == 1


def test_single_file_takes_the_quota_of_a_bundled_sibling() -> None:
    """It is dated before the other; what came in the bundle is counted first all the same."""
    raw = bundle_of(TEST_ROOT, [ROOT], delegations=(brand(), issuer()))
    late = issuer(SIBLING, subject="COOP2", prefix="7KQY", max_units=500, issued_at=T0 - 1)
    keys = KeyRing.build(open_bundle(raw), TEST_ROOT.fingerprint, [late])
    assert trusted(keys) == hashes(BRAND, ISSUER)
    assert [fault.code for fault in keys.faults] == ["trust.widened"]


def test_quota_is_divided_until_it_is_more_than_the_whole() -> None:
    alphabet = "0123456789AB"
    children = [
        issuer(key(100 + n), prefix=f"7KQ{letter}", max_units=100, issued_at=T0 + n)
        for n, letter in enumerate(alphabet)
    ]
    keys = ring([brand(max_units=1000), *children])
    assert trusted(keys) == hashes(BRAND, *(key(100 + n) for n in range(10)))
    assert len(keys.faults) == 2


def test_more_keys_with_one_id_than_are_tried() -> None:
    """An id has 40 bits and can be hit on purpose; more than four would cost a verifier its time."""
    children = [issuer(key(100 + n), prefix=f"7KQ{n}", max_units=1, issued_at=T0 + n) for n in range(6)]
    for child in children:
        object.__setattr__(child.claims.key, "key_id", b"\x01\x02\x03\x04\x05")
    keys = ring([brand(), *children])
    assert [found.public for found in keys.candidates(b"\x01\x02\x03\x04\x05")] == [
        key(100 + n).public for n in range(4)
    ]
    assert all(keys.key(key(100 + n).public.hash) for n in range(6))


def test_flood_of_worthless_files_takes_no_time() -> None:
    flood = [delegate(THIEF, key(1000 + n)) for n in range(1500)]
    started = time.perf_counter()
    keys = ring([brand(), *flood])
    assert time.perf_counter() - started < 1
    assert trusted(keys) == hashes(BRAND)
    assert len(keys.faults) == len(flood)


# --- revocations


def revoke(signer: KeyPair, target: KeyPair, root: RootSet = TEST_ROOT, **changes: object) -> SignedRevocation:
    claims = Revocation(root=root.root_id, key_hash=target.public.hash, day=2500, reason=Reason.STOLEN, issued_at=T0)
    return sign_revocation(signer, replace(claims, **changes))  # type: ignore[arg-type]


def test_competitor_revokes_a_neighbour() -> None:
    files = [brand(), issuer(may_delegate=1), issuer(SIBLING, prefix="7KQY", max_units=100)]
    attempts = [
        revoke(SIBLING, ISSUER),
        revoke(SIBLING, BRAND),
        revoke(THIEF, ISSUER),
        revoke(ISSUER, BRAND),
        revoke(BRAND, ISSUER, PRODUCTION),
    ]
    keys = ring(files, attempts)
    assert all(found.revocations == () for found in keys.keys().values())
    assert len(keys.faults) == len(attempts)


@pytest.mark.parametrize("signer", [ROOT, BRAND, ISSUER], ids=["root", "brand", "itself"])
def test_revocation_by_itself_or_one_above_is_taken(signer: KeyPair) -> None:
    keys = ring([brand(), issuer()], [revoke(signer, ISSUER)])
    found, above = keys.key(ISSUER.public.hash), keys.key(BRAND.public.hash)
    assert found is not None
    assert above is not None
    assert (len(found.revocations), len(above.revocations)) == (1, 0)


def test_revoked_brand_is_revoked_for_everyone_below() -> None:
    keys = ring([brand(), issuer()], [revoke(ROOT, BRAND)])
    assert all(len(found.revocations) == 1 for found in keys.keys().values())


def test_recall_of_one_batch_is_passed_off_as_that_of_another() -> None:
    claims = revoke(BRAND, ISSUER, product="P/ORANGE", lot="26A1", reason=Reason.RECALL).claims
    chain = hashes(BRAND, ISSUER)
    assert claims.concerns(chain, "P/ORANGE", "26A1", "7KQX9Y93Q6MJ608")
    for product, lot in (("P/ORANGE", "26A2"), ("P/LILY", "26A1"), (None, None)):
        assert not claims.concerns(chain, product, lot, "7KQX9Y93Q6MJ608")
    assert not claims.concerns(hashes(BRAND, SIBLING), "P/ORANGE", "26A1", "7KQX9Y93Q6MJ608")


def test_serials_just_outside_a_revoked_range() -> None:
    claims = revoke(BRAND, ISSUER, first="7KQX9Y93Q6MJ608", last="7KQXV58MQ1EQ9TA").claims
    chain = hashes(BRAND, ISSUER)
    inside = ("7KQX9Y93Q6MJ608", "7KQXA0000000000", "7KQXV58MQ1EQ9TA")
    outside = ("7KQX9Y93Q6MJ607", "7KQXV58MQ1EQ9TB", "7KQYA0000000000", None)
    assert all(claims.concerns(chain, "P/ORANGE", "26A1", serial) for serial in inside)
    assert not any(claims.concerns(chain, "P/ORANGE", "26A1", serial) for serial in outside)


# --- enrolment


def test_request_is_shown_to_another_parent() -> None:
    request = make_request(ISSUER, BRAND.public.hash, "COOP1", PartyName("示例合作社"))
    replayed = request.as_text().replace(BRAND.public.hash.hex(), SIBLING.public.hash.hex())
    with pytest.raises(SignatureError):
        parse_request(replayed)


def test_somebody_else_enrols_my_key() -> None:
    """He knows my public key and has a proof by his own."""
    his = make_request(THIEF, BRAND.public.hash, "THIEF", PartyName("贼"))
    forged = his.as_text().replace(THIEF.public.raw.hex(), ISSUER.public.raw.hex())
    with pytest.raises(SignatureError):
        parse_request(forged)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "{" * 100_000, '{"format": "tracelib-grant/1"}', "\x00", "ü" * 2]
)
def test_request_file_that_is_none(text: str) -> None:
    with pytest.raises(EnrolmentFormatError):
        parse_request(text)
