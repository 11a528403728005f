"""FF1, format-preserving encryption: NIST SP 800-38G, algorithms 7 and 8.

A keyed permutation of the numeral strings of one length. Serial numbers use it with AES-256, radix 32 and ten
numerals, so that a serial shows neither order nor volume, and needs no table to be read back.
"""

from collections.abc import Sequence
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tracelib.codes.errors import Ff1Error

ROUNDS = 10
KEY_LENGTHS = (16, 24, 32)
SMALLEST_DOMAIN = 100
"""SP 800-38G, 5.2: radix ** length must reach it (the draft of revision 1 asks for a million; serials have 2 ** 50)."""
_BLOCK = 16


class _Aes(Protocol):
    def update(self, data: bytes) -> bytes: ...


def aes_ecb(key: bytes) -> _Aes:
    """A running AES encryption of whole blocks, each by itself: FF1's cipher."""
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - the block cipher inside FF1's own mode


class Ff1:
    """FF1 with one key, radix and tweak. Safe to use from several threads: nothing is kept between calls."""

    def __init__(self, key: bytes, radix: int, tweak: bytes) -> None:
        if len(key) not in KEY_LENGTHS:
            raise Ff1Error(what="key", detail=f"{len(key)} bytes, expected 16, 24 or 32")
        if not 2 <= radix <= 1 << 16:
            raise Ff1Error(what="radix", detail=f"{radix}, expected 2 to 65536")
        self._key = key
        self._radix = radix
        self._tweak = tweak

    def encrypt(self, numerals: Sequence[int]) -> list[int]:
        """The numerals for ``numerals``, as many and of the same radix; most significant first."""
        return self._run(numerals, range(ROUNDS), 1)

    def decrypt(self, numerals: Sequence[int]) -> list[int]:
        """The inverse of :meth:`encrypt`."""
        return self._run(numerals, range(ROUNDS - 1, -1, -1), -1)

    def _run(self, numerals: Sequence[int], rounds: range, sign: int) -> list[int]:
        """Both directions: decrypting runs the rounds backwards, swaps the halves' roles and subtracts."""
        self._check(numerals)
        radix, n = self._radix, len(numerals)
        u = n // 2
        v = n - u
        b = ((radix**v - 1).bit_length() + 7) // 8
        d = 4 * ((b + 3) // 4) + 4
        aes = aes_ecb(self._key)
        first = self._first_block(aes, u, n)
        padding = bytes(-(len(self._tweak) + b + 1) % _BLOCK)
        moduli = (radix**u, radix**v)
        left, right = _number(numerals[:u], radix), _number(numerals[u:], radix)
        if sign < 0:
            left, right = right, left
        for i in rounds:
            message = self._tweak + padding + bytes((i,)) + right.to_bytes(b, "big")
            y = int.from_bytes(_expand(aes, _cbc_mac(aes, first, message), d), "big")
            left, right = right, (left + sign * y) % moduli[i & 1]
        if sign < 0:
            left, right = right, left
        return _numerals(left, radix, u) + _numerals(right, radix, v)

    def _first_block(self, aes: _Aes, u: int, n: int) -> bytes:
        """The chaining value after P, which depends on no round (step 5 of algorithm 7)."""
        head = bytes((1, 2, 1)) + self._radix.to_bytes(3, "big") + bytes((ROUNDS, u & 0xFF))
        return aes.update(head + n.to_bytes(4, "big") + len(self._tweak).to_bytes(4, "big"))

    def _check(self, numerals: Sequence[int]) -> None:
        if not numerals or self._radix ** len(numerals) < SMALLEST_DOMAIN:
            raise Ff1Error(what="length", detail=f"{len(numerals)} numerals of radix {self._radix} are too few")
        if not all(0 <= numeral < self._radix for numeral in numerals):
            raise Ff1Error(what="numeral", detail=f"one is outside 0 to {self._radix - 1}")


def _cbc_mac(aes: _Aes, chain: bytes, message: bytes) -> bytes:
    for start in range(0, len(message), _BLOCK):
        chain = aes.update(_xor(chain, message[start : start + _BLOCK]))
    return chain


def _expand(aes: _Aes, block: bytes, length: int) -> bytes:
    """Step 6 iii: the first ``length`` bytes of R ‖ CIPH(R ⊕ 1) ‖ CIPH(R ⊕ 2) …"""
    out = block
    for j in range(1, (length + _BLOCK - 1) // _BLOCK):
        out += aes.update(_xor(block, j.to_bytes(_BLOCK, "big")))
    return out[:length]


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(_BLOCK, "big")


def _number(numerals: Sequence[int], radix: int) -> int:
    value = 0
    for numeral in numerals:
        value = value * radix + numeral
    return value


def _numerals(value: int, radix: int, length: int) -> list[int]:
    out = [0] * length
    for position in range(length - 1, -1, -1):
        value, out[position] = divmod(value, radix)
    return out
