"""docs/vectors/trust.json, which a second implementation made (make_trust_vectors.py beside it)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tracelib.batches.manifest import LABEL as MANIFEST_LABEL
from tracelib.batches.manifest import decode_manifest
from tracelib.errors import TraceError
from tracelib.trust import cose
from tracelib.trust.bundle import open_bundle, sign_bundle
from tracelib.trust.chain import verify_chains
from tracelib.trust.delegation import PartyName, decode_delegation, sign_delegation
from tracelib.trust.enrolment import POSSESSION_LABEL, Request, make_request
from tracelib.trust.keys import KeyPair, PublicKey
from tracelib.trust.revocation import decode_revocation, sign_revocation
from tracelib.trust.root import RootSet
from tracelib.trust.root_change import open_root_change, sign_root_change
from tracelib.trust.serial_key import derive_serial_key, k_hash

FOLDER = Path(__file__).parents[3] / "docs" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "trust.json").read_text(encoding="utf-8"))
CASES = {
    "keys": 11,
    "root_sets": 2,
    "serial_keys": 2,
    "delegations": 4,
    "revocations": 4,
    "refused_root_sets": 9,
    "refused_delegations": 28,
    "refused_revocations": 10,
    "chains": 23,
    "bundles": 13,
}


def pair(name: str) -> KeyPair:
    return KeyPair.from_secret(VECTORS["keys"][name]["suite"], bytes.fromhex(VECTORS["keys"][name]["secret"]))


def public(name: str) -> PublicKey:
    return PublicKey.from_raw(VECTORS["keys"][name]["suite"], bytes.fromhex(VECTORS["keys"][name]["public"]))


def root_of(index: int) -> RootSet:
    return RootSet.decode(bytes.fromhex(VECTORS["root_sets"][index]["bytes"]))


def named(case: dict[str, Any]) -> str:
    return str(case["comment"])


def test_nothing_is_missing() -> None:
    assert {name: len(VECTORS[name]) for name in CASES} == CASES


def test_the_second_implementation_still_says_the_same() -> None:
    made = subprocess.run(
        [sys.executable, FOLDER / "make_trust_vectors.py"], capture_output=True, check=True, env={"PYTHONUTF8": "1"}
    )
    assert made.stdout == (FOLDER / "trust.json").read_bytes()


@pytest.mark.parametrize("name", list(VECTORS["keys"]))
def test_keys(name: str) -> None:
    expected = VECTORS["keys"][name]
    key = pair(name).public
    assert key == public(name)
    assert (key.raw.hex(), key.hash.hex(), key.key_id.hex()) == (
        expected["public"],
        expected["hash"],
        expected["key_id"],
    )


@pytest.mark.parametrize("case", VECTORS["root_sets"], ids=named)
def test_root_sets(case: dict[str, Any]) -> None:
    root = RootSet.decode(bytes.fromhex(case["bytes"]))
    assert (root.encode().hex(), root.fingerprint, root.root_id.hex()) == (
        case["bytes"],
        case["fingerprint"],
        case["root"],
    )
    assert RootSet(root.environment, tuple(reversed(root.keys)), root.threshold).fingerprint == case["fingerprint"]


def test_serial_keys() -> None:
    for case in VECTORS["serial_keys"]:
        k = derive_serial_key(bytes.fromhex(case["parent_secret"]), bytes.fromhex(case["cti"]))
        assert (k.hex(), k_hash(k).hex()) == (case["k"], case["k_hash"])


@pytest.mark.parametrize("case", VECTORS["delegations"], ids=lambda case: case["key"])
def test_delegations_read_signed_and_written_again(case: dict[str, Any]) -> None:
    signed = decode_delegation(bytes.fromhex(case["bytes"]))
    signed.verify(public(case["signer"]))
    assert signed.hash.hex() == case["hash"]
    assert sign_delegation(pair(case["signer"]), signed.claims).raw.hex() == case["bytes"]
    message = cose.read_sign1(signed.raw)
    structure = cose.sig_structure(message.alg, message.kid, b"tracelib/delegation/1", message.payload)
    assert (message.payload.hex(), structure.hex()) == (case["payload"], case["sig_structure"])
    expected = dict(case["claims"])
    assert signed.claims.subject == expected.pop("sub")
    assert signed.claims.party == PartyName(
        *expected.pop("party", ("示例果业合作社", "Sample Fruit Co-operative", None))
    )
    assert signed.claims.cti.hex() == case["cti"]
    for name, value in expected.items():
        found = getattr(signed.claims, name)
        plain = found.hex() if isinstance(found, bytes) else list(found) if isinstance(found, tuple) else found
        assert plain == value, name


def test_proof_of_possession() -> None:
    case = VECTORS["possession"]
    parent, key = public(case["parent"]), pair(case["key"])
    request = make_request(key, parent.hash, "COOP1", PartyName("示例果业合作社"))
    assert request.possession.hex() == case["bytes"]
    payload = cose.verify1(bytes.fromhex(case["bytes"]), POSSESSION_LABEL, key.public, "proof")
    assert payload.hex() == case["payload"]
    Request(parent.hash, key.public, "COOP1", PartyName("示例果业合作社"), bytes.fromhex(case["bytes"])).verify()


@pytest.mark.parametrize("case", VECTORS["revocations"], ids=lambda case: f"{case['reason']} of {case['key']}")
def test_revocations(case: dict[str, Any]) -> None:
    signed = decode_revocation(bytes.fromhex(case["bytes"]))
    signed.verify(public(case["signer"]))
    claims = signed.claims
    assert claims.key_hash == public(case["key"]).hash
    assert (str(claims.reason), claims.day) == (case["reason"], case["day"])
    found = {name: getattr(claims, name) for name in ("product", "lot", "first", "last")}
    assert found == {name: case.get(name) for name in found}
    assert sign_revocation(pair(case["signer"]), claims).raw.hex() == case["bytes"]


def test_manifest() -> None:
    case = VECTORS["manifest"]
    manifest = decode_manifest(bytes.fromhex(case["bytes"]), public(case["signer"])).manifest
    assert (manifest.seq, manifest.previous, manifest.prefix, manifest.count) == (1, None, "7KQX", 5)
    assert (manifest.product, manifest.lot, manifest.weight_g, manifest.cum_units) == (
        "06901234567892",
        "26A0137",
        25_000,
        5,
    )
    payload = cose.verify1(bytes.fromhex(case["bytes"]), MANIFEST_LABEL, public(case["signer"]), "manifest")
    assert payload.hex() == case["payload"]


@pytest.mark.parametrize("case", VECTORS["refused_delegations"], ids=named)
def test_refused_delegations(case: dict[str, Any]) -> None:
    with pytest.raises(TraceError) as caught:
        decode_delegation(bytes.fromhex(case["bytes"])).verify(public(case["parent"]))
    assert caught.value.code == case["error"]


def test_root_change() -> None:
    case = VECTORS["root_change"]
    raw = bytes.fromhex(case["bytes"])
    new = open_root_change(raw, case["old"])
    assert new.fingerprint == case["new"]
    again = cose.read_sign(sign_root_change((pair("root-b"), pair("root-c")), root_of(1), new))
    payload, signatures = cose.read_sign(raw)
    assert (payload, sorted(signatures)) == (again[0], sorted(again[1]))


@pytest.mark.parametrize("case", VECTORS["refused_root_sets"], ids=named)
def test_refused_root_sets(case: dict[str, Any]) -> None:
    with pytest.raises(TraceError) as caught:
        RootSet.decode(bytes.fromhex(case["bytes"]))
    assert caught.value.code == case["error"]


@pytest.mark.parametrize("case", VECTORS["refused_revocations"], ids=named)
def test_refused_revocations(case: dict[str, Any]) -> None:
    with pytest.raises(TraceError) as caught:
        decode_revocation(bytes.fromhex(case["bytes"])).verify(public("brand"))
    assert caught.value.code == case["error"]


@pytest.mark.parametrize("case", VECTORS["chains"], ids=named)
def test_chains(case: dict[str, Any]) -> None:
    delegations = [decode_delegation(bytes.fromhex(raw)) for raw in case["delegations"]]
    for bundled, single in ((delegations, []), ([], delegations), ([], delegations[::-1])):
        found = verify_chains(root_of(0), bundled, single)
        assert [fault.code for fault in found.faults] == case["errors"]
        assert len(found.of_key) == case["count"]
        if case["trusted"] is not None:
            assert set(found.of_key) == {public(name).hash for name in case["trusted"]}


@pytest.mark.parametrize("case", VECTORS["bundles"], ids=named)
def test_bundles(case: dict[str, Any]) -> None:
    raw = bytes.fromhex(case["bytes"])
    if case["error"] is not None:
        with pytest.raises(TraceError) as caught:
            open_bundle(raw, case["pinned"])
        assert caught.value.code == case["error"]
        return
    bundle = open_bundle(raw, case["pinned"])
    assert bundle.seq == 7
    names = ("root",) if bundle.root_set.is_test else ("root-c", "root-b")
    payload, signatures = cose.read_sign(raw)
    again = cose.read_sign(sign_bundle(map(pair, names), bundle))
    assert (payload, sorted(signatures)) == (again[0], sorted(again[1]))


def test_bundle_says_names_and_grades() -> None:
    case = VECTORS["bundles"][0]
    bundle = open_bundle(bytes.fromhex(case["bytes"]), case["pinned"])
    (brand,), (product,) = bundle.brands, bundle.products
    assert (brand.id, brand.name_zh, brand.hosts, brand.owner) == ("GANNAN", "赣南脐橙", ("q.example.com",), "ASSOC")
    assert (product.party, product.product_key, product.brand) == ("COOP1", "06901234567892", "GANNAN")
    assert product.grades == ((1, "一级", "First"), (2, "二级", "Second"))
