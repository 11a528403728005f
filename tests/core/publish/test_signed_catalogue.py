"""The signed catalogue against docs/vectors/catalogue.json, which a second implementation made."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Snapshot
from tracelib.errors import TraceError
from tracelib.publish.document import as_bytes, document
from tracelib.publish.pictures import Pictures
from tracelib.publish.signed import open_catalogue, sign_catalogue
from tracelib.publish.view import public_view
from tracelib.text import LocalizedText
from tracelib.trust.delegation import decode_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import Reason, Revocation, sign_revocation
from tracelib.trust.root import RootSet

FOLDER = Path(__file__).parents[3] / "docs" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CATALOG = Snapshot.of(
    [
        Party(id="COOP1", name_zh="示例“一号”合作社", name_en='Sample "One" Co-operative \\ Hill',
              uscc="91110000600037341L", division="360726", contact="13800000000", address="示例路1号",
              valid_from=date(2026, 1, 1)),
        Party(id="ASSOC", name_zh="示例果业协会"),
        Party(id="GONE", name_zh="已终止合作社", valid_to=date(2026, 11, 24)),
        Brand(id="GANNAN", owner="ASSOC", name_zh="赣南脐橙", hosts=("q.example.com",)),
        Product(party_id="COOP1", id="QC5KG", name_zh="赣南脐橙 5 kg", name_en="Gannan navel oranges <5 kg> & more",
                brand_id="GANNAN", weight_g=5000),
        Product(party_id="COOP1", id="OLD", name_zh="去年的产品", valid_to=date(2026, 1, 31)),
        Product(party_id="GONE", id="X", name_zh="无主产品"),
        Grade(party_id="COOP1", product_id="QC5KG", number=1, name_zh="特等", name_en="Extra"),
        Grade(party_id="COOP1", product_id="QC5KG", number=2, name_zh="一等"),
        Certification(party_id="COOP1", id="ORG1", kind=CertificationKind.ORGANIC, number="示例-001", issuer="示例中心",
                      product_id="QC5KG", valid_to=date(2027, 10, 31)),
        Certification(party_id="COOP1", id="ORG0", kind=CertificationKind.ORGANIC, number="示例-000", issuer="示例中心",
                      product_id="QC5KG", valid_to=date(2026, 10, 31)),
        Authorization(brand_id="GANNAN", party_id="COOP1", id="A1", max_kg=1000),
    ]
)  # fmt: skip


@pytest.fixture
def pair() -> KeyPair:
    return KeyPair.from_secret(1, bytes.fromhex(VECTORS["key"]["secret"]))


def ring(*revocations: Any) -> KeyRing:  # noqa: ANN401 - signed revocations
    root = RootSet.decode(bytes.fromhex(VECTORS["root_set"]))
    delegation = decode_delegation(bytes.fromhex(VECTORS["delegation"]))
    return KeyRing.build(None, root.fingerprint, [delegation], revocations, root_set=root)


def test_the_second_implementation_still_says_the_same() -> None:
    made = subprocess.run(
        [sys.executable, FOLDER / "make_catalogue_vectors.py"], capture_output=True, check=True, env={"PYTHONUTF8": "1"}
    )
    assert made.stdout == (FOLDER / "catalogue.json").read_bytes()


def test_the_document_is_what_is_public_byte_by_byte() -> None:
    title = LocalizedText("示例县农品", "Farm products of Sample County")
    view = public_view(CATALOG, date(2026, 11, 25), title)
    assert as_bytes(document(view, Pictures())).decode() == VECTORS["payload"]


def test_without_an_authorisation_a_product_stands_without_its_brand() -> None:
    catalog = Snapshot.of([entry for entry in CATALOG.entries() if not isinstance(entry, Authorization)])
    view = public_view(catalog, date(2026, 11, 25), LocalizedText("示例", "Sample"))
    assert [one.brand for one in view.products] == [None]


def test_the_signature_is_the_same(pair: KeyPair) -> None:
    assert sign_catalogue(pair, VECTORS["payload"].encode()).hex() == VECTORS["signed"]


def test_it_is_opened_and_names_who_signed() -> None:
    found = open_catalogue(bytes.fromhex(VECTORS["signed"]), ring(), NOW)
    assert found.key.public.hash.hex() == VECTORS["key"]["hash"]
    assert found.key.delegation.subject == "ASSOC"
    assert (found.day, found.payload.decode()) == (date(2026, 11, 25), VECTORS["payload"])


WHY = {
    "another label": "trust.signature",
    "one byte changed": "trust.signature",
    "a key without delegation": "publish.key",
    "not in its one spelling": "publish.format",
    "another format": "publish.format",
    "a day that has not come": "publish.key",
    "a day before the key": "publish.key",
}


@pytest.mark.parametrize("name", list(VECTORS["refused"]))
def test_what_does_not_count_is_refused(name: str) -> None:
    with pytest.raises(TraceError) as refused:
        open_catalogue(bytes.fromhex(VECTORS["refused"][name]), ring(), NOW)
    assert refused.value.code == WHY[name]


def test_a_revoked_key_counts_no_more_but_a_recall_of_goods_is_no_revocation(pair: KeyPair) -> None:
    root = RootSet.decode(bytes.fromhex(VECTORS["root_set"])).root_id
    signed = bytes.fromhex(VECTORS["signed"])
    about: dict[str, Any] = {"root": root, "key_hash": pair.public.hash, "day": 2520, "issued_at": 1793491200}
    stolen = sign_revocation(pair, Revocation(reason=Reason.STOLEN, **about))
    with pytest.raises(TraceError, match="revoked"):
        open_catalogue(signed, ring(stolen), NOW)
    recall = Revocation(reason=Reason.RECALL, product="P/QC5KG", lot="26A", **about)
    assert open_catalogue(signed, ring(sign_revocation(pair, recall)), NOW)


@pytest.mark.parametrize("raw", [b"", b"{}", b"\x84\x40\xa0\x40\x40", b"\x84" + b"\x5b" + b"\xff" * 8, b"[" * 100000])
def test_hostile_bytes_are_refused_in_words(raw: bytes) -> None:
    with pytest.raises(TraceError):
        open_catalogue(raw, ring(), NOW)
