"""Writes ``trust.json``: worked values of every signed object of docs/code-format.md, refused ones included.

``python docs/vectors/make_trust_vectors.py > docs/vectors/trust.json``

Independent of the program: it imports the two files beside it and the standard library. Where a case is refused,
``error`` is the stable code of docs/errors.md.
"""

import hashlib
import json
import sys
from collections.abc import Sequence

from plain_crypto import cbor
from trust_objects import (
    BRAND,
    DAY,
    FOREIGN,
    ISSUER,
    ISSUER_2,
    KEYS,
    LINE,
    NEXT,
    PRODUCTION,
    T0,
    TEST,
    YEAR,
    Json,
    Key,
    brand,
    claims,
    cti,
    delegation,
    issuer,
    k_hash,
    line,
    revocation,
    root_id,
    second,
    serial_key,
    sign1,
    sign_many,
    to_sign,
)
from trust_refused import refused_delegations, refused_revocations, refused_root_sets


def worked_delegations() -> list[Json]:
    """The four good delegations, taken apart."""
    rows = (("root", "brand", brand()), ("brand", "issuer", issuer()), ("brand", "issuer-2", second()))
    answer = []
    for parent, key, raw in (*rows, ("issuer", "line", line())):
        changes = {"brand": BRAND, "issuer": ISSUER, "issuer-2": ISSUER_2, "line": LINE}[key]
        payload = cbor(claims(KEYS[parent], KEYS[key], TEST, **changes))
        plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in changes.items()}
        answer.append(
            {
                "signer": parent,
                "key": key,
                "cti": cti(key).hex(),
                "claims": {"sub": "COOP1", "not_before": T0, "not_after": T0 + YEAR, "may_delegate": 0, **plain},
                "payload": payload.hex(),
                "sig_structure": to_sign(KEYS[parent], "delegation/1", payload).hex(),
                "bytes": raw.hex(),
                "hash": hashlib.sha256(raw).hexdigest(),
            }
        )
    return answer


def chains() -> list[Json]:
    """Sets of delegations under the test root: who is trusted in the end, and with which faults."""
    return [
        chain("brand, two issuers and a line within their limits", [brand(), issuer(), second(), line()]),
        chain("nobody above the line is there", [brand(), line()], ["trust.chain"], ["brand"]),
        chain("a foreign root's brand", foreign_brand(), ["trust.chain"], []),
        chain("the claims name another root", [brand(root=root_id(FOREIGN))], ["trust.foreign_root"], []),
        chain("child with more units than its parent", [brand(), issuer(max_units=1_000_001)], ["trust.widened"]),
        chain("child without the limit that its parent has", [brand(), issuer(max_kg=None)], ["trust.widened"]),
        chain("child that lives longer", [brand(), issuer(not_after=T0 + YEAR + 1)], ["trust.widened"]),
        chain("child of another region", [brand(), issuer(region="360900")], ["trust.widened"]),
        chain("child of another season", [brand(), issuer(season="2027")], ["trust.widened"]),
        chain("child with a prefix outside", [brand(), issuer(prefix="8KQX")], ["trust.widened"]),
        chain("child with an SSCC prefix outside", [brand(), issuer(sscc_prefixes=["4690"])], ["trust.widened"]),
        chain("child with as many levels below as its parent", [brand(), issuer(may_delegate=2)], ["trust.widened"]),
        chain(
            "products that the issuer may not sign",
            [brand(), issuer(), line(products=["P/LILY"])],
            ["trust.widened"],
            ["brand", "issuer"],
        ),
        chain(
            "a line that leaves the products out",
            [brand(), issuer(), line(products=None)],
            ["trust.widened"],
            ["brand", "issuer"],
        ),
        chain(
            "a line without a window of counters",
            [brand(), issuer(), line(counter_window=None)],
            ["trust.widened"],
            ["brand", "issuer"],
        ),
        chain(
            "a window beyond the quota",
            [brand(), issuer(), line(counter_window=[599_999, 600_000])],
            ["trust.widened"],
            ["brand", "issuer"],
        ),
        chain(
            "a line with another serial key",
            [brand(), issuer(), line(k_hash=bytes(16))],
            ["trust.widened"],
            ["brand", "issuer"],
        ),
        chain(
            "a line key for 91 days",
            [brand(), issuer(), line(not_after=T0 + 91 * DAY)],
            ["trust.chain"],
            ["brand", "issuer"],
        ),
        chain(
            "two issuers that together get more than the brand has",
            [brand(), issuer(), second(max_units=400_001)],
            ["trust.widened"],
            None,
        ),
        chain("two issuers with one prefix", [brand(), issuer(), second(prefix="7KQX")], ["trust.widened"], None),
        chain("a fourth level", deeper(), ["trust.chain"], ["brand"]),
        chain("one key in two delegations", [brand(), issuer(), brand_of_issuer_key()], ["trust.chain"], None),
        chain("two brands with overlapping prefixes", [brand(), other_brand("7")], ["trust.widened"], None),
    ]


def chain(
    comment: str, items: list[bytes], errors: list[str] | None = None, trusted: Sequence[str] | None = ("brand",)
) -> Json:
    """One case. ``trusted`` None: how many stay is fixed, which of them depends on their hashes."""
    good = ["brand", "issuer", "issuer-2", "line"] if errors is None else trusted
    return {
        "comment": comment,
        "delegations": [item.hex() for item in items],
        "errors": errors or [],
        "trusted": None if good is None else list(good),
        "count": len(items) - 1 if good is None else len(good),
    }


def foreign_brand() -> list[bytes]:
    """A brand that another test root made."""
    return [delegation(KEYS["foreign-root"], KEYS["brand"], FOREIGN, **BRAND)]


def other_brand(prefix: str) -> bytes:
    """A second brand under the same root."""
    return delegation(KEYS["root"], KEYS["brand-2"], sub="OTHER", may_delegate=2, prefix=prefix)


def brand_of_issuer_key() -> bytes:
    """The issuer's key once more, this time straight from the root."""
    return delegation(KEYS["root"], KEYS["issuer"], sub="OTHER", prefix="9")


def deeper() -> list[bytes]:
    """A brand that would allow three more levels."""
    return [brand(), delegation(KEYS["root"], KEYS["brand-2"], sub="OTHER", prefix="9", may_delegate=3)]


def worked_revocations() -> list[Json]:
    """One of each kind."""
    first, last = "7KQX00000000000", "7KQXZZZZZZZZZZZ"
    rows: tuple[tuple[str, str, str, Json], ...] = (
        ("issuer", "line", "stolen", {}),
        ("brand", "brand", "superseded", {}),
        ("root", "issuer", "recall", {"product": "06901234567892", "lot": "26A0137"}),
        ("brand", "issuer", "quota", {"first": first, "last": last}),
    )
    return [
        {"signer": s, "key": k, "reason": r, **more, "day": 2506, "bytes": revocation(s, k, r, **more).hex()}
        for s, k, r, more in rows
    ]


def bundle_body(root: bytes, **changes: object) -> dict[int, object]:
    """The payload of a bundle."""
    grades: list[object] = [[1, "一级", "First"], [2, "二级", "Second"]]
    product = {1: "COOP1", 2: "06901234567892", 3: "赣南脐橙（示例）", 4: "Navel orange", 5: grades}
    body: dict[str, object] = {
        "1": root,
        "2": 7,
        "3": T0,
        "4": T0 + 7 * DAY,
        "5": [brand(), issuer()],
        "6": [revocation("root", "issuer", "recall", product="06901234567892", lot="26A0137")],
        "7": [],
        "8": [{1: "GANNAN", 2: "赣南脐橙", 3: "Gannan Navel Orange", 4: ["q.example.com"], 5: "ASSOC"}],
        "9": [{**product, 6: hashlib.sha256(cbor(grades)).digest(), 7: "GANNAN"}],
        **changes,
    }
    return {int(key): value for key, value in body.items()}


def bundles() -> list[Json]:
    """Bundles good and bad."""
    test, good = cbor(bundle_body(TEST)), sign_many([KEYS["root"]], "bundle/1", cbor(bundle_body(TEST)))
    real = cbor(bundle_body(PRODUCTION, **{"5": [], "6": [], "8": [], "9": []}))
    a, b, c = (KEYS[name] for name in ("root-a", "root-b", "root-c"))
    wrong = bundle_body(TEST)
    wrong[9] = [{**wrong[9][0], 6: bytes(32)}]  # type: ignore[index]
    twice = sign_many([a], "bundle/1", real)
    doubled = cbor([b"", {}, real, [*(_part(a, real), _part(a, real))]])
    rows: list[tuple[str, bytes, bytes, str | None]] = [
        ("test root, 1 of 1", TEST, good, None),
        ("production root, 2 of 3", PRODUCTION, sign_many([c, b], "bundle/1", real), None),
        ("another root than the pinned one", FOREIGN, good, "trust.foreign_root"),
        ("1 of 3 where 2 are needed", PRODUCTION, twice, "trust.threshold"),
        ("one key counted twice", PRODUCTION, doubled, "trust.threshold"),
        (
            "one key of the root, one of nobody",
            PRODUCTION,
            sign_many([a, KEYS["brand"]], "bundle/1", real),
            "trust.threshold",
        ),
        ("signed under the label of another kind", TEST, sign_many([KEYS["root"]], "root/1", test), "trust.threshold"),
        ("one byte of a name changed", TEST, good.replace(b"Navel orange", b"Navel Orange"), "trust.threshold"),
        (
            "a grade list that does not fit its hash",
            TEST,
            sign_many([KEYS["root"]], "bundle/1", cbor(wrong)),
            "trust.bundle_format",
        ),
        (
            "an unknown field",
            TEST,
            sign_many([KEYS["root"]], "bundle/1", cbor(bundle_body(TEST) | {20: 1})),
            "trust.bundle_format",
        ),
        ("cut off", TEST, good[:-1], "trust.cbor"),
        ("a byte after the end", TEST, good + b"\x00", "trust.cbor"),
        ("a COSE tag before it", TEST, b"\xd8\x62" + good, "trust.cbor"),
    ]
    return [
        {"comment": comment, "pinned": hashlib.sha256(pin).hexdigest(), "bytes": raw.hex(), "error": error}
        for comment, pin, raw, error in rows
    ]


def _part(key: Key, payload: bytes) -> list[object]:
    return [key.protected(), {}, key.sign(cbor(["Signature", b"", key.protected(), b"tracelib/bundle/1", payload]))]


def vectors() -> Json:
    """Everything."""
    roots = (("test, 1 of 1", TEST), ("production, 2 of 3, mixed suites", PRODUCTION))
    possession = cbor([KEYS["brand"].hash, KEYS["issuer"].raw])
    manifest = {
        1: KEYS["issuer"].hash,
        2: 1,
        3: None,
        4: "COOP1",
        5: "06901234567892",
        6: "26A0137",
        7: "7KQX",
        8: 0,
        9: 5,
        10: 2506,
        11: 500 * 256 + 18,
        12: 25_000,
        13: 5,
        14: 25_000,
        15: hashlib.sha256(cbor([[1, "一级", "First"]])).digest(),
        16: hashlib.sha256(b"tree").digest(),
    }
    return {
        "about": "Made by make_trust_vectors.py: integers, hashlib and struct of the standard library, no code of the"
        " program. Hex is lower case. A secret is SHA-256 of 'tracelib vectors ' and the key's name.",
        "keys": {
            name: {
                "suite": k.suite,
                "secret": k.secret.hex(),
                "public": k.raw.hex(),
                "hash": k.hash.hex(),
                "key_id": k.hash[:5].hex(),
            }
            for name, k in KEYS.items()
        },
        "root_sets": [
            {"comment": c, "bytes": r.hex(), "fingerprint": hashlib.sha256(r).hexdigest(), "root": root_id(r).hex()}
            for c, r in roots
        ],
        "serial_keys": [
            {
                "parent_secret": hashlib.sha256(b"serial secret " + p.encode()).hexdigest(),
                "cti": cti(k).hex(),
                "k": serial_key(p, k).hex(),
                "k_hash": k_hash(serial_key(p, k)).hex(),
            }
            for p, k in (("brand", "issuer"), ("brand", "issuer-2"))
        ],
        "delegations": worked_delegations(),
        "possession": {
            "parent": "brand",
            "key": "issuer",
            "payload": possession.hex(),
            "bytes": sign1(KEYS["issuer"], "possession/1", possession).hex(),
        },
        "revocations": worked_revocations(),
        "manifest": {
            "signer": "issuer",
            "payload": cbor(manifest).hex(),
            "bytes": sign1(KEYS["issuer"], "manifest/1", cbor(manifest)).hex(),
        },
        "root_change": {
            "old": hashlib.sha256(PRODUCTION).hexdigest(),
            "new": hashlib.sha256(NEXT).hexdigest(),
            "bytes": sign_many([KEYS["root-b"], KEYS["root-c"]], "root/1", cbor({1: PRODUCTION, 2: NEXT})).hex(),
        },
        "refused_root_sets": refused_root_sets(),
        "refused_delegations": refused_delegations(),
        "refused_revocations": refused_revocations(),
        "chains": chains(),
        "bundles": bundles(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n")
