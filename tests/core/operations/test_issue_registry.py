"""What the workspace's registry lets a verifier say about codes that were really issued."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tracelib.codes.record import Level
from tracelib.codes.verdict import Inspection, StepName, Verdict
from tracelib.codes.verify import inspect_code
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.issuing.issuer import Issuer
from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
from tracelib.operations.units import Units
from tracelib.store.code_repository import Activation
from tracelib.store.registry import StoreRegistry
from tracelib.trust.delegation import Delegation, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import Reason as RevocationReason
from tracelib.trust.revocation import Revocation, SignedRevocation, sign_revocation
from tracelib.trust.root import RootSet

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run

ROOT_PAIR = KeyPair.from_secret(1, bytes([99]) * 32)
ROOT = RootSet("test", (ROOT_PAIR.public,), 1)


@pytest.fixture
def trusted(county: "County") -> "County":
    """The county with its key under a root."""
    county.issuer = under_root(county)
    return county


def under_root(county: "County", **limits: object) -> Issuer:
    return county.limited(issuer_hash=ROOT_PAIR.public.hash, root=ROOT.root_id, **limits)


def ring(delegation: Delegation, *revocations: SignedRevocation) -> KeyRing:
    signed = sign_delegation(ROOT_PAIR, delegation)
    built = KeyRing.build(None, ROOT.fingerprint, [signed], revocations, root_set=ROOT)
    assert not built.faults
    return built


def issue(county: "County", count: int = 3) -> list[str]:
    request = IssueRequest(batch=county.batch, count=count, level=Level.CARTON, host="q.example.com")
    registered = issue_codes(county.desk, county.issuer, request)
    return b"".join(code_lines(county.issuer, registered.range)).decode().splitlines()


def verdict(county: "County", text: str, *, with_k: bool = True) -> Verdict:
    return inspection(county, text, with_k=with_k).verdict


def ok(inspected: Inspection, name: StepName) -> bool | None:
    return next(step.ok for step in inspected.steps if step.name is name)


def inspection(county: "County", text: str, *, with_k: bool = True, keyring: KeyRing | None = None) -> Inspection:
    keys = {county.issuer.delegation.k_hash or b"": county.issuer.serial_key} if with_k else {}
    keyring = keyring or ring(county.issuer.delegation)
    with county.store.reading() as uow:
        registry = StoreRegistry(uow, serial_keys=keys, keyring=keyring)
        now = county.clock.now()
        return inspect_code(text, keyring, registry=registry, now=now, serial_keys=keys)


def test_issued_code_is_registered(trusted: "County") -> None:
    text = issue(trusted)[1]
    assert verdict(trusted, text) is Verdict.REGISTERED
    assert verdict(trusted, text, with_k=False) is Verdict.SIGNATURE_VALID


def test_unit_codes_are_registered(trusted: "County") -> None:
    """An SSCC is its own number; a serial says nothing about registration without K."""
    for sscc in (False, True):
        registered = issue_units(trusted.desk, trusted.issuer, UnitRequest(count=2, host="q.example.com", sscc=sscc))
        line = b"".join(code_lines(trusted.issuer, registered.range)).decode().splitlines()[1]
        assert verdict(trusted, line) is Verdict.REGISTERED
        without = verdict(trusted, line, with_k=False)
        assert without is (Verdict.REGISTERED if sscc else Verdict.SIGNATURE_VALID)


def off_the_books(county: "County", counter: int = 10) -> str:
    """A code that says what the batch's manifest says, really signed, with a number that was never issued."""
    with county.store.reading() as uow:
        range_ = uow.codes.ranges_of(*county.batch)[0]
    return b"".join(code_lines(county.issuer, replace(range_, first=counter, count=1))).decode().strip()


@pytest.mark.parametrize(("with_k", "step"), [(True, False), (False, None)])
def test_number_that_was_never_issued(trusted: "County", with_k: bool, step: bool | None) -> None:
    issue(trusted)
    found = inspection(trusted, off_the_books(trusted), with_k=with_k)
    assert (found.verdict, found.registration) == (Verdict.SIGNATURE_VALID, None)
    assert ok(found, StepName.REGISTRATION) is step
    assert ok(found, StepName.QUOTA) is None
    assert found.verified is not None
    assert found.verified.registered is step


def test_forged_with_a_stolen_key_after_its_revocation(trusted: "County") -> None:
    """With K the thief's code is revoked and the one issued in time counts; without K nobody can tell: neither does."""
    issued = issue(trusted)[0]
    tomorrow = (trusted.clock.now() + timedelta(days=1)).date()
    revoked = Revocation(
        root=ROOT.root_id,
        key_hash=trusted.issuer.key_hash,
        day=(tomorrow - date(2020, 1, 1)).days,
        reason=RevocationReason.STOLEN,
        issued_at=int(trusted.clock.now().timestamp()),
    )
    keyring = ring(trusted.issuer.delegation, sign_revocation(ROOT_PAIR, revoked))
    forged = off_the_books(trusted)
    answers = {
        (text, with_k): inspection(trusted, text, with_k=with_k, keyring=keyring).verdict
        for text in (issued, forged)
        for with_k in (True, False)
    }
    assert answers == {
        (issued, True): Verdict.REGISTERED,
        (forged, True): Verdict.REVOKED,
        (issued, False): Verdict.KEY_RETIRED_CHECK_ONLINE,
        (forged, False): Verdict.KEY_RETIRED_CHECK_ONLINE,
    }


def test_active_without_k_leaves_registration_open(trusted: "County") -> None:
    line = issue(trusted)[0]
    with trusted.store.unit_of_work() as uow:
        uow.codes.activate([Activation("COOP1", line.rpartition("/")[2], "P/ORANGE", "GN-1", trusted.clock.now())])
    found = inspection(trusted, line, with_k=False)
    assert found.verdict is Verdict.ACTIVE
    assert (ok(found, StepName.REGISTRATION), ok(found, StepName.ACTIVATION)) == (None, True)


def test_code_beyond_what_was_issued_is_only_signed(trusted: "County") -> None:
    issue(trusted)
    with trusted.store.reading() as uow:
        range_ = uow.codes.ranges_of(*trusted.batch)[0]
    beyond = b"".join(code_lines(trusted.issuer, replace(range_, first=3, count=1))).decode().strip()
    assert verdict(trusted, beyond) is Verdict.SIGNATURE_VALID


@pytest.mark.parametrize("change", [{"lot": "GN-2"}, {"day": 2517}, {"attrs": 500 * 256 + 2 * 16 + 2}])
def test_code_that_says_other_than_its_manifest_is_only_signed(trusted: "County", change: dict[str, object]) -> None:
    issue(trusted)
    with trusted.store.reading() as uow:
        range_ = uow.codes.ranges_of(*trusted.batch)[0]
    altered = b"".join(code_lines(trusted.issuer, replace(range_, **change))).decode().splitlines()[0]  # type: ignore[arg-type]
    assert verdict(trusted, altered) is Verdict.SIGNATURE_VALID
    assert verdict(trusted, altered, with_k=False) is Verdict.SIGNATURE_VALID


def test_active_then_void(trusted: "County") -> None:
    line = issue(trusted)[0]
    serial = line.rpartition("/")[2]
    now = trusted.clock.now()
    with trusted.store.unit_of_work() as uow:
        uow.codes.activate([Activation("COOP1", serial, "P/ORANGE", "GN-1", now)])
    assert verdict(trusted, line) is Verdict.ACTIVE
    keys = {trusted.issuer.delegation.k_hash or b"": trusted.issuer.serial_key}
    with trusted.store.reading() as uow:
        parts = Units(uow, keys).named(serial)
    void_parts(trusted.store, trusted.clock, parts, VoidAct(Reason.DAMAGED), serial_keys=keys)
    assert verdict(trusted, line) is Verdict.VOIDED


def test_totals_beyond_the_delegation_are_over_quota(trusted: "County") -> None:
    lines = issue(trusted, 3)
    trusted.issuer = under_root(trusted, max_units=2)
    assert verdict(trusted, lines[2]) is Verdict.OVER_QUOTA
    assert verdict(trusted, lines[0]) is Verdict.OVER_QUOTA  # the running total speaks for the whole manifest
    assert ok(inspection(trusted, lines[0], with_k=False), StepName.QUOTA) is None


def test_bare_serial_and_sticker_identify_their_batch(trusted: "County") -> None:
    serial = issue(trusted)[0].rpartition("/")[2]
    keys = {trusted.issuer.delegation.k_hash or b"": trusted.issuer.serial_key}
    with trusted.store.reading() as uow:
        found = StoreRegistry(uow, serial_keys=keys).identify(serial)
        assert found is not None
        assert (found.party_id, found.product_key, found.lot, found.seq) == ("COOP1", "P/ORANGE", "GN-1", 1)
        assert StoreRegistry(uow).identify(serial) is None
        assert StoreRegistry(uow, serial_keys=keys).identify(trusted.issuer.cipher.serial_of(3)) is None


def test_checks_before_this_one(trusted: "County") -> None:
    serial = issue(trusted)[0].rpartition("/")[2]
    with trusted.store.reading() as uow:
        assert StoreRegistry(uow).checks("COOP1", serial).count == 0
    first = trusted.clock.now()
    for _ in range(2):
        with trusted.store.unit_of_work() as uow:
            uow.codes.record_check("COOP1", serial, trusted.clock.now())
        trusted.clock.move(60)
    with trusted.store.reading() as uow:
        checks = StoreRegistry(uow).checks("COOP1", serial)
    assert (checks.count, checks.first_at) == (2, first)


def test_other_workspaces_keys_are_not_covered(trusted: "County") -> None:
    with trusted.store.reading() as uow:
        assert not StoreRegistry(uow).covers(trusted.issuer.key_hash)
        assert StoreRegistry(uow, own_keys=[trusted.issuer.key_hash]).covers(trusted.issuer.key_hash)
    issue(trusted)
    with trusted.store.reading() as uow:
        assert StoreRegistry(uow).covers(trusted.issuer.key_hash)
