"""A registry that covers the issuer and cannot read the serial back: its silence says nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracelib.codes import reasons
from tracelib.codes.verdict import Inspection, StepName, Verdict
from tracelib.codes.verify import inspect_code
from tracelib.trust.revocation import Reason

World = Any  # the classes in conftest.py
Registry = Any
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = 2518


@pytest.fixture
def blind(world: World, registry: Registry) -> Registry:
    """A registry that sees all of the issuer's manifests, without its serial key."""
    registry.covered, registry.holds_k = {world.issuer.public.hash}, False
    return registry


def registration(found: Inspection) -> tuple[bool | None, str | None]:
    return next((step.ok, step.detail) for step in found.steps if step.name is StepName.REGISTRATION)


def test_registration_stays_open_and_says_why(world: World, blind: Registry) -> None:
    found = inspect_code(world.code(), world.ring(), registry=blind, now=NOW)
    assert (found.verdict, registration(found)) == (Verdict.SIGNATURE_VALID, (None, reasons.NO_SERIAL_KEY))
    held = inspect_code(world.code(), world.ring(), registry=blind, now=NOW, serial_keys=world.keys)
    assert (held.verdict, registration(held)) == (Verdict.SIGNATURE_VALID, (False, reasons.NOT_REGISTERED))


def test_sscc_needs_no_serial_key(world: World, blind: Registry) -> None:
    unit = world.code(gtin=None, lot=None, serial=None, sscc="006901230000000010", weight_10g=0, grade=0, level=3)
    ring = world.ring(world.claims(sscc_prefixes=("006901230",)))
    assert registration(inspect_code(unit, ring, registry=blind, now=NOW)) == (False, reasons.NOT_REGISTERED)


def test_revoked_or_expired_key_is_to_be_checked_elsewhere(world: World, blind: Registry) -> None:
    revoked = world.ring(revocations=[world.revoke(TODAY, Reason.STOLEN)])
    expired = world.ring(issued_day=3000)
    for ring, now, with_k in (
        (revoked, NOW, Verdict.REVOKED),
        (expired, NOW + timedelta(days=600), Verdict.KEY_NOT_VALID_THAT_DAY),
    ):
        found = inspect_code(world.code(), ring, registry=blind, now=now)
        assert (found.verdict, found.accepted) == (Verdict.KEY_RETIRED_CHECK_ONLINE, False)
        assert inspect_code(world.code(), ring, registry=blind, now=now, serial_keys=world.keys).verdict is with_k
