"""A new root set: the thresholds of the old and of the new one, each counted for itself."""

import pytest

from tracelib.trust import cbor, cose
from tracelib.trust.errors import CborError, ForeignRootError, RootSetError, ThresholdError
from tracelib.trust.keys import KeyPair
from tracelib.trust.root import RootSet
from tracelib.trust.root_change import open_root_change, sign_root_change

A, B, C, D, E = (KeyPair.from_secret(1, bytes(31) + bytes([n])) for n in range(1, 6))


def roots(*pairs: KeyPair, threshold: int = 2, environment: str = "production") -> RootSet:
    return RootSet(environment, tuple(pair.public for pair in pairs), threshold)  # type: ignore[arg-type]


OLD, NEW, WHOLLY_NEW = roots(A, B, C), roots(B, C, D), roots(D, E)


def test_a_lost_key_is_replaced() -> None:
    """B and C stand in both sets and are counted on both sides."""
    raw = sign_root_change([B, C], OLD, NEW)
    assert open_root_change(raw, OLD.fingerprint) == NEW


def test_sets_without_a_common_key() -> None:
    raw = sign_root_change([A, B, D, E], OLD, WHOLLY_NEW)
    assert open_root_change(raw, OLD.fingerprint) == WHOLLY_NEW


@pytest.mark.parametrize(
    ("signers", "new"),
    [
        ([A, B], NEW),
        ([C, D], NEW),
        ([D, E], WHOLLY_NEW),
        ([A, B, D], WHOLLY_NEW),
        ([A, D, E], WHOLLY_NEW),
        ([B, B], NEW),
    ],
    ids=["old alone", "one of the old", "new alone", "old and one new", "one old and new", "one key twice"],
)
def test_too_few_on_one_side(signers: list[KeyPair], new: RootSet) -> None:
    with pytest.raises(ThresholdError):
        sign_root_change(signers, OLD, new)


def test_change_of_another_root() -> None:
    raw = sign_root_change([B, C], OLD, NEW)
    with pytest.raises(ForeignRootError):
        open_root_change(raw, NEW.fingerprint)


def test_test_root_never_becomes_production() -> None:
    test = roots(A, B, C, environment="test")
    with pytest.raises(RootSetError):
        sign_root_change([A, B, C], test, OLD)


def test_new_root_set_is_put_in_place_of_the_signed_one() -> None:
    raw = sign_root_change([B, C], OLD, NEW)
    payload, parts = cose.read_sign(raw)
    forged = cbor.encode({1: OLD.encode(), 2: roots(D, E).encode()})
    assert payload != forged
    raw = cbor.encode([b"", {}, forged, [[protected, {}, signature] for protected, signature in parts]])
    with pytest.raises(ThresholdError):
        open_root_change(raw, OLD.fingerprint)


def test_signed_under_another_label() -> None:
    payload = cbor.encode({1: OLD.encode(), 2: NEW.encode()})
    with pytest.raises(ThresholdError):
        open_root_change(cose.sign([B, C], b"tracelib/bundle/1", payload), OLD.fingerprint)


@pytest.mark.parametrize("value", [{}, {1: b""}, {1: OLD.encode(), 2: NEW.encode(), 3: 0}, [], None])
def test_not_a_root_change(value: object) -> None:
    with pytest.raises(CborError):
        open_root_change(cose.sign([B, C], b"tracelib/root/1", cbor.encode(value)), OLD.fingerprint)
