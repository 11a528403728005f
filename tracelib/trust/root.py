"""The root set: the keys that everything is trusted by, and how many of them must sign."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from tracelib.trust import cbor
from tracelib.trust.errors import CborError, RootSetError
from tracelib.trust.keys import PublicKey

LABEL = b"tracelib/root/1"
Environment = Literal["production", "test"]
ENVIRONMENTS: tuple[Environment, ...] = ("production", "test")
MOST_KEYS = 16
ROOT_ID_BYTES = 16


@dataclass(frozen=True)
class RootSet:
    """Deterministic CBOR map: 1 environment (text), 2 keys ([[suite, raw], …] by key hash), 3 threshold.

    Its fingerprint is the SHA-256 of these bytes, written as 64 lower-case hex digits; the first 16 bytes stand as
    ``root`` in everything that is signed below it.
    """

    environment: Environment
    keys: tuple[PublicKey, ...]
    threshold: int

    def __post_init__(self) -> None:
        hashes = [key.hash for key in self.keys]
        if self.environment not in ENVIRONMENTS:
            raise RootSetError(reason="the environment must be production or test")
        if not 0 < len(hashes) <= MOST_KEYS or len(set(hashes)) != len(hashes):
            raise RootSetError(reason="1 to 16 different keys are expected")
        if not 0 < self.threshold <= len(hashes):
            raise RootSetError(reason="the threshold must be 1 to the number of keys")
        object.__setattr__(self, "keys", tuple(sorted(self.keys, key=lambda key: key.hash)))

    def encode(self) -> bytes:
        """The bytes of the root set."""
        return cbor.encode(
            {1: self.environment, 2: [[int(key.suite), key.raw] for key in self.keys], 3: self.threshold}
        )

    @classmethod
    def decode(cls, raw: bytes) -> "RootSet":
        """A root set from its bytes. Raises CborError, RootSetError, KeyFormatError or SuiteError."""
        match cbor.decode(raw, largest=4096):
            case {1: ("production" | "test") as environment, 2: list() as keys, 3: int() as threshold, **rest} if (
                not rest
            ):
                root_set = cls(environment, tuple(_key(item) for item in keys), threshold)
                if root_set.encode() != raw:
                    raise RootSetError(reason="its keys are not in the order of their hashes")
                return root_set
        raise CborError(reason="not a root set")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes, 64 lower-case hex digits: what a verifier has from elsewhere."""
        return hashlib.sha256(self.encode()).hexdigest()

    @property
    def root_id(self) -> bytes:
        """The first 16 bytes of the fingerprint."""
        return bytes.fromhex(self.fingerprint)[:ROOT_ID_BYTES]

    @property
    def is_test(self) -> bool:
        """Whether this is a test root: everything below it is marked."""
        return self.environment == "test"


def parse_fingerprint(text: str) -> str:
    """A fingerprint as 64 lower-case hex digits; RootSetError otherwise."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise RootSetError(reason="a fingerprint is 64 lower-case hex digits")
    return text


def _key(item: object) -> PublicKey:
    match item:
        case [int() as suite, bytes() as raw]:
            return PublicKey.from_raw(suite, raw)
    raise CborError(reason="not a key of a root set")
