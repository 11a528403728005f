"""The key store: one file a key, readable header, secrets under a passphrase (:mod:`tracelib.trust.envelope`).

A key file's secret is a CBOR map: 1 the private key (32 bytes), 2 the serial secret from which the serial keys of its
children are made (32 bytes), 3 the serial keys K that it was granted ({k_hash: K}). The header marks the root under
which the key was made: a key of a test root never becomes one of a production root.
"""

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tracelib.errors import TraceError
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
from tracelib.trust.keys import KeyPair, PublicKey
from tracelib.trust.serial_key import k_hash

SUFFIX = ".key"
RETIRED = "retired"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What the header of a key file says; no passphrase is needed to read it.

    ``root`` is the fingerprint of the root set it belongs to (its own, for a root key), ``environment`` production or
    test, ``k_hashes`` name the serial keys that it holds.
    """

    name: str
    public: PublicKey
    environment: str
    root: str
    created: str
    k_hashes: tuple[bytes, ...] = ()

    def require_root(self, fingerprint: str) -> None:
        """KeyOfOtherRootError unless the key was made under the root with this fingerprint."""
        if self.root != fingerprint:
            raise KeyOfOtherRootError(name=self.name, what=self.environment, given=self.root, expected=fingerprint)


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key that was unlocked: signs, makes serial keys for its children, and holds those it was granted."""

    info: KeyInfo
    signer: KeyPair
    serial_secret: bytes = field(repr=False)
    serial_keys: dict[bytes, bytes] = field(repr=False)


class KeyStore:
    """A folder of key files, written whole and synced, then renamed; a new key never overwrites another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> "list[KeyInfo]":
        """Every key in the folder, by name; files that are none are passed over (``strangers`` names them)."""
        return [info for _, info in self._found() if info is not None]

    def strangers(self) -> tuple[str, ...]:
        """Names of files that are called like keys and are none, or are damaged; not those whose name no key can have,
        as some systems put beside a copied file.
        """
        return tuple(path.name for path, info in self._found() if info is None)

    def _found(self) -> "Iterator[tuple[Path, KeyInfo | None]]":
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            if _NAME.fullmatch(path.stem):
                try:
                    yield path, self._read(path)[0]
                except (EnvelopeError, IsADirectoryError):
                    yield path, None

    def info(self, name: str) -> KeyInfo:
        """One key's header. KeyNotFoundError names the keys that are there."""
        return self._read(self._existing(name))[0]

    def find(self, key_hash: bytes) -> KeyInfo | None:
        """The key with this full hash, if its file is here."""
        return next((info for info in self.list() if info.public.hash == key_hash), None)

    def add(
        self, name: str, pair: KeyPair, passphrase: bytes, *, root: str, environment: str, created: datetime
    ) -> KeyInfo:
        """Keep a new key. KeyNameError where the name is taken; KeyNameFormatError where it is none;
        EmptyPassphraseError.
        """
        path = self.free_path(name)
        if not passphrase:
            raise EmptyPassphraseError()
        info = KeyInfo(name, pair.public, environment, root, created.isoformat(timespec="seconds"))
        self._write(path, OpenKey(info, pair, secrets.token_bytes(32), {}), passphrase, new=True)
        return info

    def free_path(self, name: str) -> Path:
        """Where a new key of this name would be kept. KeyNameFormatError, KeyNameError."""
        if not _NAME.fullmatch(name):
            raise KeyNameFormatError(given=name)
        path = self.folder / f"{name}{SUFFIX}"
        if path.exists():
            raise KeyNameError(name=name)
        return path

    def open(self, name: str, passphrase: bytes) -> OpenKey:
        """Unlock a key (half a second on purpose). PassphraseError where the passphrase is wrong."""
        path = self._existing(name)
        info, text = self._read(path)
        try:
            opened = envelope.unseal(text, passphrase, path.name)
        except PassphraseError:
            raise KeyPassphraseError(name=name) from None
        match cbor.decode(opened, largest=envelope.LARGEST):
            case {1: bytes() as secret, 2: bytes() as serial_secret, 3: dict() as granted}:
                pair = KeyPair.from_secret(info.public.suite, secret)
                if pair.public == info.public:
                    keys = {k: v for k, v in granted.items() if isinstance(k, bytes) and isinstance(v, bytes)}
                    return OpenKey(info, pair, serial_secret, keys)
        raise EnvelopeError(what=path.name)

    def add_serial_key(self, opened: OpenKey, passphrase: bytes, k: bytes) -> OpenKey:
        """Keep a granted serial key K with the key that it belongs to."""
        keys = {**opened.serial_keys, k_hash(k): k}
        info = KeyInfo(
            opened.info.name,
            opened.info.public,
            opened.info.environment,
            opened.info.root,
            opened.info.created,
            tuple(sorted(keys)),
        )
        grown = OpenKey(info, opened.signer, opened.serial_secret, keys)
        self._write(self.folder / f"{info.name}{SUFFIX}", grown, passphrase)
        return grown

    def retire(self, name: str) -> Path:
        """Put a key's file aside, into ``retired`` below the folder, where nothing looks for keys; its place there.

        KeyNotFoundError; KeyNameError where one of that name is there.
        """
        path = self._existing(name)
        aside = self.folder / RETIRED / path.name
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        if aside.exists():
            raise KeyNameError(name=name)
        path.rename(aside)
        _sync_folder(aside.parent)
        _sync_folder(self.folder)
        return aside

    def _existing(self, name: str) -> Path:
        path = self.folder / f"{name}{SUFFIX}"
        if not _NAME.fullmatch(name) or not path.is_file():
            known = ", ".join(sorted(p.stem for p in self.folder.glob(f"*{SUFFIX}"))) or "none"
            raise KeyNotFoundError(name=name, known=known)
        return path

    def _read(self, path: Path) -> tuple[KeyInfo, str]:
        with path.open("rb") as stream:
            text = stream.read(envelope.LARGEST + 1).decode("utf-8", "replace")
        try:
            header = envelope.read_header(text)
        except EnvelopeError:
            raise EnvelopeError(what=path.name) from None
        match header:
            case {
                "name": str() as name,
                "suite": int() as suite,
                "public": str() as public,
                "environment": ("production" | "test") as environment,
                "root": str() as root,
                "created": str() as created,
                "k_hashes": list() as hashes,
            } if name == path.stem:  # two files that changed names would sign with each other's keys
                try:
                    key = PublicKey.from_raw(suite, bytes.fromhex(public))
                    held = tuple(bytes.fromhex(str(item)) for item in hashes)
                except (ValueError, TraceError):
                    raise EnvelopeError(what=path.name) from None
                return KeyInfo(path.stem, key, environment, root, created, held), text
        raise EnvelopeError(what=path.name)

    def _write(self, path: Path, opened: OpenKey, passphrase: bytes, *, new: bool = False) -> None:
        info = opened.info
        header: dict[str, object] = {
            "name": info.name,
            "suite": int(info.public.suite),
            "public": info.public.raw.hex(),
            "environment": info.environment,
            "root": info.root,
            "created": info.created,
            "k_hashes": [item.hex() for item in info.k_hashes],
        }
        secret = cbor.encode({1: opened.signer.secret, 2: opened.serial_secret, 3: opened.serial_keys})
        text = envelope.seal(secret, passphrase, header).encode()
        try:
            write_synced(path, text, new=new)
        except FileExistsError:
            raise KeyNameError(name=info.name) from None


def write_synced(path: Path, data: bytes, *, private: bool = True, new: bool = False) -> None:
    """Write a file whole: a new file beside it, synced, then renamed over it. A crash leaves old or new.

    ``private`` keeps it to its owner; ``new`` refuses to replace a file (FileExistsError), also one that appeared
    meanwhile.
    """
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            _name_anew(temporary, path)
        else:
            temporary.replace(path)
        _sync_folder(path.parent)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _name_anew(temporary: Path, path: Path) -> None:
    """Give a file a name that is free. A hard link never replaces; where there are none (FAT) we look first."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(path) from None
        temporary.rename(path)
    else:
        temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut; systems without folder descriptors (Windows) have no such call."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
