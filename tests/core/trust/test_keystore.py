"""Key files: what opens them, what does not, what a crash or another process leaves. scrypt runs are few on purpose:
one costs half a second and 128 MB.
"""

import base64
import hashlib
import json
import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracelib.trust import cbor, envelope
from tracelib.trust.errors import (
    EmptyPassphraseError,
    EnvelopeError,
    KeyNameError,
    KeyNameFormatError,
    KeyNotFoundError,
    KeyOfOtherRootError,
    KeyPassphraseError,
    PassphraseError,
)
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyStore, OpenKey, write_synced
from tracelib.trust.serial_key import k_hash

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PASSPHRASE = "五个 random words".encode()
PAIR = KeyPair.from_secret(1, b"s" * 32)
OTHER = KeyPair.from_secret(2, b"t" * 32)
K = bytes(range(32))


def scrypt(passphrase: bytes, salt: bytes) -> bytes:
    """RFC 7914 by the standard library, with the parameters of docs/code-format.md written out."""
    return hashlib.scrypt(passphrase, salt=salt, n=131072, r=8, p=1, maxmem=256 * 1024 * 1024, dklen=32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OpenKey]:
    """A folder with the key «coop», which was granted one serial key, and the key as it was opened."""
    folder = tmp_path_factory.mktemp("made") / "keys"
    store = KeyStore(folder)
    store.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    opened = store.open("coop", PASSPHRASE)
    return folder, store.add_serial_key(opened, PASSPHRASE, K)


@pytest.fixture
def keys(made: tuple[Path, OpenKey], tmp_path: Path) -> KeyStore:
    """A copy of that folder, to be spoiled."""
    shutil.copytree(made[0], tmp_path / "keys")
    return KeyStore(tmp_path / "keys")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cheap key derivation, where not scrypt but something else is looked at."""
    monkeypatch.setattr(envelope, "_derive", lambda passphrase, salt: hashlib.sha256(passphrase + salt).digest())


def test_what_was_kept_comes_back(made: tuple[Path, OpenKey]) -> None:
    folder, grown = made
    opened = KeyStore(folder).open("coop", PASSPHRASE)
    assert opened.signer.secret == b"s" * 32
    assert opened.serial_secret == grown.serial_secret
    assert len(set(opened.serial_secret)) > 8, "random"
    assert opened.serial_keys == {k_hash(K): K}
    assert opened.info == grown.info
    assert (opened.info.root, opened.info.environment) == ("ab" * 32, "test")
    assert opened.info.created == "2026-11-23T04:00:00+00:00"


def test_the_work_is_scrypt_with_two_to_the_seventeen(made: tuple[Path, OpenKey]) -> None:
    """Opened by the standard library's scrypt and AES-GCM alone, from the description on the page."""
    line, body = (made[0] / "coop.key").read_bytes().splitlines()
    header = json.loads(line)
    derived = scrypt(PASSPHRASE, bytes.fromhex(header["salt"]))
    plain = AESGCM(derived).decrypt(bytes.fromhex(header["nonce"]), base64.b64decode(body), line)
    assert cbor.decode(plain) == {1: b"s" * 32, 2: made[1].serial_secret, 3: {k_hash(K): K}}
    assert len(bytes.fromhex(header["salt"])) == 16
    assert len(bytes.fromhex(header["nonce"])) == 12
    assert (header["suite"], header["public"]) == (1, PAIR.public.raw.hex())


def test_wrong_passphrase(keys: KeyStore) -> None:
    with pytest.raises(KeyPassphraseError) as caught:
        keys.open("coop", PASSPHRASE + b" ")
    assert PASSPHRASE.decode() not in str(caught.value)


def test_nothing_secret_stands_in_the_file_or_in_a_repr(made: tuple[Path, OpenKey]) -> None:
    folder, opened = made
    text = (folder / "coop.key").read_text() + repr(opened)
    for secret in (opened.signer.secret, opened.serial_secret, K):
        assert secret.hex() not in text
        assert base64.b64encode(secret).decode()[:40] not in text
        assert repr(secret) not in text


def test_the_same_key_is_never_sealed_alike(quick: None) -> None:
    texts = {envelope.seal(b"secret", b"pw", {}) for _ in range(5)}
    headers = [envelope.read_header(text) for text in texts]
    assert len({str(header["salt"]) for header in headers}) == len({str(header["nonce"]) for header in headers}) == 5


@pytest.mark.parametrize("field", ["public", "root", "environment", "created", "k_hashes", "name", "extra"])
def test_header_is_changed(quick: None, tmp_path: Path, field: str) -> None:
    """A test key is passed off as one of production, or another public key is put over the secret."""
    keys = KeyStore(tmp_path)
    keys.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    path = tmp_path / "coop.key"
    line, body = path.read_text().splitlines()
    changes: dict[str, object] = {
        "public": KeyPair.from_secret(1, b"x" * 32).public.raw.hex(),
        "root": "cd" * 32,
        "environment": "production",
        "created": "2020-01-01",
        "k_hashes": ["00" * 16],
        "name": "other",
        "extra": 1,
    }
    changed = json.dumps(json.loads(line) | {field: changes[field]}, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"{changed}\n{body}\n")
    with pytest.raises(PassphraseError if field != "name" else EnvelopeError):
        keys.open("coop", PASSPHRASE)


def test_a_turned_bit_anywhere_in_the_file(quick: None, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    keys.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    path = tmp_path / "coop.key"
    good = path.read_bytes().rstrip(b"\n")
    accepted = []
    for index in range(0, len(good) * 8, 7):  # every seventh: each place in a byte, all over the file
        turned = bytearray(good)
        turned[index // 8] ^= 1 << index % 8
        path.write_bytes(bytes(turned))
        try:
            keys.open("coop", PASSPHRASE)
        except (PassphraseError, EnvelopeError):
            continue
        accepted.append(index)
    assert accepted == []


def test_file_is_cut_off_anywhere(quick: None, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    keys.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    path = tmp_path / "coop.key"
    good = path.read_bytes().rstrip(b"\n")
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises((PassphraseError, EnvelopeError)):
            keys.open("coop", PASSPHRASE)


def test_line_ends_of_another_system_are_forgiven(quick: None, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    keys.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    path = tmp_path / "coop.key"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert keys.open("coop", PASSPHRASE).signer.public == PAIR.public


GOOD_HEADER = {
    "format": "tracelib-key/1",
    "salt": "00" * 16,
    "nonce": "00" * 12,
    "name": "coop",
    "suite": 1,
    "public": PAIR.public.raw.hex(),
    "environment": "test",
    "root": "ab" * 32,
    "created": "2026-11-23",
    "k_hashes": [],
}
DAMAGED = {
    "empty": b"",
    "not JSON": b"hello\nAAAA\n",
    "JSON that is no object": b"[1]\nAAAA\n",
    "deep JSON": b"[" * 100_000 + b"\nAAAA\n",
    "not UTF-8": b"\xff\xfe\x00\nAAAA\n",
    "another format": json.dumps(GOOD_HEADER | {"format": "tracelib-key/2"}).encode() + b"\nAAAA\n",
    "no ciphertext": json.dumps(GOOD_HEADER).encode() + b"\n",
    "ciphertext that is no base64": json.dumps(GOOD_HEADER).encode() + b"\n!!!!\n",
    "second spelling of base64": json.dumps(GOOD_HEADER).encode() + b"\nAAB=\n",
    "reserved suite": json.dumps(GOOD_HEADER | {"suite": 3}).encode() + b"\nAAAA\n",
    "small-order key": json.dumps(GOOD_HEADER | {"public": "01" + "00" * 31}).encode() + b"\nAAAA\n",
    "public is no hex": json.dumps(GOOD_HEADER | {"public": "zz"}).encode() + b"\nAAAA\n",
    "unknown environment": json.dumps(GOOD_HEADER | {"environment": "real"}).encode() + b"\nAAAA\n",
    "field is missing": json.dumps({k: v for k, v in GOOD_HEADER.items() if k != "root"}).encode() + b"\nAAAA\n",
    "too large": json.dumps(GOOD_HEADER).encode() + b"\n" + b"A" * 300_000,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_file_that_is_no_key_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "coop.key").write_bytes(DAMAGED[name])
    assert KeyStore(tmp_path).list() == []
    assert KeyStore(tmp_path).strangers() == ("coop.key",)
    with pytest.raises(EnvelopeError, match=r"coop\.key"):
        KeyStore(tmp_path).open("coop", PASSPHRASE)


@pytest.mark.parametrize("change", [{"salt": "zz"}, {"nonce": "00"}, {"nonce": None}, {"salt": 5}])
def test_salt_or_nonce_is_none(quick: None, change: dict[str, object]) -> None:
    text = json.dumps({k: v for k, v in (GOOD_HEADER | change).items() if v is not None}) + "\nAAAA\n"
    with pytest.raises(EnvelopeError):
        envelope.unseal(text, b"pw", "it")


def test_two_files_change_names(quick: None, tmp_path: Path) -> None:
    """With one passphrase for all keys, «line» would sign with the issuer's key."""
    keys = KeyStore(tmp_path)
    keys.add("issuer", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    keys.add("line", OTHER, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    (tmp_path / "issuer.key").rename(tmp_path / "x")
    (tmp_path / "line.key").rename(tmp_path / "issuer.key")
    (tmp_path / "x").rename(tmp_path / "line.key")
    with pytest.raises(EnvelopeError, match=r"line\.key"):
        keys.open("line", PASSPHRASE)


def test_secret_of_another_key_under_this_header(quick: None, tmp_path: Path) -> None:
    """Whoever knows the passphrase seals a wrong secret: the public key in the header tells."""
    header = {k: v for k, v in GOOD_HEADER.items() if k not in ("format", "salt", "nonce")}
    secret = cbor.encode({1: b"x" * 32, 2: bytes(32), 3: {}})
    (tmp_path / "coop.key").write_text(envelope.seal(secret, PASSPHRASE, header))
    with pytest.raises(EnvelopeError):
        KeyStore(tmp_path).open("coop", PASSPHRASE)


@pytest.mark.parametrize("name", ["", "-a", "A", "a/b", "../a", "a.b", "a" * 41, "é", "a\n", "_a"])
def test_name_that_leads_out_of_the_folder_or_is_none(tmp_path: Path, name: str) -> None:
    keys = KeyStore(tmp_path)
    with pytest.raises(KeyNameFormatError):
        keys.add(name, PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    with pytest.raises(KeyNotFoundError):
        keys.open(name, PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


def test_key_is_never_overwritten(quick: None, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    keys.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    before = (tmp_path / "coop.key").read_bytes()
    with pytest.raises(KeyNameError):
        keys.add("coop", OTHER, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    assert (tmp_path / "coop.key").read_bytes() == before


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links (FAT)"])
def test_two_processes_make_the_same_name(
    quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """The second one looked before the first one wrote."""
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    first, second = KeyStore(tmp_path), KeyStore(tmp_path)
    monkeypatch.setattr(second, "free_path", lambda name: tmp_path / f"{name}.key")
    first.add("coop", PAIR, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    with pytest.raises(KeyNameError):
        second.add("coop", OTHER, PASSPHRASE, root="ab" * 32, environment="test", created=NOW)
    assert first.open("coop", PASSPHRASE).signer.public == PAIR.public
    assert [path.name for path in tmp_path.iterdir()] == ["coop.key"]


def test_empty_passphrase(tmp_path: Path) -> None:
    with pytest.raises(EmptyPassphraseError):
        KeyStore(tmp_path).add("coop", PAIR, b"", root="ab" * 32, environment="test", created=NOW)
    assert list(tmp_path.iterdir()) == []


def test_disk_is_full_in_the_middle(keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (keys.folder / "coop.key").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_synced(keys.folder / "coop.key", b"half")
    assert (keys.folder / "coop.key").read_bytes() == before
    assert [path.name for path in keys.folder.iterdir()] == ["coop.key"]


def test_only_its_owner_reads_a_key(made: tuple[Path, OpenKey], tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("file modes are POSIX")
    assert stat.S_IMODE((made[0] / "coop.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o700
    mask = os.umask(0o022)
    try:
        write_synced(tmp_path / "trust.bundle", b"for everyone", private=False)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "trust.bundle").stat().st_mode) == 0o644


def test_what_other_systems_leave_beside_a_copied_file(keys: KeyStore) -> None:
    (keys.folder / "._coop.key").write_bytes(b"\x00\x05\x16\x07")
    (keys.folder / "coop.key.bak").write_bytes(b"old")
    assert [info.name for info in keys.list()] == ["coop"]
    assert keys.strangers() == ()


def test_stranger_among_the_keys_is_named_and_stops_nobody(keys: KeyStore) -> None:
    (keys.folder / "a-letter.key").write_text("Dear Sir")
    (keys.folder / "folder.key").mkdir()
    assert [info.name for info in keys.list()] == ["coop"]
    assert keys.strangers() == ("a-letter.key", "folder.key")
    assert keys.find(PAIR.public.hash) == keys.info("coop")


def test_no_passphrase_is_needed_to_look(keys: KeyStore) -> None:
    (info,) = keys.list()
    assert info == keys.info("coop") == keys.find(PAIR.public.hash)
    assert info.public == PAIR.public
    assert info.k_hashes == (k_hash(K),)
    assert keys.find(bytes(32)) is None
    with pytest.raises(KeyNotFoundError, match="there are: coop"):
        keys.info("brand")
    assert KeyStore(keys.folder / "missing").list() == []


def test_key_of_a_test_root_in_production(keys: KeyStore) -> None:
    info = keys.info("coop")
    info.require_root("ab" * 32)
    with pytest.raises(KeyOfOtherRootError, match="made under the test root"):
        info.require_root("cd" * 32)
