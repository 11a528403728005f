"""docs/code-format.md says what the program does: the numbers in its tables are read from the page and compared."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracelib.batches.manifest import Manifest
from tracelib.codes.verdict import Verdict
from tracelib.codes.words import WORDS
from tracelib.text import phrases
from tracelib.trust import cbor, cose, envelope, keys
from tracelib.trust.bundle import LABEL as BUNDLE_LABEL
from tracelib.trust.delegation import LABEL as DELEGATION_LABEL
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.enrolment import GRANT_FORMAT, POSSESSION_LABEL, REQUEST_FORMAT, make_request
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyStore
from tracelib.trust.revocation import FILE_FORMAT, Reason
from tracelib.trust.revocation import LABEL as REVOCATION_LABEL
from tracelib.trust.root import LABEL as ROOT_LABEL

PAGE = (Path(__file__).parents[3] / "docs" / "code-format.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"### {title}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]


def test_claims_of_a_delegation() -> None:
    """Every claim is set once; the bytes must hold exactly the claims of the page."""
    signer = KeyPair.from_secret(1, bytes(31) + b"\x01")
    full = Delegation(
        issuer_hash=signer.public.hash,
        subject="COOP1",
        key=KeyPair.from_secret(2, bytes(31) + b"\x02").public,
        cti=bytes(16),
        not_before=1,
        not_after=2,
        issued_at=1,
        root=bytes(16),
        party=PartyName("示例"),
        products=("P/A",),
        region="36",
        season="2026",
        max_units=10,
        max_kg=10,
        max_batch_units=10,
        prefix="7KQX",
        sscc_prefixes=("3",),
        k_hash=bytes(16),
        home="q.example.com",
        counter_window=(0, 9),
    )
    rows = re.findall(r"^\| ([−\d, ]+) \| ([^|]+) \|", section("Delegation"), re.MULTILINE)
    numbers = [int(number.replace("−", "-")) for cell, _ in rows for number in cell.split(", ")]
    assert len(numbers) == 22
    payload = cbor.decode(cose.read_sign1(sign_delegation(signer, full).raw).payload)
    assert isinstance(payload, dict)
    assert set(payload) == set(numbers)
    named = {name.strip(): int(cell.replace("−", "-")) for cell, name in rows if cell.startswith("−")}
    for name, number in named.items():
        field = name.replace(" ", "_")
        value = getattr(full, field)
        expected = list(value) if isinstance(value, tuple) else value
        if field != "party":
            assert payload[number] == expected, name


def test_fields_of_a_manifest() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \| ([a-z_, ]+) \|", section("Manifest"), re.MULTILINE)
    numbered: dict[int, str] = {}
    for cell, names in rows:
        keys_, fields = cell.split(", "), [name.strip() for name in names.split(",")]
        numbered |= {int(key): field for key, field in zip(keys_, fields, strict=True)}
    assert numbered == dict(enumerate((field.name for field in dataclasses.fields(Manifest)), 1))


def test_labels_are_those_of_the_page() -> None:
    listed = set(re.findall(r"`([a-z]+/1)`", section_of_labels()))
    used = (ROOT_LABEL, DELEGATION_LABEL, POSSESSION_LABEL, REVOCATION_LABEL, BUNDLE_LABEL)
    assert {label.decode().removeprefix("tracelib/") for label in used} <= listed
    assert len(listed) == 10


def section_of_labels() -> str:
    return PAGE.split("**Every signed thing has its label**", 1)[1].split("\n\n", 1)[0]


def test_verdicts_in_both_languages() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    chinese = phrases("zh")
    assert rows == [(verdict.value, words.short, chinese(words.short)) for verdict, words in WORDS.items()]
    assert [row[0] for row in rows] == [verdict.value for verdict in Verdict]


def test_files_that_people_send() -> None:
    key = KeyPair.from_secret(1, bytes(31) + b"\x01")
    request = json.loads(make_request(key, key.public.hash, "COOP1", PartyName("示例")).as_text())
    rows = dict(re.findall(r"^\| `(tracelib-[a-z]+/1)` \| (.+) \|$", section("Files that people send"), re.MULTILINE))
    assert set(rows) == {REQUEST_FORMAT, GRANT_FORMAT, FILE_FORMAT}
    assert set(re.findall(r"`([a-z_]+)`", rows[REQUEST_FORMAT])) == (set(request) - {"format"}) | set(request["party"])


def test_header_and_secret_of_a_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "_derive", lambda passphrase, salt: bytes(32))
    pair = KeyPair.from_secret(1, b"s" * 32)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    KeyStore(tmp_path).add("coop", pair, b"pw", root="ab" * 32, environment="test", created=now)
    text = (tmp_path / "coop.key").read_text()
    listed = section("Keys at rest").split("The header has", 1)[1].split(".\n", 1)[0]
    assert set(envelope.read_header(text)) <= set(re.findall(r"`([a-z_]+)`", listed))
    secret = cbor.decode(envelope.unseal(text, b"pw", "it"))
    assert isinstance(secret, dict)
    assert list(secret) == [1, 2, 3]
    assert secret[1] == b"s" * 32


def test_reasons_algorithms_and_the_work_of_a_passphrase() -> None:
    assert all(f'`"{reason}"`' in section("Revocation") for reason in Reason)
    algs = re.findall(r"^\| (\d) \| .*\| −(\d+) \|$", PAGE, re.MULTILINE)
    assert {int(suite): -int(alg) for suite, alg in algs} == {
        int(suite): suite.cose_alg for suite in (keys.Suite.ED25519, keys.Suite.P256)
    }
    assert (envelope.SCRYPT_N, envelope.SCRYPT_R, envelope.SCRYPT_P) == (2**17, 8, 1)
    assert re.search(r"N = 2¹⁷,\s+r = 8, p = 1", section("Keys at rest"))
