"""Keys of a serial prefix: K, and what is derived from it (docs/code-format.md, "Serial").

K belongs to the delegation that names the prefix; the parent makes it from its serial secret and the delegation's cti.
All integers are big endian, all derivations HKDF-SHA256 without salt to 32 bytes.
"""

import hashlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CTI_BYTES = 16
K_HASH_BYTES = 16


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def derive_serial_key(parent_secret: bytes, cti: bytes) -> bytes:
    """K of a delegation: from the parent's serial secret (32 bytes) and the delegation's cti (16 bytes)."""
    if len(cti) != CTI_BYTES:
        raise ValueError("a cti has 16 bytes")
    return _hkdf(parent_secret, b"tracelib/serial/1" + cti)


def k_hash(k: bytes) -> bytes:
    """The 16 bytes by which a delegation binds its holder to one K."""
    return hashlib.sha256(b"tracelib/serial-key/1" + k).digest()[:K_HASH_BYTES]


def sticker_key(k: bytes) -> bytes:
    """The key of the MAC on stickers (profile C)."""
    return _hkdf(k, b"tracelib/sticker-key/1")


def batch_key(k: bytes, seq: int) -> bytes:
    """The key of the salts under one manifest's Merkle root; ``seq`` is the manifest's."""
    return _hkdf(k, b"tracelib/leaf-key/1" + seq.to_bytes(8, "big"))
