"""Keys of suites 1 (Ed25519, RFC 8032) and 2 (ECDSA P-256 with SHA-256, raw r‖s, low s, RFC 6979 nonces).

Signatures of every suite are 64 bytes. A key that exists as a :class:`PublicKey` was checked: it is on its curve, has
one spelling and is not of small order. Suite 3 (SM2 with SM3) is reserved and refused.
"""

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tracelib.trust.errors import KeyFormatError, SuiteError

KEY_ID_BYTES = 5
SIGNATURE_BYTES = 64
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P25519 = 2**255 - 19
_D25519 = -121665 * pow(121666, -1, _P25519) % _P25519
_SMALL_ORDER_Y = {
    0,
    1,
    _P25519 - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
}
"""y of the eight points of small order (order 4, 1, 2, and 8 twice)."""


class Suite(IntEnum):
    """The low nibble of a code's first byte (docs/code-format.md, profile A)."""

    ED25519 = 1
    P256 = 2
    SM2 = 3
    """Reserved: read as unknown, never made."""

    @property
    def cose_alg(self) -> int:
        """COSE algorithm: Ed25519 −19, ESP256 −9 (RFC 9864)."""
        return {Suite.ED25519: -19, Suite.P256: -9}[require_suite(self)]


def require_suite(number: int) -> Suite:
    """Suite 1 or 2; SuiteError for every other number."""
    if number not in (Suite.ED25519, Suite.P256):
        raise SuiteError(given=int(number))
    return Suite(number)


@dataclass(frozen=True)
class PublicKey:
    """A public key: suite and raw bytes (32 for Ed25519, 65 as 04‖X‖Y for P-256). Made by :meth:`from_raw`."""

    suite: Suite
    raw: bytes
    hash: bytes = field(init=False, repr=False, compare=False)
    """SHA-256 of ``raw``: the key's full name."""
    key_id: bytes = field(init=False, repr=False, compare=False)
    """First five bytes of ``hash``: selects candidates, proves nothing."""
    _key: Ed25519PublicKey | ec.EllipticCurvePublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = _ed25519(self.raw) if require_suite(self.suite) is Suite.ED25519 else _p256(self.raw)
        digest = hashlib.sha256(self.raw).digest()
        object.__setattr__(self, "suite", Suite(self.suite))
        object.__setattr__(self, "hash", digest)
        object.__setattr__(self, "key_id", digest[:KEY_ID_BYTES])
        object.__setattr__(self, "_key", key)

    @classmethod
    def from_raw(cls, suite: int, raw: bytes) -> "PublicKey":
        """A checked key. Raises SuiteError, or KeyFormatError for a key that is off its curve, has a second spelling
        or is of small order (then a signature by nobody would verify).
        """
        return cls(require_suite(suite), bytes(raw))

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether a 64-byte signature over ``message`` holds. High s (suite 2) and S ≥ L (suite 1) do not."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, message)
            else:
                der = _der(signature)
                if der is None:
                    return False
                self._key.verify(der, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """Whatever can sign: a key in memory, later a token or a key service."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``; the same message gives the same signature."""
        ...


class KeyPair:
    """A private key in memory. Its ``repr`` shows the public half only."""

    def __init__(self, suite: Suite, private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        if isinstance(private, Ed25519PrivateKey):
            raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            raw = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = PublicKey(suite, raw)

    @classmethod
    def generate(cls, suite: int = Suite.ED25519) -> "KeyPair":
        """A new key from the operating system's random source."""
        if require_suite(suite) is Suite.ED25519:
            return cls(Suite.ED25519, Ed25519PrivateKey.generate())
        return cls(Suite.P256, ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_secret(cls, suite: int, secret: bytes) -> "KeyPair":
        """The key for a 32-byte secret: Ed25519 seed, or P-256 scalar in big endian (1 … n−1)."""
        if require_suite(suite) is Suite.ED25519:
            if len(secret) != 32:
                raise KeyFormatError(given="(secret)", reason="an Ed25519 seed has 32 bytes")
            return cls(Suite.ED25519, Ed25519PrivateKey.from_private_bytes(secret))
        scalar = int.from_bytes(secret, "big")
        if len(secret) != 32 or not 0 < scalar < P256_ORDER:
            raise KeyFormatError(given="(secret)", reason="a P-256 secret is 32 bytes, 1 to the order less 1")
        return cls(Suite.P256, ec.derive_private_key(scalar, ec.SECP256R1()))

    @property
    def secret(self) -> bytes:
        """The 32-byte secret, for the key store alone."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return self._private.private_numbers().private_value.to_bytes(32, "big")

    @property
    def private(self) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
        """The library's key object, for bulk signing without a call in between."""
        return self._private

    def sign(self, message: bytes) -> bytes:
        """The signature: deterministic in both suites, low s in suite 2."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(message)
        der = self._private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"KeyPair({self.public!r})"


def _der(signature: bytes) -> bytes | None:
    """r‖s as DER, None where r or s is out of range or s is high (a second form of the same signature)."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
        return None
    return encode_dss_signature(r, s)


def _ed25519(raw: bytes) -> Ed25519PublicKey:
    """A checked Ed25519 key; OpenSSL itself looks at nothing before it verifies."""
    if len(raw) != 32:
        raise KeyFormatError(given=raw.hex(), reason="an Ed25519 key has 32 bytes")
    y = int.from_bytes(raw, "little") & ((1 << 255) - 1)
    if y >= _P25519:
        raise KeyFormatError(given=raw.hex(), reason="a second spelling of a key (y is not below the prime)")
    if y in _SMALL_ORDER_Y:
        raise KeyFormatError(given=raw.hex(), reason="a point of small order")
    x_squared = (y * y - 1) * pow(_D25519 * y * y + 1, -1, _P25519) % _P25519
    if pow(x_squared, (_P25519 - 1) // 2, _P25519) != 1:
        raise KeyFormatError(given=raw.hex(), reason="not a point of the curve")
    return Ed25519PublicKey.from_public_bytes(raw)


def _p256(raw: bytes) -> ec.EllipticCurvePublicKey:
    if len(raw) != 65 or raw[0] != 4:
        raise KeyFormatError(given=raw.hex(), reason="a P-256 key is 65 bytes: 04, X, Y")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise KeyFormatError(given=raw.hex(), reason="not a point of the curve") from None
