"""Writes docs/vectors/catalogue.json: a signed catalogue made by a second implementation. Prints to standard output.

``plain_crypto`` and ``trust_objects`` beside it share no line with the program; the JSON is written by hand here.
"""

import hashlib
import json
import sys

from trust_objects import KEYS, TEST, brand, sign1

DAY = "2026-11-25"
CONTENT: dict[str, object] = {
    "format": "tracelib/catalogue/1",
    "day": DAY,
    "title": {"zh": "示例县农品", "en": "Farm products of Sample County"},
    "parties": [
        {"id": "ASSOC", "name_zh": "示例果业协会"},
        {
            "id": "COOP1",
            "name_zh": "示例“一号”合作社",
            "name_en": 'Sample "One" Co-operative \\ Hill',
            "uscc": "91110000600037341L",
            "division": "360726",
            "valid_from": "2026-01-01",
        },
    ],
    "brands": [{"id": "GANNAN", "owner": "ASSOC", "name_zh": "赣南脐橙", "hosts": ["q.example.com"]}],
    "products": [
        {
            "party_id": "COOP1",
            "id": "QC5KG",
            "name_zh": "赣南脐橙 5 kg",
            "name_en": "Gannan navel oranges <5 kg> & more",
            "brand_id": "GANNAN",
            "weight_g": 5000,
            "grades": [{"number": 1, "name_zh": "特等", "name_en": "Extra"}, {"number": 2, "name_zh": "一等"}],
        }
    ],
    "certifications": [
        {
            "party_id": "COOP1",
            "id": "ORG1",
            "kind": "organic",
            "number": "示例-001",
            "issuer": "示例中心",
            "product_id": "QC5KG",
            "valid_to": "2027-10-31",
        }
    ],
}


def canonical(value: object) -> str:
    """RFC 8785 for what a catalogue holds: objects, arrays, strings without control characters, whole numbers."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(item)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def main() -> None:
    """Print the vectors."""
    payload = canonical(CONTENT).encode()
    signed = sign1(KEYS["brand"], "catalogue/1", payload)
    vectors = {
        "comment": "a catalogue signed by the brand's key, and what must be refused",
        "day": DAY,
        "payload": payload.decode(),
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "key": {"suite": 1, "secret": KEYS["brand"].secret.hex(), "hash": KEYS["brand"].hash.hex()},
        "root_set": TEST.hex(),
        "delegation": brand().hex(),
        "signed": signed.hex(),
        "refused": {
            "another label": sign1(KEYS["brand"], "manifest/1", payload).hex(),
            "one byte changed": signed.replace("赣南".encode(), "赣北".encode(), 1).hex(),
            "a key without delegation": sign1(KEYS["brand-2"], "catalogue/1", payload).hex(),
            "not in its one spelling": sign1(KEYS["brand"], "catalogue/1", payload.replace(b",", b", ", 1)).hex(),
            "another format": sign1(
                KEYS["brand"], "catalogue/1", payload.replace(b"catalogue/1", b"catalogue/2")
            ).hex(),
            "a day that has not come": sign1(
                KEYS["brand"], "catalogue/1", payload.replace(DAY.encode(), b"2027-11-25")
            ).hex(),
            "a day before the key": sign1(
                KEYS["brand"], "catalogue/1", payload.replace(DAY.encode(), b"2026-10-01")
            ).hex(),
        },
    }
    sys.stdout.write(json.dumps(vectors, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
