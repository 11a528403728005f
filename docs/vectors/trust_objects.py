"""Keys, root sets and signed objects of the trust vectors, built with ``plain_crypto`` alone.

Every secret is SHA-256 of ``tracelib vectors `` and the key's name.
"""

import hashlib
from typing import Any

from plain_crypto import cbor, ed25519_public, ed25519_sign, hkdf, p256_public, p256_sign

T0 = 1793491200
"""2026-11-01 00:00:00 UTC."""
DAY = 86400
YEAR = 365 * DAY
CLAIMS = {
    "products": -65600,
    "region": -65601,
    "season": -65602,
    "max_units": -65603,
    "max_kg": -65604,
    "max_batch_units": -65605,
    "may_delegate": -65606,
    "suite": -65607,
    "prefix": -65608,
    "sscc_prefixes": -65609,
    "k_hash": -65610,
    "root": -65611,
    "home": -65612,
    "counter_window": -65613,
    "party": -65614,
}
Json = dict[str, Any]


class Key:
    """A key of the vectors: suite 1 or 2, its secret from its name."""

    def __init__(self, name: str, suite: int = 1) -> None:
        self.name, self.suite = name, suite
        self.secret = hashlib.sha256(b"tracelib vectors " + name.encode()).digest()
        self.raw = ed25519_public(self.secret) if suite == 1 else p256_public(self.secret)
        self.hash = hashlib.sha256(self.raw).digest()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return ed25519_sign(self.secret, message) if self.suite == 1 else p256_sign(self.secret, message)

    def protected(self) -> bytes:
        """{1: alg, 4: full key hash}."""
        return cbor({1: -19 if self.suite == 1 else -9, 4: self.hash})


KEYS = {
    key.name: key
    for key in (
        Key("root"),
        Key("root-a"),
        Key("root-b", 2),
        Key("root-c"),
        Key("foreign-root"),
        Key("brand"),
        Key("issuer"),
        Key("issuer-2", 2),
        Key("line"),
        Key("deeper"),
        Key("brand-2"),
    )
}


def to_sign(key: Key, label: str, payload: bytes) -> bytes:
    """Sig_structure of a COSE_Sign1 (RFC 9052, 4.4)."""
    return cbor(["Signature1", key.protected(), b"tracelib/" + label.encode(), payload])


def sign1(key: Key, label: str, payload: bytes) -> bytes:
    """COSE_Sign1."""
    return cbor([key.protected(), {}, payload, key.sign(to_sign(key, label, payload))])


def sign_many(keys: list[Key], label: str, payload: bytes) -> bytes:
    """COSE_Sign."""
    parts = [
        [
            key.protected(),
            {},
            key.sign(cbor(["Signature", b"", key.protected(), b"tracelib/" + label.encode(), payload])),
        ]
        for key in keys
    ]
    return cbor([b"", {}, payload, parts])


def root_set(environment: str, names: list[str], threshold: int) -> bytes:
    """Bytes of a root set, keys by their hash."""
    keys = sorted((KEYS[name] for name in names), key=lambda key: key.hash)
    return cbor({1: environment, 2: [[key.suite, key.raw] for key in keys], 3: threshold})


TEST = root_set("test", ["root"], 1)
PRODUCTION = root_set("production", ["root-a", "root-b", "root-c"], 2)
NEXT = root_set("production", ["root-b", "root-c", "foreign-root"], 2)
FOREIGN = root_set("test", ["foreign-root"], 1)


def root_id(root: bytes) -> bytes:
    """First 16 bytes of the fingerprint."""
    return hashlib.sha256(root).digest()[:16]


def cose_key(key: Key) -> dict[int, object]:
    """COSE_Key of cnf."""
    if key.suite == 1:
        return {1: 1, -1: 6, -2: key.raw}
    return {1: 2, -1: 1, -2: key.raw[1:33], -3: key.raw[33:]}


def serial_key(parent: str, child: str) -> bytes:
    """K: the parent's serial secret is SHA-256 of ``serial secret `` and its name, the cti as in ``claims``."""
    return hkdf(hashlib.sha256(b"serial secret " + parent.encode()).digest(), b"tracelib/serial/1" + cti(child))


def k_hash(k: bytes) -> bytes:
    """First 16 bytes of SHA-256 over label and K."""
    return hashlib.sha256(b"tracelib/serial-key/1" + k).digest()[:16]


def cti(name: str) -> bytes:
    """16 bytes for a delegation."""
    return hashlib.sha256(b"cti " + name.encode()).digest()[:16]


def claims(parent: Key, key: Key, root: bytes, **changes: object) -> dict[int, object]:
    """CWT claims of a delegation; a change of None takes a claim away."""
    given: dict[str, object] = {
        "may_delegate": 0,
        "suite": key.suite,
        "root": root_id(root),
        "party": ["示例果业合作社", "Sample Fruit Co-operative", None],
        "not_before": T0,
        "not_after": T0 + YEAR,
        "sub": "COOP1",
        **changes,
    }
    base: dict[int, object] = {
        1: parent.hash.hex(),
        2: given.pop("sub"),
        4: given.pop("not_after"),
        5: given.pop("not_before"),
        6: T0,
        7: cti(key.name),
        8: given.pop("cnf", {1: cose_key(key)}),
    }
    return base | {CLAIMS[name]: value for name, value in given.items() if value is not None}


def delegation(parent: Key, key: Key, root: bytes = TEST, label: str = "delegation/1", **changes: object) -> bytes:
    """A signed delegation."""
    return sign1(parent, label, cbor(claims(parent, key, root, **changes)))


BRAND: Json = {
    "sub": "ASSOC",
    "may_delegate": 2,
    "prefix": "7K",
    "max_units": 1_000_000,
    "max_kg": 5_000_000,
    "region": "3607",
    "season": "2026",
    "sscc_prefixes": ["3690123", "0690"],
    "party": ["示例果业协会", "Sample Fruit Association", "91360700MA0000000X"],
}
ISSUER: Json = {
    "may_delegate": 1,
    "prefix": "7KQX",
    "k_hash": k_hash(serial_key("brand", "issuer")),
    "products": ["06901234567892", "P/ORANGE-5KG"],
    "max_units": 600_000,
    "max_kg": 3_000_000,
    "max_batch_units": 50_000,
    "region": "360733",
    "season": "2026",
    "home": "q.example.com",
    "sscc_prefixes": ["36901234"],
}
ISSUER_2: Json = {
    "sub": "COOP2",
    "prefix": "7KQY",
    "k_hash": k_hash(serial_key("brand", "issuer-2")),
    "products": ["P/LILY"],
    "max_units": 400_000,
    "max_kg": 2_000_000,
    "region": "360733",
    "season": "2026",
}
LINE: Json = {
    **{name: ISSUER[name] for name in ("prefix", "k_hash", "region", "season", "home")},
    "products": ["06901234567892"],
    "max_units": 20_000,
    "max_kg": 100_000,
    "max_batch_units": 5_000,
    "counter_window": [100_000, 119_999],
    "not_after": T0 + 90 * DAY,
}


def brand(**changes: object) -> bytes:
    """The brand's delegation by the root."""
    return delegation(KEYS["root"], KEYS["brand"], **(BRAND | changes))


def issuer(**changes: object) -> bytes:
    """The issuer's delegation by the brand."""
    return delegation(KEYS["brand"], KEYS["issuer"], **(ISSUER | changes))


def line(**changes: object) -> bytes:
    """The line's delegation by the issuer."""
    return delegation(KEYS["issuer"], KEYS["line"], **(LINE | changes))


def second(**changes: object) -> bytes:
    """The second issuer's delegation by the brand."""
    return delegation(KEYS["brand"], KEYS["issuer-2"], **(ISSUER_2 | changes))


def revocation(signer: str, key: str, reason: str, root: bytes = TEST, **more: str) -> bytes:
    """A signed revocation."""
    names = {"product": 3, "lot": 4, "first": 5, "last": 6}
    body: dict[int, object] = {1: root_id(root), 2: KEYS[key].hash, 7: 2506, 8: reason, 9: T0}
    return sign1(KEYS[signer], "revocation/1", cbor(body | {names[name]: value for name, value in more.items()}))
