"""FF1 for whole ranges of counters: numpy, and one AES call a round.

The ten numerals of radix 32 split into halves of 25 bits, so b = 4, d = 8 and Q is one block (SP 800-38G, algorithm
7): tweak (4) ‖ seven zeros ‖ round (1) ‖ half (4). Of the eight bytes of y only the low 25 bits matter, because the
modulus 32 ** 5 is a power of two. This module loads numpy; import it only where ranges are computed.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tracelib.codes import reasons
from tracelib.codes.errors import CodeFieldError
from tracelib.codes.ff1 import ROUNDS, aes_ecb

if TYPE_CHECKING:
    from tracelib.codes.serial import SerialCipher

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]

_HALF_BITS = 25
_HALF = np.uint32((1 << _HALF_BITS) - 1)
_P_HEAD = bytes((1, 2, 1, 0, 0, 32, ROUNDS, 5))
_CHARACTERS = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)
_SHIFTS = np.array([20, 15, 10, 5, 0], dtype=np.uint32)


def permute(k: bytes, prefix: bytes, first: int, count: int) -> tuple[Words, Words]:
    """Both halves (25 bits each) of the encrypted counters ``first`` … ``first + count - 1``."""
    counters = np.arange(first, first + count, dtype=np.uint64)
    left = (counters >> np.uint64(_HALF_BITS)).astype(np.uint32)
    right = (counters & np.uint64(_HALF)).astype(np.uint32)
    return _rounds(k, prefix, left, right, range(ROUNDS), forward=True)


def restore(k: bytes, prefix: bytes, left: Words, right: Words) -> NDArray[np.uint64]:
    """The counters behind encrypted halves: the inverse of :func:`permute`."""
    b, a = _rounds(k, prefix, right, left, range(ROUNDS - 1, -1, -1), forward=False)
    return (a.astype(np.uint64) << np.uint64(_HALF_BITS)) | b.astype(np.uint64)


def _rounds(k: bytes, prefix: bytes, left: Words, right: Words, rounds: range, *, forward: bool) -> tuple[Words, Words]:
    aes = aes_ecb(k)
    chain = aes.update(_P_HEAD + (10).to_bytes(4, "big") + len(prefix).to_bytes(4, "big"))
    constant = int.from_bytes(chain, "big") ^ int.from_bytes(prefix + bytes(12), "big")
    blocks = np.empty((len(left), 4), dtype=">u4")
    for i in rounds:
        head = (constant ^ (i << 32)).to_bytes(16, "big")
        words = np.frombuffer(head, dtype=">u4")
        blocks[:, :3] = words[:3]
        blocks[:, 3] = right ^ words[3].astype(np.uint32)
        y = np.frombuffer(aes.update(blocks.tobytes()), dtype=">u4")[1::4].astype(np.uint32)
        left, right = right, ((left + y) if forward else (left - y)) & _HALF
    return left, right


def serial_rows(cipher: "SerialCipher", first: int, count: int) -> Bytes:
    """The serials of a range as ASCII, one row of 15 bytes each."""
    from tracelib.codes.serial import COUNTERS, PREFIX_LENGTH, SERIAL_LENGTH

    if first < 0 or count < 0 or first + count > COUNTERS:
        raise CodeFieldError(field="counter", given=f"{first}+{count}", reason=reasons.OUT_OF_RANGE)
    prefix = cipher.prefix.encode("ascii")
    left, right = permute(cipher.k, prefix, first, count)
    numerals = np.empty((count, 10), dtype=np.uint8)
    numerals[:, :5] = (left[:, None] >> _SHIFTS) & 31
    numerals[:, 5:] = (right[:, None] >> _SHIFTS) & 31
    rows = np.empty((count, SERIAL_LENGTH), dtype=np.uint8)
    rows[:, :PREFIX_LENGTH] = np.frombuffer(prefix, dtype=np.uint8)
    rows[:, PREFIX_LENGTH:-1] = _CHARACTERS[numerals]
    rows[:, -1] = _CHARACTERS[_check_values(cipher.prefix, numerals)]
    return rows


def _check_values(prefix: str, numerals: Bytes) -> Bytes:
    """The value of each row's check character; the recursion of ``serial.check_character``, column by column."""
    from tracelib.codes.serial import CHECK_STEPS

    p = 32
    for character in prefix.encode("ascii"):
        p = CHECK_STEPS[character][p]
    states = np.full(len(numerals), p, dtype=np.uint16)
    for column in numerals.T:
        states = _STEP[states * 32 + column]
    return ((33 - states) % 32).astype(np.uint8)


def _step_table() -> NDArray[np.uint16]:
    """The state after (state before, value): 2·((p + a) mod 32, or 32) mod 33."""
    p, a = np.meshgrid(np.arange(33), np.arange(32), indexing="ij")
    s = (p + a) % 32
    return (2 * np.where(s == 0, 32, s) % 33).astype(np.uint16).ravel()


_STEP = _step_table()
