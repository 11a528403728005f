"""Root sets, delegations and revocations that no reader takes, with the stable code of the error."""

from plain_crypto import P, cbor, head, p256_sign
from trust_objects import (
    BRAND,
    KEYS,
    T0,
    TEST,
    Json,
    brand,
    claims,
    line,
    root_id,
    sign1,
    to_sign,
)


def refused_root_sets() -> list[Json]:
    """A root set has one spelling, or it would have two fingerprints."""
    keys = [[key.suite, key.raw] for key in sorted((KEYS["root-a"], KEYS["root-b"]), key=lambda key: key.hash)]
    rows: list[tuple[str, object, str]] = [
        ("keys out of order", {1: "test", 2: keys[::-1], 3: 1}, "trust.root_set"),
        ("one key twice", {1: "test", 2: [keys[0], keys[0]], 3: 2}, "trust.root_set"),
        ("no keys", {1: "test", 2: [], 3: 0}, "trust.root_set"),
        ("threshold 0", {1: "test", 2: keys, 3: 0}, "trust.root_set"),
        ("threshold above the number of keys", {1: "test", 2: keys, 3: 3}, "trust.root_set"),
        ("another environment", {1: "demo", 2: keys, 3: 1}, "trust.cbor"),
        ("an unknown field", {1: "test", 2: keys, 3: 1, 4: 0}, "trust.cbor"),
        ("the reserved suite", {1: "test", 2: [[3, KEYS["root-b"].raw]], 3: 1}, "trust.suite"),
        ("a key of small order", {1: "test", 2: [[1, bytes(32)]], 3: 1}, "trust.key_format"),
    ]
    return [{"comment": comment, "bytes": cbor(value).hex(), "error": error} for comment, value, error in rows]


def refused_revocations() -> list[Json]:
    """Revocations that name nothing, too much, or something that is not."""
    body: dict[int, object] = {1: root_id(TEST), 2: KEYS["issuer"].hash, 7: 2506, 8: "stolen", 9: T0}
    serials = {5: "7KQX00000000000", 6: "7KQXZZZZZZZZZZZ"}
    rows: list[tuple[str, dict[int, object], str]] = [
        ("a lot without its product", {4: "26A0137"}, "trust.revocation_format"),
        ("a batch and a range at once", {3: "P/ORANGE-5KG", 4: "26A0137", **serials}, "trust.revocation_format"),
        ("a range without an end", {5: serials[5]}, "trust.revocation_format"),
        ("a range that ends before it begins", {5: serials[6], 6: serials[5]}, "trust.revocation_format"),
        ("a serial with the letter U", {5: "7KQX0000000000U", 6: serials[6]}, "trust.revocation_format"),
        ("another reason", {8: "because"}, "trust.cbor"),
        ("a day that codes cannot have", {7: 65536}, "trust.revocation_format"),
        ("a key id instead of the hash", {2: KEYS["issuer"].hash[:5]}, "trust.revocation_format"),
        ("an unknown field", {10: 1}, "trust.cbor"),
    ]
    good = {
        "comment": "signed under the label of a delegation",
        "bytes": sign1(KEYS["brand"], "delegation/1", cbor(body)).hex(),
        "error": "trust.signature",
    }
    return [
        good,
        *(
            {"comment": c, "bytes": sign1(KEYS["brand"], "revocation/1", cbor(body | more)).hex(), "error": error}
            for c, more, error in rows
        ),
    ]


def with_null() -> bytes:
    """The brand's delegation with a season of null: a second spelling of leaving it out."""
    plain = claims(KEYS["root"], KEYS["brand"], TEST, **BRAND)
    return sign1(KEYS["root"], "delegation/1", cbor(plain | {-65602: None}))


def refused_delegations() -> list[Json]:
    """Single delegations that no reader takes, or whose signature does not hold for the parent."""
    root, brand_key = KEYS["root"], KEYS["brand"]
    p = claims(KEYS["root-b"], brand_key, TEST, **BRAND)
    high = to_sign(KEYS["root-b"], "delegation/1", cbor(p))
    noncanonical = (P + 3).to_bytes(32, "little")
    rows: list[tuple[str, str, bytes, str]] = [
        ("signed under the label of a bundle", "root", brand(label="bundle/1"), "trust.signature"),
        ("signed under the label of a code", "root", brand(label="code/1"), "trust.signature"),
        (
            "the higher of the two s of suite 2",
            "root-b",
            cbor([KEYS["root-b"].protected(), {}, cbor(p), p256_sign(KEYS["root-b"].secret, high, low_s=False)]),
            "trust.signature",
        ),
        (
            "signed by another key",
            "root",
            cbor([root.protected(), {}, cbor(claims(root, brand_key, TEST, **BRAND)), bytes(64)]),
            "trust.signature",
        ),
        (
            "header and claims name different parents",
            "root",
            sign1(KEYS["foreign-root"], "delegation/1", cbor(claims(root, brand_key, TEST, **BRAND))),
            "trust.delegation_format",
        ),
        (
            "an unknown claim",
            "root",
            sign1(root, "delegation/1", cbor(claims(root, brand_key, TEST) | {-65700: 1})),
            "trust.delegation_format",
        ),
        ("suite 2 said of an Ed25519 key", "root", brand(suite=2), "trust.delegation_format"),
        ("a full prefix without the hash of its key", "root", brand(prefix="7KQX"), "trust.delegation_format"),
        ("ends before it begins", "root", brand(not_after=T0 - 1), "trust.delegation_format"),
        ("an optional claim that is null", "root", with_null(), "trust.delegation_format"),
        ("a claim that is true", "root", brand(may_delegate=True), "trust.cbor"),
        (
            "a name that turns the direction of writing",
            "root",
            brand(party=["示例\u202e", "", None]),
            "trust.delegation_format",
        ),
        (
            "a name that steers a terminal",
            "root",
            brand(party=["示例\x1b[2J", "", None]),
            "trust.delegation_format",
        ),
        ("a time that no calendar has", "root", brand(not_after=2**40), "trust.delegation_format"),
        (
            "a window larger than the number of codes",
            "issuer",
            line(counter_window=[100_000, 120_000]),
            "trust.delegation_format",
        ),
        ("the same product twice", "issuer", line(products=["P/A", "P/A"]), "trust.delegation_format"),
        ("a product in lower case", "issuer", line(products=["P/a"]), "trust.delegation_format"),
        ("a prefix with a letter that is not in the alphabet", "root", brand(prefix="7U"), "trust.delegation_format"),
        ("small order", "root", brand(cnf={1: {1: 1, -1: 6, -2: b"\x01" + bytes(31)}}), "trust.key_format"),
        (
            "small order, order 8",
            "root",
            brand(
                cnf={
                    1: {
                        1: 1,
                        -1: 6,
                        -2: bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
                    }
                }
            ),
            "trust.key_format",
        ),
        ("y not below the prime", "root", brand(cnf={1: {1: 1, -1: 6, -2: noncanonical}}), "trust.key_format"),
        ("no point of Ed25519", "root", brand(cnf={1: {1: 1, -1: 6, -2: b"\x02" + bytes(31)}}), "trust.key_format"),
        (
            "no point of P-256",
            "root",
            brand(suite=2, cnf={1: {1: 2, -1: 1, -2: bytes(31) + b"\x05", -3: bytes(31) + b"\x01"}}),
            "trust.key_format",
        ),
        ("a tag before it", "root", b"\xd2" + brand(), "trust.cbor"),
        ("a byte after the end", "root", brand() + b"\x00", "trust.cbor"),
        ("an array of indefinite length", "root", b"\x9f" + brand()[1:] + b"\xff", "trust.cbor"),
        (
            "claims out of order",
            "root",
            sign1(root, "delegation/1", _unsorted(claims(root, brand_key, TEST, **BRAND))),
            "trust.cbor",
        ),
        (
            "something in the unprotected header",
            "root",
            cbor([root.protected(), {4: root.hash}, b"\xa0", bytes(64)]),
            "trust.cbor",
        ),
    ]
    return [{"comment": c, "parent": k, "bytes": raw.hex(), "error": error} for c, k, raw, error in rows]


def _unsorted(value: dict[int, object]) -> bytes:
    pairs = sorted(((cbor(k), cbor(v)) for k, v in value.items()), reverse=True)
    return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)
