"""CBOR, COSE, Ed25519, ECDSA and HKDF from nothing but Python's integers, hashlib and struct.

A second implementation for test vectors only: slow, not constant in time, never used by the program, and it shares no
line with it. Written from RFC 8949 (4.2.1), RFC 9052 (4.4), RFC 8032 (5.1.6), FIPS 186-5 with RFC 6979, RFC 5869.
"""

import hashlib
import hmac
import struct

# --- RFC 8949, deterministic: heads in their shortest form, map keys in the order of their encoded bytes


def head(major: int, value: int) -> bytes:
    """Major type and argument in the shortest form."""
    for limit, code, form in ((24, value, ""), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if value < limit:
            return bytes([major << 5 | code]) + (struct.pack(form, value) if form else b"")
    return bytes([major << 5 | 27]) + struct.pack(">Q", value)


def cbor(value: object) -> bytes:
    """One value as deterministic CBOR."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
        return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(type(value))


# --- RFC 5869 with SHA-256, no salt, 32 bytes (one block)


def hkdf(secret: bytes, info: bytes) -> bytes:
    """32 bytes of HKDF-SHA256 without salt."""
    extracted = hmac.new(bytes(32), secret, "sha256").digest()
    return hmac.new(extracted, info + b"\x01", "sha256").digest()


# --- RFC 8032, 5.1: Ed25519 in affine coordinates

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def _ed_add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, -1, P) % P
    return x, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P) % P


def _ed_times(n: int) -> bytes:
    result, power = (0, 1), BASE
    while n:
        result = _ed_add(result, power) if n & 1 else result
        power, n = _ed_add(power, power), n >> 1
    return (result[1] | (result[0] & 1) << 255).to_bytes(32, "little")


def _ed_secret(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254, digest[32:]


def ed25519_public(seed: bytes) -> bytes:
    """The raw public key of a seed."""
    return _ed_times(_ed_secret(seed)[0])


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """The signature of a message."""
    scalar, nonce_key = _ed_secret(seed)
    r = int.from_bytes(hashlib.sha512(nonce_key + message).digest(), "little") % L
    point = _ed_times(r)
    k = int.from_bytes(hashlib.sha512(point + ed25519_public(seed) + message).digest(), "little") % L
    return point + ((r + k * scalar) % L).to_bytes(32, "little")


# --- FIPS 186-5, curve P-256 in affine coordinates; nonce of RFC 6979; the lower of s and n - s

Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def _ec_add(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % Q == 0:
        return None
    slope = (3 * a[0] ** 2 - 3) * pow(2 * a[1], -1, Q) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, Q)
    x = (slope**2 - a[0] - b[0]) % Q
    return x, (slope * (a[0] - x) - a[1]) % Q


def _ec_times(n: int) -> tuple[int, int]:
    result: tuple[int, int] | None = None
    power: tuple[int, int] | None = G
    while n:
        result = _ec_add(result, power) if n & 1 else result
        power, n = _ec_add(power, power), n >> 1
    if result is None:
        raise ValueError("the point at infinity")
    return result


def p256_public(secret: bytes) -> bytes:
    """04, X, Y of a scalar."""
    x, y = _ec_times(int.from_bytes(secret, "big"))
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def _nonce(secret: bytes, digest: bytes) -> int:
    k, v = bytes(32), b"\x01" * 32
    reduced = (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    for step in (b"\x00", b"\x01"):
        k = hmac.new(k, v + step + secret + reduced, "sha256").digest()
        v = hmac.new(k, v, "sha256").digest()
    while True:
        v = hmac.new(k, v, "sha256").digest()
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            return candidate
        k = hmac.new(k, v + b"\x00", "sha256").digest()
        v = hmac.new(k, v, "sha256").digest()


def p256_sign(secret: bytes, message: bytes, *, low_s: bool = True) -> bytes:
    """r and s, 32 bytes each; ``low_s=False`` gives the other form, which verifiers refuse."""
    digest = hashlib.sha256(message).digest()
    nonce = _nonce(secret, digest)
    r = _ec_times(nonce)[0] % N
    s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * int.from_bytes(secret, "big")) % N
    if (s <= N // 2) != low_s:
        s = N - s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
